"""A saved plan, made smaller or allowed more by whoever applies it. Nothing here can make it larger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.model.change import Allowance
from orgsync.core.plan.dependencies import reached
from orgsync.core.plan.guards import GUARDS, GuardedPlan, base_guards, other_names
from orgsync.core.words.address import Address, folded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from orgsync.core.model.change import Change, Plan


def allowing(plan: Plan, addresses: Sequence[str]) -> Plan:
    """The plan with these changes named, and with the guards judged again that can be without looking at live."""
    if not addresses:
        return plan
    named = tuple(Allowance(Address(address), "--allow") for address in addresses)
    return _judged_again(replace(plan, allowed=(*plan.allowed, *named)))


def without(plan: Plan, addresses: Sequence[str]) -> tuple[Plan, tuple[Change, ...]]:
    """The plan without the changes of these addresses and what depends on them; and the changes left out.

    Raises ValueError for an address that the plan does not change.
    """
    skipped = {folded(address) for address in addresses}
    unknown = skipped - {folded(change.address) for change in plan.changes}
    if unknown:
        raise ValueError(f"the plan does not change {', '.join(sorted(unknown))}")
    followers: dict[str, set[str]] = {}
    for change in plan.changes:
        for before in change.after:
            followers.setdefault(folded(before), set()).add(folded(change.address))
    skipped = reached(skipped, followers)
    left = tuple(change for change in plan.changes if folded(change.address) in skipped)
    kept = tuple(change for change in plan.changes if folded(change.address) not in skipped)
    return (_judged_again(replace(plan, changes=kept)) if left else plan), left


def age(plan: Plan, now: datetime) -> timedelta:
    """How long ago live was read for the plan."""
    return now - datetime.fromisoformat(plan.seen_at or plan.planned_at)


def _judged_again(plan: Plan) -> Plan:
    allowed = frozenset(folded(allowance.address) for allowance in plan.allowed)
    renames = other_names(plan.identities)
    judged = GuardedPlan(
        plan.changes, plan.rules, plan.present, 0, plan.manual, allowed, renames, base_rules=plan.base_rules
    )
    guards = [guard for guard in GUARDS if not guard.counts_admins]
    verdicts = [guard.verdict(judged) for guard in guards]
    if plan.base_rules is not None:
        verdicts.append(base_guards(judged, guards))
    again = {verdict.guard: verdict for verdict in verdicts}
    return replace(plan, guards=tuple(again.get(verdict.guard, verdict) for verdict in plan.guards))
