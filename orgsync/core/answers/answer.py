"""The answer to one question: tables of data that every format shows, and what has to be said beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orgsync.core.model.change import Organization

NONE = "-"
"""A cell without a value, as a person reads it."""


def plain(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value in ("", [], ()):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the `name` of its values in JSON and CSV, and its `title` for a person; "": for programs alone.

    `show` makes text of a value, or `words` of the whole row. `right` aligns it so: numbers. Where a line is too short,
    a `detail` goes to a second line under the row, the last one first, and what `grows` is wrapped before other columns
    are. `nested` values are for JSON alone: a cell of CSV cannot hold them.
    """

    name: str
    title: str = ""
    show: Callable[[Any], str] = plain
    right: bool = False
    grows: bool = False
    detail: bool = False
    nested: bool = False
    words: Callable[[Mapping[str, Any]], str] | None = None

    def shown(self, row: Mapping[str, Any]) -> str:
        """What a person reads in this column of a row."""
        return self.show(row.get(self.name)) if self.words is None else self.words(row)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one sort, in the order in which they are shown; `name` is its key in JSON, `title` its heading, if any.
    `group` names the value, a text, that heads the rows which share it: those stand together.

    Values are JSON: text, numbers, booleans, null, and lists and objects of those. Times are RFC 3339 in UTC, days are
    ISO dates, money is a decimal text in major units.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    title: str = ""
    empty: str = ""
    """What a person reads where there is no row; "": nothing."""
    group: str | None = None

    def grouped(self) -> Iterator[tuple[str | None, Sequence[Mapping[str, Any]]]]:
        """The rows by what heads them; all of them under None where nothing does."""
        if self.group is None:
            yield None, self.rows
            return
        for head, rows in groupby(self.rows, itemgetter(self.group)):
            yield head, tuple(rows)


class Mark(StrEnum):
    """How a check ended: it holds, it fails, or nobody can tell."""

    HOLDS = "="
    FAILS = "x"
    UNKNOWN = "?"
    NOTES = "!"


@dataclass(frozen=True, slots=True)
class Step:
    """One check of a chain, in words, and where the line is that it is about (`org.yaml:12`), if there is one."""

    mark: Mark
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """Where data came from, and as of when (RFC 3339, UTC)."""

    source: str
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, and what is the answer.

    `question` is the command, `title` the answer in one line. `steps` are those of a chain, `fixes` what would change
    its end. `notes` say what is not known, and why. `looked` says where the data are from and how old they are;
    `requests` how many the question cost. `facts` is what JSON has beside all that. `open` is whether there is
    something that `--fail-on` asks for.
    """

    question: str
    title: str
    organization: Organization | None = None
    looked: tuple[Looked, ...] = ()
    steps: tuple[Step, ...] = ()
    fixes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False

    @property
    def basis(self) -> str:
        """Which data the answer is made of, how old they are, and how many requests they cost."""
        looked = [f"{one.source} as of {one.at}" if one.at else one.source for one in self.looked]
        return f"{', '.join(looked) or 'no data'}; {counted(self.requests, 'request')}"
