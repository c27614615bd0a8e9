"""The whole surface as sorted JSON, one fact a line: what both surfaces of the SDK say alike is said once."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

from .calls import SURFACES, endpoints
from .shapes import class_name, fields, shape
from .token import token_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .calls import Endpoint
    from .shapes import Shape
    from .source import Definition, Source

Facts = dict[str, Any]
SECTIONS = ("betas", "calls", "errors", "fields", "headers", "parameters", "raises", "token", "words")
LINE = 118


def surface(source: Source) -> dict[str, Any]:
    """What this version of the SDK knows of organizations and of the token endpoint."""
    classes = _error_classes(source)
    codes = {definition.name: code for code, definition in classes.items()}
    both = {name: _of_one(source, name, codes) for name in SURFACES}
    merged = {part: _merged(both["stable"][part], both["beta"][part]) for part in both["beta"]}
    errors, details = _errors(source, classes, merged["raises"])
    merged["errors"] = errors
    merged["fields"] |= details["fields"]
    merged["words"] |= details["words"]
    merged["betas"] = dict.fromkeys(sorted(_betas(merged)), "")
    merged["headers"] = {"anthropic-version": source.text_of("_constants.py", "ANTHROPIC_API_VERSION")}
    merged["token"] = token_endpoint(source)
    return {"sdk": source.version, **{part: dict(sorted(merged[part].items())) for part in SECTIONS}}


def written(found: Mapping[str, Any]) -> str:
    """The dump as text, always the same for the same facts."""
    parts = [f' "sdk": {json.dumps(found["sdk"])}']
    for part in SECTIONS:
        lines = [f"  {json.dumps(key)}: {_value(key, value)}" for key, value in found[part].items()]
        parts.append(f" {json.dumps(part)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(key: str, value: Any) -> str:
    text = json.dumps(value)
    if len(key) + len(text) <= LINE or not isinstance(value, list):
        return text
    return "[\n" + ",\n".join(f"   {json.dumps(each)}" for each in value) + "\n  ]"


def _of_one(source: Source, name: str, codes: Mapping[str, str]) -> dict[str, Facts]:
    """The facts of one surface."""
    found: dict[str, Facts] = {"calls": {}, "parameters": {}, "raises": {}, "fields": {}, "words": {}}
    shapes: list[Shape] = []
    for endpoint in endpoints(source, name):
        found["calls"][endpoint.name] = endpoint.text
        raised = sorted(codes[error] for error in endpoint.raises)
        if raised:
            found["raises"][endpoint.name] = raised
        shapes.append(endpoint.answer)
        shapes += _parameters(found, endpoint)
    _follow(source, found, {each for one in shapes for each in one.classes})
    return found


def _parameters(found: dict[str, Facts], endpoint: Endpoint) -> Iterable[Shape]:
    for name, given in endpoint.parameters:
        found["parameters"][name] = given.text
        if given.shape.words:
            found["words"][name] = sorted(given.shape.words)
        yield given.shape


def _follow(source: Source, found: dict[str, Facts], wanted: set[Definition]) -> None:
    """The fields of classes, and of every class they lead to."""
    seen: dict[str, Definition] = {}
    while wanted:
        definition = wanted.pop()
        name = class_name(definition)
        if name in seen:
            if seen[name] != definition:
                raise LookupError(f"{name} is two classes: {seen[name].path} and {definition.path}")
            continue
        seen[name] = definition
        for each in fields(source, definition):
            found["fields"][f"{name}.{each.name}"] = each.text
            if each.shape.words:
                found["words"][f"{name}.{each.name}"] = sorted(each.shape.words)
            wanted |= each.shape.classes


def _merged(stable: Facts, beta: Facts) -> Facts:
    """One entry for both surfaces; what only one has, or says in another way, is marked."""
    found: Facts = {}
    for key in stable.keys() | beta.keys():
        ours, theirs = stable.get(key), beta.get(key)
        if isinstance(ours or theirs, list):
            found[key] = _merged_words(ours, theirs)
        elif ours == theirs:
            found[key] = ours
        elif ours is None or theirs is None:
            found[key] = f"{ours or theirs} ({'beta' if ours is None else 'stable'})"
        else:
            found[key] = f"{ours} (stable), {theirs} (beta)"
    return found


def _merged_words(stable: list[str] | None, beta: list[str] | None) -> list[str]:
    if stable is None or beta is None:
        return stable or beta or []
    marks = dict.fromkeys(set(beta) - set(stable), " (beta)") | dict.fromkeys(set(stable) - set(beta), " (stable)")
    return sorted(word + marks.get(word, "") for word in {*stable, *beta})


def _error_classes(source: Source) -> dict[str, Definition]:
    """`400 already_member` and the class it is raised as; a status alone is every error without a code."""
    path = "_error_classes.py"
    table = source.find(path, "ERROR_CLASSES")
    assert table is not None
    assert isinstance(table.node, ast.Dict)
    found = {}
    for key, value in zip(table.node.keys, table.node.values, strict=True):
        assert key is not None
        assert isinstance(value, ast.Name)
        status, code = ast.literal_eval(key)
        definition = source.find(path, value.id)
        assert definition is not None
        found[f"{status} {code}" if code else str(status)] = definition
    return found


def _errors(
    source: Source, classes: Mapping[str, Definition], raises: Mapping[str, list[str]]
) -> tuple[Facts, dict[str, Facts]]:
    """The errors that organizations meet: declared by a call, shared by all, or a status alone."""
    raised = {code.partition(" (")[0] for codes in raises.values() for code in codes}
    met = {
        code: definition
        for code, definition in classes.items()
        if code in raised or code.isdecimal() or "/shared/" in definition.path or "/organization/" in definition.path
    }
    found: dict[str, Facts] = {"fields": {}, "words": {}}
    _follow(source, found, {each for definition in met.values() for each in _details(source, definition)})
    for facts in found.values():
        for name in [each for each in facts if each.endswith(".error_code")]:
            del facts[name]
    return {code: definition.name for code, definition in met.items()}, found


def _details(source: Source, definition: Definition) -> Iterable[Definition]:
    body = definition.node.body if isinstance(definition.node, ast.ClassDef) else []
    for node in body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "details":
            yield from shape(source, definition.path, node.annotation).classes


def _betas(merged: Mapping[str, Facts]) -> set[str]:
    """Every beta that a call sends or takes, or that a field comes with."""
    texts = [value for part in ("calls", "fields", "parameters") for value in merged[part].values()]
    parts = [part.split(" (")[0] for text in texts for part in text.split("; ")[1:]]
    return {part.partition(" ")[2].split(",")[0] for part in parts if part.startswith(("sends ", "takes ", "with "))}
