"""What the key policies say of every key, worked out once for a plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note, Place, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.match import Names
from orgsync.core.model.things import LIVE, Mode
from orgsync.core.words.address import Address, address, covers
from orgsync.kinds.api_key.live import EVERYWHERE, KeyPair, LiveKey, creator_of, owner_id_of, principal_of
from orgsync.kinds.api_key.spec import KEY_POLICIES, WAIVERS
from orgsync.kinds.api_key.unused import unused_policies
from orgsync.policies.contract.rule import JudgedKey, Usage
from orgsync.policies.judge import Judgement, days_of_usage, judge
from orgsync.policies.policy import ALL
from orgsync.policies.waivers import WaiverBook, WaiverState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.model.context import Context
    from orgsync.policies.contract.rule import Actor, OwnerStanding, Status
    from orgsync.policies.policy import Policy, Waiver
    from orgsync.policies.waivers import WaiverNote

_STATES = {
    WaiverState.EXPIRED: (Code.WAIVER_EXPIRED, Level.WARNING),
    WaiverState.UNKNOWN_POLICY: (Code.WAIVER_UNKNOWN_POLICY, Level.WARNING),
    WaiverState.UNUSED: (Code.WAIVER_UNUSED, Level.WARNING),
    WaiverState.LOST: (Code.WAIVER_LOST, Level.ERROR),
    WaiverState.CONTRADICTORY: (Code.WAIVER_CONTRADICTORY, Level.ERROR),
}


_ACTORS: dict[str, Actor] = {
    "user": "user",
    "user_actor": "user",
    "service_account": "service_account",
    "service_account_actor": "service_account",
}


@dataclass(frozen=True, slots=True)
class KeyJudgements:
    """By the id of a key: the judgement that decides on it, and the notes about the others; and what is
    said of waivers and policies themselves.

    `leaving` are the ids of the people whom the plan removes: their personal keys go with them. `shown` is what the
    judgement that decides says, as data.
    """

    acting: Mapping[str, Judgement] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    settings: tuple[Note, ...] = ()
    leaving: frozenset[str] = frozenset()
    shown: Mapping[str, Shown] = field(default_factory=dict)


def prepare(context: Context) -> KeyJudgements:
    """Every policy held against every key."""
    judged = policies_held(context)
    acting = _acting(judged.judgements, context)
    notes: dict[str, list[Note]] = defaultdict(list)
    for one in judged.judgements:
        if acting.get(one.key.id) is not one:
            notes[one.key.id].append(_note(one, judged.shown(one), context))
    policies = KEY_POLICIES.of(context.desired)
    for key in judged.unclear:
        notes[key.id].extend(_cannot_be_judged(key, policies, context))
    acted_on = {one.policy for one in judged.judgements if one.would_act}
    return KeyJudgements(
        acting,
        {identity: tuple(found) for identity, found in notes.items()},
        (
            *_waivers(context, judged.book.notes(acted_on)),
            *unused_policies(context, [*judged.keys, *judged.unclear]),
        ),
        frozenset(_leaving(context)),
        {identity: judged.shown(one) for identity, one in acting.items()},
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The keys that policies were held against, those that cannot be judged, and what the policies say."""

    keys: Sequence[JudgedKey]
    unclear: Sequence[JudgedKey]
    book: WaiverBook
    judgements: Sequence[Judgement]
    owners: Mapping[str, Mapping[str, str]]

    def shown(self, judgement: Judgement) -> Shown:
        """What a judgement says, as data: the policy, the key, whose it is, and what each rule found."""
        key, waiver = judgement.key, judgement.waiver
        days = {
            "expires_on": key.expires_at,
            "last_used_on": None if key.usage is None else key.usage.last_used_on,
            "waived_until": None if waiver is None else waiver.until,
        }
        return {
            "policy": judgement.policy,
            "rules": ", ".join(dict.fromkeys(breach.rule for breach in judgement.breaches)),
            "then": judgement.then,
            "id": key.id,
            "created_on": _day(key.created_at),
            **{name: _day(day) for name, day in days.items() if day is not None},
            **self.owners.get(key.id, {}),
            **{name: value for breach in judgement.breaches for name, value in breach.shown.items()},
        }


