"""The map is enforced, two levels deep: rooms are small, import no one in a circle, and say what is in them."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "orgsync"

LISTS = {"kinds", "policies/rules", "sandbox/resources"}
"""Lists of like things may grow: one more of them is one more file, and nothing else is in there."""

MOST_FILES = 15


@cache
def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package goes by the name of its folder."""
    paths = sorted(PACKAGE.rglob("*.py"))
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


@cache
def imported(name: str) -> frozenset[str]:
    """The modules of orgsync that one imports, wherever the import stands, type checking included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {whole if whole in modules() else node.module for whole in inner.values()}
    return frozenset(found & modules().keys()) - {name}


def room(name: str) -> str:
    """The folder of a module, at most two levels deep: `core/plan` of `orgsync.core.plan.make`."""
    folder = modules()[name].parent.relative_to(PACKAGE).parts[:2]
    return "/".join(folder)


def rooms() -> list[str]:
    return sorted({room(name) for name in modules()} - {""})


def in_order(arrows: dict[str, set[str]]) -> None:
    """Raises CycleError, with the circle, where there is no order in which everything imports only what came before."""
    TopologicalSorter(arrows).prepare()


def test_no_module_imports_itself_by_a_detour() -> None:
    in_order({name: set(imported(name)) for name in modules()})


def test_no_room_imports_itself_by_a_detour() -> None:
    arrows: dict[str, set[str]] = {}
    for name in modules():
        arrows.setdefault(room(name), set()).update(room(other) for other in imported(name))
    in_order({here: {there for there in others if there != here} - {""} for here, others in arrows.items() if here})


def test_a_circle_would_be_found() -> None:
    with pytest.raises(CycleError):
        in_order({"a": {"b"}, "b": {"c"}, "c": {"a"}})


@pytest.mark.parametrize("here", rooms())
def test_rooms_are_small(here: str) -> None:
    files = [path for path in (PACKAGE / here).glob("*.py") if path.name != "__init__.py"]
    assert len(files) <= MOST_FILES or here in LISTS


@pytest.mark.parametrize("here", rooms())
def test_rooms_say_what_is_in_them(here: str) -> None:
    text = (PACKAGE / here / "__init__.py").read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{here}/__init__.py has no docstring"
