"""What a program does with orgsync: plan and apply, as functions that return when it is done.

These are the names that `orgsync` itself exports; everything else may change with any version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orgsync.core.apply.events import Planned, Tally, unheard
from orgsync.core.apply.outcome import Report
from orgsync.core.model.change import Selection
from orgsync.engine.clock import timestamp_now
from orgsync.engine.concurrency import result_of
from orgsync.engine.recovery import PATIENCE
from orgsync.errors import OrgsyncError, UsageError
from orgsync.files.state.journal import journal_path
from orgsync.flows.apply import applied, check_admissible, exit_code_of, opened_journal
from orgsync.flows.apply_lock import Turn
from orgsync.flows.files import files_at, known_addresses
from orgsync.flows.plan import planned
from orgsync.flows.watch import UNWATCHED, Watch, every

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from orgsync.core.apply.events import Sink
    from orgsync.core.model.change import Plan
    from orgsync.flows.connection import Connection


def plan(
    files: str | os.PathLike[str],
    *,
    connection: Connection,
    only: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    allow: Sequence[str] = (),
    now: datetime | None = None,
    on_event: Sink = unheard,
) -> Plan:
    """What would have to change, as `orgsync plan FILES` finds it. Nothing is written.

    `files` is a YAML file or a folder of them. `only` and `exclude` are globs of addresses, `allow` are addresses of
    changes that guards let pass, `now` is the time, if not that of the clock. A plan that a guard refuses is returned,
    too, with its `refusals`. Raises InputError with every problem of the files, UsageError, WrongOrganization, and
    ApiError if something could not be read.
    """
    now = now or datetime.now(UTC)
    if now.tzinfo is None:
        raise UsageError("now: has no time zone", hint="for example datetime.now(UTC)")
    path = Path(files)
    asked, allowed = files_at(path, now), known_addresses(allow, "allow")
    journal, watch = journal_path(path), Watch(on_event)
    selection = Selection(_globs(only), _globs(exclude))
    reading = planned(asked, connection, selection=selection, allow=allowed, journal=journal, watch=watch)
    made, _seen = result_of(reading)
    return made


def _globs(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def apply(
    plan: Plan,
    *,
    connection: Connection,
    journal: str | os.PathLike[str],
    actor: str | None = None,
    lookup_patience: float = PATIENCE,
    first_apply: bool = False,
    lock_timeout: float = 0,
    on_event: Sink = unheard,
) -> Report:
    """Makes exactly the changes of the plan, or fewer, and returns the outcome of each.

    Every write is recorded in the file `journal` before it is sent; use the same one again after any failure. `actor`
    is recorded as who did it. Lists may lack a new resource for up to `lookup_patience` seconds; another apply has up
    to `lock_timeout` seconds to finish. A journal without earlier runs costs one wait of 30 seconds before something is
    created, unless this is the `first_apply`. Raises Refused if a guard refuses, Stale if the organization no longer
    matches the plan, UsageError, WrongOrganization and ApiError: then nothing was changed. Later failures are in the
    report.
    """
    tally = Tally()
    tell = every(tally, on_event)
    tell(Planned(at=timestamp_now(), plan=plan))
    try:
        check_admissible(plan)
        record = Path(journal)
        with Turn(record, wait=lock_timeout, say=UNWATCHED.say) as turn:
            turn.take(connection.identity or plan.organization.id)
            report = _report(plan, connection, record, actor, lookup_patience, first_apply, Watch(tell))
    except OrgsyncError as error:
        tell(tally.ended(timestamp_now(), error.exit_code, error))
        raise
    tell(tally.ended(timestamp_now(), exit_code_of(plan, report)))
    return report


def _report(
    plan: Plan,
    connection: Connection,
    record: Path,
    actor: str | None,
    patience: float,
    first_apply: bool,
    watch: Watch,
) -> Report:
    if not plan.changes:
        return Report((), plan.organization, plan.waiting, plan.manual)
    with opened_journal(record, plan, actor=actor, say=watch.say) as opened:
        return result_of(applied(plan, connection, opened, patience=patience, first_apply=first_apply, watch=watch))
