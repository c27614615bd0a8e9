"""Results as a code quality report: what GitLab shows in a merge request, beside the lines that it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Level
from orgsync.core.plan.weight import Weight
from orgsync.core.words.inert import inert
from orgsync.render.page.values import LIMIT
from orgsync.render.plan.json_text import indented
from orgsync.render.reports.results import PROBLEM, fingerprints, most_serious

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.render.reports.results import Result, Run

MOST = 25_000
"""GitLab reads a report of at most 100 MiB; nobody reads so many."""

_BLOCKERS = frozenset({Weight.REFUSED, Weight.FINAL})
_HARMFUL = frozenset({Weight.ELEVATES, Weight.STOPS})


def render(results: Iterable[Result], run: Run, *, most: int = MOST) -> str:
    """A list of everything that the files do not accept. GitLab wants a line: the first, of what has none."""
    written = most_serious((result for result in results if result.accepted is None), most)
    identities = fingerprints(written)
    files = [run.file_of(result, written) for result in written]
    return indented([_entry(*one) for one in zip(written, identities, files, strict=True)])


def _entry(result: Result, fingerprint: str, file: str) -> dict[str, Any]:
    return {
        "description": inert(result.message, limit=2 * LIMIT),
        "check_name": inert(result.rule, limit=LIMIT),
        "fingerprint": fingerprint,
        "severity": _severity(result),
        "location": {"path": inert(file), "lines": {"begin": max(result.line or 1, 1)}},
    }


def _severity(result: Result) -> str:
    """By what it stops, then by what it may harm, then by its level."""
    if result.rule == PROBLEM or result.weight in _BLOCKERS:
        return "blocker"
    if result.level is Level.ERROR:
        return "critical"
    if result.weight in _HARMFUL:
        return "major"
    return "minor" if result.level is Level.WARNING else "info"
