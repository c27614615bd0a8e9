"""A saved plan, made smaller or allowed more by whoever applies it. Nothing here can make it larger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.plan.allowances import named
from orgsync.core.plan.dependencies import with_followers
from orgsync.core.plan.guarded import without_live
from orgsync.core.plan.guards import GUARDS, allowable, base_guards
from orgsync.core.words.address import folded
from orgsync.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from orgsync.core.model.change import Change, Plan, Verdict
    from orgsync.core.plan.guarded import GuardedPlan


_MOST_NAMED = 5


def allowing(plan: Plan, addresses: Sequence[str]) -> Plan:
    """The plan with these changes named, and with the guards judged again that can be without looking at live."""
    if not addresses:
        return plan
    return _judged_again(replace(plan, allowed=(*plan.allowed, *map(named, addresses))))


def without(plan: Plan, addresses: Sequence[str]) -> tuple[Plan, tuple[Change, ...]]:
    """The plan without the changes of these addresses and what depends on them; and the changes left out.

    Raises ValueError for an address that the plan does not change.
    """
    skipped = {folded(address) for address in addresses}
    unknown = skipped - {folded(change.address) for change in plan.changes}
    if unknown:
        raise ValueError(f"the plan does not change {', '.join(sorted(unknown))}")
    skipped = with_followers(skipped, plan.changes)
    left = tuple(change for change in plan.changes if folded(change.address) in skipped)
    kept = tuple(change for change in plan.changes if folded(change.address) not in skipped)
    return (_judged_again(replace(plan, changes=kept)) if left else plan), left


def refusal_of(plan: Plan, only: str | None) -> Refused | None:
    """Why nothing that was asked for can be done, where nothing matches that is not blocked."""
    if only is None or not plan.blocked or plan.changes or plan.manual or plan.waiting:
        return None
    where = ", ".join(one.address for one in plan.blocked[:_MOST_NAMED])
    more = f" and {len(plan.blocked) - _MOST_NAMED} more" if len(plan.blocked) > _MOST_NAMED else ""
    message = f"--only {only} selects nothing but what is blocked ({where}{more}); nothing was changed"
    return Refused(message, hint="decide about it first: the plan says how")


def age(plan: Plan, now: datetime) -> timedelta:
    """How long ago live was read for the plan."""
    return now - datetime.fromisoformat(plan.seen_at or plan.planned_at)


def _judged_again(plan: Plan) -> Plan:
    """With the verdicts that can be given without live; of the others, what is left of what they refused."""
    judged = without_live(plan)
    guards = [guard for guard in GUARDS if not guard.needs_live]
    again = {verdict.guard: verdict for verdict in (guard.verdict(judged) for guard in guards)}
    if judged.has_base:
        again["base_guards"] = base_guards(judged, guards)
    verdicts = (again.get(verdict.guard) or _what_is_left(verdict, judged) for verdict in plan.guards)
    return replace(plan, guards=tuple(verdicts))


def _what_is_left(verdict: Verdict, judged: GuardedPlan) -> Verdict:
    """A refusal, as far as what it was for is still in the plan and nobody named it. Apply judges again by live."""
    named = {change.address for change in judged.changes if judged.is_named(change)}
    lifted = named.intersection(allowable(verdict, judged.changes, judged.rules))
    left = {change.address for change in judged.changes} - lifted
    left |= {step.address for step in judged.manual}
    addresses = tuple(address for address in verdict.addresses if address in left)
    if verdict.passed or addresses:
        return replace(verdict, addresses=addresses)
    return replace(verdict, passed=True, message="allowed by address, or left out", addresses=())
