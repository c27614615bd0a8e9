"""What somebody changed by hand: the files are what was agreed, so every difference counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.report import compared
from orgsync.flows.former import known_owners
from orgsync.flows.plan import planned
from orgsync.flows.review import review_notes
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from orgsync.core.drift.report import DriftReport
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch


async def drift_found(
    files: Files,
    connection: Connection,
    *,
    expiring: timedelta,
    previous: DriftReport | None = None,
    journal: Path | None = None,
    strict_coverage: bool = False,
    reviews: Path | None = None,
    watch: Watch = UNWATCHED,
) -> DriftReport:
    """What differs, and what is about to end within the time `expiring`, compared with the previous report.

    `journal` and `strict_coverage` as in `planned`. `reviews` is the folder with the access reviews.
    """
    through = (files.now + expiring).date()
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
    if reviews is not None:
        plan = replace(plan, findings=(*plan.findings, *review_notes(reviews, files.now.date())))
    report = drift_report(plan, files.desired, seen, files.now, KINDS, expiring=expiring)
    return compared(report, previous)
