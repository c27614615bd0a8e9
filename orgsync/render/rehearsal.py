"""What a rehearsal found out, as a person reads it and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.apply.rehearsal import Fault
from orgsync.core.words.inert import inert_json
from orgsync.core.words.plural import counted
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import colon, name

if TYPE_CHECKING:
    from orgsync.core.apply.rehearsal import RehearsalReport, Tally, Tried

MOST_EXAMPLES = 5

_COLUMNS = ("runs", "converged", "stale", "most re-runs")
_WIDEST = max(len(fault.words) for fault in Fault)


def render(verdict: RehearsalReport, *, width: int = 80, color: bool = False) -> str:
    """The table of what went wrong and how it ended, what broke, and the verdict."""
    page = Page(width=width, color=color)
    page.write(
        (f'Rehearsal for "{name(verdict.organization.name)}"', "bold"),
        f" ({name(verdict.organization.id)}): {counted(verdict.changes, 'change')}, plan {verdict.plan[:12]}",
    )
    if verdict.undisturbed:
        _write_undisturbed(page, verdict)
        return page.text()
    page.write(
        f"Undisturbed: {counted(verdict.requests, 'request')}, {counted(verdict.writes, 'write')} among them; "
        "a second apply sends no write."
    )
    page.blank()
    _write_row(page, "at one request, then run again", _COLUMNS, "dim")
    for tally in verdict.tallies:
        _write_row(page, tally.fault.words, _figures(tally))
    figures = tuple(f"{number:,}" for number in (verdict.runs, verdict.converged, verdict.stale, verdict.most_reruns))
    _write_row(page, "in all", figures, "bold")
    page.blank()
    if verdict.stale:
        page.write("stale: the organization had changed, so nothing more was written, and nothing was lost.")
    if verdict.runs < verdict.points:
        page.write(f"{verdict.runs:,} of {verdict.points:,} points were tried; --runs {verdict.points} tries all.")
    else:
        page.write(f"All {verdict.points:,} points were tried.")
    _write_broken(page, verdict)
    page.blank()
    _write_result(page, verdict)
    return page.text()


def json_text(verdict: RehearsalReport) -> str:
    """The same for a program; what broke is all there."""
    data: dict[str, Any] = {
        "held": verdict.held,
        "organization": {"id": verdict.organization.id, "name": verdict.organization.name},
        "plan": verdict.plan,
        "changes": verdict.changes,
        "requests": verdict.requests,
        "writes": verdict.writes,
        "points": verdict.points,
        "seed": verdict.seed,
        "runs": verdict.runs,
        "converged": verdict.converged,
        "stale": verdict.stale,
        "most_reruns": verdict.most_reruns,
        "faults": [
            {
                "fault": tally.fault,
                "runs": tally.runs,
                "converged": tally.converged,
                "stale": tally.stale,
                "most_reruns": tally.most_reruns,
            }
            for tally in verdict.tallies
        ],
        "undisturbed": list(verdict.undisturbed),
        "broken": [
            {"at": one.point.at, "request": one.point.request, "fault": one.point.fault, "what": list(one.broken)}
            for one in verdict.broken
        ],
    }
    return inert_json(json.dumps(data, indent=2, ensure_ascii=True)) + "\n"


def _figures(tally: Tally) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in (tally.runs, tally.converged, tally.stale, tally.most_reruns))


def _write_row(page: Page, first: str, rest: tuple[str, ...], style: str = "") -> None:
    cells = "".join(f"{cell:>{len(title) + 2}}" for cell, title in zip(rest, _COLUMNS, strict=True))
    page.write((f"{first:<{_WIDEST}}{cells}", style), lead=("  ",))


def _write_undisturbed(page: Page, verdict: RehearsalReport) -> None:
    page.blank()
    for message in verdict.undisturbed:
        page.write(name(message), lead=("  ", ("x", "bold red"), " "))
    page.blank()
    page.write(
        ("Rehearsal failed:", "bold red"), " the plan fails even without disturbance, so nothing else was tried."
    )


def _write_broken(page: Page, verdict: RehearsalReport) -> None:
    if not verdict.broken:
        return
    page.blank()
    page.write((f"Broken ({len(verdict.broken):,})", "bold"), ":")
    for one in verdict.broken[:MOST_EXAMPLES]:
        _write_example(page, one)
    more = len(verdict.broken) - MOST_EXAMPLES
    if more > 0:
        page.write((f"… and {more:,} more (--format json lists all)", "dim"), lead=("    ",))


def _write_example(page: Page, one: Tried) -> None:
    where = f" at request {one.point.at:,}, {name(one.point.request)}"
    page.write((colon(one.point.fault.words), "bold"), where, lead=("  ", ("x", "bold red"), " "))
    for message in one.broken:
        page.write(name(message), lead=("      ",))


def _write_result(page: Page, verdict: RehearsalReport) -> None:
    runs = counted(verdict.runs, "disturbed apply")
    if verdict.broken:
        page.write(("Rehearsal failed:", "bold red"), f" {len(verdict.broken):,} of {runs} broke an invariant.")
        return
    page.write(
        ("Rehearsal passed:", "bold green"),
        f" {runs}, at most {counted(verdict.most_reruns, 're-run')} needed; invariants broken: none.",
    )
