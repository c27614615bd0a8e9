"""Who did what in an organization, as far as its Activity Feed tells it. Nothing else depends on the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.feed.window import SECONDS, Feed, FeedState
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.flows.watch import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


async def feed_read(
    source: Connection | Snapshot,
    types: Iterable[str],
    since: datetime,
    until: datetime,
    watch: Watch = UNWATCHED,
    *,
    seconds: float = SECONDS,
) -> Feed:
    """The records of these types from `since` to `until`, or why there are none. Raises nothing for what the API does.

    One request as a rule; none for a snapshot, which does not contain the feed, and none with an OAuth token.
    """
    if isinstance(source, Snapshot):
        return Feed(FeedState.NOT_READ, since, until)
    async with source.opened(watch) as client:
        return await client.feed.read(types, since, until, seconds=seconds)
