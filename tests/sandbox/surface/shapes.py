"""Annotations of the SDK in words: which alternatives a value has, which words, and which classes it leads to."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Definition, Source

PLAIN = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "object": "anything",
    "Any": "anything",
    "datetime": "time",
    "date": "date",
    "Base64FileInput": "file",
    "FileTypes": "file",
    "HttpxBinaryResponseContent": "file",
    "BinaryAPIResponse": "file",
    "_T": "row",
}
LISTS = ("List", "list", "Sequence", "SequenceNotStr", "Iterable")
MAPS = ("Dict", "dict", "Mapping")
WRAPPERS = ("Annotated", "Required", "NotRequired", "TypeAlias")
# What only the SDK's own methods take: an argument that was not given.
ABSENT = ("Omit", "NotGiven")
SHARED_FOLDERS = ("types", "beta", "organization", "shared")
BETA = re.compile(r"`([a-z][a-z0-9-]*-20\d\d-\d\d-\d\d)`")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value can be."""

    alternatives: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    classes: frozenset[Definition] = frozenset()

    @property
    def text(self) -> str:
        """The alternatives in one line."""
        return " or ".join(sorted(self.alternatives))

    def __or__(self, other: Shape) -> Shape:
        return Shape(self.alternatives | other.alternatives, self.words | other.words, self.classes | other.classes)

    def inside(self, what: str) -> Shape:
        """The shape of what holds such values."""
        return Shape(frozenset({f"{what} of {self.text}"}), self.words, self.classes)


def class_name(definition: Definition) -> str:
    """A class by the name that both surfaces share, with the folder that tells it from others of that name."""
    folders = [each for each in definition.path.split("/")[:-1] if each not in SHARED_FOLDERS]
    return ".".join([*folders, re.sub(r"^Beta(?=[A-Z])", "", definition.name)])


def shape(source: Source, path: str, node: ast.expr) -> Shape:
    """What an annotation in a file allows."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return Shape(frozenset({"null"}))
        if isinstance(node.value, str):
            return shape(source, path, ast.parse(node.value, mode="eval").body)
        raise ValueError(f"{path}:{node.lineno}: {ast.unparse(node)} is no type")
    if isinstance(node, ast.BinOp):
        return shape(source, path, node.left) | shape(source, path, node.right)
    if isinstance(node, ast.Subscript):
        return _generic(source, path, node)
    return _named(source, path, node)


def _generic(source: Source, path: str, node: ast.Subscript) -> Shape:
    name = ast.unparse(node.value)
    given = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return Shape(frozenset({"word"}), frozenset(str(ast.literal_eval(each)) for each in given))
    if name in ("Optional", "Union"):
        found = Shape(frozenset({"null"})) if name == "Optional" else Shape()
        for each in given:
            found |= shape(source, path, each)
        return found
    if name in WRAPPERS:
        return shape(source, path, given[0])
    if name in LISTS:
        return shape(source, path, given[0]).inside("list")
    if name in MAPS:
        return shape(source, path, given[1]).inside("map")
    # A page: it holds what it is a page of, and has fields of its own.
    return shape(source, path, given[-1]).inside(name.replace("Async", "Sync")) | Shape(
        classes=_named(source, path, node.value).classes
    )


def _named(source: Source, path: str, node: ast.expr) -> Shape:
    name = ast.unparse(node)
    if name in ABSENT:
        return Shape()
    if name in PLAIN:
        return Shape(frozenset({PLAIN[name]}))
    found = find(source, path, node)
    if found is None or found.node is None:
        return Shape(frozenset({name}))
    if isinstance(found.node, ast.ClassDef):
        return Shape(frozenset({class_name(found)}), classes=frozenset({found}))
    return shape(source, found.path, found.node)


def find(source: Source, path: str, node: ast.expr) -> Definition | None:
    """What a name, or a name inside a module, leads to."""
    if isinstance(node, ast.Name):
        return source.find(path, node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        module = source.find(path, node.value.id)
        return None if module is None else source.find(module.path, node.attr)
    return None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class, by the name it is sent with."""

    name: str
    shape: Shape
    required: bool
    betas: tuple[str, ...]

    @property
    def text(self) -> str:
        """The field in one line."""
        needs = "; required" if self.required else ""
        return self.shape.text + needs + "".join(f"; with {beta}" for beta in self.betas)


def fields(source: Source, definition: Definition) -> Iterator[Field]:
    """The fields of a class and of what it is built on."""
    if not isinstance(definition.node, ast.ClassDef):
        return
    for base in definition.node.bases:
        found = find(source, definition.path, base.value if isinstance(base, ast.Subscript) else base)
        if found is not None and found.path.startswith("types/"):
            yield from fields(source, found)
    body = definition.node.body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield Field(
                _alias(node) or node.target.id,
                shape(source, definition.path, node.annotation),
                required=ast.unparse(node.annotation).startswith(("Required[", "Annotated[Required[")),
                betas=betas_of(_text(following)),
            )


def betas_of(text: str) -> tuple[str, ...]:
    """The betas that a docstring speaks of."""
    return tuple(sorted(set(BETA.findall(text))))


def _alias(node: ast.AnnAssign) -> str | None:
    for each in ast.walk(node):
        if isinstance(each, ast.keyword) and each.arg == "alias" and isinstance(each.value, ast.Constant):
            return str(each.value.value)
    return None


def _text(node: ast.stmt | None) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
