"""Workspaces, with what belongs to one alone: its data residency, encryption key, data privacy and tags."""

from __future__ import annotations

from orgsync.sandbox.model.resource import Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.resources.workspaces import endpoints, rehearsal, seed

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
    shape=seed.WorkspaceRow,
    about=lambda row, _seed: row.name,
    prefix="wrkspc",
    parameter="workspace_id",
    fill=seed.filled,
    made_at="created_at",
    implied=seed.implied,
    problems=seed.problems,
    routes=not_in_enterprise(
        Route("GET", "/workspaces", endpoints.list_workspaces),
        Route("POST", "/workspaces", endpoints.create_workspace),
        Route("GET", WORKSPACE, endpoints.retrieve_workspace, item=True),
        Route("POST", WORKSPACE, endpoints.update_workspace),
        Route("POST", f"{WORKSPACE}/archive", endpoints.archive_workspace),
    ),
    path="/workspaces",
    assumed=rehearsal.assumed,
    facts=rehearsal.facts,
    edits={"rename": to_mentioned(rehearsal.renamed), "archive": to_mentioned(rehearsal.archived)},
)
