"""The map of the code is held against the code, and so is what one more of something costs."""

from __future__ import annotations

import ast
import re
import tokenize
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "orgsync"
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("architecture", "glossary")}


def folders() -> set[str]:
    """The folders of orgsync. A kind, or a resource, that has grown into a folder is one of its list, and no room."""
    paths = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")} - {"."}
    return {path for path in paths if not path.startswith(("kinds/", "sandbox/resources/"))}


def test_every_folder_is_in_the_picture_and_nothing_else_is() -> None:
    named = re.findall(r"^\| (?:\*\*)?`([\w/]+)/`", PAGES["architecture"], re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == folders() | {"flows"}  # named before it is there


def names_in(path: Path) -> set[str]:
    """Functions, methods, classes and constants that a module defines."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    for name in re.findall(r"`((?:orgsync|tests|docs|schemas)/[\w/.]+?)(?::[^`]*)?`", PAGES[page]):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES)
def test_every_name_is_defined_where_the_page_says(page: str) -> None:
    named = re.findall(r"`(orgsync/[\w/]+\.py): (\w+)(?:\(\))?`", PAGES[page])
    assert len(named) >= 20
    for path, name in named:
        assert name in names_in(ROOT / path), f"{path}: {name}"


@cache
def spelled_in(path: Path) -> frozenset[str]:
    """The names in a module's code and the whole of each of its strings; comments do not count."""
    found: set[str] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.NAME:
                found.add(token.string)
            elif token.type == tokenize.STRING and not token.string.lstrip("rR").startswith(("f", "F", "b", "B")):
                found.add(ast.literal_eval(token.string))
    return frozenset(found)


def files_that_spell(*words: str) -> set[str]:
    """The files of orgsync in which one of the words is a name or a string of its own."""
    return {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if not spelled_in(path).isdisjoint(words)
    }


class Axis(NamedTuple):
    """One of a list of like things: its own module, and how many other files spell its name.

    `foreign` is where the same word is somebody else's: the emulator spells what the API calls its rows, and questions
    are about kinds.
    """

    words: tuple[str, ...]
    own: str
    others: int = 1
    foreign: tuple[str, ...] = ()


AXES = {
    "kind": Axis(("api_key",), "kinds/api_key/", foreign=("sandbox/", "questions/", "flows/")),
    "policy rule": Axis(("must_expire",), "policies/rules/must_expire.py"),
    "command": Axis(("attest",), "cli/commands/watch/attest.py"),
    "output format": Axis(("sarif",), "render/reports/sarif.py"),
    "guard": Axis(("irreversible",), "core/plan/guards.py"),  # its list is in its own module; the other is version 0.1
    # its row, and the kind that reports it
    "finding code": Axis(("OVERSPENT", "overspent"), "core/model/codes.py", others=2),
    "sandbox resource": Axis(("workspace_rate_limits",), "sandbox/resources/workspace_rate_limits.py"),
}


@pytest.mark.parametrize("name", AXES)
def test_one_more_is_one_module_or_row_and_one_line(name: str) -> None:
    axis = AXES[name]
    spelled = files_that_spell(*axis.words)
    others = {path for path in spelled if not path.startswith((axis.own, *axis.foreign))}
    assert (PACKAGE / axis.own).exists(), axis.own
    assert len(others) == axis.others, sorted(others)


def test_every_axis_is_explained() -> None:
    table = PAGES["architecture"].partition("## How to add something")[2]
    assert re.findall(r"^\| \*\*([\w ]+)\*\*", table, re.MULTILINE) == list(AXES)
