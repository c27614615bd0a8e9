"""The token endpoint: what `lib/credentials` sends there, and what it reads in the answers."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Source

FOLDER = "lib/credentials"
# Names that texts of the API have there: grants, betas, the path; and the variables a user sets.
CONSTANT = re.compile(r"^(GRANT_TYPE_\w+|TOKEN_ENDPOINT|\w+_BETA_HEADER|ENV_\w+)$")
WORD = re.compile(r"[a-z][a-z_]*")


def token_endpoint(source: Source) -> dict[str, str]:
    """Every fact, by a name that says what it is."""
    found = dict(_constants(source))
    for path in source.paths(FOLDER):
        for function in ast.walk(source.tree(path)):
            if isinstance(function, ast.FunctionDef) and _asks(function):
                found |= _facts(function)
    return found


def _constants(source: Source) -> Iterator[tuple[str, str]]:
    for node in source.tree(f"{FOLDER}/_constants.py").body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            name = ast.unparse(node.targets[0])
            if CONSTANT.match(name):
                yield name, str(node.value.value)


def _asks(function: ast.FunctionDef) -> bool:
    """Whether a function posts to the token endpoint."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    posts = any(isinstance(node, ast.Attribute) and node.attr == "post" for node in ast.walk(function))
    return posts and "TOKEN_ENDPOINT" in names


def _facts(function: ast.FunctionDef) -> dict[str, str]:
    """What one grant sends and reads."""
    bodies = [node for node in ast.walk(function) if isinstance(node, ast.Dict) and "grant_type" in _keys(node)]
    always = {key for body in bodies for key in _keys(body)}
    names = [ast.unparse(value) for body in bodies for value in body.values if "GRANT_TYPE" in ast.unparse(value)]
    grant = names[0] if names else function.name
    added = {
        str(node.targets[0].slice.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and ast.unparse(node.targets[0].value) == "body"
        and isinstance(node.targets[0].slice, ast.Constant)
    }
    sent = {f"{grant} sends {key}": "always" for key in always}
    sent |= {f"{grant} sends {key}": "sometimes" for key in added - always}
    return sent | {f"{grant} reads {key}": "answer" for key in _read(function)}


def _keys(node: ast.Dict) -> list[str]:
    return [str(key.value) for key in node.keys if isinstance(key, ast.Constant)]


def _read(function: ast.FunctionDef) -> set[str]:
    """The fields of the answer that are looked at: `data["x"]`, `payload.get("x")`."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key, holder = node.slice, node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            key, holder = node.args[0], node.func.value
        else:
            continue
        if ast.unparse(holder) in ("data", "payload") and isinstance(key, ast.Constant):
            found.add(str(key.value))
    return found
