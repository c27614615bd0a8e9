"""What somebody changed by hand: the files are what was agreed, so every difference counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.explained import question, with_feed
from orgsync.core.drift.report import compared
from orgsync.core.drift.stale import stale_attestations
from orgsync.flows.feed import feed_read
from orgsync.flows.former import known_owners
from orgsync.flows.plan import planned
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orgsync.core.drift.report import DriftReport
    from orgsync.core.feed.records import Activity
    from orgsync.core.model.change import Note
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch

_AHEAD = timedelta(minutes=1)
"""How far the clock of the API may be ahead."""


async def drift_found(
    files: Files,
    connection: Connection,
    *,
    expiring: timedelta,
    previous: DriftReport | None = None,
    journal: Path | None = None,
    strict_coverage: bool = False,
    notes: Sequence[Note] = (),
    feed: bool = True,
    watch: Watch = UNWATCHED,
) -> DriftReport:
    """What differs, and what is about to end within the time `expiring`, compared with the previous report.

    `journal` and `strict_coverage` as in `planned`. `notes` are findings about other files than the organization's.
    With the `feed`, which is read at most once and only where it could help, it says who made the differences as well,
    and which attestations are stale; nothing else depends on it.
    """
    began, through = asyncio.get_running_loop().time(), (files.now + expiring).date()
    known = known_owners(previous)
    plan, seen = await planned(
        files,
        connection,
        journal=journal,
        known=known,
        strict_coverage=strict_coverage,
        watch=watch,
        through=through,
    )
    plan = replace(plan, findings=(*plan.findings, *notes))

    def reported(records: Sequence[Activity]) -> DriftReport:
        stale = tuple(stale_attestations(files.attested, records, previous, plan.planned_at))
        report = drift_report(plan, files.desired, seen, files.now, KINDS, expiring=expiring, stale=stale)
        return compared(report, previous)

    report = reported(())
    asked = question(report, seen, KINDS, previous, files.attested)
    if asked is None or not feed:
        return report
    took = asyncio.get_running_loop().time() - began
    until = files.now + timedelta(seconds=took) + _AHEAD
    ours = (await feed_read(connection, asked.types, asked.since, until, watch)).within(report.organization.id)
    return with_feed(reported(ours.records), asked, ours, previous)
