"""Workspaces, with what belongs to one alone: its data residency, encryption key, data privacy and tags."""

from __future__ import annotations

from orgsync.sandbox.model.resource import Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import by_time
from orgsync.sandbox.resources.workspaces.endpoints import (
    archive_workspace,
    create_workspace,
    list_workspaces,
    retrieve_workspace,
    update_workspace,
)
from orgsync.sandbox.resources.workspaces.observed import archived, assumed, facts, renamed
from orgsync.sandbox.resources.workspaces.seed import WorkspaceRow, filled, implied, problems

WORKSPACE = "/workspaces/{workspace_id}"

RESOURCE = Resource(
    table="workspaces",
    schema="""
CREATE TABLE IF NOT EXISTS workspaces (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at TEXT NOT NULL, archived_at TEXT,
    compartment_id TEXT NOT NULL, data_residency TEXT NOT NULL, display_color TEXT NOT NULL, external_key_id TEXT,
    inference_data_privacy TEXT NOT NULL, tags TEXT NOT NULL, user_profile_id TEXT, is_default INTEGER NOT NULL);
""",
    section="workspaces",
    row=WorkspaceRow,
    about=lambda row, _seed: row.name,
    prefix="wrkspc",
    parameter="workspace_id",
    fill=lambda seed: by_time(filled(seed), "created_at"),
    implied=implied,
    problems=problems,
    routes=not_in_enterprise(
        Route("GET", "/workspaces", list_workspaces),
        Route("POST", "/workspaces", create_workspace),
        Route("GET", WORKSPACE, retrieve_workspace, item=True),
        Route("POST", WORKSPACE, update_workspace),
        Route("POST", f"{WORKSPACE}/archive", archive_workspace),
    ),
    path="/workspaces",
    assumed=assumed,
    facts=facts,
    edits={"rename": to_mentioned(renamed), "archive": to_mentioned(archived)},
)
