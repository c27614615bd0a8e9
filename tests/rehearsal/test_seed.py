"""An organization in memory, made of what the API answered, answers the same."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import Any

import pytest
from acme import NOW, Org
from render.plans import plan
from stories import every_third

from orgsync.core.model.recording import Read, Recording, Refusal
from orgsync.engine.read_live import read_everything
from orgsync.engine.recording import Recorder
from orgsync.kinds import KINDS
from orgsync.rehearsal.seed import seed_of
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App
from orgsync.sandbox.wire.errors import SandboxError

PLAN = plan(())
PEOPLE: list[dict[str, Any]] = [
    {"email": "ceo@acme.example", "role": "admin"},
    {"email": "Bill@Acme.example", "role": "billing"},
    {"email": "ana@acme.example", "role": "developer", "added_at": "2024-10-30T23:58:27.427722Z"},
    {"email": "kim@acme.example", "role": "claude_code_user"},
]
RICH: dict[str, Any] = {
    "users": PEOPLE,
    "invites": [
        {"email": "new@acme.example", "role": "user"},
        {"email": "late@acme.example", "role": "developer", "status": "expired"},
        {"email": "ana@acme.example", "role": "user", "status": "accepted"},
    ],
    "workspaces": [
        {"name": "production", "tags": {"env": "prod"}, "data_residency": {"allowed_inference_geos": ["us"]}},
        {"name": "twice"},
        {"name": "twice"},
        {"name": "old", "archived_at": "2026-01-01T00:00:00Z"},
        {"name": "Default", "display_color": "#123456"},
    ],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace": "production", "workspace_role": "workspace_admin"},
        {"email": "Bill@Acme.example", "workspace": "production", "workspace_role": "workspace_billing"},
    ],
    "api_keys": [
        {"name": "ci", "workspace": "production", "created_by_email": "ana@acme.example"},
        {"name": "ours", "scope": {"type": "organization"}, "principal_email": "kim@acme.example"},
        {"name": "off", "workspace": "production", "status": "inactive", "expires_at": "2027-01-01T00:00:00Z"},
        {"name": "was", "workspace": "old", "status": "archived"},
        {"name": "late", "status": "expired", "created_by": {"id": "user_left", "type": "user"}},
    ],
    "workspace_rate_limits": [
        {
            "workspace": "production",
            "model": "claude-sonnet-5",
            "limits": [{"type": "requests_per_minute", "value": 10}],
        },
    ],
    "spend_limits": [
        {"amount": "900000"},
        {"workspace": "production", "amount": "50000", "updated_at": "2026-11-11T10:02:44Z"},
    ],
}
OTHERWISE: list[dict[str, Any]] = [
    {"settings": {"usage_tier": "start"}},
    {"settings": {"currency": "JPY", "usage_tier": "build"}},
    {"settings": {"granted_spend_cap": "12345"}},
    {"settings": {"usage_tier": "custom"}},
    {"settings": {"spend_limits_early_access": False}},
    {**RICH, "settings": {"inherited_members": "listed"}},
    {"workspaces": [{"name": f"w{number}"} for number in range(101)]},
]


def recorded(app: App, *, whole: bool = True) -> Recording:
    """Everything that the API answers about the organization, or as much of it as a snapshot keeps."""
    org = Org()
    org.app = app

    async def read() -> Recording:
        async with org.client() as client:
            recorder = Recorder(client.reader)
            await read_everything(recorder, KINDS)
            return recorder.recording if whole else recorder.essence

    return asyncio.run(read())


def rebuilt(recording: Recording) -> App:
    """What a rehearsal makes of it."""
    return App(filled(":memory:", seed_of(recording, PLAN, NOW), now=NOW, believed=True))


def same(one: Recording, other: Recording) -> None:
    """Every list has the same rows."""
    assert [asked(read) for read in one.reads] == [asked(read) for read in other.reads]
    for mine, theirs in zip(one.reads, other.reads, strict=True):
        assert mine.rows == theirs.rows, mine.path


def asked(read: Read) -> tuple[str, int | None]:
    """What was asked, and whether it was refused."""
    return read.path, None if read.refusal is None else read.refusal.status


@pytest.mark.parametrize("seed", every_third([RICH, *OTHERWISE]))
def test_it_answers_what_the_real_one_answered(seed: dict[str, Any]) -> None:
    there = recorded(Org(**copy.deepcopy(seed)).app)
    assert sum(len(read.rows) for read in there.reads) > 5
    same(recorded(rebuilt(there)), there)


@pytest.mark.parametrize("seed", every_third([RICH, *OTHERWISE]))
def test_what_a_snapshot_keeps_is_enough(seed: dict[str, Any]) -> None:
    kept = recorded(Org(**copy.deepcopy(seed)).app, whole=False)
    same(recorded(rebuilt(kept), whole=False), kept)


def test_fields_that_nobody_knows_yet_are_left_out() -> None:
    there = recorded(Org(**copy.deepcopy(RICH)).app)
    grown = Recording(tuple(replace(read, rows=tuple(_grown(row) for row in read.rows)) for read in there.reads))
    same(recorded(rebuilt(grown)), there)


def _grown(value: Any) -> Any:
    """The same data with a new field in every object of a known shape."""
    if isinstance(value, list):
        return [_grown(one) for one in value]
    if not isinstance(value, dict):
        return value
    maps = {"tags", "scope", "principal"}  # of any shape
    return {"new": {"field": 1}} | {key: one if key in maps else _grown(one) for key, one in value.items()}


def test_rows_that_contradict_are_how_the_organization_is() -> None:
    org = Org(users=PEOPLE, invites=[{"email": "new@acme.example"}], workspaces=[{"name": "lab"}])
    org.console("POST", "users", {"email": "new@acme.example", "role": "user"})  # by SSO; the invite stays pending
    there = recorded(org.app)
    same(recorded(rebuilt(there)), there)


def test_what_was_not_read_or_not_offered_is_empty() -> None:
    there = recorded(Org(users=PEOPLE).app)
    users = next(read for read in there.reads if read.path.endswith("/users"))
    keys = replace(next(read for read in there.reads if read.path.endswith("/api_keys")), rows=())
    few = Recording((users, replace(keys, refusal=Refusal(403, "no"))))
    assert len(seed_of(few, PLAN, NOW)["users"]) == len(PEOPLE)
    assert recorded(rebuilt(few)).reads


def test_what_the_sandbox_cannot_hold_is_said() -> None:
    there = recorded(Org(users=PEOPLE).app)
    reads = [replace(read, rows=tuple({**row, "role": "magician"} for row in read.rows)) for read in there.reads]
    with pytest.raises(SandboxError, match=r"users\.0\.role"):
        rebuilt(Recording(tuple(reads)))
