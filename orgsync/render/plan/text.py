"""A plan as a person reads it at a terminal, in Terraform's manner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import Risk
from orgsync.core.plan.weight import Weight
from orgsync.core.words.inert import inert
from orgsync.core.words.plural import counted
from orgsync.render.page.coverage import not_managed, what_matches
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import address, few, name, value
from orgsync.render.page.words import ago
from orgsync.render.plan.changes import write_changes
from orgsync.render.plan.counts import (
    also,
    left_out,
    open_ends,
    pending_invites,
    to_do,
    told_causes,
    told_meanings,
    unprivileged,
)
from orgsync.render.plan.sections import (
    write_allowed,
    write_blocked,
    write_findings,
    write_guards,
    write_manual,
    write_privileged,
    write_waiting,
)

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan


def render(plan: Plan, *, width: int = 80, color: bool = False, next_step: str | None = None) -> str:
    """The whole plan, ending with the command to run next. Colour adds nothing that the words do not say."""
    page = Page(width=width, color=color)
    _write_header(page, plan)
    refused, *others = Weight
    if plan.changes and plan.refusals:
        page.blank()
        page.write("Planned, but refused (see Guards):")
        write_changes(page, plan, (refused,))
    write_privileged(page, plan.findings)
    if plan.changes and not plan.refusals:
        page.blank()
        page.write("orgsync will make these changes:")
    write_changes(page, plan, others)
    write_blocked(page, plan.blocked)
    write_manual(page, plan.manual)
    write_waiting(page, plan.waiting)
    write_findings(page, unprivileged(plan.findings))
    write_guards(page, plan)
    write_allowed(page, plan)
    page.blank()
    _write_result(page, plan)
    if next_step:
        page.blank()
        page.write(inert(next_step), lead=(("Next:", "bold"), " "))
    return page.text()


def _write_header(page: Page, plan: Plan) -> None:
    if plan.without_base_guards is not None:
        page.write(("The guards of the base are lifted by hand", "bold red"), f": {name(plan.without_base_guards)}")
    page.write("Organization ", (value(plan.organization.name), "bold"), f" ({name(plan.organization.id)})")
    page.write((f"Planned at {name(plan.planned_at)} from {_origin(plan)}.", "dim"))
    if plan.base is not None:
        page.write((f"Compared with the files at {name(plan.base)}.", "dim"))


def _origin(plan: Plan) -> str:
    """Where the plan knows live from."""
    if plan.seen_at is None:
        return counted(plan.requests, "request")
    return f"a snapshot taken {name(ago(plan.seen_at, plan.planned_at))}"


def _write_result(page: Page, plan: Plan) -> None:
    """The summary line. Counted from what is listed above it, so that the two cannot disagree."""
    if plan.refusals:
        guards = ", ".join(name(verdict.guard) for verdict in plan.refusals)
        page.write(
            ("Refused", "bold red"), f" by {counted(len(plan.refusals), 'guard')} ({guards}). Nothing will be changed."
        )
    if plan.changes:
        page.write(f"{to_do(plan.changes)}.", lead=(("Plan:", "bold"), " "))
    else:
        page.write(*_nothing_to_do(plan))
    labelled = (
        ("Meaning:", told_meanings(plan)),
        ("Cause:", told_causes(plan)),
        ("Also:", also(plan)),
        ("Not managed:", not_managed(plan.coverage)),
    )
    for label, told in labelled:
        if told:
            page.write(f"{told}.", lead=((label, "bold"), " "))
    final = list(dict.fromkeys(address(change.address) for change in plan.changes if change.risk is Risk.R2))
    if final:
        page.write((f"{len(final):,} cannot be undone:", "bold red"), f" {few(final)}.")
    write_selection(page, plan)


def write_selection(page: Page, plan: Plan) -> None:
    """By what the plan was made smaller, what that brought along or held back, and how much of it is not shown."""
    wanted = plan.selection
    if wanted.is_everything:
        return
    page.write(f"{name(plan.selection.told)}.", lead=(("Selected:", "bold"), " "))
    for why, addresses in (
        ("Included, because others depend on it:", wanted.along),
        ("Not included, because it depends on what is excluded:", wanted.held_back),
    ):
        if addresses:
            page.write(f"{why} {few([address(one) for one in addresses])}.")
    page.write((f"{left_out(plan)}.", "bold"))


def _nothing_to_do(plan: Plan) -> tuple[tuple[str, str], str]:
    """ "Matches" is claimed only where it is true: neither people nor errors stand between the files and live."""
    who = f"The organization {value(plan.organization.name)}" if plan.selection.is_everything else "What is selected"
    if invites := pending_invites(plan):
        pending = counted(invites, "pending invite")
        return ("No changes.", "bold green"), f" {who} matches {what_matches(plan.coverage)}, apart from {pending}."
    if open_ends(plan):
        return ("Nothing for orgsync to do.", "bold"), f" {who} does not match the files yet."
    return ("No changes.", "bold green"), f" {who} matches {what_matches(plan.coverage)}."
