"""How many requests a plan of some files will make, known from what was read already: nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.request import PAGE_SIZE
from orgsync.engine.read_live import read_live
from orgsync.engine.recording import Replay
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.recording import Recording
    from orgsync.core.model.request import Listing
    from orgsync.core.model.rows import Row


class _Counter:
    """Reads what was recorded, and counts what reading it anew would take: each list has as many pages as it needs."""

    by_admin_key = False

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.requests = 0

    async def get(self, path: str) -> Row:
        """One object. Raises ApiError."""
        row = await self._replay.get(path)
        self.requests += 1
        return row

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """All rows of a list. Raises ApiError."""
        try:
            rows = await self._replay.rows(listing)
        except ApiError:
            # Only a plan reads some reports; for as long as one can be, they have one page.
            self.requests += listing.path in self._replay.lacking
            raise
        largest = int(listing.query.get("limit", PAGE_SIZE))
        self.requests += max(1, -(-len(rows) // largest))
        return rows


async def requests_of_plan(recording: Recording, desired: Desired, kinds: Kinds, now: datetime) -> int:
    """How many reads are answered when these files are planned, if nothing changes until then.

    Raises InputError where only a person can say what the files mean.
    """
    counter = _Counter(Replay(recording, now))
    return (await read_live(counter, desired, kinds)).requests
