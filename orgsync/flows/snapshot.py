"""What the organization shows at one moment, to plan from later without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot
from orgsync.core.words.timestamp import written_moment
from orgsync.engine.read_live import read_report
from orgsync.engine.recording import Recorder
from orgsync.engine.take_snapshot import read_for_snapshot
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


def no_reports(_seen: Observation) -> Iterable[Listing]:
    """None."""
    return ()


async def snapshot_taken(
    desired: Desired,
    connection: Connection,
    now: datetime,
    watch: Watch = UNWATCHED,
    *,
    reports: Callable[[Observation], Iterable[Listing]] = no_reports,
) -> tuple[Snapshot, int]:
    """Everything that was read, with e-mails as they are, and how many requests that took. Raises ApiError.

    `reports` are those that are wanted as well, after what was seen.
    """
    async with connection.opened(watch) as client:
        recorder = Recorder(client.reader)
        seen = await read_for_snapshot(recorder, KINDS, desired)
        for listing in reports(seen):
            await read_report(recorder, listing)
    reads = recorder.essence.reads
    taken_at = written_moment(now)
    return Snapshot(
        FORMAT_VERSION, seen.organization, taken_at, __version__, Emails.PLAIN, None, reads
    ), recorder.requests
