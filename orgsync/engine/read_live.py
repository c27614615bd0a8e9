"""Reads the live organization: every list the files need, in full, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.address import split
from orgsync.core.change import Organization
from orgsync.core.kind import Reading
from orgsync.core.match import matched
from orgsync.core.observation import Observation
from orgsync.engine.concurrency import together
from orgsync.errors import InputError, WrongOrganization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from orgsync.core.change import Plan
    from orgsync.core.document import Desired
    from orgsync.core.kind import Ids, Kind
    from orgsync.core.request import Listing, Reader, Row
    from orgsync.core.settings import OrganizationSettings
    from orgsync.core.source import Problem

    Parents = Mapping[tuple[str, ...], str]

ME = "/v1/organizations/me"


async def read_live(reader: Reader, desired: Desired, kinds: Sequence[Kind]) -> Observation:
    """What live shows of everything the files manage, matched with what they declare.

    Raises WrongOrganization, ApiError where any list could not be read whole, and InputError where only a person can
    say which live thing a declared one means.
    """
    seen = Observation(await organization(reader, desired.settings.organization))
    managed = {name for name, _parent in desired.collections}
    for level in _levels(_with_refs(managed, kinds)):
        await _read_level(reader, level, seen, lambda kind: _managed_parents(kind, desired, seen, kinds))
        problems: list[Problem] = []
        for kind in level:
            declared = list(desired.declared[kind.name].values()) if kind.name in managed else []
            seen.pairs[kind.name], found = matched(kind, declared, seen.live[kind.name])
            problems.extend(found)
        if problems:
            raise InputError(problems)
    seen.requests = reader.requests
    return seen


async def read_touched(reader: Reader, plan: Plan, ids: Ids, kinds: Sequence[Kind]) -> Observation:
    """What live shows now of the lists a plan touches. `ids` names the parents, as far as they exist."""
    seen = Observation(await organization(reader, None))
    if seen.organization.id != plan.organization.id:
        raise WrongOrganization(
            f'the plan is for "{plan.organization.name}" ({plan.organization.id}), '
            f'the credential belongs to "{seen.organization.name}" ({seen.organization.id})'
        )
    touched = {split(change.address)[0] for change in plan.changes}
    for level in _levels(_with_refs(touched, kinds)):
        await _read_level(reader, level, seen, lambda kind: _touched_parents(kind, plan, ids, kinds))
    seen.requests = reader.requests
    return seen


async def read_everything(reader: Reader, kinds: Sequence[Kind]) -> Observation:
    """What live shows of every kind, everywhere; what two things share a name in is read for each of them."""
    seen = Observation(await organization(reader, None))
    for level in _levels(kinds):
        await _read_level(reader, level, seen, lambda kind: _live_parents(kind, seen, kinds))
    seen.requests = reader.requests
    return seen


async def organization(reader: Reader, named: OrganizationSettings | None) -> Organization:
    """Whose credential this is. Raises WrongOrganization where the files name another one."""
    row = await reader.get(ME)
    answered = Organization(row["id"], row["name"])
    if named is None:
        return answered
    theirs = f'the credential belongs to "{answered.name}" ({answered.id})'
    if named.id is not None and named.id.lower() != answered.id.lower():
        raise WrongOrganization(f"the files are for the organization {named.id}, {theirs}")
    if named.name is not None and named.name != answered.name:
        raise WrongOrganization(f'the files are for the organization "{named.name}", {theirs}')
    return answered


async def _read_level(
    reader: Reader, level: Sequence[Kind], seen: Observation, parents: Callable[[Kind], Parents]
) -> None:
    """All lists of these kinds at once; nothing is kept unless all of them were read whole."""
    readings = [Reading(parents(kind), seen.live) for kind in level]
    listings = [kind.listings(reading) for kind, reading in zip(level, readings, strict=True)]
    answers = iter(await together(_rows(reader, listing) for lists in listings for listing in lists))
    for kind, reading, lists in zip(level, readings, listings, strict=True):
        seen.live[kind.name] = list(kind.found([next(answers) for _listing in lists], reading))


async def _rows(reader: Reader, listing: Listing) -> tuple[Listing, Sequence[Row]]:
    return listing, await reader.rows(listing)


def _levels(kinds: Iterable[Kind]) -> Iterator[list[Kind]]:
    """The kinds in groups: what a kind mentions is in an earlier group."""
    rest = list(kinds)
    while rest:
        names = {kind.name for kind in rest}
        level = [kind for kind in rest if not names.intersection(kind.refs)]
        yield level
        rest = [kind for kind in rest if kind not in level]


def _with_refs(names: Iterable[str], kinds: Sequence[Kind]) -> list[Kind]:
    """These kinds and everything they mention, in the order of the list."""
    wanted = set(names)
    for kind in reversed(kinds):
        if kind.name in wanted:
            wanted.update(kind.refs)
    return [kind for kind in kinds if kind.name in wanted]


def _parent(kind: Kind, kinds: Sequence[Kind]) -> Kind | None:
    return next((other for other in kinds if other.section == kind.parent_section), None)


def _managed_parents(kind: Kind, desired: Desired, seen: Observation, kinds: Sequence[Kind]) -> Parents:
    """The live things inside which the files manage this kind, by the name the files give them."""
    outer = _parent(kind, kinds)
    if outer is None:
        return {}
    return {
        pair.declared.segments: pair.found.id
        for pair in seen.pairs[outer.name]
        if pair.declared is not None
        and pair.found is not None
        and pair.found.standing == "live"
        and (kind.name, pair.declared.segments) in desired.collections
    }


def _touched_parents(kind: Kind, plan: Plan, ids: Ids, kinds: Sequence[Kind]) -> Parents:
    """The live things inside which a plan changes something of this kind."""
    outer = _parent(kind, kinds)
    if outer is None:
        return {}
    parents = {}
    for change in plan.changes:
        name, segments = split(change.address)
        if name == kind.name:
            identity = ids.get((outer.name, outer.key(segments[:-1])))
            if identity is not None:
                parents[segments[:-1]] = identity
    return parents


def _live_parents(kind: Kind, seen: Observation, kinds: Sequence[Kind]) -> Parents:
    outer = _parent(kind, kinds)
    if outer is None:
        return {}
    return {one.segments: one.id for one in seen.live[outer.name] if outer.exported(one, seen.live) is not None}
