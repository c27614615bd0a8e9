"""API keys: made in the Console alone; their secrets exist nowhere here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.resources.api_keys import endpoints, seed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.sandbox.model.resource import Label, Tables


def facts(tables: Tables, _label: Label) -> Iterator[tuple[Fact, str]]:
    """Names and statuses."""
    for row in tables["api_keys"]:
        yield ("API key", row["id"], "name"), row["name"]
        yield ("API key", row["id"], "status"), row["status"]


def _archived(row: Mapping[str, Any]) -> Edit:
    return Edit("POST", f"/api_keys/{row['id']}", {"status": "archived"})


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
    shape=seed.ApiKeyRow,
    about=lambda row, _seed: row.name,
    prefix="apikey",
    parameter="api_key_id",
    fill=seed.filled,
    made_at="created_at",
    problems=seed.problems,
    routes=not_in_enterprise(
        Route("GET", "/api_keys", endpoints.list_api_keys),
        Route("GET", "/api_keys/{api_key_id}", endpoints.retrieve_api_key, item=True),
        Route("POST", "/api_keys/{api_key_id}", endpoints.update_api_key),
        Route("POST", "/api_keys", endpoints.create_api_key, console_only=True),
    ),
    by_hand='{"name", "workspace", "created_by_email", "principal_email", "expires_at"}',
    console=(('POST /api_keys {"name", "scope", "principal"}', "make an API key"),),
    path="/api_keys",
    facts=facts,
    edits={"archive": to_mentioned(_archived)},
)