def _day(day: date) -> str:
    moment = day.astimezone(UTC) if isinstance(day, datetime) else day
    return moment.isoformat()[:10]


def judged_keys(context: Context) -> Mapping[str, Sequence[Shown]]:
    """By the id of a key, what each policy that it breaks says, as data."""
    judged = policies_held(context)
    said: dict[str, list[Shown]] = defaultdict(list)
    for one in judged.judgements:
        said[one.key.id].append(judged.shown(one))
    return said


def policies_held(context: Context) -> Judged:
    """What every policy says of every key, in the order of their addresses."""
    policies, waivers = KEY_POLICIES.of(context.desired), WAIVERS.of(context.desired)
    days = days_of_usage(policies)
    people, places = _People(context), _Places(context)
    keys: list[JudgedKey] = []
    unclear: list[JudgedKey] = []
    for pair in context.pairs["api_key"]:
        if pair.found is not None:
            (unclear if pair.found.unknown else keys).append(_key(pair, pair.found, people, places, days))
    book = WaiverBook(policies, waivers, [*keys, *unclear], context.now)
    judgements = [_unless_protected(one, context) for one in judge(policies, waivers, keys, context.now, book.held)]
    owners = {pair.found.id: people.behind(owner_id_of(pair.found)) for pair in context.pairs["api_key"] if pair.found}
    return Judged(keys, unclear, book, judgements, owners)


def _acting(judgements: Sequence[Judgement], context: Context) -> dict[str, Judgement]:
    """By the id of a key, the judgement that decides on it.

    A policy that is held switches no key off; nor does a line then switch on what the policy would switch off again.
    """
    acting = {one.key.id: one for one in judgements if one.acts}
    held = [one for one in judgements if one.held and one.would_act and one.key.status == "active"]
    if held:
        shown = {pair.found.id: pair.found.attributes["status"] for pair in context.pairs["api_key"] if pair.found}
        for one in held:
            if shown[one.key.id] == "inactive":
                acting.setdefault(one.key.id, one)
    return acting


def _leaving(context: Context) -> Iterator[str]:
    for pair in context.pairs["member"]:
        if pair.found is not None and pair.found.standing == LIVE and context.after("member", pair.key) is None:
            yield pair.found.id


def _unless_protected(judgement: Judgement, context: Context) -> Judgement:
    """No policy acts on what `guards.protect` names, by any of its names: that is told instead."""
    globs = [entry.address for entry in context.desired.settings.guards.protect]
    if not any(covers(glob, one) for glob in globs for one in judgement.key.addresses):
        return judgement
    harms = judgement.then == "archive" or judgement.key.status == "active"
    return replace(judgement, acts=False, kept=judgement.acts and harms)


def rule_place(judgement: Judgement, context: Context) -> Place:
    """The line of the rule that a key breaches."""
    first = judgement.breaches[0]
    return context.desired.place("key_policies", judgement.policy, *((ALL,) if first.joint else ()), first.rule)


def _note(judgement: Judgement, shown: Shown, context: Context) -> Note:
    code, level = Code.POLICY_BREACH, Level.WARNING
    if judgement.waiver is not None:
        code, level = Code.WAIVED, Level.INFO
    elif judgement.is_warning:
        code = Code.POLICY_WARNING
    message = f"{judgement.policy}: {judgement.message}"
    if judgement.kept:
        code, level, message = Code.PROTECTED_KEPT, Level.ERROR, f"kept, because guards.protect names it: {message}"
    return Note(judgement.key.address, code, message, level, rule_place(judgement, context), shown=shown)


