"""Changes that matter, refusals, findings, manual steps and problems as SARIF 2.1.0: what code scanning reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Blocked, Level
from orgsync.core.model.code_rows import meaning
from orgsync.core.plan.weight import Weight, by_weight, weight
from orgsync.core.words.inert import inert
from orgsync.render.page.values import LIMIT, address
from orgsync.render.page.words import ACTIONS, harm
from orgsync.render.plan.json_text import indented
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from orgsync.core.model.change import Change, ManualStep, Note, Plan
    from orgsync.core.words.source import Problem

MOST = 25_000
"""Code scanning refuses a run with more results."""

PROBLEM = "invalid_file"
REFUSED = "refused_by_guard"

BY_WEIGHT = {
    Weight.FINAL: ("change_cannot_be_undone", Level.ERROR),
    Weight.ELEVATES: ("change_elevates", Level.WARNING),
    Weight.STOPS: ("change_stops", Level.WARNING),
    Weight.WITHDRAWS: ("change_withdraws", Level.INFO),
}
"""The rule and the level of what a change does; of what only grants or is neutral there is no result."""

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_ORDER = list(_LEVELS)
_OWN = {
    PROBLEM: "The files are invalid; nothing is planned until they are corrected.",
    REFUSED: "A guard refuses the plan; nothing is changed until this is resolved.",
    "change_cannot_be_undone": "A planned change cannot be undone. It has to be allowed by its address.",
    "change_elevates": "A planned change elevates. It gives privileged access, switches a key on, or raises a limit.",
    "change_stops": "A planned change stops requests that work now.",
    "change_withdraws": "A planned change withdraws. It removes access or lowers a limit.",
}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What may stand in a path of a URI as it is.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


@dataclass(frozen=True, slots=True)
class Result:
    """One thing to tell. `about` and the rule identify it from run to run, while lines and wording move."""

    rule: str
    level: Level
    message: str
    about: str
    file: str | None = None
    line: int = 1
    column: int | None = None


def of_plan(plan: Plan) -> Iterator[Result]:
    """What is refused, what changes elevate, stop, withdraw or do for good, and all that is beside changes."""
    for verdict in plan.refusals:
        for hit in verdict.addresses or ("the plan",):
            yield Result(REFUSED, Level.ERROR, f"{verdict.guard}: {hit}: {verdict.message}", f"{verdict.guard} {hit}")
    for changes in by_weight(plan).values():
        yield from (_of_change(change) for change in changes if weight(change) in BY_WEIGHT)
    yield from of_notes((*plan.blocked, *plan.findings, *plan.manual))


def of_notes(notes: Iterable[Note | ManualStep | Blocked]) -> Iterator[Result]:
    """What is beside changes."""
    for note in notes:
        place = () if note.source is None else (note.source.file, note.source.line)
        told = f"{address(note.address)}: {note.message}"
        if isinstance(note, Blocked) and note.hint is not None:
            told = f"{told}. Hint: {note.hint}"
        yield Result(note.code, note.level, told, note.address, *place)


def _of_change(change: Change) -> Result:
    rule, level = BY_WEIGHT[weight(change)]
    told = [f"{address(change.address)} {ACTIONS[change.action].future}", harm(change), *change.effects]
    place = () if change.source is None else (change.source.file, change.source.line)
    return Result(rule, level, "; ".join(told), f"{change.address} {change.action}", *place)


def of_problems(problems: Iterable[Problem]) -> Iterator[Result]:
    """Everything that is wrong with the files."""
    for problem in problems:
        about = f"{problem.address or ''} {problem.message}"
        hint = "" if problem.hint is None else f" Hint: {problem.hint}"
        told = ": ".join(part for part in (problem.address, problem.message) if part)
        yield Result(PROBLEM, Level.ERROR, f"{told}.{hint}" if hint else told, about, *(problem.source or ()))


def render(
    results: Iterable[Result],
    *,
    default_file: str | None = None,
    where: Callable[[str], str] = str,
    most: int = MOST,
) -> str:
    """One run of orgsync. What has no line is placed on `default_file`, else on the first file that something is in.

    `where` says how a file is called from the top of the repository.
    """
    every = list(results)
    default = default_file or next((result.file for result in every if result.file), "org.yaml")
    most_serious = sorted(every, key=lambda result: _ORDER.index(result.level))[:most]
    rules = sorted({result.rule for result in most_serious})
    seen: Counter[tuple[str, str]] = Counter()
    written = []
    for result in most_serious:
        seen[result.rule, result.about] += 1
        identity = f"{result.rule}\n{result.about}\n{seen[result.rule, result.about]}"
        written.append(_result(result, rules.index(result.rule), identity, where(result.file or default)))
    driver = {
        "name": "orgsync",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": written}
    return indented({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: str) -> dict[str, Any]:
    text = _OWN.get(rule) or meaning(rule)
    shown = inert(rule, limit=LIMIT)
    return {
        "id": rule,
        "name": shown,
        "shortDescription": {"text": text.partition(". ")[0].rstrip(".") + "."},
        "fullDescription": {"text": text},
        "help": {"text": text},
    }


def _result(result: Result, rule_index: int, identity: str, file: str) -> dict[str, Any]:
    region = {"startLine": max(result.line, 1)}
    if result.column is not None:
        region["startColumn"] = max(result.column, 1)
    fingerprint = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return {
        "ruleId": result.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[result.level],
        "message": {"text": inert(result.message, limit=2 * LIMIT)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}],
        # The one key that code scanning goes by. Without it all findings about one line would be one alert.
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},
    }


def _uri(path: str) -> str:
    """A path as a relative reference; a colon in its first part would make a scheme of it."""
    encoded = path.replace("\\", "/").encode("utf-8", "surrogatepass")
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in encoded)
