"""What guards look at, in a few words: the smallest plans that show what a guard is for."""

from __future__ import annotations

from typing import Any

from orgsync.core.model.change import Action, Change, FieldChange, ManualStep, Risk, Rules, Verdict
from orgsync.core.plan.guards import GuardedPlan, judge
from orgsync.core.words.address import Address, folded

OPEN = {"min_admins": 0, "max_removals_percent": 100, "max_removals_count": 1000}
"""Rules that leave every limit open."""

MANY = {"member": 1000, "workspace": 1000, "workspace_member": 1000, "api_key": 1000, "spend_limit": 1000}


def change(text: str, *, risk: Risk = Risk.R0) -> Change:
    """One change, written `action address`."""
    action, _space, address = text.partition(" ")
    return Change(Address(address), Action(action), (FieldChange("role", "user", None),), risk=risk)


def step(text: str) -> ManualStep:
    """One manual step, written `code address`."""
    code, _space, address = text.partition(" ")
    return ManualStep(Address(address), code, "", "", "")


def plan(
    *changes: str,
    final: tuple[str, ...] = (),
    manual: tuple[str, ...] = (),
    allow: tuple[str, ...] = (),
    present: dict[str, int] | None = None,
    admins: int = 5,
    renames: tuple[tuple[str, str], ...] = (),
    **rules: Any,
) -> GuardedPlan:
    """A plan with these changes, the `final` ones irreversible, under rules that are open but for those given."""
    return GuardedPlan(
        changes=(*map(change, changes), *(change(text, risk=Risk.R2) for text in final)),
        rules=Rules(**{**OPEN, **rules}),
        present=MANY if present is None else present,
        admins=admins,
        manual=tuple(map(step, manual)),
        allowed=frozenset(folded(address) for address in allow),
        renames=renames,
    )


def verdict(guard: str, judged: GuardedPlan) -> Verdict:
    """What one guard says."""
    return next(one for one in judge(judged) if one.guard == guard)


def refusals(judged: GuardedPlan) -> dict[str, list[str]]:
    """The guards that refuse, each with the addresses it names."""
    return {one.guard: list(one.addresses) for one in judge(judged) if not one.passed}
