"""Every policy held against every key: what is wrong, what is waived, and which one policy acts on a key."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orgsync.policies.contract.rule import ACTIVE, NOT_ARCHIVED, Breach, Moment
from orgsync.policies.waivers import InForce

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from orgsync.policies.contract.rule import JudgedKey, Rule, Status, Then
    from orgsync.policies.policy import Policy, Waiver

# A key that is not active cannot be used: whoever switched it off has done what the report asked for.
_CONCERNS: Mapping[Then, frozenset[Status]] = {"report": ACTIVE, "deactivate": ACTIVE, "archive": NOT_ARCHIVED}
_STRENGTH: Mapping[Then, int] = {"report": 0, "deactivate": 1, "archive": 2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one policy says of one key.

    `waiver` is the one in force, if any. `held` says that the policy acts on no key at all for now. `acts` is true for
    at most one judgement of a key: the one whose `then` is to be done; the others are told, and that is all. `kept`: it
    would be done if the key were not protected.
    """

    key: JudgedKey
    policy: str
    then: Then
    breaches: tuple[Breach, ...]
    waiver: Waiver | None = None
    held: bool = False
    acts: bool = False
    kept: bool = False

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
        """Whether it calls for more than being told, as long as it is not held and no other policy calls for more."""
        return self.then != "report" and self.waiver is None and not self.is_warning


def judge(
    policies: Mapping[str, Policy],
    waivers: Sequence[Waiver],
    keys: Sequence[JudgedKey],
    now: datetime,
    held: Container[str] = (),
) -> tuple[Judgement, ...]:
    """One judgement for each key and policy that it breaches, by address, id and policy, whatever the input's order.

    The policies that are `held` say what they find, and act on no key.
    """
    ordered = sorted(keys, key=lambda key: (key.address, key.id))
    in_force = InForce(waivers, Moment(now).today)
    judgements = [
        Judgement(key := breaches[0].key, name, policy.then, breaches, in_force.of(name, key), held=name in held)
        for name, policy in sorted(policies.items())
        for breaches in _breaches(policy, ordered, now)
    ]
    judgements.sort(key=lambda judgement: (judgement.key.address, judgement.key.id, judgement.policy))
    acting = _acting(judgements)
    return tuple(replace(one, acts=True) if acting.get(one.key.id) == one.policy else one for one in judgements)


def days_of_usage(policies: Mapping[str, Policy]) -> int:
    """How many whole days before today usage has to be read for; 0: not at all."""
    return max(
        (rule.needs_usage(value) for policy in policies.values() for rule, value in policy.every_rule),
        default=0,
    )


def _breaches(policy: Policy, keys: Sequence[JudgedKey], now: datetime) -> Iterator[tuple[Breach, ...]]:
    """All breaches of one key, for every key in breach."""
    moment = Moment(now, policy.warn_before)
    concerned = [key for key in keys if key.status in _CONCERNS[policy.then] and policy.match.covers(key)]
    found: dict[str, list[Breach]] = defaultdict(list)
    for group in _by_workspace(concerned):
        for rule, value in policy.rules:
            for breach in _breaches_of(rule, value, group, moment):
                found[breach.key.id].append(breach)
        for breach in _joint_breaches(policy, group, moment):
            found[breach.key.id].append(breach)
    return (tuple(breaches) for breaches in found.values())


def _breaches_of(rule: Rule, value: Any, group: Sequence[JudgedKey], moment: Moment) -> Iterator[Breach]:
    """What one rule says of the keys of a workspace."""
    judged = [key for key in group if key.status in rule.statuses]
    shown = [key for key in judged if not key.not_shown & rule.looks_at]
    yield from rule.judge(shown, value, moment)
    yield from (_not_shown(key, rule) for key in judged if key.not_shown & rule.looks_at)


def _joint_breaches(policy: Policy, group: Sequence[JudgedKey], moment: Moment) -> Iterator[Breach]:
    """What the rules under `all` say of the keys that breach each of them; a warning as long as one only warns."""
    by_rule: list[dict[str, list[Breach]]] = []
    for rule, value in policy.joint_rules:
        by_key: dict[str, list[Breach]] = defaultdict(list)
        for breach in _breaches_of(rule, value, group, moment):
            by_key[breach.key.id].append(breach)
        by_rule.append(by_key)
    for key in group if by_rule else ():
        told = [by_key.get(key.id, []) for by_key in by_rule]
        if all(told):
            near = any(all(breach.warning for breach in breaches) for breaches in told)
            yield from (replace(one, joint=True, warning=one.warning or near) for breaches in told for one in breaches)


def _not_shown(key: JudgedKey, rule: Rule) -> Breach:
    missing = " and ".join(sorted(key.not_shown & rule.looks_at))
    return Breach(key, rule.name, f"cannot be judged: the API does not show its {missing}", warning=True)


def _by_workspace(keys: Iterable[JudgedKey]) -> Iterable[list[JudgedKey]]:
    groups: dict[str | None, list[JudgedKey]] = defaultdict(list)
    for key in keys:
        groups[key.workspace].append(key)
    return groups.values()


def _acting(judgements: Iterable[Judgement]) -> dict[str, str]:
    """By key id, the policy that acts on it: the strongest, and of equals the first by name."""
    chosen: dict[str, Judgement] = {}
    for one in judgements:
        if one.would_act and not one.held:
            best = chosen.get(one.key.id)
            if best is None or _STRENGTH[one.then] > _STRENGTH[best.then]:
                chosen[one.key.id] = one
    return {id_: one.policy for id_, one in chosen.items()}
