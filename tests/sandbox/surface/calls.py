"""The requests that the SDK's resources of an organization make: path, verb, parameters, betas, answer, errors."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .shapes import Field, Shape, betas_of, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Source

SURFACES = {"stable": "resources/organization", "beta": "resources/beta/organization"}
VERBS = {
    "_get": "GET",
    "_get_api_list": "GET",
    "_post": "POST",
    "_put": "PUT",
    "_patch": "PATCH",
    "_delete": "DELETE",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request."""

    name: str
    answer: Shape
    sends: tuple[str, ...]
    takes: tuple[str, ...]
    parameters: tuple[tuple[str, Field], ...]
    raises: tuple[str, ...]

    @property
    def text(self) -> str:
        """What it answers, and with which betas."""
        always = "".join(f"; sends {beta}" for beta in self.sends)
        return self.answer.text + always + "".join(f"; takes {beta}" for beta in self.takes if beta not in self.sends)


@dataclass(frozen=True, slots=True)
class _Method:
    """A method that makes a request, with everything in it, walked through once."""

    definition: ast.FunctionDef
    nodes: tuple[ast.AST, ...]
    verb: str
    request: ast.Call


def endpoints(source: Source, surface: str) -> Iterator[Endpoint]:
    """Every request of one surface."""
    for path in source.paths(SURFACES[surface]):
        for node in source.tree(path).body:
            if isinstance(node, ast.ClassDef) and not re.search(r"^Async|With(Raw|Streaming)Response$", node.name):
                for method in filter(None, map(_requesting, node.body)):
                    yield _endpoint(source, path, method)


def _requesting(definition: ast.stmt) -> _Method | None:
    if not isinstance(definition, ast.FunctionDef):
        return None
    nodes = tuple(ast.walk(definition))
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS:
            return _Method(definition, nodes, VERBS[node.func.attr], node)
    return None


def _endpoint(source: Source, path: str, method: _Method) -> Endpoint:
    definition = method.definition
    document = inspect.cleandoc(ast.get_docstring(definition) or "")
    summary, _, raises = document.partition("\nRaises:")
    name = f"{method.verb} {_path(method.request)}"
    given = _given(source, path, definition, summary)
    query, body = _names(method, "query"), _names(method, "body")
    missing = {kept for kept in (*query.values(), *body.values()) if kept not in given}
    assert definition.returns is not None
    if missing:
        raise LookupError(f"{path}: {definition.name} sends {sorted(missing)}, which it does not take")
    parameters = [(f"{name} query {each}", given[kept]) for each, kept in query.items()]
    parameters += [(f"{name} body {each}", given[kept]) for each, kept in body.items()]
    return Endpoint(
        name,
        shape(source, path, definition.returns),
        sends=_always(method),
        takes=betas_of(summary) if "betas" in {each.arg for each in definition.args.kwonlyargs} else (),
        parameters=tuple(parameters),
        raises=tuple(sorted(re.findall(r"^\s*(\w+Error):", raises, re.MULTILINE))),
    )


def _path(request: ast.Call) -> str:
    first = request.args[0]
    if isinstance(first, ast.Call):  # path_template("/a/{id}", id=id)
        first = first.args[0]
    return str(ast.literal_eval(first))


def _given(source: Source, path: str, definition: ast.FunctionDef, document: str) -> dict[str, Field]:
    """The arguments of a method, as what is sent."""
    arguments = definition.args
    defaults = dict(zip((each.arg for each in arguments.kwonlyargs), arguments.kw_defaults, strict=True))
    return {
        each.arg: Field(
            each.arg,
            shape(source, path, each.annotation),
            required=defaults.get(each.arg) is None,
            betas=betas_of(_about(document, each.arg)),
        )
        for each in (*arguments.args, *arguments.kwonlyargs)
        if each.annotation is not None and each.arg not in ("betas", "timeout") and not each.arg.startswith("extra_")
    }


def _about(document: str, argument: str) -> str:
    """What a docstring says about one argument."""
    found = re.search(rf"^\s+{argument}: (.*?)(?:\n\n|\Z)", document, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _names(method: _Method, where: str) -> dict[str, str]:
    """The names sent in a query or a body, and the arguments they come from."""
    for node in ast.walk(method.request):
        if isinstance(node, ast.keyword) and node.arg == where:
            value = _assigned(method, node.value.id) if isinstance(node.value, ast.Name) else node.value
            found = next((each for each in ast.walk(value) if isinstance(each, ast.Dict)), None) if value else None
            if found is not None:
                pairs = zip(found.keys, found.values, strict=True)
                return {str(ast.literal_eval(key)): _argument(each) for key, each in pairs if key is not None}
    return {}


def _argument(value: ast.expr) -> str:
    names = [each.id for each in ast.walk(value) if isinstance(each, ast.Name)]
    return names[-1] if names else ast.unparse(value)


def _assigned(method: _Method, name: str) -> ast.expr | None:
    for node in method.nodes:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
    return None


def _always(method: _Method) -> tuple[str, ...]:
    """The betas that the SDK sends by itself."""
    found = set()
    for node in method.nodes:
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "anthropic-beta" and isinstance(value, ast.Constant):
                    found |= set(str(value.value).split(","))
    return tuple(sorted(found))
