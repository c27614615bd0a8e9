"""Snapshots of an `Org`, plans from them, and one organization that has some of everything."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acme import ADMINS, Org, desired_from

from orgsync.core.document.read import nothing_desired
from orgsync.core.plan.make import make_plan
from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot, sealed
from orgsync.core.words.timestamp import written_moment
from orgsync.engine.read_live import read_live
from orgsync.engine.recording import Recorder, Replay
from orgsync.engine.take_snapshot import read_for_snapshot
from orgsync.kinds import KINDS
from orgsync.render.plan import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan

KEY = "a secret that nobody guesses: 0123456789"

TWIN, OTHER_TWIN = "wrkspc_01TwinA", "wrkspc_01TwinB"
HINTED = {"partial_key_hint": "sk-ant-api03-R2D...igAA"}


def rich(**more: Any) -> Org:
    """Members, invites, workspaces of every standing (two of one name), keys of every owner, limits and use."""
    rows: dict[str, Any] = {
        "users": [
            *ADMINS,
            {"email": "Ana@Acme.example", "name": "Ana Ruiz", "role": "developer"},
            {"email": "raj@acme.example", "name": "Raj Patel", "role": "user"},
            {"email": "ida@acme.example", "name": "Ida Holm", "role": "billing"},
        ],
        "invites": [
            {"email": "mia@acme.example", "role": "developer"},
            {"email": "old@acme.example", "role": "user", "status": "expired"},
        ],
        "workspaces": [
            {"name": "production", "tags": {"owner": "raj@acme.example"}},
            {"name": "twin", "id": TWIN},
            {"name": "twin", "id": OTHER_TWIN},
            {"name": "Claude Code"},
            {"name": "old-poc", "archived_at": "2026-03-01T00:00:00Z"},
        ],
        "workspace_members": [
            {"email": "Ana@Acme.example", "workspace": "production", "workspace_role": "workspace_developer"},
            {"email": "raj@acme.example", "workspace_id": OTHER_TWIN, "workspace_role": "workspace_user"},
            {"email": "raj@acme.example", "workspace": "Claude Code", "workspace_role": "workspace_user"},
        ],
        "api_keys": [
            {"name": "chatbot", "workspace": "production", "created_at": "2026-01-02T00:00:00Z", **HINTED},
            {"name": "laptop of raj@acme.example", "workspace": "production", "principal_email": "raj@acme.example"},
            {"name": "playground", "workspace": "Default", "created_by_email": "raj@acme.example"},
            {"name": "everywhere", "scope": {"type": "organization"}, "principal_email": "Ana@Acme.example"},
        ],
        "spend_limits": [{"scope": {"type": "organization"}, "amount": "1000000"}],
        "workspace_rate_limits": [],
        "usage": [
            {"at": "2026-11-01T08:00:00Z", "workspace": "production", "api_key": "chatbot", **_COST},
            {"at": "2026-11-21T08:00:00Z", "workspace": "production", "api_key": "chatbot", **_COST},
        ],
    }
    return Org(**{**rows, **more})


_COST = {"model": "claude-sonnet-5", "input_tokens": 1000, "cost_cents": "5000"}


def taken(org: Org, files: str | None = None) -> Snapshot:
    """What `orgsync snapshot` would write for these files; without any by default."""
    return asyncio.run(_taken(org, nothing(org) if files is None else desired_from(files, org.now)))


def nothing(org: Org) -> Desired:
    """No files at all."""
    return nothing_desired(KINDS, org.now.date())


async def _taken(org: Org, desired: Desired) -> Snapshot:
    async with org.client() as client:
        recorder = Recorder(client.reader)
        seen = await read_for_snapshot(recorder, KINDS, desired)
    moment = written_moment(org.now)
    reads = recorder.essence.reads
    return sealed(Snapshot(FORMAT_VERSION, seen.organization, moment, "0", Emails.PLAIN, None, reads))


def planned_from(snapshot: Snapshot, desired: Desired, now: datetime, **options: Any) -> Plan:
    """The plan that asks nobody."""
    seen = asyncio.run(read_live(Replay(snapshot.recording, snapshot.moment), desired, KINDS))
    return make_plan(desired, seen, now, KINDS, seen_at=snapshot.taken_at, **options)


def planned_live(org: Org, desired: Desired) -> Plan:
    """The plan that asks the organization."""
    return asyncio.run(_planned_live(org, desired))


async def _planned_live(org: Org, desired: Desired) -> Plan:
    async with org.client() as client:
        seen = await read_live(client.reader, desired, KINDS)
    return make_plan(desired, seen, org.now, KINDS)


def told(plan: Plan) -> str:
    """Everything in a plan but what tells where it knows live from, and since when."""
    digests = replace(plan.digests, plan="", changes="")
    text = json_text.render(replace(plan, seen_at=None, requests=0, digests=digests))
    return re.sub(r"as of [-0-9]+ [:0-9]+ UTC", "as of then", text)
