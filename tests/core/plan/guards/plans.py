"""What guards look at, in a few words: the smallest plans that show what a guard is for."""

from __future__ import annotations

from typing import Any

from orgsync.core.model.change import (
    Action,
    Allowance,
    Cause,
    Change,
    FieldChange,
    ManualStep,
    Protection,
    Raised,
    Risk,
    Rules,
    Verdict,
)
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.allowances import named
from orgsync.core.plan.guarded import Collection, GuardedPlan
from orgsync.core.plan.guards import judge
from orgsync.core.plan.protection import OtherNames
from orgsync.core.words.address import Address

OPEN: dict[str, Any] = {
    "min_admins": 0,
    "max_removals_percent": 100,
    "max_removals_count": 1000,
    "max_grants": 1000,
}
"""Rules that leave every limit open."""

MANY = {"member": 1000, "workspace": 1000, "workspace_member": 1000, "api_key": 1000, "spend_limit": 1000}

FIELDS = (FieldChange("role", "user", None),)


def change(
    text: str,
    *,
    risk: Risk = Risk.R0,
    cause: Cause = Cause.UNKNOWN,
    identity: str | None = "id_1",
    action: Action = Action.UPDATE,
) -> Change:
    """One change, written `meaning+meaning address`. `gone` is what is withdrawn because no line declares it."""
    words, _space, address = text.partition(" ")
    absent = words == "gone"
    words = words.replace("gone", "withdraws").replace("neutral", "")
    return Change(
        Address(address),
        action,
        FIELDS,
        id=identity,
        cause=cause,
        risk=risk,
        meaning=tuple(one for one in Meaning if one in words.split("+")),
        absent=absent,
    )


def step(text: str) -> ManualStep:
    """One manual step, written `code address`."""
    code, _space, address = text.partition(" ")
    return ManualStep(Address(address), code, "", "", "")


def protections(*globs: str) -> tuple[Protection, ...]:
    """What is protected from harm; from every change where the glob begins with `any `."""
    return tuple(Protection(glob.removeprefix("any "), any=glob.startswith("any ")) for glob in globs)


def rules(**given: Any) -> Rules:
    """Rules that are open but for those given; what is protected is given as globs."""
    globs = given.pop("protect", ())
    return Rules(**{**OPEN, **given}, protect=protections(*globs))


def plan(
    *changes: str | Change,
    final: tuple[str, ...] = (),
    manual: tuple[str, ...] = (),
    allow: tuple[str, ...] = (),
    raised: int | None = None,
    present: dict[str, int] | None = None,
    admins: int = 5,
    renames: tuple[tuple[str, str], ...] = (),
    collections: tuple[Collection, ...] = (),
    more: dict[str, Any] | None = None,
    **limits: Any,
) -> GuardedPlan:
    """A plan with these changes, the `final` ones irreversible, under rules that are open but for those given."""
    return GuardedPlan(
        changes=(
            *(one if isinstance(one, Change) else change(one) for one in changes),
            *(change(text, risk=Risk.R2) for text in final),
        ),
        rules=rules(**limits),
        present=MANY if present is None else present,
        admins=admins,
        manual=tuple(map(step, manual)),
        allowed=tuple(map(allowance, allow)),
        raised=() if raised is None else (Raised("max_grants", raised, "agreed", "2027-01-31"),),
        names=OtherNames(renames),
        collections=collections,
        **(more or {}),
    )


def allowance(text: str) -> Allowance:
    """What `--allow` names."""
    return named(text)


def verdict(guard: str, judged: GuardedPlan) -> Verdict:
    """What one guard says."""
    return next(one for one in judge(judged) if one.guard == guard)


def refusals(judged: GuardedPlan) -> dict[str, list[str]]:
    """The guards that refuse, each with the addresses it names."""
    return {one.guard: list(one.addresses) for one in judge(judged) if not one.passed}
