"""Where something stands in the files, the data that remembers it, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source(NamedTuple):
    """A place in a file: the name as the person gave it, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Map(dict[str, Any]):
    """A YAML mapping that knows where each of its keys was written."""

    __slots__ = ("sources",)

    def __init__(self) -> None:
        super().__init__()
        self.sources: dict[str, Source] = {}


class Seq(list[Any]):
    """A YAML sequence that knows where each of its items was written."""

    __slots__ = ("sources",)

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[Source] = []


class LeftOut(NamedTuple):
    """Something below a folder of files that is none of them: how a person calls it, and its path below the folder.

    `keys` are those of its top level, None where it is a folder that is a repository of its own.
    """

    file: str
    name: str
    keys: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Document:
    """What the files say, merged, before anything is understood.

    Scalars are None, bool, int, Decimal (never float) or str; a date stays the text that was written.
    `digest` is the SHA-256 of the files' names and bytes, in reading order. `names` are the paths that the files have
    below their folder, wherever that is, by how a person calls them. `problems` are those of sections that its reader
    does not need; in all others it is complete. `blank` are the keys that have nothing behind them: their value is
    None, and nobody knows whether that was meant. `left_out` is what the folder holds besides the files.
    """

    data: Map = field(repr=False)
    files: tuple[str, ...] = field(repr=False)
    digest: str
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = field(default=(), repr=False)
    blank: frozenset[Source] = field(default=frozenset(), repr=False)
    left_out: tuple[LeftOut, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input, printed as `file:line:column: address: message` and a hint.

    `section` is the key of the top level whose value alone it is about, where that is certain.
    """

    message: str
    source: Source | None = None
    address: str | None = None
    hint: str | None = field(default=None)
    section: str | None = field(default=None, compare=False)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """In reading order; problems without a place come first."""
        place = self.source or Source("", 0, 0)
        return (place.file, place.line, place.column, self.address or "", self.message)

    @property
    def told(self) -> str:
        """Where, about what, and what is wrong."""
        return ": ".join(str(part) for part in (self.source, self.address, self.message) if part)

    def __str__(self) -> str:
        return self.told if self.hint is None else f"{self.told}\n    hint: {self.hint}"
