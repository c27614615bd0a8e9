"""Every hint that the sources can print, found where hints are made; `{}` stands for what is filled in."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCES = Path(__file__).parents[3] / "orgsync"
HOLE = "{}"
_POSITIONS = {"Unsuitable": 1, "Problem": 3, "Doubt": 1, "Said": 1, "_wrong": 2, "_refused": 2, "YamlError": 1}
"""Where a hint is handed on without its name: to what, and as which argument."""


_MESSAGE_AND_HINT = {"tuple[str, str | None]", "tuple[str | None, str | None]"}


_WORDS = re.compile(rf"hint|tuple\[str|\b({'|'.join(_POSITIONS)})\(")
"""What stands in every file that makes one."""


class Module(NamedTuple):
    """The names of one file, as far as hints are made of them."""

    values: dict[str, list[ast.expr]]
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
    calls: list[ast.Call]
    imports: dict[str, str]


@cache
def _module(path: Path) -> Module:
    """What one file has."""
    found = Module({}, {}, [], {})
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _bound(target, node.value):
                    found.values.setdefault(name, []).append(value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.values.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.functions[node.name] = node
        elif isinstance(node, ast.Call):
            found.calls.append(node)
        elif isinstance(node, ast.ImportFrom):
            found.imports.update((alias.name, node.module or "") for alias in node.names)
    return found


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _bound(one, its)


@cache
def hints() -> dict[str, str]:
    """Each hint once, with the file in which it is first found."""
    found: dict[str, str] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        if not _WORDS.search(path.read_text(encoding="utf-8")):
            continue
        for expression in _in_position(_module(path)):
            for text in _texts(expression, _module(path), frozenset()):
                if text.strip(HOLE + " ,;:"):
                    found.setdefault(text, path.relative_to(SOURCES).as_posix())
    return found


def _in_position(module: Module) -> Iterator[ast.expr]:
    for call in module.calls:
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "hint")
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        position = _POSITIONS.get(name)
        if position is not None and len(call.args) > position:
            yield call.args[position]
    for name, values in module.values.items():
        if "hint" in name.casefold():
            yield from values
    for name, function in module.functions.items():
        if "hint" in name.casefold():
            yield from _returned(function)
        if function.returns is not None and ast.unparse(function.returns) in _MESSAGE_AND_HINT:
            yield from (one.elts[1] for one in _returned(function) if isinstance(one, ast.Tuple))


def _returned(function: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _texts(node: ast.expr, module: Module, seen: frozenset[str]) -> Iterator[str]:
    """Every text that an expression can be."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from _joined(list(node.values), module, seen)
    elif isinstance(node, ast.BinOp):
        for left in list(_texts(node.left, module, seen)) or [HOLE]:
            for right in list(_texts(node.right, module, seen)) or [HOLE]:
                yield left + right
    elif isinstance(node, ast.Name | ast.Call | ast.Subscript):
        yield from _named(node, module, seen)
    for one in _alternatives(node):
        yield from _texts(one, module, seen)


def _alternatives(node: ast.expr) -> Sequence[ast.expr]:
    """What an expression chooses from."""
    if isinstance(node, ast.IfExp):
        return (node.body, node.orelse)
    return node.values if isinstance(node, ast.BoolOp | ast.Dict) else ()


def _joined(parts: list[ast.expr], module: Module, seen: frozenset[str]) -> Iterator[str]:
    if not parts:
        yield ""
        return
    first, rest = parts[0], parts[1:]
    if isinstance(first, ast.FormattedValue):
        constant = isinstance(first.value, ast.Name) and first.value.id.isupper()
        heads = (list(_texts(first.value, module, seen)) if constant else []) or [HOLE]
    else:
        heads = list(_texts(first, module, seen))
    for tail in list(_joined(rest, module, seen)):
        for head in heads:
            yield head + tail


def _named(node: ast.expr, module: Module, seen: frozenset[str]) -> Iterator[str]:
    called = isinstance(node, ast.Call)
    named = node.func if isinstance(node, ast.Call) else node.value if isinstance(node, ast.Subscript) else node
    if isinstance(named, ast.Attribute) and named.attr in {"get", "format"}:
        yield from _texts(named.value, module, seen)
        return
    name = getattr(named, "id", None)
    if name is None or name in seen:
        return
    home = _home(name, module)
    if called and name in home.functions:
        for value in _returned(home.functions[name]):
            yield from _texts(value, home, seen | {name})
    elif not called:
        for value in home.values.get(name, ()):
            yield from _texts(value, home, seen | {name})


def _home(name: str, module: Module) -> Module:
    """Where a name comes from: this file, or the one it is imported from."""
    if name in module.functions or name in module.values:
        return module
    parts = module.imports.get(name, "").split(".")[1:]
    for path in (SOURCES.joinpath(*parts).with_suffix(".py"), SOURCES.joinpath(*parts, "__init__.py")):
        if parts and path.is_file():
            return _module(path)
    return module