def _cannot_be_judged(key: JudgedKey, policies: Mapping[str, Policy], context: Context) -> Iterator[Note]:
    """What is said of a key that is not understood, by each policy that is about it."""
    for name, policy in sorted(policies.items()):
        if policy.match.covers(key):
            message = f"{name}: cannot be judged: the key has an unknown or missing value"
            place = context.desired.place("key_policies", name)
            shown: Shown = {"policy": name, "id": key.id}
            yield Note(key.address, Code.POLICY_WARNING, message, Level.WARNING, place, shown=shown)


def _waivers(context: Context, notes: Iterable[WaiverNote]) -> Iterator[Note]:
    for note in notes:
        code, level = _STATES[note.state]
        place = context.desired.place("waivers", note.index)
        yield Note(Address(note.waiver.key), code, note.message, level, place, shown=_of_waiver(note.waiver))


def _of_waiver(waiver: Waiver) -> Shown:
    return {"policy": waiver.policy, "until": waiver.until.isoformat()}


def expiring(context: Context, by: date) -> Iterator[Note]:
    """Waivers whose last day is near, and active keys that expire, declared or not."""
    people = _People(context)
    for pair in context.pairs["api_key"]:
        key = pair.found
        if key is not None and not key.unknown and key.attributes["status"] == "active":
            expires = key.facts.row.get("expires_at")
            if expires is not None and datetime.fromisoformat(expires).date() <= by:
                owner = people.name(owner_id_of(key)) or "unknown"
                message = f"expires on {expires[:10]}, and what uses it stops working; its owner is {owner}"
                shown: Shown = {"id": key.id, "expires_on": expires[:10], **people.behind(owner_id_of(key))}
                yield Note(pair.address, Code.KEY_EXPIRES, message, Level.WARNING, pair.place, shown=shown)
    for index, waiver in enumerate(WAIVERS.of(context.desired)):
        if context.today <= waiver.until <= by:
            message = f"the waiver of {waiver.policy} ends on {waiver.until.isoformat()} ({waiver.reason})"
            place = context.desired.place("waivers", index)
            shown = _of_waiver(waiver)
            yield Note(Address(waiver.key), Code.WAIVER_EXPIRES, message, Level.WARNING, place, shown=shown)


class _People:
    """Who the members are once the plan is made, by the ids that keys name."""

    def __init__(self, context: Context) -> None:
        self._context = context
        found = (pair.found for pair in context.pairs["member"] if pair.found is not None)
        there = [one for one in found if one.standing == LIVE]
        self._emails = {one.id: one.key for one in there}
        self._names = {one.id: one.segments[-1] for one in there}
        self._declares = ("member", ()) in context.desired.collections
        self._strict = context.desired.settings.manage.mode("members") is Mode.AUTHORITATIVE

    def name(self, user_id: str | None) -> str | None:
        """The e-mail of the person, also of one who is gone, with what became of them; else what is known: the id."""
        if user_id is None:
            return None
        key, former = self._emails.get(user_id), self._context.former.get(user_id)
        if key is not None:
            return key[0]
        return f"{user_id} (e-mail unknown)" if former is None else f"{former.name} ({former.what})"

    def behind(self, user_id: str | None) -> dict[str, str]:
        """The same as data, as `owner_of` has it."""
        if user_id is None:
            return {}
        key, former = self._emails.get(user_id), self._context.former.get(user_id)
        if key is not None:
            return {"owner": self._names[user_id], "owner_id": user_id}
        if former is None:
            return {"owner_id": user_id}
        return {"owner": former.name, "owner_id": user_id, "owner_is": former.what}

    def standing(self, user_id: str | None) -> OwnerStanding:
        """Whether the owner of a key belongs here; a member whom the plan removes is gone already."""
        if user_id is None:
            return "unknown"
        key = self._emails.get(user_id)
        if key is None and self._context.hides_some("member"):
            return "unknown"
        after = None if key is None else self._context.after("member", key)
        if key is None or after is None or after.standing != LIVE:
            return "gone"
        if self._context.desired.find("member", key) is not None:
            return "declared"
        if ("member", key) in self._context.blocked:
            return "unknown"
        return "gone" if self._declares and self._strict else "member"


