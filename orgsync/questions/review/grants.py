"""Every grant of an organization: who may do what where, one of each, by ids that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.codes import Code
from orgsync.core.model.things import LIVE
from orgsync.core.words.digest import sha256_hex
from orgsync.kinds.api_key.live import creator_of, owner_of, principal_of, usage_listing, use_in
from orgsync.kinds.member import INVITED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.model.change import Place
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Declared, Found
    from orgsync.core.words.address import Address

REVIEWED = ("member", "workspace", "workspace_member", "api_key", "service_account")
"""The kinds that are read for a review: all that give access, and the workspaces that they give it to."""

ID_LENGTH = 12

_NOT_OFFERED = "the API does not show this list to this credential"

DAYS_OF_USE = 90
"""How far back a review looks for the last use of keys: a quarter, and three requests."""

NO_ONE = "no person"
"""Who acts with a key that acts as nobody, and of which nobody knows who created it."""

Named = tuple[str, str]
"""Kind and id of a live thing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One access of one person or program. `id` is the same in every review, as long as it is the same grant.

    `workspace` is None where it is one of the whole organization; `since` is when it was given (RFC 3339), where the
    API says so. `ends_all` is whether its end is the end of everything else of `who`.
    """

    id: str
    thing: Named
    address: Address
    who: str
    what: str
    workspace: str | None = None
    since: str | None = None
    ends_all: bool = False


def grants_of(seen: Observation) -> list[Grant]:
    """All grants that were seen, the organization's first, then by workspace, person and what it is."""
    found = (grant for name, made in _GRANTS.items() for one in seen.live.get(name, ()) for grant in made(one, seen))
    return sorted(found, key=lambda one: (one.workspace is not None, one.workspace or "", one.who, one.what, one.id))


def not_read(seen: Observation) -> dict[str, str]:
    """By kind: why nothing, or not everything, is known of its grants."""
    told = dict.fromkeys(seen.refused, _NOT_OFFERED)
    for one in (one for one in seen.unseen if one.blocks):
        told.setdefault(one.kind, _NOT_OFFERED if one.code is Code.NOT_OFFERED else one.message)
    return {name: why for name, why in told.items() if name in REVIEWED}


def _member(one: Found, _seen: Observation) -> Iterator[Grant]:
    if one.standing not in {LIVE, INVITED}:
        return
    role = _word(one, "role")
    if one.standing == INVITED:
        yield _grant(one, one.segments[-1], f"pending invite, organization role {role}", since=one.facts.invited_at)
    else:
        yield _grant(one, one.segments[-1], f"organization role {role}", ends_all=True)


def _workspace_member(one: Found, _seen: Observation) -> Iterator[Grant]:
    if not one.implied:  # what comes with the organization role is decided there
        yield _grant(one, one.segments[-1], f"workspace role {_word(one, 'role')}", one.segments[0])


def _api_key(one: Found, seen: Observation) -> Iterator[Grant]:
    if not (one.exists and (one.unknown or one.attributes["status"] == "active")):
        return
    scope = one.facts.row["scope"]
    workspace = one.segments[0] if scope["type"] == "workspace" else None
    since = one.facts.row.get("created_at")
    state = ", status not known" if one.unknown else ""
    yield _grant(one, _owner(one, seen), f'API key "{one.attributes["name"]}"{state}', workspace, since=since)


def _owner(one: Found, seen: Observation) -> str:
    """Who acts with a key, or else who created it, as far as anybody knows."""
    owner = owner_of(one, seen)
    if "owner" in owner:
        return owner["owner"]
    if "owner_id" in owner:
        return f"{owner['owner_id']} (not a member)"
    actors = {principal_of(one).get("type"), creator_of(one).get("type")}
    return "a service account" if actors & {"service_account", "service_account_actor"} else NO_ONE


def _service_account(one: Found, _seen: Observation) -> Iterator[Grant]:
    if one.standing == LIVE:
        what = f"service account, organization role {_word(one, 'role')}"
        yield _grant(one, one.attributes["name"], what, ends_all=True)


_GRANTS: Mapping[str, Callable[[Found, Observation], Iterator[Grant]]] = {
    "member": _member,
    "workspace_member": _workspace_member,
    "api_key": _api_key,
    "service_account": _service_account,
}
"""By kind: the grants of one live thing of it."""


def _word(one: Found, name: str) -> str:
    return "not known" if one.unknown else str(one.attributes.get(name) or "not known")


def _grant(
    one: Found,
    who: str,
    what: str,
    workspace: str | None = None,
    *,
    since: str | None = None,
    ends_all: bool = False,
) -> Grant:
    identity = sha256_hex([one.kind, one.id])[:ID_LENGTH]
    since = None if one.unknown else since  # of a row that is not understood, any value may be anything
    return Grant(identity, (one.kind, one.id), one.address, who, what, workspace, since, ends_all)


def usage_wanted(seen: Observation, today: date) -> list[Listing]:
    """The report that says when keys were last used, where there are keys to review."""
    keys = any(grant.thing[0] == "api_key" for grant in grants_of(seen))
    return [usage_listing(today, DAYS_OF_USE)] if keys else []


def last_uses(keys: Iterable[Grant], buckets: Sequence[Row]) -> dict[Named, str]:
    """What the report says of the last use of each key, in words."""
    use = use_in(buckets)
    told = {}
    for key in keys:
        day = use[key.thing[1]].last_used_on if key.thing[1] in use else None
        told[key.thing] = f"not in {DAYS_OF_USE} days" if day is None else day.isoformat()
    return told


def lines_of(seen: Observation) -> dict[Named, Declared]:
    """The lines of the files that ask for what was seen, by kind and id."""
    return {
        (name, pair.found.id): pair.declared
        for name, pairs in seen.pairs.items()
        for pair in pairs
        if pair.found is not None and pair.declared is not None
    }


def asks_for(line: Declared) -> bool:
    """Whether a line of the files still gives the access: not one that has expired, archives or stops something."""
    if line.expired or line.spec.asks_to_archive:
        return False
    return getattr(line.spec, "status", "active") == "active"


def place_words(place: Place) -> str:
    """`org.yaml:12`, and through which team."""
    through = "" if place.through is None else f" ({place.through.team})"
    return f"{place.file}:{place.line}{through}"


def changed_since(then: Sequence[Grant], now: Sequence[Grant]) -> Iterator[tuple[str, Grant]]:
    """What was given, taken away or changed: a word for it, and the grant as it is now, or was."""
    before, after = {one.id: one for one in then}, {one.id: one for one in now}
    for one in now:
        if one.id not in before:
            yield "new", one
        elif (one.who, one.what, one.workspace) != (before[one.id].who, before[one.id].what, before[one.id].workspace):
            yield "changed", one
    for one in then:
        if one.id not in after:
            yield "gone", one
