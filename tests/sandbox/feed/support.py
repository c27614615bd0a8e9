"""The Activity Feed of an organization, as tests read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire.switches import ADMIN_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.org import Org, Reply

FEED = "/v1/compliance/activities"
WITH_KEY = {"x-api-key": ADMIN_KEY, "user-agent": "tester/1"}
NOISE = "compliance_api_accessed"


def read(org: Org, *query: tuple[str, str], headers: Mapping[str, str] = WITH_KEY) -> Reply:
    """One page of the feed, or its refusal."""
    return org.call("GET", FEED, query=query, headers=headers)


def records(org: Org, *query: tuple[str, str]) -> list[dict[str, Any]]:
    """What happened, the newest first, without what reading the feed records itself."""
    reply = read(org, ("exclude_activity_types[]", NOISE), ("limit", "5000"), *query)
    assert reply.status == 200, reply.text
    return list(reply.body["data"])


def told(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Of each record, oldest first, its type and what only this type has."""
    common = {"id", "created_at", "organization_id", "organization_uuid", "actor", "type"}
    own = [{name: value for name, value in row.items() if name not in common} for row in rows]
    return [(row["type"], fields) for row, fields in zip(rows, own, strict=True)][::-1]
