"""What is known of each API key, in the words of the answer, before anybody asks for some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orgsync.kinds.api_key.judgements import policies_held
from orgsync.kinds.api_key.live import EVERYWHERE, creator_of, owner_of, principal_of, with_use
from orgsync.policies.contract.rule import Usage, whole_seconds
from orgsync.policies.contract.words import DAY
from orgsync.policies.rules.unused_for import days_unused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orgsync.core.model.change import Shown
    from orgsync.core.model.context import Context
    from orgsync.core.model.observation import Observation
    from orgsync.kinds.api_key.live import KeyPair, LiveKey, Use
    from orgsync.policies.judge import Judgement

_ACTS_AS = {"user_actor": "user", "service_account_actor": "service_account"}


@dataclass(frozen=True, slots=True)
class UsageRead:
    """What the usage report shows of every key, by id, for `days` whole days before today."""

    use: Mapping[str, Use]
    days: int


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key as the organization shows it, and what the policies of the files say of it.

    `age` is None where its creation is not understood. `left`: its owner is not a member any more; None: it has no
    owner, or nobody can tell. `usage` is None where that was not read. `judgements` is None without files, and `shown`
    what each of them says as data.
    """

    pair: KeyPair
    found: LiveKey
    age: timedelta | None
    owner: Mapping[str, str]
    left: bool | None
    usage: Usage | None = None
    unused_days: int = 0
    judgements: tuple[Judgement, ...] | None = None
    shown: tuple[Shown, ...] = ()

    @property
    def workspace(self) -> str | None:
        """The name of its workspace; None: the key works in the whole organization."""
        workspace = self.pair.address.segments[0]
        return None if workspace == EVERYWHERE else workspace

    @property
    def name(self) -> str:
        """Its address without the word for what it is: as people speak of it."""
        return str(self.pair.address).partition(":")[2]

    @property
    def status(self) -> str | None:
        """As the API shows it; None where it is not understood."""
        return self.found.attributes["status"] or None

    @property
    def acts_as(self) -> str | None:
        """What the key acts as: a user, a service account, or nobody."""
        return _ACTS_AS.get(principal_of(self.found).get("type", ""))

    @property
    def made_by_service_account(self) -> bool:
        """Whether a service account created it."""
        return creator_of(self.found).get("type") == "service_account"

    @property
    def hint(self) -> str | None:
        """The part of the secret that the Console and the API show; snapshots do not keep it."""
        hint = self.found.facts.row.get("partial_key_hint")
        return hint if isinstance(hint, str) and hint else None

    @property
    def broken(self) -> tuple[str, ...]:
        """The policies that it breaks and no waiver excuses."""
        judged = self.judgements or ()
        return tuple(one.policy for one in judged if not one.is_warning and one.waiver is None)

    @property
    def waived(self) -> tuple[str, ...]:
        """The policies that it breaks, and a waiver says that it may."""
        judged = self.judgements or ()
        return tuple(one.policy for one in judged if not one.is_warning and one.waiver is not None)


def key_states(seen: Observation, as_of: datetime) -> list[KeyState]:
    """Every key that was read, oldest first; those whose age is not known last."""
    hidden = any(one.blocks and one.kind == "member" for one in seen.unseen)
    members = {one.id for one in seen.live.get("member", ()) if one.standing == "live"}
    states = []
    for pair in seen.pairs.get("api_key", ()):
        if pair.found is None:
            continue
        owner = owner_of(pair.found, seen)
        identity = owner.get("owner_id")
        left = None if identity is None or (hidden and identity not in members) else identity not in members
        states.append(KeyState(pair, pair.found, _age(pair.found, as_of), owner, left))
    return sorted(states, key=lambda one: (one.age is None, _created(one.found), one.pair.address, one.found.id))


def used(states: Sequence[KeyState], read: UsageRead | None, as_of: datetime) -> list[KeyState]:
    """The keys, with what is known of their use."""
    if read is None:
        return list(states)
    return [_used(one, read, as_of) for one in states]


def judged(states: Sequence[KeyState], read: UsageRead | None, context: Context) -> list[KeyState]:
    """The keys, with what the policies of the files say of each, as the organization is now."""
    if read is not None:
        context.pairs = context.pairs | {"api_key": [_pair_used(pair, read) for pair in context.pairs["api_key"]]}
    held = policies_held(context)
    said: dict[str, list[Judgement]] = {}
    for one in held.judgements:
        said.setdefault(one.key.id, []).append(one)
    return [
        replace(one, judgements=tuple(mine), shown=tuple(map(held.shown, mine)))
        for one in states
        for mine in (said.get(one.found.id, []),)
    ]


def _used(state: KeyState, read: UsageRead, as_of: datetime) -> KeyState:
    if state.age is None:
        return state
    use = with_use(state.found, read.use).facts.use
    if use is None:
        return state
    usage = Usage(use.last_used_on, min(read.days, state.age // DAY), use.tokens_last_day)
    return replace(state, usage=usage, unused_days=days_unused(usage, state.age, as_of.astimezone(UTC).date()))


def _pair_used(pair: KeyPair, read: UsageRead) -> KeyPair:
    return pair if pair.found is None else replace(pair, found=with_use(pair.found, read.use))


def _created(key: LiveKey) -> str:
    created: str = key.facts.row["created_at"]
    return created


def _age(key: LiveKey, as_of: datetime) -> timedelta | None:
    return None if key.unknown else max(whole_seconds(as_of - datetime.fromisoformat(_created(key))), timedelta())
