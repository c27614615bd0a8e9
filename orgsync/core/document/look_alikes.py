"""Names that a person would take for one another: a warning before a second thing gets one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.things import Segment
from orgsync.core.words.spelling import look_of, visibly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Key, Pair


def look_alike_notes(kind: Kind, pairs: Sequence[Pair]) -> Iterator[Note]:
    """A note for each declared thing that would get a name which looks like that of another one."""
    last = len(kind.segments) - 1
    if any(last in positions for positions in kind.refs.values()):
        return  # it is called as something else is, and that is where it is told
    named = [pair for pair in pairs if _gets_a_name(pair)]
    if not named:
        return
    alike: dict[tuple[Key, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if _is_there(pair):
            alike[_look(pair)].append(pair)
    for pair in named:
        others = alike[_look(pair)]
        yield from (_note(kind, pair, other) for other in others if other is not pair and other.key != pair.key)
        others += [] if _is_there(pair) else [pair]


def _look(pair: Pair) -> tuple[Key, str]:
    """What it stands in, and what its name will look like."""
    return pair.key[:-1], look_of(pair.key[-1])


def _is_there(pair: Pair) -> bool:
    return pair.found is not None and pair.found.exists


def _gets_a_name(pair: Pair) -> bool:
    """Whether the thing is to be made or renamed, by orgsync or by a person."""
    line, found = pair.declared, pair.found
    if line is None or line.expired or line.spec.asks_to_archive or pair.blocked is not None:
        return False
    return found is None or not found.exists or found.key != line.key


def _note(kind: Kind, pair: Pair, other: Pair) -> Note:
    mine, theirs = pair.address.segments[-1], other.address.segments[-1]
    if other.found is None or not other.found.exists:
        told = f"{visibly(theirs)}, which is declared as well; if they are one, delete a line"
    else:
        way_out = f"add `id: {other.found.id}`" if "id" in kind.spec.model_fields else "write it as it is there"
        identity = "" if kind.segments[-1] is Segment.EMAIL else f" ({other.found.id})"
        told = f"the {kind.noun} {visibly(theirs)}{identity} and is another name; if that one is meant, {way_out}"
    message = f"{visibly(mine)} looks like {told}"
    return Note(pair.address, Code.SIMILAR_NAME, message, Level.WARNING, pair.place, shown={"other": theirs})
