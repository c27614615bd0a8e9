"""Drift reports of a sandbox that say who made each difference, read from the Activity Feed of the sandbox."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from acme import SANDBOX_KEY

from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.explained import question, with_feed
from orgsync.core.drift.report import compared
from orgsync.core.feed.records import activities
from orgsync.core.feed.window import Feed, FeedState
from orgsync.core.plan.make import make_plan
from orgsync.core.words.timestamp import written_exactly
from orgsync.engine.read_live import read_live
from orgsync.kinds import KINDS
from orgsync.sandbox.wire.context import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from acme import Org

    from orgsync.core.drift.report import DriftReport

    Row = dict[str, Any]


def rows(org: Org, types: Sequence[str], since: datetime, until: datetime) -> list[Row]:
    """What the feed shows of these types in that time."""
    window = (("created_at.gte", written_exactly(since)), ("created_at.lte", written_exactly(until)))
    return _read(org, *(("activity_types[]", one) for one in types), *window)


def recorded(org: Org) -> list[str]:
    """The ids of all records, but for those of reading the feed."""
    return [row["id"] for row in _read(org, ("exclude_activity_types[]", "compliance_api_accessed"))]


def _read(org: Org, *filters: tuple[str, str]) -> list[Row]:
    query = (*filters, ("limit", "5000"))
    answer = org.app.answer(Call("GET", "/v1/compliance/activities", query, headers={"x-api-key": SANDBOX_KEY}))
    assert answer.status == 200, answer
    return list(json.loads(answer.content)["data"])


def as_it_is(shown: list[Row]) -> list[Row]:
    """Every record, as the feed shows it."""
    return shown


def named_drift(
    org: Org, previous: DriftReport | None = None, seen_through: Callable[[list[Row]], list[Row]] = as_it_is
) -> DriftReport:
    """The report of this moment; `seen_through` is what becomes of the records on their way."""

    async def found() -> DriftReport:
        desired = org.desired()
        async with org.client() as client:
            seen = await read_live(client.reader, desired, KINDS)
        plan = make_plan(desired, seen, org.now, KINDS)
        report = compared(drift_report(plan, desired, seen, org.now, KINDS, expiring=timedelta()), previous)
        asked = question(report, seen, KINDS, previous, ())
        if asked is None:
            return report
        until = org.now + timedelta(minutes=1)
        records, dropped = activities(seen_through(rows(org, asked.types, asked.since, until)))
        feed = Feed(FeedState.READ, asked.since, until, tuple(records), dropped=dropped, requests=1)
        return with_feed(report, asked, feed.within(report.organization.id), previous)

    return asyncio.run(found())
