"""Whether an API key works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING

from orgsync.core.model.things import ARCHIVED, LIVE, Found, Pair
from orgsync.kinds.api_key import KIND
from orgsync.kinds.api_key.live import EVERYWHERE
from orgsync.kinds.member import KIND as PERSON
from orgsync.questions.access.powers import ADMINS, Answer, key_works, powers
from orgsync.questions.why.access import archived, sort_of, taken
from orgsync.questions.why.chain import Link, fails, holds, unknown
from orgsync.questions.why.places import APPLY, place_of
from orgsync.questions.why.trace import absent, moment, shown, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from orgsync.core.model.observation import Observation
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Declared, Key
    from orgsync.questions.why.history import History, Write
    from orgsync.questions.why.subject import Hint

_NEW_KEY = "create a new key in the Console (Console > Settings > API keys): the API cannot create one"


def keys_meant(
    pairs: Sequence[Pair], *, hint: Hint | None = None, identity: str = "", keys: AbstractSet[Key] = frozenset()
) -> list[Pair]:
    """The keys that an id, a hint or an address means (`keys`: by all the names of its workspace).

    Of several by one name it is the one that is not archived, if there is one.
    """
    if identity:
        return [pair for pair in pairs if pair.found is not None and pair.found.id == identity]
    if hint is not None:
        shown = [pair for pair in pairs if pair.found is not None and hint.means(hint_of(pair.found))]
    else:
        shown = [pair for pair in pairs if not keys.isdisjoint({pair.key, _own_key(pair.found)})]
    usable = [pair for pair in shown if pair.found is None or pair.found.standing != ARCHIVED]
    return usable if len(usable) == 1 and hint is None else shown


def _own_key(found: Found | None) -> tuple[str, ...]:
    return () if found is None else (found.key[0], found.attributes["name"])


def hint_of(found: Found) -> str:
    """What the API shows of the secret; nothing where a snapshot was read: it does not keep that."""
    return str(found.facts.row.get("partial_key_hint") or "")


def ending_shown(found: Found | None) -> str:
    """` (…igAA)`."""
    text = "" if found is None else hint_of(found)
    return f" (…{text[-4:]})" if text else ""


@dataclass(frozen=True, slots=True)
class Behind:
    """What was read of whom a key acts as: the service accounts, and the rows of its workspace. None: not shown to this
    credential, or not needed."""

    accounts: Sequence[Found] | None = None
    members: Sequence[Row] | None = None


def personal(pair: Pair, seen: Observation) -> tuple[Found, Found] | None:
    """The member that a key acts as and the workspace it belongs to, where what they can do there has to be looked up.

    Admins can do everything everywhere, and in the default workspace nobody is listed.
    """
    if pair.found is None:
        return None
    row = pair.found.facts.row
    person = _by_id(seen, "member", (row.get("principal") or {}).get("user_id"))
    place = _by_id(seen, "workspace", row["scope"].get("workspace_id"))
    if person is None or place is None or person.standing != LIVE or place.standing == ARCHIVED or place.implied:
        return None
    return None if person.facts.role in ADMINS else (person, place)


def _by_id(seen: Observation, kind: str, identity: str | None) -> Found | None:
    return next((one for one in seen.live.get(kind, ()) if one.id == identity), None)


def key_links(pair: Pair, seen: Observation, now: datetime, history: History, behind: Behind) -> Iterator[Link]:
    """That the key exists, can be used where it belongs, acts as somebody who is there, has not expired, is active."""
    line, found = pair.declared, pair.found
    if found is None:
        if pair.blocked is not None:
            yield unknown("exists", f"which key it is: {pair.blocked.message}", place_of(line))
            return
        text = "the organization has no such key; the API cannot create one"
        yield fails("exists", text, place_of(line), fixes=[_NEW_KEY])
        return
    row = found.facts.row
    yield holds("exists", f"exists ({found.id}), created on {row['created_at'][:10]}", place_of(line))
    yield from _workspace_links(found, seen, history)
    yield from _principal_links(found, seen, behind.accounts)
    yield from _access_links(pair, seen, behind, history)
    yield from _expiry_links(found, now)
    if found.unknown:
        yield unknown("status", f"is not understood: {found.odd[0].told}", place_of(line))
    else:
        yield _status(pair, found, seen, history)


def _workspace_links(found: Found, seen: Observation, history: History) -> Iterator[Link]:
    scope = found.facts.row["scope"]
    if found.key[0] == EVERYWHERE:
        yield holds("workspace", "belongs to the whole organization, to no single workspace")
        return
    identity = scope["workspace_id"]
    place = next((one for one in seen.live.get("workspace", ()) if one.id == identity), None)
    if place is None:
        yield unknown("workspace", f"its workspace ({identity}) is not listed")
    elif place.standing == ARCHIVED:
        since, traces = archived(place, seen, history)
        text = f"its workspace {place.segments[0]} was archived {since}, and all its keys with it, for good"
        yield fails("workspace", text, fixes=[f"in another workspace, {_NEW_KEY}"], traces=traces)
    else:
        yield holds("workspace", f"its workspace {found.key[0]} is not archived")


def _principal_links(found: Found, seen: Observation, accounts: Sequence[Found] | None) -> Iterator[Link]:
    row = found.facts.row
    if "principal" not in row:
        yield unknown("principal", "whom it acts as is not shown")
        return
    principal = row["principal"]
    if principal is None:
        yield holds("principal", "acts as no person: it keeps working when its creator leaves")
    elif principal.get("user_id"):
        yield _person(principal["user_id"], seen)
    elif principal.get("service_account_id"):
        yield _account(principal["service_account_id"], accounts)
    else:
        yield unknown("principal", "whom it acts as is not understood")


def _person(identity: str, seen: Observation) -> Link:
    """That the member a personal key acts as is there: keys of those who leave are archived."""
    person = next((one for one in seen.live.get("member", ()) if one.id == identity), None)
    if person is not None and person.standing == LIVE:
        return holds("principal", f"acts as {person.segments[0]}, who is a member of the organization")
    if any(one.blocks and one.kind == "member" for one in seen.unseen):
        return unknown("principal", f"acts as {identity}; not all members are shown")
    former = seen.former.get(identity)
    who = identity if former is None else f"{former.name} ({former.what})"
    text = f"acts as {who}, who is no longer a member: personal keys are archived with their owner, for good"
    known_by_id = Found(PERSON.name, ("",), ("",), identity, {})
    traces = [] if former else [trace_of(PERSON, Pair(None, known_by_id), seen, absent())]
    return fails("principal", text, fixes=[f"for somebody who is a member, {_NEW_KEY}"], traces=traces)


def _account(identity: str, accounts: Sequence[Found] | None) -> Link:
    if accounts is None:
        return unknown("principal", f"acts as the service account {identity}, which this credential cannot see")
    account = next((one for one in accounts if one.id == identity), None)
    if account is None or account.standing == ARCHIVED:
        name = identity if account is None else account.segments[0]
        text = f"acts as the service account {name}, which is archived"
        return fails("principal", text, fixes=["use a key of another service account"])
    return holds("principal", f"acts as the service account {account.segments[0]}, which is not archived")


def _access_links(pair: Pair, seen: Observation, behind: Behind, history: History) -> Iterator[Link]:
    """That the person a key acts as can send requests in its workspace."""
    both = personal(pair, seen)
    if both is None:
        yield from _account_access(pair, seen)
        return
    person, place = both
    email, name = person.segments[0], pair.key[0]
    if behind.members is None:
        yield unknown("access", f"whether {email} has a role in {name} is not shown to this credential")
        return
    row = next((one for one in behind.members if one["user_id"] == person.id), None)
    listed = None if row is None else str(row["workspace_role"]).removeprefix("workspace_")
    own = powers(person.facts.role, sort_of(Pair(pair.declared, place), seen), listed)
    answer = key_works(own, has_access=listed is not None)
    if answer is Answer.YES:
        yield holds("access", f"{email} has the role {listed} in {name}, which lets them send requests")
    elif answer is Answer.NO:
        fix = f"give {email} a role in {name}: `orgsync why {email} {quote(name)}` shows where"
        told, traces = taken(person, place, seen, history) if listed is None else ("", ())
        text = f"{email} has no role in {name}, and a personal key can do what its person can{told}"
        yield fails("access", text, fixes=[fix], traces=traces)
    else:
        text = f"whether a key of {email} ({listed or person.facts.role}) can send requests in {name}, no source says"
        yield unknown("access", text)


def _account_access(pair: Pair, seen: Observation) -> Iterator[Link]:
    """That the service account a key acts as has a role in its workspace: orgsync does not read those."""
    row = {} if pair.found is None else pair.found.facts.row
    place = _by_id(seen, "workspace", row["scope"].get("workspace_id")) if row else None
    if place is not None and "service_account_id" in (row.get("principal") or {}):
        text = f"whether the service account has a role in {pair.key[0]} was not read: the Console shows it"
        yield unknown("access", text)


def _expiry_links(found: Found, now: datetime) -> Iterator[Link]:
    row = found.facts.row
    ends = row.get("expires_at")
    lapsed = ends is not None and datetime.fromisoformat(ends) <= now
    if found.attributes["status"] == "expired" or lapsed:
        text = f"expired{f' on {ends[:10]}' if ends else ''}; the time of a key can never be extended"
        yield fails("expiry", text, fixes=[_NEW_KEY])
    elif ends is not None:
        yield holds("expiry", f"expires on {ends[:10]}")
    elif "expires_at" in row:
        yield holds("expiry", "never expires")
    else:
        yield unknown("expiry", "when it expires is not shown")


def _status(pair: Pair, found: Found, seen: Observation, history: History) -> Link:
    line, status = pair.declared, found.attributes["status"]
    if status == "active":
        return holds("status", "is active", place_of(line))
    last = history.last(pair.address, identity=found.id, path="status")
    told = _since(last, status, history)
    aspect = shown(found, "status", exists=status != ARCHIVED)
    by_apply = last is not None and last.value("status") == status
    unlike = None if last is None else moment(last.at)
    traces = [] if by_apply else [trace_of(KIND, pair, seen, aspect, unlike=unlike)]
    if status == ARCHIVED:
        return fails("status", f"is archived, for good{told}", place_of(line), fixes=[_NEW_KEY], traces=traces)
    return fails("status", f"is {status}{told}", place_of(line), fixes=_reactivated(pair, line), traces=traces)


def _since(last: Write | None, status: str, history: History) -> str:
    """When and by whom it was set so, as far as a journal knows."""
    if last is not None and last.value("status") == status:
        return f": set {last.told}"
    if last is not None:
        return f": set in the Console, after it was set {last.value('status')} {last.told}"
    return ": set in the Console, or by an apply of which there is no journal here" if history.read else ""


def _reactivated(pair: Pair, line: Declared | None) -> Iterator[str]:
    if line is None:
        yield f"enable it in the Console, or declare `{pair.address.segments[-1]}: active` among its API keys"
    elif line.spec.attributes.get("status") == "active":
        yield f"{APPLY}: {place_of(line)} declares it active"
    else:
        yield f"write `active` in {place_of(line)}, then {APPLY}"
