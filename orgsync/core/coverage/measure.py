"""Which collections the files manage of everything that the lists of a plan show. It asks for nothing.

A collection is what one section of the files is about, in one place: the members of the organization, the keys of one
workspace. Its contents are not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.settings import STRICT
from orgsync.core.model.change import Coverage, Ignored, Level, Note, Uncovered
from orgsync.core.model.codes import Code
from orgsync.core.model.context import Reading
from orgsync.core.model.things import Mode
from orgsync.core.words.address import Address, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Place
    from orgsync.core.model.kind import Kind, Kinds, Section
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

    _Lists = frozenset[tuple[str, tuple[tuple[str, str], ...]]]
    """Lists to read, each by its path and query."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Things of one kind in one place: in the live thing of a pair, or in the organization itself.

    `offered`: the API shows them. `managed`: the files say what shall be there, and the API shows what is.
    """

    kind: Kind
    section: Section
    pair: Pair | None
    outer: Kind | None
    offered: bool
    managed: bool

    @property
    def name(self) -> tuple[str, ...]:
        """What the files call the place, else live; empty for the organization."""
        if self.pair is None:
            return ()
        return self.pair.declared.segments if self.pair.declared is not None else self.pair.address.segments

    @property
    def id(self) -> str:
        """The id of the live thing that it is in; "" for the organization."""
        return "" if self.pair is None or self.pair.found is None else self.pair.found.id

    @property
    def inside(self) -> Address | None:
        """The address of the place; None for the organization."""
        return None if self.outer is None else address(self.outer.name, *self.name)


def collections(desired: Desired, seen: Observation, kinds: Kinds) -> Iterator[Collection]:
    """Each collection that there can be in the organization and in what the lists show of it, once."""
    for kind in kinds:
        for section in kind.sections:
            if not section.outer:
                yield _collection(kind, section, None, None, desired, seen)
                continue
            outer = next(other for other in kinds if any(one.things == section.outer for one in other.sections))
            for pair in seen.pairs.get(outer.name, ()):
                if pair.found is not None and pair.found.exists and kind.stands_in(pair.found):
                    yield _collection(kind, section, pair, outer, desired, seen)


def _collection(
    kind: Kind, section: Section, pair: Pair | None, outer: Kind | None, desired: Desired, seen: Observation
) -> Collection:
    one = Collection(kind, section, pair, outer, offered=True, managed=False)
    hidden = any(
        unseen.code is Code.NOT_OFFERED
        and unseen.kind == kind.name
        and kind.key(one.name)[: len(unseen.inside)] == unseen.inside
        for unseen in seen.unseen
    )
    offered = not hidden and seen.refused.keys().isdisjoint({kind.name, *kind.refs})
    managed = offered and (kind.name, one.name) in desired.collections
    return Collection(kind, section, pair, outer, offered, managed)


def coverage_of(desired: Desired, seen: Observation, kinds: Kinds, *, strict: bool = False) -> Coverage:
    """How much is managed, what is not, and how many lists would show the rest. `strict` as the files may say it."""
    every = tuple(collections(desired, seen, kinds))
    cost = _Cost.of(every, desired, seen, kinds)
    left = [_uncovered(one, desired, cost) for one in every if not one.managed]
    left.sort(key=lambda one: (kinds.index(kinds.by_name[one.kind]), one.inside or "", one.id))
    return Coverage(
        covered=sum(one.managed for one in every),
        uncovered=tuple(left),
        requests=len(cost.lists),
        strict=strict or desired.settings.manage.coverage == STRICT,
        ignored=tuple(ignored_of(kind for kind in kinds if kind.name in seen.live)),
    )


def ignored_of(kinds: Iterable[Kind]) -> Iterator[Ignored]:
    """What these kinds deliberately do not watch."""
    for kind in kinds:
        for rows in kind.rows:
            yield from (Ignored(rows.path, one.path, one.ignored) for one in rows.fields if one.ignored)
            yield from (Ignored(rows.path, one.what, one.why) for one in rows.ignored)


def _uncovered(one: Collection, desired: Desired, cost: _Cost) -> Uncovered:
    return Uncovered(
        kind=one.kind.name,
        section=".".join(one.section.path[-1:]),
        inside=one.inside,
        id=one.id,
        declared=one.pair is None or one.pair.declared is not None,
        offered=one.offered,
        source=_place(one, desired),
        requests=cost.of_one(one),
    )


def _place(one: Collection, desired: Desired) -> Place:
    """Where the collection could be written: at the line of what it is in, else in the root file."""
    if one.pair is not None and one.pair.place is not None:
        return one.pair.place
    top = one.section.path[0]
    return desired.place(top if top in desired.document.data else "organization")


@dataclass(frozen=True, slots=True)
class _Cost:
    """The lists that nobody reads and that would show what is not managed; `inside` those of one place each."""

    lists: _Lists
    inside: dict[tuple[str, tuple[str, ...]], int]

    @classmethod
    def of(cls, every: Sequence[Collection], desired: Desired, seen: Observation, kinds: Kinds) -> _Cost:
        offered = [one for one in every if one.offered]
        made = {read for kind in kinds if kind.name in seen.live for read in _lists(kind, every, True, desired, seen)}
        lists: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        inside: dict[tuple[str, tuple[str, ...]], int] = {}
        for kind in kinds.needed_for(one.kind.name for one in offered if not one.managed):
            for (path, query), place in _lists(kind, offered, False, desired, seen).items():
                if (path, query) not in made:
                    lists.add((path, query))
                    inside[kind.name, place] = inside.get((kind.name, place), 0) + 1
        return cls(frozenset(lists), inside)

    def of_one(self, one: Collection) -> int:
        """The lists for this collection alone."""
        return self.inside.get((one.kind.name, one.name), 0) if one.name and one.offered else 0


def _lists(
    kind: Kind, every: Sequence[Collection], only_managed: bool, desired: Desired, seen: Observation
) -> dict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, ...]]:
    """The lists of a kind, of all its collections or of those that are managed, each with the place it is about."""
    parents = {one.name: one.id for one in every if one.kind is kind and one.pair and (one.managed or not only_managed)}
    listings = kind.listings(Reading(parents, seen.live, {}, desired))
    return {(one.path, tuple(sorted(one.query.items()))): one.inside for one in listings}


def not_managed(desired: Desired, seen: Observation, kinds: Kinds) -> Iterator[Note]:
    """A warning for each declared thing that leaves out a collection of authoritative mode."""
    for one in collections(desired, seen, kinds):
        line = None if one.pair is None else one.pair.declared
        if line is None or line.spec.asks_to_archive or one.managed or not one.offered:
            continue
        if desired.mode(one.kind) is Mode.AUTHORITATIVE:
            section, name = one.section.path[-1], "/".join(one.name)
            empty = "{}" if one.section.depth else "null"
            message = (
                f"not managed, although manage.{one.kind.collection} is authoritative: declare {section} of {name}, or "
                f"write `{section}: {empty}` for none"
            )
            where = Address(
                f"{address(one.kind.name, *one.section.lead, *one.name)}{'/*' if one.section.depth else ''}"
            )
            yield Note(where, Code.NOT_MANAGED, message, Level.WARNING, line.place, shown={"section": section})
