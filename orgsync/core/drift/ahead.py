"""What lines that end within some time would end on their days, and what the guards will say of that.

Each day is looked at by itself, with what ends on it and nothing else: what differs today is put right by then, or is
told anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Level, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.plan.guarded import judged
from orgsync.core.plan.guards import judge
from orgsync.core.plan.make import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan, Verdict
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Declared, Pair
    from orgsync.core.words.address import Address

_ALLOW = "allow it in `guards.allow` until then, or extend `until`"


@dataclass(frozen=True, slots=True)
class _Day:
    """By address: in words, what comes of what ends on a day, and which guard refuses that."""

    effects: Mapping[Address, tuple[str, ...]]
    refused: Mapping[Address, Verdict]


def ends_ahead(desired: Desired, seen: Observation, now: datetime, kinds: Kinds, by: date) -> Iterator[Note]:
    """Lines whose last day is near: whoever relies on one should hear of it while it can still be prolonged."""
    lines = [line for things in desired.declared.values() for line in things.values() if line.ends_with is None]
    days: dict[date, list[Declared]] = {}
    for line in lines:
        if line.until is not None and desired.today <= line.until <= by:
            days.setdefault(line.until, []).append(line)
    for last, ending in days.items():
        day = _after(last, desired, seen, now, kinds)
        for line in ending:
            effects = day.effects.get(line.address, ())
            then = f"; then: {'; '.join(effects)}" if effects else ""
            message, until = f"expires after {last}{then}", str(last)
            yield Note(line.address, Code.ACCESS_EXPIRES, message, Level.WARNING, line.place, shown={"until": until})
            verdict = day.refused.get(line.address)
            if verdict is not None:
                message = f"will not end after {last}, because {verdict.guard} refuses it: {verdict.message}; {_ALLOW}"
                shown: Shown = {"until": until, "guard": verdict.guard}
                yield Note(line.address, Code.EXPIRY_REFUSED, message, Level.WARNING, line.place, shown=shown)


def _after(last: date, desired: Desired, seen: Observation, now: datetime, kinds: Kinds) -> _Day:
    """What would be on the day after, if only what ends on this one had ended."""
    declared = {kind: {key: _on(last, line) for key, line in lines.items()} for kind, lines in desired.declared.items()}
    pairs = {kind: [_pair_on(last, pair) for pair in some] for kind, some in seen.pairs.items()}
    then, there = replace(desired, declared=declared, today=last + timedelta(days=1)), replace(seen, pairs=pairs)
    plan = _ends_of(plan_of(then, there, now, kinds), then, kinds)
    refused = {
        one: verdict for verdict in judge(judged(plan, there, kinds)) if not verdict.passed for one in verdict.addresses
    }
    return _Day({change.address: change.effects for change in plan.changes}, refused)


def _on(last: date, line: Declared) -> Declared:
    """The line, expired if this was its last day, and not otherwise."""
    ended = line.until == last
    return line if line.expired is ended else replace(line, expired=ended)


def _pair_on(last: date, pair: Pair) -> Pair:
    return pair if pair.declared is None else replace(pair, declared=_on(last, pair.declared))


def _ends_of(plan: Plan, desired: Desired, kinds: Kinds) -> Plan:
    """The plan with nothing but what ends in it."""

    def ends(one: Address) -> bool:
        name, key = kinds.named(one)
        line = desired.declared[name].get(key)
        return line is not None and line.expired

    return replace(
        plan,
        changes=tuple(change for change in plan.changes if change.cause is Cause.EXPIRY),
        manual=tuple(step for step in plan.manual if step.address.kind in kinds.by_name and ends(step.address)),
    )
