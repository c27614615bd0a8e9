"""What the rows of a list look like, as their kind declares it, and which rows are not like that. Decided here alone.

A row whose identity cannot be told is *unreadable*: it may be anything, so nothing is made or taken away beside it. A
row that is known, and has a field that is not as declared, is *odd*: it is handed on with something harmless in place
of that field, and nothing is planned about it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from orgsync.core.words.problems import quoted, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


_LONGEST = 60
_ABSENT: Any = object()


Row = dict[str, Any]
"""One thing as the API answers it."""


@dataclass(frozen=True, slots=True, eq=False)
class Holds:
    """What a field holds: `what` in words, the check, and a value that fits and means nothing.

    `words` are all the words of a closed set, `samples` some values that fit where there is no such set.
    """

    what: str
    fits: Callable[[Any], bool]
    neutral: Any
    words: frozenset[str] = frozenset()
    samples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class RowField:
    """One field that a kind reads. A dot leads into an object, or into every object of a list.

    null      whether null is a value of it
    optional  whether a row may lack it: older answers and other platforms do
    identity  whether the row cannot be told from others without it
    local     whether it matters to its own row alone: what mentions the row is understood all the same
    ignored   why nobody is told where it changes; nothing: it is watched
    whole     whether a snapshot keeps everything inside, declared or not
    only_with the name of a field beside it and the word with which alone a row has this one
    """

    path: str
    holds: Holds
    null: bool = False
    optional: bool = False
    identity: bool = False
    local: bool = False
    whole: bool = False
    only_with: tuple[str, str] | None = None
    ignored: str = ""

    def expected_in(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of its other fields has this one."""
        return self.only_with is None or row.get(self.only_with[0]) == self.only_with[1]


@dataclass(frozen=True, slots=True, eq=False)
class IgnoredRows:
    """Rows whose changes nobody is told of: which, in words, and why.

    `are` recognizes them; None: a row by itself does not tell.
    """

    what: str
    why: str
    are: Callable[[Row], bool] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of one list, as their kind declares them: its path (`*` stands for an id), the fields, and what of it is
    not watched."""

    path: str
    fields: tuple[RowField, ...]
    ignored: tuple[IgnoredRows, ...] = ()


@dataclass(frozen=True, slots=True)
class Odd:
    """One field of a row that is not as declared; `local` as in `RowField`."""

    told: str
    local: bool = False
    identity: bool = False


class OddRow(dict[str, Any]):
    """A row with something harmless in place of each field that is not as declared."""

    __slots__ = ("odd",)

    def __init__(self, row: Mapping[str, Any], odd: Sequence[Odd]) -> None:
        super().__init__(row)
        self.odd = tuple(odd)


def odd_of(row: Mapping[str, Any]) -> tuple[Odd, ...]:
    """What is not as declared in a row that was checked; nothing for most."""
    return row.odd if isinstance(row, OddRow) else ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows of one list that can be told apart, and what is wrong with the others: the numbers of rows (from 1) by
    what is told of them."""

    rows: Sequence[Row] = field(repr=False)
    unreadable: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @property
    def flawed(self) -> bool:
        """Whether any row is not as declared."""
        return bool(self.unreadable) or any(isinstance(row, OddRow) for row in self.rows)


def checked(rows: Sequence[Row], fields: tuple[RowField, ...]) -> Checked:
    """The rows of a list held against what its kind declares."""
    tree = _tree(fields)
    good: list[Row] = []
    unreadable: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        odd = _odd_in(tree, row)
        if not odd:
            good.append(row)
            continue
        unknown = next((one for one in odd if one.identity), None)
        if unknown is None:
            good.append(OddRow(_repaired(tree, row), odd))
        else:
            unreadable[unknown.told].append(number)
    return Checked(good, {told: tuple(numbers) for told, numbers in unreadable.items()})


@dataclass(frozen=True, slots=True)
class _Node:
    """A field, and those inside it."""

    name: str
    field: RowField
    inner: tuple[_Node, ...] = ()


@cache
def _tree(fields: tuple[RowField, ...]) -> tuple[_Node, ...]:
    """The fields by what they are inside of. Raises ValueError where one is declared before what it is inside of."""
    known = {one.path for one in fields}
    for one in fields:
        outer = one.path.rpartition(".")[0]
        if outer and outer not in known:
            raise ValueError(f"{one.path} is declared, and {outer} is not")
    return _nodes(fields, "")


def _nodes(fields: Sequence[RowField], outer: str) -> tuple[_Node, ...]:
    inside = [one for one in fields if one.path.rpartition(".")[0] == outer]
    return tuple(_Node(one.path.rpartition(".")[2], one, _nodes(fields, one.path)) for one in inside)


