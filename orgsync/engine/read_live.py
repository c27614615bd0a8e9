"""Reads the live organization: every list the files need, in full, or nothing at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import freed_names
from orgsync.core.model.change import Organization
from orgsync.core.model.context import Reading
from orgsync.core.model.diff import steps
from orgsync.core.model.match import matched
from orgsync.core.model.observation import Observation
from orgsync.core.model.recording import ME, ME_FIELDS
from orgsync.core.model.request import Need, Paging
from orgsync.core.model.rows import Checked, checked
from orgsync.core.model.things import LIVE
from orgsync.core.model.understood import UPDATE, by_hand, told_apart, unseen_in
from orgsync.core.plan.guards import lost_admins
from orgsync.core.words.address import Address
from orgsync.engine.concurrency import together
from orgsync.errors import USABLE_CREDENTIAL, ApiError, UsageError, WrongOrganization

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from orgsync.core.document.read import Desired
    from orgsync.core.document.settings import OrganizationSettings
    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.request import Listing, Reader
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Found, Ids, Pair

    Parents = Mapping[tuple[str, ...], str]


async def anybody(_organization: Organization) -> None:
    """Whoever it is may go on."""


def _anything(_outer: Found) -> bool:
    return True


async def read_live(
    reader: Reader,
    desired: Desired,
    kinds: Kinds,
    admit: Callable[[Organization], Awaitable[None]] = anybody,
    *,
    through: date | None = None,
) -> Observation:
    """What live shows of everything the files manage, matched with what they declare.

    `admit` is told whose credential this is before any list is read, and may raise. What would end with something that
    goes, or whose line ends `through` a day to come, is read as well, although the files do not manage it.
    Raises WrongOrganization, and ApiError where any list could not be read whole.
    """
    began = asyncio.get_running_loop().time()
    whose = await organization(reader, desired.settings.organization)
    seen = Observation(whose, by_admin_key=reader.by_admin_key, began=began)
    await admit(seen.organization)
    managed = desired.managed(kinds)
    await _read_kinds(reader, desired, kinds, kinds.needed_for(managed), seen)
    last = through or desired.today - timedelta(days=1)
    concerned = {
        kind.name for kind in kinds if kind.name not in seen.live and kind.concerned(desired, seen.pairs, last)
    }
    if concerned:
        await _read_kinds(reader, desired, kinds, kinds.needed_for(concerned), seen)
        _forget(concerned, seen)
    seen.requests = reader.requests
    return seen


async def _read_kinds(reader: Reader, desired: Desired, kinds: Kinds, needed: Kinds, seen: Observation) -> None:
    """Reads the kinds that are needed and were not read, and matches them with what the files declare."""
    names = {one: name for kind in kinds for one, name in _names_given(kind, seen.pairs.get(kind.name, ()))}
    for every in needed.levels():
        level = [kind for kind in every if kind.name not in seen.live]
        readings = [Reading(_managed_parents(kind, desired, seen, kinds), seen.live, names, desired) for kind in level]
        await _read_level(reader, level, readings, seen)
        for kind in level:
            declared = list(desired.declared[kind.name].values())
            pairs = seen.pairs[kind.name] = matched(kind, declared, seen.live[kind.name])
            names.update(_names_given(kind, pairs))


def _forget(concerned: AbstractSet[str], seen: Observation) -> None:
    """Leaves out what the files do not manage and the API does not show: it was not read, and nobody misses it."""
    for name in concerned:
        if name in seen.refused or any(one.kind == name for one in seen.unseen):
            del seen.live[name], seen.pairs[name]
            seen.refused.pop(name, None)
            seen.whole.discard(name)
    seen.unseen = [one for one in seen.unseen if one.kind not in concerned]


def _names_given(kind: Kind, pairs: Sequence[Pair]) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """What the files call live things, by kind and id: also what a line may mean, if a person says so."""
    for pair in pairs:
        if pair.declared is not None:
            ids = () if pair.blocked is None else pair.blocked.ids
            for identity in ids if pair.found is None else (pair.found.id,):
                yield (kind.name, identity), pair.declared.segments


async def read_touched(reader: Reader, plan: Plan, ids: Ids, kinds: Kinds, *, today: date | None = None) -> Observation:
    """What live shows now of the lists a plan touches, and of those its guards look at.

    `ids` names the parents, as far as they exist. With `today` (UTC), the reports by which a plan is judged as well.
    """
    began = asyncio.get_running_loop().time()
    whose = await organization(reader, None)
    if whose.id != plan.organization.id:
        raise WrongOrganization(
            f'the plan is for "{plan.organization.name}" ({plan.organization.id}), '
            f'the credential belongs to "{whose.name}" ({whose.id})'
        )
    return replace(await read_lists(reader, plan, ids, kinds, today=today), organization=whose, began=began)


async def read_lists(reader: Reader, plan: Plan, ids: Ids, kinds: Kinds, *, today: date | None = None) -> Observation:
    """As `read_touched`, without asking again whose credential it is."""
    seen = Observation(plan.organization, began=asyncio.get_running_loop().time())
    touched = {address.kind for address in (*(change.address for change in plan.changes), *lost_admins(plan.manual))}
    names, known = _names(plan, kinds), dict(ids)
    changed = frozenset(steps(field.path)[0] for change in plan.changes for field in change.fields)
    for level in kinds.needed_for(touched).levels():
        readings = [
            Reading(_touched_parents(kind, plan, known, kinds), seen.live, names, changed=changed, today=today)
            for kind in level
        ]
        await _read_level(reader, level, readings, seen, strict=True)
        for kind in level:
            known = _made(kind, plan, seen) | known
    seen.requests = reader.requests
    return seen


def _made(kind: Kind, plan: Plan, seen: Observation) -> Ids:
    """What the plan makes and live shows already: an earlier run made it, and its insides have to be read, too."""
    freed = freed_names(plan)
    existing = {
        one.key: one.id
        for one in seen.live[kind.name]
        if one.exists and (kind.name, one.id, one.key) not in freed  # what is made there gets a name of this one
    }
    named = (change.address for change in plan.changes)
    keys = (kind.key(address.segments) for address in named if address.kind == kind.name)
    return {(kind.name, key): existing[key] for key in keys if key in existing}


def _names(plan: Plan, kinds: Kinds) -> dict[tuple[str, str], tuple[str, ...]]:
    """The names by which the changes of a plan speak of live things, by kind and id: not those live has until then."""
    spoken: set[tuple[str, tuple[str, ...]]] = set()
    for change in plan.changes:
        name, key = kinds.named(change.address)
        spoken.update(((name, key), *kinds.by_name[name].refers_to(key)))
    names = {}
    for text, identity in plan.identities.items():
        address = Address(text)
        if kinds.named(address) in spoken:
            names[address.kind, identity] = address.segments
    return names


async def read_everything(reader: Reader, kinds: Kinds) -> Observation:
    """What live shows of every kind, everywhere that a file can speak of."""
    seen = Observation(await organization(reader, None))
    for level in kinds.levels():
        readings = [Reading(_live_parents(kind, seen, kinds), seen.live, {}) for kind in level]
        await _read_level(reader, level, readings, seen)
    seen.requests = reader.requests
    return seen


async def read_chosen(
    reader: Reader,
    kinds: Kinds,
    names: Iterable[str],
    desired: Desired | None,
    inside: Callable[[Found], bool] = _anything,
    today: date | None = None,
    without: Container[str] = (),
) -> Observation:
    """What live shows of these kinds, and of what they refer to, matched with what the files declare, if there are any.

    For questions, not for plans: it does not matter what the files manage. Of lists that stand inside something, only
    those of what `inside` picks are read; those of the paths `without` are not. With `today` (UTC), reports up to that
    day as well. Raises WrongOrganization, and ApiError where any list could not be read whole.
    """
    whose = await organization(reader, None if desired is None else desired.settings.organization)
    seen = Observation(whose, by_admin_key=reader.by_admin_key)
    spoken: dict[tuple[str, str], tuple[str, ...]] = {}
    for level in kinds.needed_for(names).levels():
        chosen = [_chosen_parents(kind, seen, kinds, inside) for kind in level]
        called = spoken | {one: segments for _parents, twins in chosen for one, segments in twins.items()}
        readings = [Reading(parents, seen.live, called, today=today) for parents, _twins in chosen]
        await _read_level(reader, level, readings, seen, without=without)
        for kind in level:
            declared = [] if desired is None else list(desired.declared[kind.name].values())
            pairs = seen.pairs[kind.name] = matched(kind, declared, seen.live[kind.name])
            spoken.update(_names_given(kind, pairs))
    seen.requests = reader.requests
    return seen


async def read_report(reader: Reader, listing: Listing) -> Checked | ApiError:
    """The rows of a report, or the API's word that it does not offer it. Raises ApiError for anything else."""
    _listing, answer = await _rows(reader, listing, strict=False)
    return answer


