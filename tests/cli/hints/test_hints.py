"""A hint is worth what it does: each one that a machine can follow is followed, and then the message is gone."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD, ORGANIZATION

from cli.hints.commands import REFUSALS, Refusal
from cli.hints.found import HOLE, hints
from cli.hints.in_files import MISTAKES, Mistake
from cli.support import CEO, NOW, Sandbox
from orgsync.cli import exit_code
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from cli.conftest import Orgsync
    from cli.support import Ended

FOLLOWED = {one.hint for one in (*MISTAKES, *REFUSALS)}
BY_HAND = [
    line
    for line in Path(__file__).with_name("by_hand.txt").read_text(encoding="utf-8").splitlines()[1:]
    if line and not line.startswith("#")
]


def test_every_hint_of_the_sources_is_followed_or_says_why_it_cannot_be() -> None:
    """A new hint belongs into one of the tables beside this file."""
    assert set(hints()) - FOLLOWED - set(BY_HAND) == set()
    assert FOLLOWED | set(BY_HAND) <= set(hints())
    assert not FOLLOWED & set(BY_HAND)
    assert len(BY_HAND) == len(set(BY_HAND))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.text)
def test_a_file_is_valid_once_the_hint_is_followed(mistake: Mistake, orgsync: Orgsync) -> None:
    Path("org.yaml").write_text(mistake.file, encoding="utf-8")
    refused = orgsync("validate", "org.yaml")
    assert refused.code == EXIT_INPUT
    assert mistake.says in hint_of(refused, mistake.hint)
    Path("org.yaml").write_text(mistake.mended, encoding="utf-8")
    assert orgsync("validate", "org.yaml").code == EXIT_OK


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has worked: files, a sandbox, a plan, a journal, a snapshot."""
    folder = tmp_path_factory.mktemp("desk")
    files = {
        "org.yaml": f"{HEAD}members: {{ceo@acme.example: admin, a@acme.example: user}}\n",
        "seed.json": json.dumps({"organization": ORGANIZATION, "users": [CEO]}),
        "run.journal.jsonl": "",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    Sandbox(folder / "acme.db")
    here = ("--sandbox", "acme.db", "--now", NOW, "--quiet", "--out")
    with contextlib.chdir(folder):
        assert exit_code(["plan", "org.yaml", *here, "plan.json"]) == EXIT_OK
        assert exit_code(["snapshot", "org.yaml", *here, "snapshot.json"]) == EXIT_OK
    return folder


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.typed)
def test_a_command_is_not_refused_again_once_the_hint_is_followed(
    refusal: Refusal, orgsync: Orgsync, desk: Path
) -> None:
    shutil.copytree(desk, ".", dirs_exist_ok=True)
    refused = orgsync(*refusal.typed.split())
    assert refused.code == EXIT_INPUT
    assert refusal.says in hint_of(refused, refusal.hint)
    message = next(line for line in refused.err.splitlines() if line.startswith("Error: "))
    *before, last = [orgsync(*line.split()) for line in refusal.then]
    assert [ended.code for ended in before] == [EXIT_OK] * len(before)
    assert message not in last.said
    assert not re.search(pattern(refusal.hint), last.said)


def hint_of(ended: Ended, hint: str) -> str:
    """The hint that a command ended with, which has this form."""
    found = re.search(pattern(hint), ended.err)
    assert found is not None, ended.err
    return found[1]


def pattern(hint: str) -> str:
    return rf"(?mi)^\s*hint: ({re.escape(hint).replace(re.escape(HOLE), '.+?')})$"
