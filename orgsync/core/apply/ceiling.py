"""The approved plan is a ceiling: each change against what live shows now, so that apply does these or fewer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import MAKING, NAME, TAKING, Action
from orgsync.core.model.diff import in_words, value_at
from orgsync.core.model.things import ARCHIVED
from orgsync.core.model.understood import told_of
from orgsync.core.words.address import Address, in_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Unseen
    from orgsync.core.model.things import Found, Ids, Key, Live


class ChangeState(StrEnum):
    """How one approved change stands against live."""

    TO_DO = "to_do"
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Departure:
    """Live is neither where an approved change starts nor where it ends."""

    address: Address
    message: str


@dataclass(slots=True)
class LiveIndex:
    """What live shows, found by id and by key. `spelled` has every existing thing by id under each of its keys.

    `namesakes` are all that exist under one key, where there is more than one.
    """

    by_id: dict[tuple[str, str], Found]
    by_key: dict[tuple[str, Key], Found]
    spelled: set[tuple[str, str, Key]]
    namesakes: dict[tuple[str, Key], tuple[Found, ...]]

    @classmethod
    def of(cls, live: Live, freed: AbstractSet[tuple[str, str, Key]] = frozenset()) -> LiveIndex:
        """Where several share a key, the one that exists stands for it, unless its name is `freed` for another one."""
        by_id: dict[tuple[str, str], Found] = {}
        by_key: dict[tuple[str, Key], Found] = {}
        namesakes: dict[tuple[str, Key], tuple[Found, ...]] = {}
        spelled = {(kind, one.id, one.key) for kind, found in live.items() for one in found if one.exists}
        for kind, found in live.items():
            for one in found:
                by_id.setdefault((kind, one.id), one)
                if (kind, one.id, one.key) in freed:
                    continue
                other = by_key.get((kind, one.key))
                if one.exists and other is not None and other.exists and other.id != one.id:
                    namesakes[kind, one.key] = (*namesakes.get((kind, one.key), (other,)), one)
                if one.exists or other is None:
                    by_key[kind, one.key] = one
        return cls(by_id, by_key, spelled, namesakes)

    def about(self, kind: Kind, group: Sequence[Change]) -> Found | None:
        """What the changes of one address are about, as it shows now."""
        key = kind.key(group[0].address.segments)
        identity = group[0].id
        bound = None if identity is None else self.by_id.get((kind.name, identity))
        named = self.by_key.get((kind.name, key))
        return bound or (named if named is not None and named.exists else None)


def freed_names(plan: Plan) -> frozenset[tuple[str, str, Key]]:
    """What the plan gives another name: its kind, its id, and the key that it has until then."""
    return frozenset(
        (change.address.kind, change.id, (*change.address.segments[:-1], part.before))
        for change in plan.changes
        for part in change.fields
        if part.path == NAME and change.action is Action.UPDATE and change.id is not None
    )


def compare(
    plan: Plan, live: Live, kinds: Kinds, unseen: Sequence[Unseen] = ()
) -> tuple[list[ChangeState], list[Departure]]:
    """The standing of each change of the plan, in its order, and every departure: one of those, and nothing is done.

    What is not understood any more, or may be hidden by what is `unseen`, has left the plan, too.
    """
    standings, departures = compared(plan, live, kinds, unseen, freed=freed_names(plan))
    if departures:
        return [], sorted(departures, key=lambda departure: departure.address)
    return [standings[position] for position in range(len(plan.changes))], []


def compared(
    plan: Plan,
    live: Live,
    kinds: Kinds,
    unseen: Sequence[Unseen] = (),
    *,
    freed: AbstractSet[tuple[str, str, Key]] = frozenset(),
) -> tuple[dict[int, ChangeState], list[Departure]]:
    """As `compare`, for as many changes as it can be told: by position, but for those of addresses that departed."""
    index = LiveIndex.of(live, freed)
    standings: dict[int, ChangeState] = {}
    departures: list[Departure] = []
    for address, positions in by_address(plan.changes).items():
        group = [plan.changes[position] for position in positions]
        kind = kinds.of(address)
        found = index.about(kind, group)
        done = progress(group, found)
        unclear = None if done == len(group) else _unclear(address, kind, index, group[done or 0], unseen)
        if done is None or unclear is not None:
            departures.append(Departure(address, unclear) if unclear else departure(address, group, found))
            continue
        for order, position in enumerate(positions):
            standings[position] = ChangeState.ALREADY if order < done else ChangeState.TO_DO
    known = {departure.address for departure in departures}
    departures.extend(one for one in _moved(plan, index, kinds) if one.address not in known)
    return standings, departures


def _unclear(
    address: Address, kind: Kind, index: LiveIndex, next_change: Change, unseen: Sequence[Unseen]
) -> str | None:
    """Why it cannot be told whether a change may still be made; None where it can."""
    key = kind.key(address.segments)
    for name, mentioned in ((kind.name, key), *kind.refers_to(key)):
        found = index.by_key.get((name, mentioned))
        if found is not None and (found.obscure if name != kind.name else found.unknown):
            return f"{found.address} cannot be interpreted: {told_of(found)}"
    if next_change.action in MAKING | TAKING:
        return next((one.message for one in unseen if one.hides(kind.name, key)), None)
    return None


def progress(group: Sequence[Change], found: Found | None, *, given: bool = False) -> int | None:
    """How many of the changes of one address are already so; None where live is at none of their steps.

    What is there by itself does not show that anything is left of what was taken away, unless it is the very value
    that was to be taken. Where something was `given` a moment ago, it does not show that either. What is not understood
    is at no step.
    """
    if found is not None and found.unknown:
        return None
    paths = {field.path for change in group for field in change.fields}
    present = {path: value_at(found.attributes, path) if found is not None else None for path in paths}
    steps = _steps(group, paths)
    implied = found is not None and found.implied
    for done in range(len(group), -1, -1):
        bound = group[done].id if done < len(group) else None
        last = group[done - 1].action if done else None
        if implied and given and last is Action.CREATE:
            continue
        gone = implied and last in TAKING and present != steps[done - 1]
        shown = dict.fromkeys(paths) if gone else present
        if shown == steps[done] and (bound is None or (found is not None and found.id == bound)):
            return done
    return None


def _steps(group: Sequence[Change], paths: Iterable[str]) -> list[dict[str, Any]]:
    """The values before the first change and after each of them."""
    first: dict[str, Any] = dict.fromkeys(paths)
    for change in reversed(group):
        first.update({field.path: field.before for field in change.fields})
    steps = [first]
    for change in group:
        steps.append({**steps[-1], **{field.path: field.after for field in change.fields}})
    return steps


def by_address(changes: Sequence[Change]) -> dict[Address, list[int]]:
    """The positions of the changes of each address, in plan order."""
    groups: dict[Address, list[int]] = {}
    for position, change in enumerate(changes):
        groups.setdefault(change.address, []).append(position)
    return groups


def _moved(plan: Plan, index: LiveIndex, kinds: Kinds) -> list[Departure]:
    """Addresses that no longer stand for the live object the plan meant by them."""
    departures = []
    own = {change.address for change in plan.changes}
    leaving = {change.address for change in plan.changes if change.action in TAKING}
    bound = {(change.address.kind, change.id) for change in plan.changes}
    renamed = {change.address for change in plan.changes if any(field.path == NAME for field in change.fields)}
    meant: dict[tuple[str, str], list[Key]] = {}
    going: set[tuple[str, str]] = set()
    for text, name, identity, segments in _bound(plan):
        meant.setdefault((name, identity), []).append(kinds.by_name[name].key(segments))
        if text in leaving:
            going.add((name, identity))
    for text, name, identity, segments in _bound(plan):
        found = index.by_id.get((name, identity))
        archived = found is not None and found.standing == ARCHIVED
        if not archived and (text in renamed or (text not in own and (name, identity) in bound)):
            continue  # what a change gives another name, or another name of what one is bound to: the fields decide
        if any((name, identity, key) in index.spelled for key in meant[name, identity]):
            continue
        if found is not None and found.exists:
            if text in own and len(segments) > 1:
                continue  # what stands inside others is not always called the same: the comparison of fields decides
            state = f"is now {in_sentence(found.address)}"
        elif (name, identity) in going or (text in own and not archived):
            continue
        else:
            state = "was archived" if archived else "no longer exists"
        departures.append(Departure(Address(text), f"{identity}, which the plan refers to, {state}"))
    return departures


def _bound(plan: Plan) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Address, kind, id and segments of everything the plan names; what it calls by two names is here twice."""
    for text, identity in plan.identities.items():
        address = Address(text)
        yield text, address.kind, identity, address.segments


def departure(address: Address, group: Sequence[Change], found: Found | None) -> Departure:
    """That live is at no step of the changes of an address, with what it shows."""
    fields = [field for change in group for field in change.fields]
    lines = [
        f"{field.path}: approved {in_words(field.before)} -> {in_words(field.after)}, "
        f"the organization shows {in_words(None if found is None else value_at(found.attributes, field.path))}"
        for field in fields
    ]
    if found is not None and group[0].id is not None and found.id != group[0].id:
        lines.append(f"approved for {group[0].id}, the organization has {found.id}")
    return Departure(address, "; ".join(lines))


def ids_of(plan: Plan, kinds: Kinds) -> Ids:
    """The live ids a plan names, by kind and key."""
    ids: Ids = {}
    for text, identity in plan.identities.items():
        ids[kinds.named(Address(text))] = identity
    return ids
