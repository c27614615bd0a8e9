"""Makes an organization what a plan says: what is checked before, the run itself, and how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ids_of
from orgsync.core.apply.journal import Conclusion
from orgsync.core.apply.outcome import Status
from orgsync.core.apply.undo import undo_plan
from orgsync.core.model.change import Action
from orgsync.core.model.understood import unclear_in
from orgsync.core.plan.guarded import without_live
from orgsync.core.plan.guards import stops_now
from orgsync.core.review.correspondence import Alike
from orgsync.core.review.reviewed import beyond
from orgsync.core.words.plural import counted
from orgsync.engine.apply_plan import apply_plan, refuse
from orgsync.engine.recovery import PATIENCE
from orgsync.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_PARTLY,
    EXIT_WAITING,
    Stale,
    WrongOrganization,
)
from orgsync.files.state import plan_file
from orgsync.files.state.journal import FileJournal
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan
    from orgsync.core.model.observation import Observation
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


def check_admissible(plan: Plan, ceiling: Plan | None = None) -> None:
    """Raises Stale, naming every change that the reviewed plan does not contain, and Refused where a guard refuses."""
    if ceiling is not None:
        _hold(plan, ceiling)
    refuse(plan.refusals)


def _hold(plan: Plan, reviewed: Plan) -> None:
    if plan.organization.id != reviewed.organization.id:
        theirs = f'the reviewed plan is for "{reviewed.organization.name}" ({reviewed.organization.id})'
        raise WrongOrganization(f'{theirs}, the files are for "{plan.organization.name}" ({plan.organization.id})')
    departures = beyond(plan, reviewed, KINDS)
    if departures:
        lines = [f"  {departure.address}: {departure.message}" for departure in departures]
        raise Stale("\n".join(["the files request more than was reviewed; nothing was changed", *lines]))
    contained, ids = Alike(reviewed, KINDS), ids_of(plan, KINDS)
    verdict = stops_now(without_live(plan), lambda change: next(iter(contained.to(change, ids)), None))
    refuse([] if verdict.passed else [verdict])


@contextmanager
def opened_journal(path: Path, plan: Plan, *, actor: str | None, say: Callable[[str], None]) -> Iterator[FileJournal]:
    """The journal of this run. To be opened under the lock of `flows.apply_lock`."""
    with FileJournal(path, plan, actor=actor) as journal:
        if journal.unfinished:
            left = counted(len(journal.unfinished), "write")
            say(f"An earlier run left {left} unfinished: looking up how they ended.")
        yield journal


async def applied(
    plan: Plan,
    connection: Connection,
    journal: FileJournal,
    *,
    seen: Observation | None = None,
    patience: float = PATIENCE,
    first_apply: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    watch: Watch = UNWATCHED,
    now: datetime | None = None,
) -> Report:
    """What became of every change. Parameters and errors are those of `apply_plan`."""

    async with connection.opened(watch) as client:
        return await apply_plan(
            plan,
            client.reader,
            client.writer,
            KINDS,
            seen=seen,
            on_event=watch.on_event,
            stopping=stopping,
            journal=journal,
            on_wait=watch.waits,
            patience=patience,
            first_apply=first_apply or connection.untouched,
            now=now,
        )


def conclude_what_was_open(path: Path, plan: Plan, seen: Observation, *, actor: str) -> None:
    """The files ask for nothing any more: whatever earlier runs left open has come about, or is not wanted.

    Not where something is not understood, or a person has to decide: then they may ask for it yet.
    """
    if not path.exists() or plan.blocked or any(unclear_in(seen)):
        return
    with FileJournal(path, plan, actor=actor) as journal:
        for intent in journal.unfinished:
            message = "looked up by a later run: the files no longer request a change here"
            journal.conclude(intent.sequence, Conclusion.DONE, message=message)


def undo_written(path: Path, report: Report, plan: Plan, now: datetime) -> bool:
    """Writes the plan that takes back what was done, also where that was not all; False: there is nothing to know."""
    if report.live is None:
        return False
    plan_file.write(path, undo_plan(report, plan, report.live, KINDS, now))
    return True


def exit_code_of(plan: Plan, report: Report | None, *, wait_exitcode: bool = False) -> int:
    """The exit code of `orgsync apply`; without a report there was nothing to do."""
    invited = False
    if report is not None:
        if report.interrupted:
            return EXIT_INTERRUPTED
        if not report.complete:
            return EXIT_PARTLY
        invited = any(outcome.action is Action.INVITE for outcome in report.having(Status.DONE))
    waits = invited or plan.waiting or plan.manual or plan.blocked
    return EXIT_WAITING if wait_exitcode and waits else EXIT_OK
