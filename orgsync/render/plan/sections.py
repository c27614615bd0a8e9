"""The parts of a plan that follow its changes: what people have to do, wait for, know, or allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Level, ManualStep, Note
from orgsync.core.model.codes import Code
from orgsync.core.plan.allowances import option_for, raising_entry
from orgsync.core.plan.guards import allowable
from orgsync.render.page.values import address, colon, few, name, place
from orgsync.render.page.words import LEVELS
from orgsync.render.plan.counts import levels, new_first, news
from orgsync.render.plan.groups import listed_with_guard, may_be_a_way_in, ways_in_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Blocked, Plan, Verdict
    from orgsync.render.page.terminal import Page, Part


MOST_ALIKE = 10
"""Findings of one code that are listed; the rest is a number. Errors and what may be a way in are always listed."""


def write_privileged(page: Page, notes: Sequence[Note]) -> None:
    """What this change of the files does to the rules orgsync itself goes by: read before everything else."""
    privileged = [note for note in notes if note.code == Code.PRIVILEGED_CHANGE]
    if not privileged:
        return
    _heading(page, f"Privileged changes ({len(privileged):,})", "of settings that control what orgsync may do")
    for note in privileged:
        source = "" if note.source is None else f" [{place(note.source)}]"
        lead = ("  ", ("!", "bold yellow"), " ")
        page.write((colon(address(note.address)), "bold"), f" {name(note.message)}", (source, "dim"), lead=lead)


def write_manual(page: Page, steps: Sequence[ManualStep]) -> None:
    """What only the Console can do: where, and what it has to show afterwards."""
    if not steps:
        return
    _heading(page, f"Manual steps ({len(steps):,})", f"only a person can do these, in the Console{news(steps)}")
    for number, step in enumerate(new_first(steps), start=1):
        lead = f"  {number}. "
        page.write((colon(address(step.address)), "bold"), f" {name(step.message)}", _tail(step), lead=(lead,))
        indent = " " * len(lead)
        page.write(name(step.where), lead=(indent,), label=("where:    ", "dim"))
        page.write(name(step.expected), lead=(indent,), label=("expected: ", "dim"))


def write_blocked(page: Page, blocked: Sequence[Blocked]) -> None:
    """What only a person can decide: why, the way out, and what else waits for that."""
    if not blocked:
        return
    _heading(page, f"Blocked ({len(blocked):,})", f"a person has to decide; nothing is planned here{news(blocked)}")
    for one in new_first(blocked):
        lead = ("  ", ("x", "bold red"), " ")
        page.write((colon(address(one.address)), "bold"), f" {name(one.message)}", _tail(one), lead=lead)
        if one.hint is not None:
            page.write(name(one.hint), lead=("    ",), label=("hint: ", "dim"))
        if one.dependents:
            held = few([address(each) for each in one.dependents])
            page.write(held, lead=("    ",), label=("also blocked: ", "dim"))


def write_waiting(page: Page, notes: Sequence[Note]) -> None:
    """What depends on another person."""
    if not notes:
        return
    _heading(page, f"Waiting ({len(notes):,})", f"for another person; no action needed{news(notes)}")
    for note in new_first(notes):
        _write_note(page, note, ("  ", (".", "cyan"), " "))


def write_findings(page: Page, notes: Sequence[Note]) -> None:
    """What a person should know and orgsync will not change: errors, what may be a way in, then by level."""
    if not notes:
        return
    _heading(page, f"Findings ({len(notes):,})", f"{levels(notes, symbols=True)}{news(notes)}")
    ordered = ways_in_first(new_first(notes))
    errors = [note for note in ordered if note.level is Level.ERROR]
    ways = [note for note in ordered if may_be_a_way_in(note) and note.level is not Level.ERROR]
    others = [note for level in LEVELS for note in ordered if note.level is level and not may_be_a_way_in(note)]
    for part in (errors, ways, [note for note in others if note.level is not Level.ERROR]):
        for alike in _by_code(part):
            _write_alike(page, alike)


def write_guards(page: Page, plan: Plan) -> None:
    """Refusals first, with what made them refuse and what to paste; the guards that passed take one line."""
    if not plan.guards:
        return
    passed = [name(verdict.guard) for verdict in plan.guards if verdict.passed]
    if not plan.refusals:
        page.blank()
        page.write((f"Guards ({len(passed):,})", "bold"), f" all passed: {', '.join(passed)}")
        return
    _heading(page, f"Guards ({len(plan.guards):,})", f"{len(plan.refusals):,} refused")
    for verdict in plan.refusals:
        _write_refusal(page, verdict, plan)
    if passed:
        page.write(f"passed: {', '.join(passed)}", lead=("  ", ("=", "green"), " "))


def _write_refusal(page: Page, verdict: Verdict, plan: Plan) -> None:
    """One refusal with what allows it, else with its addresses: those of changes stand above, too, as refused."""
    page.write((colon(name(verdict.guard)), "bold"), f" {name(verdict.message)}", lead=("  ", ("x", "bold red"), " "))
    raising = raising_entry(verdict)
    allowed = allowable(verdict, plan.changes, plan.rules) if raising is None else ()
    if allowed:
        each = "it, add" if len(allowed) == 1 else "them, add for each"
        page.write(f"to allow {each}:", lead=("    ",))
        for refused in allowed:
            page.write(name(option_for(plan, refused)), lead=("      ",))
        verdict = replace(verdict, addresses=tuple(one for one in verdict.addresses if one not in allowed))
        if not verdict.addresses:
            return
        page.write("the rest is not allowed one by one:", lead=("    ",))
    shown = listed_with_guard(plan, verdict)
    for refused in shown:
        page.write((address(refused), "bold"), lead=("      ",))
    _write_rest(page, len(verdict.addresses) - len(shown), "listed above as refused", indent="      ")
    if raising is not None:
        page.write("to allow them, list this under `guards.allow` in the files:", lead=("    ",))
        page.write(raising, lead=("      ",))


def write_allowed(page: Page, plan: Plan) -> None:
    """What the guards let pass because a person named it, and the limits that a person raised for this plan."""
    if plan.allowed:
        _heading(page, f"Allowed ({len(plan.allowed):,})", "by address")
    for allowance in plan.allowed:
        until = f" until {name(allowance.until)}" if allowance.until else ""
        reason = f" ({name(allowance.reason)})" if allowance.reason else ""
        about = address(allowance.address) + (f" = {name(allowance.id)}" if allowance.id else "")
        page.write((about, "bold"), f"{until}{reason}", lead=("  ", ("=", "green"), " "))
    if plan.raised:
        _heading(page, f"Raised limits ({len(plan.raised):,})", "for this plan")
    for one in plan.raised:
        told = f" to {one.count:,} until {name(one.until)} ({name(one.reason)})"
        page.write((name(one.guard), "bold"), told, lead=("  ", ("=", "green"), " "))


def _heading(page: Page, title: str, remark: str) -> None:
    page.blank()
    page.write((title, "bold"), f": {remark}")
    page.blank()


def _by_code(notes: Sequence[Note]) -> Iterable[Sequence[Note]]:
    """Findings that belong together: of one level and code, and what may be a way in also of one message."""
    groups: dict[tuple[Level, str, str], list[Note]] = {}
    for note in notes:
        groups.setdefault((note.level, note.code, note.message if may_be_a_way_in(note) else ""), []).append(note)
    return groups.values()


def _write_alike(page: Page, notes: Sequence[Note]) -> None:
    """Findings that belong together. Where all say the same, it is said once, and the addresses follow."""
    first, words = notes[0], LEVELS[notes[0].level]
    mark = ("  ", (words.symbol, words.style), " ")
    said_once = len(notes) > 1 and all(note.message == first.message for note in notes)
    if said_once:
        page.write(name(first.message), (f" [{name(first.code)}, {len(notes):,} times]", "dim"), lead=mark)
    whole = first.level is Level.ERROR or may_be_a_way_in(first)
    shown = notes if whole else notes[:MOST_ALIKE]
    for note in shown:
        if said_once:
            about = ", ".join(_about(note))
            page.write((address(note.address), "bold"), (f" [{about}]" if about else "", "dim"), lead=("      ",))
        else:
            _write_note(page, note, mark)
    left = f"{name(first.code)} (--format json lists all)"
    _write_rest(page, len(notes) - len(shown), left, indent="      " if said_once else "    ")


def _write_note(page: Page, note: Note, mark: tuple[Part, ...]) -> None:
    page.write((colon(address(note.address)), "bold"), f" {name(note.message)}", _tail(note), lead=mark)


def _tail(note: Note | ManualStep | Blocked) -> Part:
    """The code, which is what the documentation and waivers go by, and the line of the file."""
    return (f" [{', '.join((name(note.code), *_about(note)))}]", "dim")


def _about(note: Note | ManualStep | Blocked) -> Iterable[str]:
    """The line of the file, and whether this change of the files brought it about."""
    if note.source is not None:
        yield place(note.source)
    if note.cause is Cause.CONFIG:
        yield "new"


def _write_rest(page: Page, number: int, noun: str, *, indent: str) -> None:
    if number > 0:
        page.write((f"… and {number:,} more {noun}", "dim"), lead=(indent,))
