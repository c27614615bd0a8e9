"""Journals and commits as the log reads them, without any file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acme import desired_from

from orgsync.core.apply.journal import GENESIS, Conclusion, Intent, Result, linked
from orgsync.core.model.change import Action, FieldChange
from orgsync.core.words.address import Address
from orgsync.questions.log.commits import Step, commit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.apply.journal import Entry, Link
    from orgsync.core.document.read import Desired

ANA = "member:ana@acme.example"


def intent(number: int, at: str = "2026-11-22T10:00:00Z", **more: Any) -> Intent:
    """A write of Ana's role."""
    fields = (FieldChange("role", "user", "developer"),)
    values: dict[str, Any] = {
        "run": "r1",
        "plan": "p",
        "organization": "acme",
        "address": Address(ANA),
        "action": Action.UPDATE,
        "method": "POST",
        "path": "/users/1",
        "fields": fields,
        "actor": "ana",
        **more,
    }
    return Intent(sequence=number, at=at, **values)


def done(number: int, status: Conclusion = Conclusion.DONE, **more: Any) -> Result:
    """How that write ended."""
    return Result(number, "2026-11-22T10:00:01Z", status, **more)


def journal(entries: Iterable[Entry]) -> list[Link]:
    """The entries as the lines of one journal."""
    links: list[Link] = []
    for entry in entries:
        links.append(linked(entry, links[-1].hash if links else GENESIS))
    return links


def step(before: str | None, after: str | None, message: str = "change") -> Step:
    """A commit that made the one file of the other."""
    commit = commit_of("c" * 40, "2026-11-22T09:00:00Z", "Ana", message)
    return Step(commit, _desired(before), _desired(after))


def _desired(text: str | None) -> Desired | None:
    return None if text is None else desired_from(text)
