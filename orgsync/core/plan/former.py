"""What the guards of version 0.1 would have said, so that a plan can tell which refusals are new.

They went by the names of actions: what updates take or give was not looked at.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from orgsync.core.model.change import TAKING, Action, Risk
from orgsync.core.words.address import covers, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orgsync.core.model.change import Change
    from orgsync.core.plan.guarded import GuardedPlan


def would_have_refused(guard: str, plan: GuardedPlan) -> bool:
    """Whether this guard of version 0.1 would have refused the plan, for whatever addresses."""
    return _FORMER.get(guard, _never)(plan)


def _never(_plan: GuardedPlan) -> bool:
    return False


def _always(_plan: GuardedPlan) -> bool:
    """Of a guard that is what it was."""
    return True


def _removals(plan: GuardedPlan) -> Sequence[Change]:
    """What was taken by an action of its own; an invite that is withdrawn to be sent again was not."""
    invited = {change.address for change in plan.changes if change.action is Action.INVITE}
    return [
        change
        for change in plan.changes
        if change.action in TAKING and not (change.action is Action.WITHDRAW and change.address in invited)
    ]


def _protected(plan: GuardedPlan) -> bool:
    return any(
        covers(entry.address, name)
        for change in _removals(plan)
        for name in plan.names.of(change.address)
        for entry in plan.rules.protect
    )


def _is_named(change: Change, plan: GuardedPlan) -> bool:
    return folded(change.address) in {folded(one.address) for one in plan.allowed}


def _irreversible(plan: GuardedPlan) -> bool:
    return any(change.risk is Risk.R2 and not _is_named(change, plan) for change in plan.changes)


def _too_many_removals(plan: GuardedPlan) -> bool:
    removals = [change.address for change in _removals(plan) if not _is_named(change, plan)]
    if len(removals) > plan.rules.max_removals_count:
        return True
    kinds = Counter(address.kind for address in removals)
    percent = plan.rules.max_removals_percent
    return any(number * 100 > percent * plan.present.get(kind, 0) for kind, number in kinds.items())


def _emptied_collection(plan: GuardedPlan) -> bool:
    groups: dict[str, list[Change]] = {}
    for change in _removals(plan):
        groups.setdefault(change.address.kind, []).append(change)
    return any(
        len(group) >= plan.present.get(kind, 0) and not all(_is_named(change, plan) for change in group)
        for kind, group in groups.items()
    )


_FORMER: dict[str, Callable[[GuardedPlan], bool]] = {
    "protect": _protected,
    "irreversible": _irreversible,
    "max_removals": _too_many_removals,
    "emptied_collection": _emptied_collection,
    "min_admins": _always,
    "own_identity": _always,
}
"""By the name of the guard; what is not here is new altogether."""
