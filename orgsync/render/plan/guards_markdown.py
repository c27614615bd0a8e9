"""What the guards say of a plan as tables: what they refuse, what to paste to allow it, and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.plan.allowances import NAMED_AT_MOST, entry_for, option_for, raising_entry
from orgsync.core.plan.guards import allowable
from orgsync.render.page.markdown import Section
from orgsync.render.page.markdown_text import code, lines, named, prose, row
from orgsync.render.plan.groups import listed_with_guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.model.change import Plan, Verdict

LONGEST_PASTED = 1_000
"""What is pasted must not lose its middle; a longer address nobody types either."""


def refusal_sections(plan: Plan) -> Iterator[Section]:
    """What is refused, and what lifts each refusal."""
    if not plan.refusals:
        return
    yield Section(
        "Refused",
        ("guard", "why", "addresses"),
        [row((code(one.guard), prose(one.message), _addresses(plan, one))) for one in plan.refusals],
        "refusal",
        rank=0,
        folded=False,
        must=len(plan.refusals),
    )
    entries = [_pasted(entry) for one in plan.refusals if (entry := raising_entry(one)) is not None]
    refused = dict.fromkeys(
        address
        for verdict in plan.refusals
        if raising_entry(verdict) is None
        for address in allowable(verdict, plan.changes, plan.rules)
    )
    rows = [
        *(row(("", entry)) for entry in entries),
        *(row((_pasted(option_for(plan, address)), _pasted(entry_for(plan, address)))) for address in refused),
    ]
    if rows:
        yield Section(
            "To allow what is refused",
            ("on the command line", "or under `guards.allow` in the files"),
            rows,
            "line",
            rank=3,
            folded=len(rows) > NAMED_AT_MOST,
        )


def guard_sections(plan: Plan) -> Iterator[Section]:
    """The guards that passed, and what a person allowed for this plan."""
    passed = [verdict for verdict in plan.guards if verdict.passed]
    if not (passed or plan.allowed or plan.raised):
        return
    allowed = [
        row(
            (
                "allowed",
                lines((named(one.address), code(one.id) if one.id else "")),
                lines((prose(one.reason), f"until {code(one.until)}" if one.until else "")),
            )
        )
        for one in plan.allowed
    ]
    raised = [
        row(("raised", code(one.guard), lines((f"to {one.count:,}", prose(one.reason), f"until {code(one.until)}"))))
        for one in plan.raised
    ]
    told = [f"{len(passed):,} passed"]
    told += [f"{len(allowed):,} allowed by address"] if allowed else []
    told += [f"{len(raised):,} raised"] if raised else []
    yield Section(
        f"Guards: {', '.join(told)}",
        ("", "name", "what"),
        [*(row(("passed", code(one.guard), prose(one.message))) for one in passed), *allowed, *raised],
        "line",
        rank=7,
    )


def _addresses(plan: Plan, verdict: Verdict) -> str:
    """Those of changes stand below, too, as refused: here are the first of them."""
    shown = listed_with_guard(plan, verdict)
    rest = len(verdict.addresses) - len(shown)
    return lines((*map(named, shown), f"and {rest:,} more, listed below as refused" if rest else ""))


def _pasted(text: str) -> str:
    return code(text, limit=LONGEST_PASTED)
