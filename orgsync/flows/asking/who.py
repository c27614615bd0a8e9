"""Who brought about that a check fails: asks the Activity Feed, once, where nothing else says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Looked
from orgsync.core.feed.window import FeedState
from orgsync.core.words.timestamp import written_moment
from orgsync.flows.feed import feed_read
from orgsync.questions.why import trace
from orgsync.questions.why.who import as_data, in_words

if TYPE_CHECKING:
    from datetime import datetime

    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.why.chain import Chain

_LONG = timedelta(hours=1)
"""However long reading took, and however far the clock of the API is ahead, the newest record is no older."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the feed had to say: in words, as data, what is to note about it, where that is from, and the requests."""

    words: str = ""
    data: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    looked: tuple[Looked, ...] = ()
    requests: int = 0


async def who_made_it_fail(
    made: Chain, organization: str, source: Connection | Snapshot, now: datetime, watch: Watch
) -> Told:
    """What the feed says of the first check that fails; nothing is sent where it could not say anything.

    Raises nothing for what the API does.
    """
    traces = () if made.failing is None else made.failing.traces
    if not traces:
        return Told()
    feed = await feed_read(source, trace.types(traces), trace.since(traces, now), now + _LONG, watch)
    says = feed.says if feed.hint is None else f"{feed.says.removesuffix('.')}: {feed.hint}"
    notes = () if feed.state is FeedState.READ else (says,)
    if not feed.usable:
        return Told(notes=notes, requests=feed.requests)
    found = trace.named(traces, feed.within(organization))
    words, data = ("", None) if found is None else (in_words(*found), as_data(*found))
    return Told(words, data, notes, (Looked("the Activity Feed", written_moment(now)),), feed.requests)