def _chosen_parents(
    kind: Kind, seen: Observation, kinds: Kinds, inside: Callable[[Found], bool]
) -> tuple[Parents, dict[tuple[str, str], tuple[str, ...]]]:
    """The live things of which the lists are to be read, by what the files call them, else by their own name; and of
    several that share one, the ids that the others are called by."""
    parents: dict[tuple[str, ...], str] = {}
    twins: dict[tuple[str, str], tuple[str, ...]] = {}
    for outer in kinds:
        for pair in seen.pairs[outer.name] if kind.stands_inside(outer) else ():
            one = pair.found
            if one is None or one.obscure or one.standing != LIVE or not (kind.stands_in(one) and inside(one)):
                continue
            segments = one.segments if pair.declared is None else pair.declared.segments
            if segments in parents:
                segments = twins[outer.name, one.id] = (one.id,)
            parents[segments] = one.id
    return parents, twins


async def organization(reader: Reader, named: OrganizationSettings | None) -> Organization:
    """Whose credential this is. Raises WrongOrganization where the files name another one, by its id if they say it."""
    answer = checked([await _who(reader)], ME_FIELDS)
    if not answer.rows:
        told = "; ".join(answer.unreadable)
        raise ApiError(f"{ME} does not identify the organization of the credential: {told}", hint=UPDATE)
    answered = Organization(answer.rows[0]["id"], answer.rows[0]["name"])
    if named is None:
        return answered
    theirs = f'the credential belongs to "{answered.name}" ({answered.id})'
    if named.id is not None and named.id.lower() != answered.id.lower():
        raise WrongOrganization(f"the files are for the organization {named.id}, {theirs}")
    if named.id is None and named.name != answered.name:
        raise WrongOrganization(f'the files are for the organization "{named.name}", {theirs}')
    return answered