def _odd_in(nodes: Sequence[_Node], row: Mapping[str, Any]) -> list[Odd]:
    """Everything in a row, or in an object inside it, that is not as declared. Few rows have any."""
    odd: list[Odd] = []
    for node in nodes:
        declared, value = node.field, row.get(node.name, _ABSENT)
        if not declared.expected_in(row):
            continue
        if value is _ABSENT:
            wrong = not declared.optional
        elif value is None:
            wrong = not declared.null
        else:
            wrong = not declared.holds.fits(value)
        if wrong:
            odd.append(Odd(_told(declared, value), declared.local, declared.identity))
        elif node.inner and value is not _ABSENT and value is not None:
            for one in value if isinstance(value, list) else (value,):
                if isinstance(one, dict):
                    odd.extend(_odd_in(node.inner, one))
    return odd


def _repaired(nodes: Sequence[_Node], row: Mapping[str, Any]) -> Row:
    """The row, with something harmless in place of what is not as declared, there and inside."""
    repaired = dict(row)
    for node in nodes:
        declared, value = node.field, row.get(node.name, _ABSENT)
        if (
            not declared.expected_in(row)
            or (value is _ABSENT and declared.optional)
            or (value is None and declared.null)
        ):
            continue
        if value is _ABSENT or value is None or not declared.holds.fits(value):
            value = None if declared.null else declared.holds.neutral
        if node.inner and isinstance(value, dict):
            value = _repaired(node.inner, value)
        elif node.inner and isinstance(value, list):
            value = [_repaired(node.inner, one) if isinstance(one, dict) else one for one in value]
        repaired[node.name] = value
    return repaired


def _told(declared: RowField, value: Any) -> str:
    """What is wrong with a field, in words that are the same every day."""
    path, holds = declared.path, declared.holds
    if value is _ABSENT:
        return f"{path} is missing"
    if value is None:
        return f"{path} is null"
    if isinstance(value, str):
        shown = quoted(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
        known = "which this orgsync does not know" if holds.words else f"which is not {holds.what}"
        return f"{path} is {shown}, {known}"
    return f"{path} is {shape(value)}, and not {holds.what}"


def kept(fields: Sequence[RowField]) -> tuple[str, ...]:
    """The paths that a snapshot keeps of a row: what is declared inside of something, or all of that where it is kept
    whole."""
    whole = tuple(f"{one.path}." for one in fields if one.whole)
    outer = {one.path.rpartition(".")[0] for one in fields}
    return tuple(one.path for one in fields if not one.path.startswith(whole) and (one.whole or one.path not in outer))


# What fields hold. A whole number may come as 1000.0: JSON has one sort of number.


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_timestamp(value: Any) -> bool:
    """An RFC 3339 timestamp, which names its time zone."""
    if not isinstance(value, str) or "T" not in value.upper():
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _is_whole_number(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of(inner: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(inner(one) for one in value)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_map_of_texts(value: Any) -> bool:
    """Null stands for no entry."""
    return isinstance(value, dict) and all(one is None or isinstance(one, str) for one in value.values())


ANYTHING = Holds("anything", lambda _value: True, None)
"""For what helps where it is understood, and changes nothing where it is not."""
TEXT = Holds("text", _is_text, "", samples=("something else",))
TIMESTAMP = Holds("a timestamp", _is_timestamp, "1970-01-01T00:00:00Z", samples=("2026-10-01T08:30:00Z",))
WHOLE_NUMBER = Holds("a whole number", _is_whole_number, 0, samples=(7,))
OBJECT = Holds("an object", _is_object, {})
OBJECTS = Holds("a list of objects", _is_list_of(_is_object), [])
TEXTS = Holds("a list of texts", _is_list_of(_is_text), [], samples=(["something else"],))
MAP_OF_TEXTS = Holds("a map of texts", _is_map_of_texts, {}, samples=({"another": "tag"},))


def one_of(*words: str) -> Holds:
    """A word of a closed set. Another one is a word that a newer API has."""
    known = frozenset(words)
    return Holds("a word", lambda value: isinstance(value, str) and value in known, "", known)


def like(pattern: str, what: str, neutral: str, *samples: str) -> Holds:
    """A text of this form."""
    form = re.compile(pattern)
    return Holds(
        what, lambda value: isinstance(value, str) and form.fullmatch(value) is not None, neutral, samples=samples
    )


ID = like(r"(?!\.{1,2}\Z)[A-Za-z0-9._~@:+-]+", "an id", "", "something_else")
"""What the paths of the API can hold."""


def each(holds: Holds) -> Holds:
    """A list of these."""
    return Holds(f"a list of {holds.what}s", _is_list_of(holds.fits), [], holds.words)


def either(first: Holds, second: Holds) -> Holds:
    """One or the other; neutral as the first."""
    return Holds(
        f"{first.what}, or {second.what}",
        lambda value: first.fits(value) or second.fits(value),
        first.neutral,
        first.words | second.words,
        (*first.samples, *second.samples),
    )


def ignored(why: str, *paths: str) -> tuple[RowField, ...]:
    """Fields that are not even read, because nobody needs to be told where they change."""
    return tuple(RowField(path, ANYTHING, null=True, optional=True, ignored=why) for path in paths)


def local(*fields: RowField) -> tuple[RowField, ...]:
    """These, each of which matters to its own row alone."""
    return tuple(replace(one, local=True) for one in fields)
