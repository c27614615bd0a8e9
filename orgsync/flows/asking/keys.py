"""What `keys` reads: the keys, whose they are, and how much they were used, only where there are keys to tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.context import Context
from orgsync.core.model.rows import Checked
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.engine.read_live import read_chosen, read_report
from orgsync.flows.connection import reading
from orgsync.flows.former import former_people
from orgsync.flows.question import looked_at
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.kinds.api_key.live import usage_listing, use_in
from orgsync.kinds.member.rows import INVITES
from orgsync.questions.keys.answer import answer
from orgsync.questions.keys.query import candidates, check, check_owner, chosen, days_to_read
from orgsync.questions.keys.states import UsageRead, judged, key_states, used

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from orgsync.core.answers.answer import Answer
    from orgsync.core.document.read import Desired
    from orgsync.core.model.request import Reader
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.keys.query import KeyQuery


async def keys_answered(
    query: KeyQuery,
    source: Connection | Snapshot,
    desired: Desired | None,
    now: datetime,
    *,
    group: str | None = None,
    journal: Path | None = None,
    known: Mapping[str, str],
    watch: Watch = UNWATCHED,
) -> Answer:
    """The keys that are asked for. Of a snapshot, ages and use are those of the moment at which it was taken.

    `known` are the e-mails of people, by their ids, as a drift report has them; `journal` is where runs recorded whom
    they removed. Raises UsageError for what cannot be asked, and what `read_chosen` does.
    """
    check(query, desired)
    as_of = source.moment if isinstance(source, Snapshot) else now
    async with reading(source, watch) as reader:
        seen = await read_chosen(reader, KINDS, ("api_key",), desired, without={INVITES})
        if not isinstance(source, Snapshot):
            seen.former = former_people(journal, known, seen)
        states = key_states(seen, as_of)
        check_owner(query, states, seen)
        states = candidates(query, states)
        days = days_to_read(query, desired, recorded=isinstance(source, Snapshot))
        read, unread = await _usage(reader, as_of, days) if states else (None, None)
        seen.requests = reader.requests
    states = used(states, read, as_of)
    if desired is not None:
        states = judged(states, read, Context.unchanged(desired, seen, as_of))
    looked = (looked_at(source, now),)
    shown = chosen(query, states)
    return answer(query, shown, seen, looked, as_of=as_of, read=read, group=group, unread=unread)


async def _usage(reader: Reader, as_of: datetime, days: int) -> tuple[UsageRead | None, str | None]:
    """How much each key was used; or why that is not known."""
    rows = await read_report(reader, usage_listing(as_of.date(), days))
    if not isinstance(rows, Checked):
        return None, str(rows)
    if rows.flawed:
        return None, "the usage report has values that this orgsync does not understand"
    return UsageRead(use_in(rows.rows), days), None
