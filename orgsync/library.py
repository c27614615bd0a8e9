"""What a program does with orgsync: plan and apply, as functions that return when it is done.

These are the names that `orgsync` itself exports; everything else may change with any version.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orgsync.core.apply.events import Planned, Tally, unheard
from orgsync.core.apply.outcome import Report
from orgsync.core.document.known_address import known_address
from orgsync.core.words.problems import Unsuitable
from orgsync.engine.apply_plan import present_moment
from orgsync.engine.recovery import PATIENCE
from orgsync.errors import OrgsyncError, UsageError
from orgsync.flows.apply import applied, check_admissible, exit_code_of, opened_journal
from orgsync.flows.apply_lock import Turn
from orgsync.flows.files import files_at
from orgsync.flows.plan import planned
from orgsync.flows.watch import UNWATCHED, Watch, every
from orgsync.kinds import KINDS

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
    only: str | None = None,
    allow: Sequence[str] = (),
    now: datetime | None = None,
    on_event: Sink = unheard,
) -> Plan:
    """What would have to change, as `orgsync plan FILES` finds it. Nothing is written.

    `files` is a YAML file or a folder of them. `only` is a glob of addresses, `allow` names changes that the guards let
    pass, `now` is what time it is. A plan that a guard refuses is returned as well: see its `refusals`. Raises
    InputError with every problem of the files, UsageError, WrongOrganization, and ApiError where something could not
    be read.
    """
    now = now or datetime.now(UTC)
    if now.tzinfo is None:
        raise UsageError("now: it has no time zone", hint="for example datetime.now(UTC)")
    asked, allowed = files_at(Path(files), now), _known(allow)
    made, _seen = asyncio.run(planned(asked, connection, only=only, allow=allowed, watch=Watch(on_event)))
    return made


def _known(addresses: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(known_address(text, KINDS) for text in addresses)
    except Unsuitable as error:
        raise UsageError(f"allow: {error}", hint=error.hint) from error


def apply(
    plan: Plan,
    *,
    connection: Connection,
    journal: str | os.PathLike[str],
    actor: str | None = None,
    lookup_patience: float = PATIENCE,
    lock_timeout: float = 0,
    on_event: Sink = unheard,
) -> Report:
    """Makes exactly the changes of the plan, or fewer, and says what became of each.

    Every write is recorded in the file `journal` before it is sent; give the same one again after whatever went wrong.
    `actor` says there who does this. Lists may hide something new for `lookup_patience` seconds; another apply may go
    on for `lock_timeout`. Raises Refused where a guard says no, Stale where live left the plan, UsageError,
    WrongOrganization and ApiError: then nothing was changed. What goes wrong later is in the report.
    """
    tally = Tally()
    tell = every(tally, on_event)
    tell(Planned(at=present_moment(), plan=plan))
    try:
        check_admissible(plan)
        record = Path(journal)
        with Turn(record, wait=lock_timeout, say=UNWATCHED.say) as turn:
            turn.take(connection.identity or plan.organization.id)
            report = _report(plan, connection, record, actor, lookup_patience, Watch(tell))
    except OrgsyncError as error:
        tell(tally.ended(present_moment(), error.exit_code, error))
        raise
    tell(tally.ended(present_moment(), exit_code_of(plan, report)))
    return report


def _report(
    plan: Plan, connection: Connection, record: Path, actor: str | None, patience: float, watch: Watch
) -> Report:
    if not plan.changes:
        return Report((), plan.organization, plan.waiting, plan.manual)
    with opened_journal(record, plan, actor=actor, say=watch.say) as opened:
        return asyncio.run(applied(plan, connection, opened, patience=patience, watch=watch))
