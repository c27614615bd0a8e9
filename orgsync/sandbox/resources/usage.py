"""What was used, event by event; the reports of usage and cost show it. No client can change it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.resource import Resource
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.reports import analytics, legacy_reports, usage
from orgsync.sandbox.resources import users
from orgsync.sandbox.resources.api_keys import seed as api_keys
from orgsync.sandbox.resources.workspaces import seed as workspaces
from orgsync.sandbox.wire import validate
from orgsync.sandbox.wire.errors import invalid
from orgsync.sandbox.wire.validate import UsageEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context


def add_usage(ctx: Context) -> dict[str, Any]:
    """Something was used. Reports show it once its moment has come."""
    event = validate.body_of(ctx, UsageEvent)
    try:
        seconds, resolved = usage.resolved(event, usage.Known.of_store(ctx))
    except usage.WrongEvent as error:
        raise invalid(str(error)) from error
    ctx.store.insert("usage", seconds=seconds, event=json.dumps(resolved))
    return {"at": event.at, **resolved}


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The events of a seed."""
    known = _known(seed)
    for entry in seed.entries(UsageEvent):
        seconds, event = usage.resolved(entry.row, known)
        yield {"seconds": seconds, "event": json.dumps(event)}


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the events of a seed."""
    known = _known(seed)
    for entry in seed.entries(UsageEvent):
        try:
            usage.resolved(entry.row, known)
        except usage.WrongEvent as error:
            yield f"{entry.at}.{error}"


def _known(seed: Seeding) -> usage.Known:
    """What events can name."""
    places = () if seed.settings.organization_type == "enterprise" else workspaces.filled(seed)
    return usage.Known.of(users.filled(seed), places, api_keys.filled(seed))


RESOURCE = Resource(
    table="usage",
    schema="""
CREATE TABLE IF NOT EXISTS usage (seq INTEGER PRIMARY KEY, seconds REAL NOT NULL, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS usage_by_time ON usage (seconds);
""",
    section="usage",
    shape=UsageEvent,
    fill=filled,
    problems=problems,
    routes=(
        *not_in_enterprise(
            Route("GET", "/usage_report/messages", legacy_reports.usage_report),
            Route("GET", "/cost_report", legacy_reports.cost_report),
        ),
        Route("GET", "/analytics/usage", analytics.list_usage, "read:analytics"),
        Route("GET", "/analytics/cost", analytics.list_cost, "read:analytics"),
        Route("POST", "/usage", add_usage, console_only=True),
    ),
    by_hand='{"at", "api_key", "model", "input_tokens", "output_tokens", "cost_cents"}',
    console=(('POST /usage {"at", "model", "input_tokens"}', "use a model: reports show it"),),
)
