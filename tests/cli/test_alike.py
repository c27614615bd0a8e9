"""One mistake that is made many times takes few lines; a program still gets all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from orgsync.core.words.problems import MOST_ALIKE, few_of_each, likeness
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Orgsync

MANY = 467


def test_a_seed_with_one_mistake_many_times(orgsync: Orgsync, tmp_path: Path) -> None:
    users = [{"email": f"p{number}@acme.example", "role": "admn"} for number in range(MANY)]
    seed = {"organization": {"name": "Acme"}, "users": [{"email": "ceo@acme.example", "role": "admin"}, *users]}
    seed["api_keys"] = [{"name": 3}]
    (tmp_path / "seed.json").write_text(json.dumps(seed), encoding="utf-8")
    ended = orgsync("sandbox", "init", "a.db", "--seed", "seed.json")
    lines = ended.err.splitlines()
    assert ended.code == EXIT_INPUT
    assert sum("role: Input should be" in line for line in lines) == MOST_ALIKE
    assert f"  … and {MANY - MOST_ALIKE} more like it" in lines
    assert any("api_keys.0" in line for line in lines)


def test_two_exports_in_one_folder(orgsync: Orgsync, tmp_path: Path) -> None:
    members = "".join(f"  p{number}@acme.example: user\n" for number in range(200))
    for name in ("a", "b"):
        path = tmp_path / "org" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{HEAD}members:\n{members}unknown: 1\n", encoding="utf-8")
    ended = orgsync("validate", "org")
    lines = ended.err.splitlines()
    assert ended.code == EXIT_INPUT
    assert lines[0] == "Error: 203 problems"
    assert sum("only maps can be merged" in line for line in lines) == MOST_ALIKE
    assert lines[-1] == "… and 183 more like it"
    told = json.loads(orgsync("validate", "org", "--format", "json").out)
    assert len(told["problems"]) == 203


def test_warnings_are_few_lines_too(orgsync: Orgsync, tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "a.yaml").write_text(HEAD, encoding="utf-8")
    for number in range(30):
        (tmp_path / "org" / f"k{number:02}.yaml").write_text("kind: Role\n", encoding="utf-8")
    ended = orgsync("validate", "org", "--quiet")
    assert (ended.code, ended.err.count("left out") + ended.err.count("is not read")) == (EXIT_OK, MOST_ALIKE)
    assert ended.err.endswith("… and 10 more like it\n")
    assert len(json.loads(orgsync("validate", "org", "--format", "json").out)["warnings"]) == 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('the key "a" is also in org/a.yaml:1:2', 'the key "b \\" c" is also in b.yaml:10:2'),
        ("users.8.role: is wrong", "users.467.role: is wrong"),
        ("ana@acme.example is twice", "bo+x@acme.example is twice"),
    ],
)
def test_what_is_alike(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    ("one", "other"), [("users.8.role: is wrong", "users.8.email: is wrong"), ("a is missing", "b is missing")]
)
def test_what_is_not_alike(one: str, other: str) -> None:
    assert likeness(one) != likeness(other)


@pytest.mark.parametrize("number", [0, 1, 19, 20, 21, 40])
def test_no_one_is_left_out_uncounted(number: int) -> None:
    every = [message for at in range(number) for message in (f"problem {at}", f'other "{at}"')]
    shown = list(few_of_each(every, str))
    assert len(shown) + sum(more for _one, more in shown) == 2 * number
    assert [one for one, _more in shown] == [one for one in every if one in dict(shown)]
