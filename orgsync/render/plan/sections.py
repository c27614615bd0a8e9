"""The parts of a plan that follow its changes: what people have to do, wait for, know, or allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, ManualStep, Note
from orgsync.core.model.codes import Code
from orgsync.core.plan.guards import LIFTED_BY_NAME
from orgsync.render.page.values import address, colon, name, place
from orgsync.render.page.words import LEVELS
from orgsync.render.plan.counts import levels, new_first, news

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Allowance, Level, Verdict
    from orgsync.render.page.terminal import Page, Part


MOST_ALIKE = 10
"""Findings of one code, and addresses of one refusal, that are listed; the rest is a number."""


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


def write_waiting(page: Page, notes: Sequence[Note]) -> None:
    """What depends on another person."""
    if not notes:
        return
    _heading(page, f"Waiting ({len(notes):,})", f"for another person; no action needed{news(notes)}")
    for note in new_first(notes):
        _write_note(page, note, ("  ", (".", "cyan"), " "))


def write_findings(page: Page, notes: Sequence[Note]) -> None:
    """What a person should know and orgsync will not change, most serious first."""
    if not notes:
        return
    _heading(page, f"Findings ({len(notes):,})", f"{levels(notes, symbols=True)}{news(notes)}")
    for level in LEVELS:
        for alike in _by_code(new_first(notes), level):
            _write_alike(page, alike)


def write_guards(page: Page, verdicts: Sequence[Verdict]) -> None:
    """Refusals first, with what made them refuse; the guards that passed take one line."""
    if not verdicts:
        return
    refusals = [verdict for verdict in verdicts if not verdict.passed]
    passed = [name(verdict.guard) for verdict in verdicts if verdict.passed]
    if not refusals:
        page.blank()
        page.write((f"Guards ({len(passed):,})", "bold"), f" all passed: {', '.join(passed)}")
        return
    _heading(page, f"Guards ({len(verdicts):,})", f"{len(refusals):,} refused")
    for verdict in refusals:
        _write_refusal(page, verdict)
    if passed:
        page.write(f"passed: {', '.join(passed)}", lead=("  ", ("=", "green"), " "))
    if any(verdict.guard in LIFTED_BY_NAME for verdict in refusals):  # for the others a hint would lead nowhere
        page.blank()
        page.write("To allow a refused change, add `--allow ADDRESS` for each.", lead=("  ",))


def write_allowed(page: Page, allowances: Sequence[Allowance]) -> None:
    """What the guards let pass: a person named it, or an undo takes back what its apply made."""
    if not allowances:
        return
    _heading(page, f"Allowed ({len(allowances):,})", "by address")
    for allowance in allowances:
        until = f" until {name(allowance.until)}" if allowance.until else ""
        reason = f" ({name(allowance.reason)})" if allowance.reason else ""
        page.write((address(allowance.address), "bold"), f"{until}{reason}", lead=("  ", ("=", "green"), " "))


def _heading(page: Page, title: str, remark: str) -> None:
    page.blank()
    page.write((title, "bold"), f": {remark}")
    page.blank()


def _by_code(notes: Sequence[Note], level: Level) -> Iterable[Sequence[Note]]:
    groups: dict[str, list[Note]] = {}
    for note in notes:
        if note.level is level:
            groups.setdefault(note.code, []).append(note)
    return groups.values()


def _write_alike(page: Page, notes: Sequence[Note]) -> None:
    """Findings of one code. Where all say the same, it is said once, and the addresses follow."""
    first, words = notes[0], LEVELS[notes[0].level]
    mark = ("  ", (words.symbol, words.style), " ")
    said_once = len(notes) > 1 and all(note.message == first.message for note in notes)
    if said_once:
        page.write(name(first.message), (f" [{name(first.code)}, {len(notes):,} times]", "dim"), lead=mark)
    for note in notes[:MOST_ALIKE]:
        if said_once:
            about = ", ".join(_about(note))
            page.write((address(note.address), "bold"), (f" [{about}]" if about else "", "dim"), lead=("      ",))
        else:
            _write_note(page, note, mark)
    _write_rest(page, len(notes) - MOST_ALIKE, name(first.code), indent="      " if said_once else "    ")


def _write_note(page: Page, note: Note, mark: tuple[Part, ...]) -> None:
    page.write((colon(address(note.address)), "bold"), f" {name(note.message)}", _tail(note), lead=mark)


def _tail(note: Note | ManualStep) -> Part:
    """The code, which is what the documentation and waivers go by, and the line of the file."""
    return (f" [{', '.join((name(note.code), *_about(note)))}]", "dim")


def _about(note: Note | ManualStep) -> Iterable[str]:
    """The line of the file, and whether this change of the files brought it about."""
    if note.source is not None:
        yield place(note.source)
    if note.cause is Cause.CONFIG:
        yield "new"


def _write_refusal(page: Page, verdict: Verdict) -> None:
    page.write((colon(name(verdict.guard)), "bold"), f" {name(verdict.message)}", lead=("  ", ("x", "bold red"), " "))
    for refused in verdict.addresses[:MOST_ALIKE]:
        page.write(address(refused), lead=("      ",))
    _write_rest(page, len(verdict.addresses) - MOST_ALIKE, "", indent="      ")


def _write_rest(page: Page, number: int, noun: str, *, indent: str) -> None:
    if number > 0:
        page.write(
            (f"… and {number:,} more{' ' if noun else ''}{noun} (--format json lists all)", "dim"), lead=(indent,)
        )
