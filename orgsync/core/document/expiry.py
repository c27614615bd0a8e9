"""Lines that count until a day: what is over, and what ends with it. A day that passes never makes a file invalid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note, Shown
from orgsync.core.model.codes import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Declared, Key, Spec
    from orgsync.core.words.source import Source

    _Lines = Mapping[str, Mapping[Key, Declared]]


def is_over(spec: Spec, today: date) -> bool:
    """Whether the last day of a line has passed."""
    return spec.counts_until is not None and spec.counts_until < today


def end_together(declared: Mapping[str, dict[Key, Declared]], kinds: Kinds, today: date) -> None:
    """Lets each line end no later than the lines of what its address mentions: a role ends with its person."""
    for kind in kinds:
        ending = {
            name: {key: line for key, line in declared[name].items() if line.until is not None} for name in kind.refs
        }
        if not any(ending.values()):
            continue
        lines = declared[kind.name]
        for key, line in lines.items():
            others = (ending[name].get(mentioned) for name, mentioned in kind.refers_to(key))
            first = min((one for one in others if one is not None), key=_last_day, default=None)
            if first is not None and (line.until is None or _last_day(first) < line.until):
                lines[key] = replace(line, ends_with=first, expired=_last_day(first) < today)


def _last_day(line: Declared) -> date:
    if line.until is None:
        raise ValueError("only a line that ends has a last day")
    return line.until


def expired_notes(declared: _Lines, kinds: Kinds) -> Iterator[Note]:
    """One note for each expired line with which others ended: which lines and entries of teams to delete."""
    ended: dict[Source, list[tuple[Declared, Declared]]] = {}
    for kind in kinds:
        for line in declared[kind.name].values():
            if line.expired and line.ends_with is not None:
                ended.setdefault(line.ends_with.source, []).append((line.ends_with, line))
    for source, some in ended.items():
        first = some[0][0]
        sources = [source, *(_to_delete(*pair) for pair in some)]
        told = ", ".join(dict.fromkeys(f"{one.file}:{one.line}" for one in sources))
        message = f"expired on {first.until}, and so did what needs it; delete it from {told}"
        shown: Shown = {"until": str(first.until)}
        yield Note(first.address, Code.LINES_EXPIRED, message, Level.WARNING, first.place, shown=shown)


def _to_delete(first: Declared, line: Declared) -> Source:
    """Where a line is written that ended with another. Of a team only the person ended, unless the other is its."""
    return line.source if line.person is None or first.through is not None else line.person
