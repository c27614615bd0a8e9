"""The layout is enforced: who may import whom, what is pure, and that every kind is listed once."""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

from orgsync.kinds import KINDS

PACKAGE = Path(__file__).parent.parent / "orgsync"

MAY_IMPORT: dict[str, set[str]] = {
    "core": {"core", "errors"},
    "policies": {"core", "policies"},
    "kinds": {"core", "kinds", "policies"},
    "questions": {"core", "errors", "kinds", "policies", "questions"},
    "render": {"core", "render"},
    "files": {"core", "errors", "extras", "files", "render"},
    "api": {"api", "core", "errors"},
    "engine": {"core", "engine", "errors"},
    "github": {"api", "errors", "extras", "github"},
    "sandbox": {"sandbox"},
    "notify": {"errors", "extras", "notify"},
    "rehearsal": {"api", "core", "engine", "errors", "files", "rehearsal", "sandbox"},
    "flows": {"api", "core", "engine", "errors", "extras", "files", "flows", "kinds", "questions", "sandbox"},
    "cli": {
        *("api", "cli", "core", "engine", "errors", "extras", "files", "flows", "github", "kinds", "notify"),
        *("questions", "rehearsal", "render", "sandbox"),
    },
}
"""Data goes one way: files -> core <- kinds, api -> engine -> core -> render; only cli knows everybody."""

PURE = ("core", "kinds", "policies", "questions", "render")
NO_IO = {
    *("httpx", "click", "yaml", "starlette", "uvicorn", "tenacity", "sqlite3", "asyncio", "socket", "ssl", "http"),
    *("os", "io", "pathlib", "shutil", "tempfile", "subprocess", "sys", "time", "random", "secrets", "urllib"),
}
RENDERERS_WRITE_TO_MEMORY = {"io"}
"""rich renders into a file object; the renderers give it one in memory."""


def modules(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module a file imports, wherever the import stands, type checking included."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return frozenset(names)


def folders(names: frozenset[str]) -> set[str]:
    """The parts of orgsync among these modules."""
    return {name.split(".")[1] for name in names if name.startswith("orgsync.")} - {"version"}


def test_every_folder_has_a_rule() -> None:
    assert {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_go_one_way(folder: str) -> None:
    for path in modules(folder):
        assert folders(imports(path)) <= MAY_IMPORT[folder], path


@pytest.mark.parametrize("folder", PURE)
def test_pure_folders_import_no_io(folder: str) -> None:
    allowed = RENDERERS_WRITE_TO_MEMORY if folder == "render" else set()
    for path in modules(folder):
        roots = {name.split(".")[0] for name in imports(path)}
        assert not roots & (NO_IO - allowed), path


def test_flows_know_no_terminal_and_no_environment() -> None:
    for path in modules("flows"):
        assert not {name.split(".")[0] for name in imports(path)} & {"click", "rich", "sys"}, path
        nodes = list(ast.walk(tree(path)))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not names & {"print", "environ", "getenv", "exit"}, path


def test_core_needs_little() -> None:
    for path in modules("core"):
        roots = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
        libraries = {"pydantic", "pydantic_core", "typing_extensions", "deepdiff", "email_validator", "packaging"}
        assert roots <= {"orgsync", *libraries}, path
        assert "deepdiff" not in roots or path.name == "diff.py", path
        assert "packaging" not in roots or path.name == "requires.py", path


def test_httpx_lives_in_the_api_folder_only() -> None:
    for folder in MAY_IMPORT.keys() - {"api"}:
        for path in modules(folder):
            assert "httpx" not in imports(path), path


def test_pygithub_lives_in_the_github_folder_only() -> None:
    for folder in MAY_IMPORT.keys() - {"github"}:
        for path in modules(folder):
            assert "github" not in {name.split(".")[0] for name in imports(path)}, path


def test_apprise_lives_in_the_notify_folder_only() -> None:
    for folder in MAY_IMPORT.keys() - {"notify"}:
        for path in modules(folder):
            assert "apprise" not in {name.split(".")[0] for name in imports(path)}, path


def test_every_kind_is_listed_once_and_every_listed_kind_has_its_module() -> None:
    folder = {path.stem for path in (PACKAGE / "kinds").iterdir() if path.stem not in {"__init__", "__pycache__"}}
    names = [kind.name for kind in KINDS]
    assert sorted(folder) == sorted(names)
    assert len(names) == len(set(names))


def test_nothing_outside_a_kind_spells_its_name() -> None:
    """A new kind is one module and one line: nothing else in the package knows its name."""
    names = {kind.name for kind in KINDS}
    for folder in ("core", "engine", "files", "render", "api", "cli"):
        for path in modules(folder):
            strings = {
                node.value
                for node in ast.walk(tree(path))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            assert not strings & names, path


def test_every_function_of_a_kind_is_part_of_its_contract_or_of_another_module() -> None:
    """A function that was written for the contract and never handed to it would do nothing, and nobody would see."""
    everywhere = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    for kind in KINDS:
        module = import_module(f"orgsync.kinds.{kind.name}")
        handed_in = {value for value in vars(kind).values() if isfunction(value)}
        for name, function in vars(module).items():
            if isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
                others = (text for path, text in everywhere.items() if path != Path(module.__file__ or ""))
                assert function in handed_in or any(name in text for text in others), f"{module.__name__}.{name}"


def test_kinds_look_nothing_up_by_name_and_claim_no_types() -> None:
    for path in modules("kinds"):
        names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
        assert not names & {"getattr", "hasattr", "cast"}, path


def test_kinds_are_listed_after_what_they_mention() -> None:
    known: set[str] = set()
    for kind in KINDS:
        assert kind.refs.keys() <= known
        known.add(kind.name)


TABLES = {"code_rows.py"}
"""Longer, because they are one table: a row for every code there is."""


def test_no_module_is_longer_than_400_lines_and_no_function_than_60() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400 or path.name in TABLES, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 60, f"{path}:{node.lineno} {node.name}"
