"""API keys: made in the Console alone; their secrets exist nowhere here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import by_time
from orgsync.sandbox.resources.api_keys.endpoints import (
    create_api_key,
    list_api_keys,
    retrieve_api_key,
    update_api_key,
)
from orgsync.sandbox.resources.api_keys.seed import ApiKeyRow, filled, problems
from orgsync.sandbox.wire.context import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Label, Tables


def facts(tables: Tables, _label: Label) -> Iterator[tuple[Fact, str]]:
    """Names and statuses."""
    for row in tables["api_keys"]:
        yield ("API key", row["id"], "name"), row["name"]
        yield ("API key", row["id"], "status"), row["status"]


RESOURCE = Resource(
    table="api_keys",
    schema="""
CREATE TABLE IF NOT EXISTS api_keys (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT, expires REAL, created_by_id TEXT, created_by_type TEXT,
    partial_key_hint TEXT, principal_id TEXT, principal_type TEXT, workspace_id TEXT);
CREATE INDEX IF NOT EXISTS api_keys_by_workspace ON api_keys (workspace_id);
""",
    section="api_keys",
    row=ApiKeyRow,
    about=lambda row, _seed: row.name,
    prefix="apikey",
    parameter="api_key_id",
    fill=lambda seed: by_time(filled(seed), "created_at"),
    problems=problems,
    routes=not_in_enterprise(
        Route("GET", "/api_keys", list_api_keys),
        Route("GET", "/api_keys/{api_key_id}", retrieve_api_key, item=True),
        Route("POST", "/api_keys/{api_key_id}", update_api_key),
        Route("POST", "/api_keys", create_api_key, console_only=True),
    ),
    by_hand='{"name", "workspace", "created_by_email", "principal_email", "expires_at"}',
    console=(('POST /api_keys {"name", "scope", "principal"}', "make an API key"),),
    path="/api_keys",
    facts=facts,
    edits={
        "archive": to_mentioned(
            lambda row: Edit("POST", f"{PREFIX}/api_keys/{row['id']}", {"status": "archived"}),
        )
    },
)
