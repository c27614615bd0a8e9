"""What a question reads: the organization or a snapshot of it, of the kinds that it is about and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Looked
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.core.words.timestamp import written_moment
from orgsync.engine.read_live import read_chosen
from orgsync.flows.connection import reading
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


def anything(_outer: Found) -> bool:
    """Every list inside something is read."""
    return True


async def observed(
    source: Connection | Snapshot,
    names: Iterable[str],
    desired: Desired | None,
    now: datetime,
    *,
    inside: Callable[[Found], bool] = anything,
    today: date | None = None,
    watch: Watch = UNWATCHED,
) -> tuple[Observation, Looked]:
    """What live shows of these kinds, matched with the files, if there are any; and of when that is.

    `inside` and `today` as in `read_chosen`. Raises what that does.
    """
    async with reading(source, watch) as reader:
        seen = await read_chosen(reader, KINDS, names, desired, inside, today)
    return seen, looked_at(source, now)


def looked_at(source: Connection | Snapshot, now: datetime) -> Looked:
    """Where data that were read from there are from, and of when."""
    if isinstance(source, Snapshot):
        return Looked("the snapshot", source.taken_at)
    return Looked("the organization", written_moment(now))
