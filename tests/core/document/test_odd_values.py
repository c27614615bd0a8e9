"""Whatever value stands wherever: the file is accepted or its problems are said, and nothing else escapes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from acme import desired_from
from stories import every_third

from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[3] / "examples" / "org.yaml"
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    " ",
    "x",
    "2026-02-30",
    "team:platform",
    "a\nb",
    [],
    [None],
    [["us"]],
    [{"a": "b"}],
    {},
    {"a": None},
    {"a": ["us"]},
    {"": "x"},
]
Place = tuple[str | int, ...]
GEOS = ("workspaces", "production", "data_residency", "allowed_inference_geos")


def _example() -> Any:
    """The example, with everything else that a file may say."""
    data = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    data["guards"]["allow"] = [{"address": "workspace:old-poc", "reason": "replaced", "until": "2027-01-01"}]
    data["workspaces"]["research"].update(id="wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", external_key_id="key_1")
    data["workspaces"]["production"]["data_residency"]["workspace_geo"] = "us"
    return data


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in the data."""
    yield place
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from _places(inner, (*place, key))


def _with(data: Any, place: Place, odd: Any) -> Any:
    changed = copy.deepcopy(data)
    if not place:
        return odd
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = odd
    return changed


def _judge(data: Any, place: Place, odd: Any) -> None:
    text = json.dumps(_with(data, place, odd), default=str)  # is YAML, too, and written ten times as fast
    try:
        desired_from(f"# {place}\n{text}")
    except InputError as error:
        for problem in error.problems:
            assert problem.source is not None, (place, problem)
            assert problem.source.line > 0, (place, problem)
            assert "Value error" not in problem.message, problem
            assert "Input should" not in problem.message, problem


@pytest.mark.parametrize("odd", every_third(ODD, repr))
def test_at_every_place(odd: Any) -> None:
    """Every second place, so that each sees every second value: what is fast is tried at all of them together."""
    data = _example()
    for place in list(_places(data))[ODD.index(odd) % 2 :: 2]:
        _judge(data, place, odd)


@pytest.mark.parametrize("odd", [[["us"]], [{"a": "b"}]], ids=repr)
def test_where_inference_may_run(odd: Any) -> None:
    _judge(_example(), GEOS, odd)