async def _who(reader: Reader) -> Row:
    """Raises UsageError where the API does not accept the credential: nothing else can be wrong with this request."""
    try:
        return await reader.get(ME)
    except ApiError as error:
        if error.by_the_api and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            hint = error.hint or USABLE_CREDENTIAL
            raise UsageError(f"the API does not accept the credential: {error}", hint=hint) from error
        raise


async def _read_level(
    reader: Reader,
    level: Sequence[Kind],
    readings: Sequence[Reading],
    seen: Observation,
    *,
    strict: bool = False,
    without: Container[str] = (),
) -> None:
    """All lists of these kinds at once, `without` those of these paths; nothing is kept unless all were read whole.

    `strict`: a kind's own list that the API does not offer stops the run, because what was to be done is known.
    """
    every = [kind.listings(reading) for kind, reading in zip(level, readings, strict=True)]
    listings = [[one for one in lists if one.path not in without] for lists in every]
    answers = iter(await together(_rows(reader, listing, strict=strict) for lists in listings for listing in lists))
    for kind, reading, lists in zip(level, readings, listings, strict=True):
        mine = [next(answers) for _listing in lists]
        whole = [(listing, rows.rows) for listing, rows in mine if isinstance(rows, Checked) and _counts(listing, rows)]
        if any(listing.need is not Need.EXTRA and not listing.inside for listing in lists):
            seen.whole.add(kind.name)
        for listing, rows in mine:
            seen.unseen.extend(unseen_in(kind, listing, rows))
        refusals = [str(rows) for listing, rows in mine if isinstance(rows, ApiError) and by_hand(listing, rows)]
        if refusals:
            seen.refused[kind.name] = refusals[0]
        seen.live[kind.name] = [] if refusals else _things(kind, whole, reading)


