"""Who did what: the sandbox records it itself, and a seed can add what nobody can do here. No client can change it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from orgsync.sandbox.feed.recording import ADDRESS, BROWSER, microseconds
from orgsync.sandbox.feed.switches import FeedSwitches
from orgsync.sandbox.model.resource import Resource
from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources.users import user_of
from orgsync.sandbox.wire.switches import Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.seeding import Entry, Seeding


class ActivityRow(SeedPart):
    """An activity as the feed shows it, of any type: all that is not named here are fields of that type.

    By hand: `by` is the e-mail address of a member who did it in the Console.
    """

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    id: Name | None = None
    created_at: Timestamp | None = None
    type: Name
    organization_id: str | None = None
    organization_uuid: str | None = None
    actor: dict[str, Any] | None = None
    by: str | None = None


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The activities of a seed."""
    for entry in seed.entries(ActivityRow):
        row, actor = entry.row, _actor(seed, entry)
        at = microseconds(entry.made(row.created_at))
        named = "organization_id" in row.model_fields_set
        yield {
            "id": entry.id,
            "at": at,
            "visible_at": at,
            "type": row.type,
            "user_id": actor.get("user_id"),
            "actor": json.dumps(actor),
            "fields": json.dumps(row.model_extra or {}),
            "of_organization": int(not named or row.organization_id is not None),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the activities of a seed."""
    for entry in seed.entries(ActivityRow):
        row = entry.row
        if (row.actor is None) == (row.by is None):
            yield f"{entry.at}: give either actor or by"
        elif row.by is not None and user_of(seed, None, row.by) is None:
            yield f"{entry.at}.by: there is no user {row.by}"


def _actor(seed: Seeding, entry: Entry[ActivityRow]) -> dict[str, Any]:
    if entry.row.actor is not None:
        return entry.row.actor
    return {
        "type": "user_actor",
        "user_id": user_of(seed, None, entry.row.by),
        "email_address": entry.row.by,
        "ip_address": ADDRESS,
        "user_agent": BROWSER,
    }


RESOURCE = Resource(
    table="activities",
    schema="""
CREATE TABLE IF NOT EXISTS activities (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    type TEXT NOT NULL, user_id TEXT, actor TEXT NOT NULL, fields TEXT NOT NULL, of_organization INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS activities_in_order ON activities (at, id);
""",
    section="activities",
    shape=ActivityRow,
    about=lambda row, _seed: f"{row.type} {row.created_at}",
    fill=filled,
    problems=problems,
    prefix="activity",
    routes=(),
    switches=FeedSwitches,
    by_hand='{"type", "by", "created_at", …}',
    remark="Activities are shown by GET /v1/compliance/activities once `compliance` is `on`.",
)
