"""Every policy held against every key: what is wrong, what is waived, and which one policy acts on a key."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.words.suggest import did_you_mean
from orgsync.policies.contract.rule import ACTIVE, NOT_ARCHIVED, Breach, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from orgsync.policies.contract.rule import JudgedKey, Rule, Status, Then
    from orgsync.policies.policy import Policy, Waiver

# A key that is not active cannot be used: whoever switched it off has done what the report asked for.
_CONCERNS: Mapping[Then, frozenset[Status]] = {"report": ACTIVE, "deactivate": ACTIVE, "archive": NOT_ARCHIVED}
_STRENGTH: Mapping[Then, int] = {"report": 0, "deactivate": 1, "archive": 2}


_InForce = dict[tuple[str, str | None], list["Waiver"]]
"""Waivers by policy and address; globs, which any address may match, under no address."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one policy says of one key.

    `waiver` is the one in force, if any. `acts` is true for at most one judgement of a key: the one whose `then` is to
    be done; the others are told, and that is all.
    """

    key: JudgedKey
    policy: str
    then: Then
    breaches: tuple[Breach, ...]
    waiver: Waiver | None = None
    acts: bool = False

    @property
    def is_warning(self) -> bool:
        """Whether nothing is wrong yet, or nobody can tell."""
        return all(breach.warning for breach in self.breaches)

    @property
    def message(self) -> str:
        """All of it in words, to go on where the key's address ends."""
        told = "; ".join(breach.message for breach in self.breaches)
        return told if self.waiver is None else f"{told}; {self.waiver.told}"

    @property
    def would_act(self) -> bool:
        """Whether it calls for more than being told, as long as no other policy calls for more than that."""
        return self.then != "report" and self.waiver is None and not self.is_warning


class WaiverState(StrEnum):
    """Why a waiver does nothing."""

    EXPIRED = "expired"
    UNKNOWN_POLICY = "unknown_policy"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """A waiver that does nothing. `index` counts the waivers of the files from 0."""

    index: int
    waiver: Waiver
    state: WaiverState
    message: str


def judge(
    policies: Mapping[str, Policy], waivers: Sequence[Waiver], keys: Sequence[JudgedKey], now: datetime
) -> tuple[Judgement, ...]:
    """One judgement for each key and policy that it breaches, by address, id and policy, whatever the input's order."""
    ordered = sorted(keys, key=lambda key: (key.address, key.id))
    in_force = _in_force(waivers, Moment(now).today)
    judgements = [
        Judgement(breaches[0].key, name, policy.then, breaches, _waiver(in_force, name, breaches[0].key.address))
        for name, policy in sorted(policies.items())
        for breaches in _breaches(policy, ordered, now)
    ]
    judgements.sort(key=lambda judgement: (judgement.key.address, judgement.key.id, judgement.policy))
    acting = _acting(judgements)
    return tuple(replace(one, acts=acting.get(one.key.id) == one.policy) for one in judgements)


def days_of_usage(policies: Mapping[str, Policy]) -> int:
    """How many whole days before today usage has to be read for; 0: not at all."""
    return max(
        (rule.needs_usage(value) for policy in policies.values() for rule, value in policy.rules),
        default=0,
    )


def waiver_notes(
    policies: Mapping[str, Policy], waivers: Sequence[Waiver], keys: Sequence[JudgedKey], now: datetime
) -> tuple[WaiverNote, ...]:
    """The waivers that do nothing, in file order."""
    today = Moment(now).today
    present = [key for key in keys if key.status in NOT_ARCHIVED]
    by_address: dict[str, list[JudgedKey]] = defaultdict(list)
    for key in present:
        by_address[key.address].append(key)
    notes = []
    for index, waiver in enumerate(waivers):
        candidates = present if waiver.is_glob else by_address.get(waiver.key, ())
        idle = _idle(waiver, policies, candidates, today)
        if idle is not None:
            notes.append(WaiverNote(index, waiver, *idle))
    return tuple(notes)


def _breaches(policy: Policy, keys: Sequence[JudgedKey], now: datetime) -> Iterator[tuple[Breach, ...]]:
    """All breaches of one key, for every key in breach."""
    moment = Moment(now, policy.warn_before)
    concerned = [key for key in keys if key.status in _CONCERNS[policy.then] and policy.match.covers(key)]
    found: dict[str, list[Breach]] = defaultdict(list)
    for group in _by_workspace(concerned):
        for rule, value in policy.rules:
            judged = [key for key in group if key.status in rule.statuses]
            shown = [key for key in judged if not key.not_shown & rule.looks_at]
            unclear = (_not_shown(key, rule) for key in judged if key.not_shown & rule.looks_at)
            for breach in (*rule.judge(shown, value, moment), *unclear):
                found[breach.key.id].append(breach)
    return (tuple(breaches) for breaches in found.values())


def _not_shown(key: JudgedKey, rule: Rule) -> Breach:
    missing = " and ".join(sorted(key.not_shown & rule.looks_at))
    return Breach(key, rule.name, f"cannot be judged: the API does not show its {missing}", warning=True)


def _by_workspace(keys: Iterable[JudgedKey]) -> Iterable[list[JudgedKey]]:
    groups: dict[str | None, list[JudgedKey]] = defaultdict(list)
    for key in keys:
        groups[key.workspace].append(key)
    return groups.values()


def _in_force(waivers: Iterable[Waiver], today: date) -> _InForce:
    result: _InForce = defaultdict(list)
    for waiver in waivers:
        if waiver.counts_on(today):
            result[waiver.policy, None if waiver.is_glob else waiver.key].append(waiver)
    return result


def _waiver(in_force: _InForce, policy: str, address: str) -> Waiver | None:
    """The waiver in force that lasts longest."""
    candidates = (*in_force.get((policy, address), ()), *in_force.get((policy, None), ()))
    covering = (waiver for waiver in candidates if waiver.covers(address))
    return max(covering, key=lambda one: (one.until, one.key, one.reason, one.approved_by or ""), default=None)


def _acting(judgements: Iterable[Judgement]) -> dict[str, str]:
    """By key id, the policy that acts on it: the strongest, and of equals the first by name."""
    chosen: dict[str, Judgement] = {}
    for one in judgements:
        if one.would_act:
            best = chosen.get(one.key.id)
            if best is None or _STRENGTH[one.then] > _STRENGTH[best.then]:
                chosen[one.key.id] = one
    return {id_: one.policy for id_, one in chosen.items()}


def _idle(
    waiver: Waiver, policies: Mapping[str, Policy], candidates: Iterable[JudgedKey], today: date
) -> tuple[WaiverState, str] | None:
    """Why the waiver does nothing, and the same in words."""
    policy = policies.get(waiver.policy)
    if policy is None:
        near = did_you_mean(waiver.policy, policies)
        hint = f'; did you mean "{near}"?' if near else ""
        return WaiverState.UNKNOWN_POLICY, f'the policy "{waiver.policy}" does not exist{hint}'
    if not waiver.counts_on(today):
        ended = f"the waiver of {waiver.policy} ended on {waiver.until.isoformat()} ({waiver.reason})"
        return WaiverState.EXPIRED, f"{ended}: delete it, or give it another day"
    if not any(waiver.covers(key.address) and policy.match.covers(key) for key in candidates):
        return WaiverState.UNUSED, f"the waiver of {waiver.policy} matches no key of the policy: delete it"
    return None
