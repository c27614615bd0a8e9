"""Notes on lines of the files as GitHub's workflow commands, never more of them than a step may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.change import TAKING, Level, Risk
from orgsync.core.model.codes import Code
from orgsync.core.words.inert import command_data, command_property, inert
from orgsync.render.page.values import LIMIT, address, few, name
from orgsync.render.page.words import ACTIONS, LEVELS, RISKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orgsync.core.model.change import ManualStep, Note, Place, Plan, Verdict
    from orgsync.core.words.address import Address
    from orgsync.core.words.source import Problem

MOST = 10
"""GitHub shows 10 annotations of each level for a step, and drops the rest without a word."""

COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """One note. What it says is data, with line breaks where it has several lines."""

    level: Level
    title: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None


def of_plan(plan: Plan) -> Iterator[Annotation]:
    """What a reviewer has to see on the lines, most serious first."""
    places = {change.address: change.source for change in plan.changes if change.source is not None}
    for verdict in plan.refusals:
        yield _refusal(verdict, next((places[hit] for hit in verdict.addresses if hit in places), None))
    for note in plan.findings:
        if note.code == Code.PRIVILEGED_CHANGE:
            yield _note(note, level=Level.ERROR if note.level is Level.ERROR else Level.WARNING)
    for change in plan.changes:
        if change.risk is Risk.R2 or (change.action in TAKING and change.source is not None):
            words = [f"{address(change.address)} {ACTIONS[change.action].future}"]
            words += [RISKS[change.risk].text] if change.risk in RISKS else []
            yield _placed(Level.WARNING, change.address, "; ".join([*words, *change.effects]), change.source)
    for level in LEVELS:
        yield from (
            _note(note) for note in plan.findings if note.level is level and note.code != Code.PRIVILEGED_CHANGE
        )
        yield from (_note(step) for step in plan.manual if step.level is level)


def of_problems(problems: Iterable[Problem], *, title: str = "The files are invalid") -> Iterator[Annotation]:
    """Everything that is wrong with the files; `title` is for what is about no address."""
    for problem in problems:
        message = problem.message if problem.hint is None else f"{problem.message}\nhint: {problem.hint}"
        place = problem.source
        yield Annotation(
            Level.ERROR,
            problem.address or title,
            message,
            *(() if place is None else (place.file, place.line, place.column)),
        )


def render(annotations: Iterable[Annotation], *, where: Callable[[str], str] = str) -> str:
    """One command for each; the last that GitHub would show of a level counts those it would drop.

    `where` says how a file is called from the top of the repository, which is where GitHub looks for it.
    """
    every = list(annotations)
    lines = []
    for level in LEVELS:
        alike = [one for one in every if one.level is level]
        kept = alike if len(alike) <= MOST else [*alike[: MOST - 1], _rest(alike[MOST - 1 :])]
        lines += [_command(one, where) for one in kept]
    return "".join(f"{line}\n" for line in lines)


def _refusal(verdict: Verdict, place: Place | None) -> Annotation:
    about = f": {few([address(hit) for hit in verdict.addresses])}" if verdict.addresses else ""
    return _placed(Level.ERROR, f"refused by {verdict.guard}", f"{verdict.message}{about}", place)


def _note(note: Note | ManualStep, *, level: Level | None = None) -> Annotation:
    return _placed(level or note.level, note.code, f"{address(note.address)}: {note.message}", note.source)


def _placed(level: Level, title: Address | str, message: str, place: Place | None) -> Annotation:
    return Annotation(level, title, message, *(() if place is None else (place.file, place.line)))


def _rest(left: Sequence[Annotation]) -> Annotation:
    return Annotation(left[0].level, "orgsync", f"and {len(left):,} more, listed in the plan")


def _command(one: Annotation, where: Callable[[str], str]) -> str:
    properties = {
        "file": None if one.file is None else where(one.file),
        "line": one.line,
        "col": one.column,
        "title": name(one.title),
    }
    written = ",".join(f"{key}={command_property(str(text))}" for key, text in properties.items() if text is not None)
    message = "\n".join(inert(line, limit=LIMIT) for line in one.message.split("\n", 1))
    # A third colon right after the two would leave it open where the message begins.
    begun = f"\\x3a{message[1:]}" if message.startswith(":") else message
    return f"::{COMMANDS[one.level]} {written}::{command_data(begun)}"