def _things(kind: Kind, answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> list[Found]:
    """What the rows show; kinds that match by more than the address tell their things apart themselves."""
    found = kind.found(answers, reading)
    return list(found) if kind.match is not None else told_apart(found)


def _counts(listing: Listing, answer: Checked) -> bool:
    """Whether a kind is told what a list shows: a report, which it can do without, has to be understood as a whole."""
    return listing.need is not Need.EXTRA or not answer.flawed


async def _rows(reader: Reader, listing: Listing, *, strict: bool) -> tuple[Listing, Checked | ApiError]:
    """The rows; or the API's word that this organization does not have the feature, where that is an answer."""
    try:
        if listing.paging is Paging.ONE:
            return listing, checked([await reader.get(listing.path)], listing.fields)
        answer = checked(await reader.rows(listing), listing.fields)
    except ApiError as error:
        if listing.paging is Paging.ONE and error.status == HTTPStatus.NOT_FOUND:
            return listing, Checked(())
        if listing.betas and error.says_not_offered:
            return await _rows(reader, replace(listing, betas=()), strict=strict)  # what they bring is not shown then
        if listing.need in ({Need.REQUIRED, Need.OWN} if strict else {Need.REQUIRED}):
            raise
        if error.says_not_offered:
            return listing, error
        raise
    if answer.unreadable and not answer.rows and not listing.inside and listing.need is not Need.EXTRA:
        told = "; ".join(answer.unreadable)
        raise ApiError(f"no row of {listing.path} can be identified: {told}", hint=UPDATE)
    return listing, answer


def _managed_parents(kind: Kind, desired: Desired, seen: Observation, kinds: Kinds) -> Parents:
    """The live things inside which the files manage this kind, by the name the files give them."""
    return {
        pair.declared.segments: pair.found.id
        for outer in kinds
        if kind.stands_inside(outer)
        for pair in seen.pairs[outer.name]
        if pair.declared is not None
        and pair.found is not None
        and pair.found.standing == LIVE
        and (kind.name, pair.declared.segments) in desired.collections
    }


def _touched_parents(kind: Kind, plan: Plan, ids: Ids, kinds: Kinds) -> Parents:
    """The live things inside which a plan changes something of this kind."""
    mine = [change.address.segments for change in plan.changes if change.address.kind == kind.name]
    parents = {}
    for outer in kinds:
        if kind.stands_inside(outer):
            for segments in map(kind.outer_segments, mine):
                identity = ids.get((outer.name, outer.key(segments)))
                if identity is not None:
                    parents[segments] = identity
    return parents


def _live_parents(kind: Kind, seen: Observation, kinds: Kinds) -> Parents:
    """The live things that can be declared, and so can have something declared inside."""
    return {
        one.segments: one.id
        for outer in kinds
        if kind.stands_inside(outer)
        for one in seen.live[outer.name]
        if not one.unknown and kind.stands_in(one) and outer.exported(one, seen.live) is not None
    }
