"""What a plan, a drift report or wrong files have to tell a program that collects results of many tools."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Blocked, Level, Note
from orgsync.core.plan.weight import Weight, by_weight, weight
from orgsync.render.drift.weight import heaviest_first, weight_of
from orgsync.render.page.values import address
from orgsync.render.page.words import ACTIONS, LEVELS, harm
from orgsync.render.plan.groups import access_weight, ways_in_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport
    from orgsync.core.model.change import Change, ManualStep, Place, Plan
    from orgsync.core.words.source import Problem

PROBLEM = "invalid_file"
REFUSED = "refused_by_guard"

BY_WEIGHT = {
    Weight.FINAL: ("change_cannot_be_undone", Level.ERROR),
    Weight.ELEVATES: ("change_elevates", Level.WARNING),
    Weight.STOPS: ("change_stops", Level.WARNING),
    Weight.WITHDRAWS: ("change_withdraws", Level.INFO),
}
"""The rule and the level of what a change does; of what only grants or is neutral there is no result."""

_ORDER = list(LEVELS)


@dataclass(frozen=True, slots=True)
class Result:
    """One thing to tell. `about` and the rule identify it from run to run, while lines and wording move.

    `address` is what it is about. `weight` is how much that does or would do, where that is known. `is_drift`: it is
    why `orgsync drift` exits with 2. `accepted` is why it does not count.
    """

    rule: str
    level: Level
    message: str
    about: str
    address: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    weight: Weight | None = None
    is_drift: bool = False
    accepted: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Which run of orgsync the results are of.

    `path` is the file or folder that it was given. `default_file` is where something belongs that has no file of its
    own. `where` says how a file is called from the top of the repository. `documentation` is the URL of the folder that
    has orgsync's documentation, where a person said so.
    """

    command: str
    path: str = "org.yaml"
    default_file: str | None = None
    where: Callable[[str], str] = str
    documentation: str | None = None

    def file_of(self, result: Result, every: Iterable[Result]) -> str:
        """The file of a result, else the default one, else the first that any result has."""
        named = result.file or self.default_file or next((one.file for one in every if one.file), None)
        return self.where(named or "org.yaml")


def of_plan(plan: Plan) -> Iterator[Result]:
    """What is refused, what changes elevate, stop, withdraw or do for good, and all that is beside changes."""
    places: dict[str, Place | None] = {change.address: change.source for change in plan.changes}
    for verdict in plan.refusals:
        for hit in verdict.addresses or ("the plan",):
            told, about = f"{verdict.guard}: {hit}: {verdict.message}", f"{verdict.guard} {hit}"
            named = hit if verdict.addresses else None
            yield _at(places.get(hit), Result(REFUSED, Level.ERROR, told, about, named, weight=Weight.REFUSED))
    for changes in by_weight(plan).values():
        yield from (_of_change(change) for change in changes if weight(change) in BY_WEIGHT)
    yield from of_notes((*plan.blocked, *ways_in_first(plan.findings), *plan.manual))


def of_notes(notes: Iterable[Note | ManualStep | Blocked]) -> Iterator[Result]:
    """What is beside changes."""
    for note in notes:
        told = f"{address(note.address)}: {note.message}"
        if isinstance(note, Blocked) and note.hint is not None:
            told = f"{told}. Hint: {note.hint}"
        access = access_weight(note) if isinstance(note, Note) and note.gives else None
        yield _at(note.source, Result(note.code, note.level, told, note.address, note.address, weight=access))


def of_drift(report: DriftReport) -> Iterator[Result]:
    """Every entry, accepted or not, the heaviest first; then what is to be known of `accept`, and of the guards."""
    yield from (_of_entry(entry) for entry in heaviest_first([*report.entries, *report.accepted]))
    yield from of_notes(report.notes)
    for verdict in report.refusals:
        told = f"{verdict.guard}: would refuse a plan that resolves the differences: {verdict.message}"
        yield Result(REFUSED, Level.WARNING, told, verdict.guard)


def of_problems(problems: Iterable[Problem]) -> Iterator[Result]:
    """Everything that is wrong with the files."""
    for problem in problems:
        about = f"{problem.address or ''} {problem.message}"
        hint = "" if problem.hint is None else f" Hint: {problem.hint}"
        told = ": ".join(part for part in (problem.address, problem.message) if part)
        message = f"{told}.{hint}" if hint else told
        place = (None, None, None) if problem.source is None else problem.source
        yield Result(PROBLEM, Level.ERROR, message, about, problem.address, *place)


def most_serious(results: Iterable[Result], most: int) -> list[Result]:
    """So many of them at most, by level; inside, in their order."""
    return sorted(results, key=lambda result: _ORDER.index(result.level))[:most]


def fingerprints(results: Sequence[Result]) -> list[str]:
    """What identifies each of them from run to run; the same twice are two."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for one in results:
        seen[one.rule, one.about] += 1
        identity = f"{one.rule}\n{one.about}\n{seen[one.rule, one.about]}"
        found.append(hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found


def _of_change(change: Change) -> Result:
    own = weight(change)
    rule, level = BY_WEIGHT[own]
    told = [f"{address(change.address)} {ACTIONS[change.action].future}", harm(change), *change.effects]
    about = f"{change.address} {change.action}"
    return _at(change.source, Result(rule, level, "; ".join(told), about, change.address, weight=own))


def _of_entry(entry: DriftEntry) -> Result:
    hint = "" if entry.hint is None else f". Hint: {entry.hint}"
    told, accepted = f"{address(entry.address)}: {entry.message}{hint}", entry.accepted
    result = Result(
        entry.code,
        entry.level,
        told,
        entry.id,
        entry.address,
        weight=weight_of(entry),
        is_drift=True,
        accepted=None if accepted is None else f"accepted until {accepted.until}: {accepted.reason}",
    )
    return _at(entry.source, result)


def _at(place: Place | None, result: Result) -> Result:
    return result if place is None else replace(result, file=place.file, line=place.line, column=place.column)
