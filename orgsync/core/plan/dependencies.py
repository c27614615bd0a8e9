"""Which changes belong together: what one waits for, and what waits for it, however far away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME, Action
from orgsync.core.words.address import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import Change
    from orgsync.core.words.address import Address


def reached(start: Iterable[str], leads: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything one comes to from `start`, which is part of it, by going where `leads` says."""
    found: set[str] = set()
    to_visit = set(start)
    while to_visit:
        found |= to_visit
        to_visit = {there for here in to_visit for there in leads.get(here, ())} - found
    return found


def with_followers(start: Iterable[str], changes: Iterable[Change]) -> set[str]:
    """These addresses and those of whatever waits for them, all of them folded."""
    followers: dict[str, set[str]] = {}
    for change in changes:
        for before in change.after:
            followers.setdefault(folded(before), set()).add(folded(change.address))
    return reached(map(folded, start), followers)


def after_freed_names(changes: Sequence[Change]) -> Mapping[Address, tuple[Address, ...]]:
    """What takes a name comes after the renames that free it: where names are unique it would be refused before.

    Whose names are exchanged in a circle is for a person, so that there is none among changes.
    """
    freed: dict[tuple[str, ...], list[Address]] = {}
    for change in changes:
        for part in change.fields:
            if part.path == NAME and change.action is Action.UPDATE:
                freed.setdefault((change.address.kind, *change.address.segments[:-1], part.before), []).append(
                    change.address
                )
    waits = {}
    for change in changes:
        taken = change.action is Action.CREATE or any(part.path == NAME for part in change.fields)
        before = freed.get((change.address.kind, *change.address.segments), ()) if taken else ()
        if before:
            waits[change.address] = tuple(before)
    return waits
