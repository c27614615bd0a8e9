"""A plan, its changes and their requests, and journals made of them at fixed times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from render.plans import plan

from orgsync.core.apply.events import Sent
from orgsync.core.apply.journal import GENESIS, Conclusion, Intent, Result, linked
from orgsync.core.model.change import Action, Change, FieldChange
from orgsync.core.model.request import Request
from orgsync.core.words.address import address
from orgsync.files.state.journal import FileJournal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from orgsync.core.apply.journal import Entry

ROLE = Change(
    address("member", "ana@acme.com"), Action.UPDATE, (FieldChange("role", "user", "developer"),), "user_01Ana"
)
TEAM = Change(address("workspace", "research"), Action.CREATE, (FieldChange("name", None, "research"),))
PLAN = plan((ROLE, TEAM))
SET_ROLE = Request("POST", "/v1/organizations/users/user_01Ana", {"role": "developer"})
MAKE_TEAM = Request("POST", "/v1/organizations/workspaces", {"name": "research"})


class Clock:
    """A second later each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def journal(path: Path, run: str = "r1") -> FileJournal:
    """The journal at this path, opened by a run of PLAN."""
    return FileJournal(path, PLAN, run=run, clock=Clock())


def sent(change: Change, request: Request) -> Sent:
    """The event of a write that comes next."""
    return Sent(
        at="2026-11-22T10:00:00Z",
        number=1,
        address=change.address,
        action=change.action,
        fields=change.fields,
        method=request.method,
        path=request.path,
        id=change.id,
    )


def intent(sequence: int, change: Change = ROLE, request: Request = SET_ROLE) -> Intent:
    """An intent as a run of PLAN records it."""
    organization, digest = PLAN.organization.id, PLAN.digests.changes
    return Intent(
        sequence=sequence,
        at="2026-11-22T10:00:00Z",
        run="r1",
        plan=digest,
        organization=organization,
        address=change.address,
        action=change.action,
        method=request.method,
        path=request.path,
        fields=change.fields,
        id=change.id,
    )


def result(sequence: int, status: Conclusion = Conclusion.DONE) -> Result:
    """How an intent ended."""
    return Result(sequence, "2026-11-22T10:00:01Z", status, f"req_{sequence}")


def chain(entries: Iterable[Entry], head: str = GENESIS) -> list[bytes]:
    """The entries as the lines of a journal, after one that has the hash `head`."""
    lines = []
    for entry in entries:
        link = linked(entry, head, orgsync="0.2.0")  # the same hashes in every release
        lines.append(f"{link.text}\n".encode())
        head = link.hash
    return lines
