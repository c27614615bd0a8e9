"""Entries of `guards.protect` that protect nothing: reported where it is certain that nothing has such an address."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.things import LIVE
from orgsync.core.words.address import Address, address
from orgsync.core.words.globs import is_glob
from orgsync.core.words.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Named

_PARTS = re.compile("[:/]")
_NOT_SHOWN = ".invalid"
"""How e-mails end that stand for others (RFC 2606), as in a snapshot that does not show whose they are."""


def protected_globs(desired: Desired) -> Iterable[str]:
    """The globs of `guards.protect`, in their order."""
    return (entry.address for entry in desired.settings.guards.protect)


def protects_nothing(desired: Desired, seen: Observation, kinds: Kinds) -> Iterator[Note]:
    """One warning for each glob that covers no declared and no existing resource, by whatever name."""
    known = _Known(desired, seen, kinds)
    for index, glob in enumerate(protected_globs(desired)):
        meant = _meant(glob, kinds)
        if not any(known.covered(glob, kind) for kind in meant) and all(known.all_seen(glob, kind) for kind in meant):
            near = _nearest(glob, [one for kind in meant for one in known.addresses(kind)])
            hint = "" if near is None else f'; did you mean "{near}"?'
            message = f"guards.protect names this, but no resource has such an address, so it protects nothing{hint}"
            place = desired.place("guards", "protect", index)
            yield Note(Address(glob), Code.PROTECTS_NOTHING, message, Level.WARNING, place)


def _meant(glob: str, kinds: Kinds) -> list[Kind]:
    """The kinds whose resources a glob can cover."""
    name, colon, _rest = glob.partition(":")
    return [kind for kind in kinds if kind.sections and (not colon or fnmatchcase(kind.name, name.casefold()))]


class _Known:
    """Every address that something has, and where there may be others that were not seen."""

    def __init__(self, desired: Desired, seen: Observation, kinds: Kinds) -> None:
        self._desired, self._seen, self._kinds = desired, seen, kinds
        self._rest = {kind.name: self._each(kind) for kind in kinds}
        self._looked_at: dict[str, dict[str, Address]] = {kind.name: {} for kind in kinds}

    def covered(self, glob: str, kind: Kind) -> bool:
        """Whether something of this kind is covered. No more is looked at than that takes: there may be very many."""
        wanted, wild, known = glob.casefold(), is_glob(glob), self._looked_at[kind.name]
        if wanted in known or (wild and any(fnmatchcase(one, wanted) for one in known)):
            return True
        for one in self._rest[kind.name]:
            folded = one.casefold()
            known[folded] = one
            if folded == wanted or (wild and fnmatchcase(folded, wanted)):
                return True
        return False

    def addresses(self, kind: Kind) -> Iterable[Address]:
        """All addresses of a kind of which nothing is covered."""
        return self._looked_at[kind.name].values()

    def _each(self, kind: Kind) -> Iterator[Address]:
        """Of what the files declare, and of what exists, by the names of the files and of the organization."""
        yield from (one.address for one in self._desired.declared[kind.name].values())
        for one in self._seen.live.get(kind.name, ()):
            if one.exists:
                yield from self._names(one, kind)

    def _names(self, found: Found, kind: Kind) -> Iterator[Address]:
        """Its address, and the one it has in the organization where the files rename what it stands in."""
        yield found.address
        for ref in kind.refers_to(found.key):
            shown = self._shown.get(ref)
            if shown is not None:
                segments = list(found.segments)
                for position, segment in zip(kind.refs[ref[0]], shown, strict=True):
                    segments[position] = segment
                yield address(kind.name, *segments)

    @cached_property
    def _shown(self) -> dict[Named, tuple[str, ...]]:
        """What things are called in the organization, by kind and other name: the one that the files give them, or the
        id where the files give their name to another."""
        shown: dict[Named, tuple[str, ...]] = {}
        for name, pairs in self._seen.pairs.items():
            for pair in pairs:
                if pair.found is not None and (pair.declared is None or pair.found.key != pair.key):
                    key = (pair.found.id,) if pair.declared is None else pair.key
                    shown[name, key] = pair.found.segments
        return shown

    def all_seen(self, glob: str, kind: Kind) -> bool:
        """Whether everything of this kind that a glob could cover would be known."""
        names = {kind.name, *kind.refs}
        if kind.name not in self._seen.live or not names.isdisjoint(self._seen.refused):
            return False
        if any(one.blocks and one.kind in names for one in self._seen.unseen):
            return False
        if is_glob(glob) and any(_NOT_SHOWN in one for one in self.addresses(kind)):
            return False
        return not any(_may_cover_inside(glob, f"{place}/") for place in self._not_read(kind))

    def _not_read(self, kind: Kind) -> Iterator[str]:
        """What stands for each thing whose own list of this kind was not read, as addresses in it begin."""
        if kind.name in self._seen.whole:
            return
        for outer in self._kinds:
            if kind.stands_inside(outer):
                for pair in self._seen.pairs.get(outer.name, ()):
                    if pair.found is None or pair.found.standing != LIVE:
                        continue
                    if pair.declared is None or (kind.name, pair.declared.segments) not in self._desired.collections:
                        yield from (address(kind.name, *one) for one in (pair.found.segments, pair.key))


def _may_cover_inside(glob: str, begin: str) -> bool:
    """Whether a glob can cover an address that begins like this."""
    wanted, shown = glob.casefold(), begin.casefold()
    return any(fnmatchcase(shown, wanted[:end]) for end in range(len(wanted) + 1))


def _nearest(glob: str, addresses: Sequence[str]) -> str | None:
    """The glob with other parts in place of those that match nothing, if an address is near that has them."""
    parts = _PARTS.split(glob)
    others = (_PARTS.split(one) for one in addresses)
    return did_you_mean(glob, {_with_parts(parts, other) for other in others if len(other) == len(parts)})


def _with_parts(wanted: Sequence[str], shown: Sequence[str]) -> str:
    kept = [
        part if fnmatchcase(other.casefold(), part.casefold()) else other
        for part, other in zip(wanted, shown, strict=True)
    ]
    return f"{kept[0]}:{'/'.join(kept[1:])}" if len(kept) > 1 else kept[0]