class _Places:
    """By which names and tags keys and their workspaces go, before and after the plan."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = Names(context.pairs)
        found = (pair.found for pair in context.pairs["workspace"] if pair.found is not None)
        self._now = {one.id: one.attributes.get("tags") or {} for one in found}
        self._tags: dict[tuple[str, str], tuple[Mapping[str, str], ...]] = {}

    def workspaces(self, pair: KeyPair, found: LiveKey) -> tuple[str, ...]:
        """The names of its workspace, and where the files declare the key elsewhere, those of that."""
        here, declared = found.key[:1], pair.key[:1]
        names = self._names.of("workspace", here)
        if here == declared:
            return names
        return tuple(dict.fromkeys((*names, *self._names.of("workspace", declared))))

    def other_addresses(self, pair: KeyPair, workspaces: Sequence[str], shown: Address) -> tuple[Address, ...]:
        """Every address of the key but the one shown, given the names of its workspace."""
        names = self._names.of("api_key", pair.key)
        if len(workspaces) == len(names) == 1:
            return ()
        spelled = (address("api_key", *one) for one in product(workspaces, names))
        return tuple(one for one in spelled if one != shown)

    def tags(self, found: LiveKey) -> tuple[Mapping[str, str], ...]:
        """The tags of its workspace as they will be and, where that is not the same, as they are."""
        scope = found.facts.row["scope"]
        where = (found.key[0], scope["workspace_id"] if scope["type"] == "workspace" else "")
        if where not in self._tags:
            now = self._now.get(where[1], {})
            after = self._context.after("workspace", where[:1])
            will_be = now if after is None else after.attributes.get("tags") or {}
            self._tags[where] = (now,) if now == will_be else (will_be, now)
        return self._tags[where]


def _key(pair: KeyPair, found: LiveKey, people: _People, places: _Places, days: int) -> JudgedKey:
    """One live key, as the rules look at it."""
    row, use = found.facts.row, found.facts.use
    shown = pair.address if pair.declared else address("api_key", *found.segments)
    workspaces, tags = places.workspaces(pair, found), places.tags(found)
    principal, creator, owner_id = principal_of(found), creator_of(found), owner_id_of(found)
    expires_at = row.get("expires_at")
    return JudgedKey(
        address=shown,
        id=found.id,
        workspace=None if found.key[0] == EVERYWHERE else found.key[0],
        workspace_tags=tags[0],
        name=row["name"],
        status=_status(pair, row["status"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
        principal=_actor(principal.get("type")),
        owner=people.name(owner_id),
        owner_standing=people.standing(owner_id),
        creator=_actor(creator.get("type")),
        usage=None if use is None else Usage(use.last_used_on, days, use.tokens_last_day),
        not_shown=frozenset(name for name in ("principal", "expires_at") if name not in row),
        other_addresses=places.other_addresses(pair, workspaces, shown),
        other_workspaces=tuple([one for one in workspaces if one not in {found.key[0], EVERYWHERE}]),
        other_names=() if pair.declared is None else pair.declared.segments[1:],
        other_tags=tags[1:],
    )


def _status(pair: KeyPair, live: Status) -> Status:
    """The status the file asks for, where the key can have it: else what a policy switched off, the file would switch
    on again."""
    if pair.declared is None or live not in {"active", "inactive"}:
        return live
    status: Status = pair.declared.spec.attributes.get("status", live)
    return status


def _actor(kind: str | None) -> Actor | None:
    """`user_actor` and `user`, `service_account_actor` and `service_account` are the same to a rule."""
    return None if kind is None else _ACTORS.get(kind)
