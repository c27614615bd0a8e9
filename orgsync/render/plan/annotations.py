"""Notes on lines of the files as GitHub's workflow commands, never more of them than a step may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Level, ManualStep, Note
from orgsync.core.model.codes import Code
from orgsync.core.plan.weight import Weight, by_weight
from orgsync.core.review.cause import is_old
from orgsync.core.words.inert import command_data, command_property, inert
from orgsync.core.words.plural import counted
from orgsync.render.page.values import address, name
from orgsync.render.page.words import ACTIONS, LEVELS, harm, kind_noun
from orgsync.render.plan.groups import groups, ways_in_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orgsync.core.model.change import Blocked, Place, Plan, Verdict
    from orgsync.core.words.address import Address
    from orgsync.core.words.source import Problem
    from orgsync.render.plan.groups import Group

MOST = 10
"""GitHub shows 10 annotations of each level for a step, and drops the rest without a word."""

LONGEST = 30_000
"""Characters of one message, as GitHub shows them; a longer list of addresses loses its middle."""

LEVEL_OF = {
    Weight.REFUSED: Level.ERROR,
    Weight.FINAL: Level.ERROR,
    Weight.ELEVATES: Level.WARNING,
    Weight.STOPS: Level.WARNING,
    Weight.WITHDRAWS: Level.INFO,
}
"""How much a change of each weight matters; those of any other weight are in the plan alone."""

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
    """What a reviewer has to see on the lines, most serious first. Changes that only grant or are neutral have none.

    Nor has, once the files were compared, what this change of them did not bring about.
    """
    places = {change.address: change.source for change in plan.changes if change.source is not None}
    for verdict in plan.refusals:
        yield _refusal(verdict, next((places[hit] for hit in verdict.addresses if hit in places), None))
    for note in plan.findings:
        if note.code == Code.PRIVILEGED_CHANGE:
            yield _note(note, level=Level.ERROR if note.level is Level.ERROR else Level.WARNING)
    yield from (_blocked(one) for one in plan.blocked if one.cause is not Cause.DRIFT)
    for weight, changes in by_weight(plan).items():
        if weight in LEVEL_OF:
            asked_for = [change for change in changes if not is_old(change, plan)]
            yield from (_change(group, LEVEL_OF[weight]) for group in groups(asked_for))
    notes: tuple[Note | ManualStep, ...] = (*plan.findings, *plan.manual)
    new = [one for one in notes if one.cause is not Cause.DRIFT and one.code != Code.PRIVILEGED_CHANGE]
    for level in LEVELS:
        alike = [one for one in new if one.level is level]
        yield from map(_note, ways_in_first([one for one in alike if isinstance(one, Note)]))
        yield from (_note(one) for one in alike if isinstance(one, ManualStep))


def of_notes(notes: Iterable[Note]) -> Iterator[Annotation]:
    """What is to be told of valid files."""
    yield from (_note(note) for note in notes)


def of_problems(problems: Iterable[Problem], *, title: str = "The files are invalid") -> Iterator[Annotation]:
    """Everything that is wrong with the files; `title` is for what is about no address."""
    for problem in problems:
        told = name(problem.message)
        message = told if problem.hint is None else f"{told}\nhint: {name(problem.hint)}"
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
    about = f": {', '.join(address(hit) for hit in verdict.addresses)}" if verdict.addresses else ""
    return _placed(Level.ERROR, f"refused by {verdict.guard}", f"{name(verdict.message)}{about}", place)


def _change(group: Group, level: Level) -> Annotation:
    """One change, or several that are alike, each by name."""
    first, number = group.first, len(group.changes)
    title: Address | str = first.address if number == 1 else counted(number, kind_noun(first.address.kind))
    told = [f"{address(title)} {ACTIONS[first.action].will(number)}", harm(first), *map(name, first.effects)]
    names = "" if number == 1 else f": {', '.join(address(change.address) for change in group.changes)}"
    return _placed(level, title, f"{'; '.join(part for part in told if part)}{names}", first.source)


def _blocked(one: Blocked) -> Annotation:
    hint = "" if one.hint is None else f"; {name(one.hint)}"
    return _placed(one.level, one.code, f"{address(one.address)}: {name(one.message)}{hint}", one.source)


def _note(note: Note | ManualStep, *, level: Level | None = None) -> Annotation:
    return _placed(level or note.level, note.code, f"{address(note.address)}: {name(note.message)}", note.source)


def _placed(level: Level, title: Address | str, message: str, place: Place | None) -> Annotation:
    return Annotation(level, title, message, *(() if place is None else (place.file, place.line, place.column)))


def _rest(left: Sequence[Annotation]) -> Annotation:
    """What GitHub would drop, by what it is about."""
    titles = ", ".join(dict.fromkeys(address(one.title) for one in left))
    return Annotation(left[0].level, "orgsync", f"and {len(left):,} more, listed in the plan: {titles}")


def _command(one: Annotation, where: Callable[[str], str]) -> str:
    properties = {
        "file": None if one.file is None else where(one.file),
        "line": one.line,
        "col": one.column,
        "title": name(one.title),
    }
    written = ",".join(f"{key}={command_property(str(text))}" for key, text in properties.items() if text is not None)
    message = "\n".join(inert(line, limit=LONGEST) for line in one.message.split("\n", 1))
    # A third colon right after the two would leave it open where the message begins.
    begun = f"\\x3a{message[1:]}" if message.startswith(":") else message
    return f"::{COMMANDS[one.level]} {written}::{command_data(begun)}"
