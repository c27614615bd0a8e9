"""A server that says yes and does nothing: what it was asked for is reported as not done, and done the next time."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from stories import every_third

from cli.support import CEO, NOW, files, parsed
from orgsync.errors import EXIT_OK, EXIT_PARTLY
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ("--sandbox", "acme.db", "--now", NOW)
ANA = {"id": "user_01ana", "email": "ana@x.example", "role": "user"}
RAJ = {"id": "user_01raj", "email": "raj@x.example", "role": "user"}
LAB = {"id": "wrkspc_01lab", "name": "lab"}
IN_LAB = {"email": "ana@x.example", "workspace": "lab", "workspace_role": "workspace_user"}
LIMIT = {"workspace": "lab", "amount": "10000"}
SONNET = {"workspace": "lab", "model": "claude-sonnet-5", "limits": [{"type": "requests_per_minute", "value": 100}]}
KEY = {"id": "apikey_01a", "name": "a", "workspace": "lab"}
OPEN = "guards: {max_removals: {percent: 100}}\n"
AUTHORITATIVE = f"{OPEN}manage: {{members: authoritative, workspace_members: authoritative}}\n"
EVERYBODY = "members: {ceo@acme.example: admin, raj@x.example: developer, ana@x.example: user}\n"
RAJ_ONLY = "members: {ceo@acme.example: admin, raj@x.example: developer}\n"
"""Raj becomes a developer in every case, so that there is something that does happen."""


@dataclass(frozen=True)
class Case:
    """The files and the rows that lead to one change, and the request that asks for it."""

    files: str
    method: str
    path: str
    rows: dict[str, Any] = field(default_factory=dict)
    allow: str | None = None


CASES: dict[str, Case] = {
    "invite member:new@x.example": Case(
        "members: {new@x.example: user, raj@x.example: developer}\n", "POST", "/invites"
    ),
    "withdraw member:new@x.example": Case(
        AUTHORITATIVE + EVERYBODY, "DELETE", "/invites/*", {"invites": [{"email": "new@x.example", "role": "user"}]}
    ),
    "update member:ana@x.example": Case(
        "members: {ana@x.example: developer, raj@x.example: developer}\n", "POST", "/users/user_01ana"
    ),
    "remove member:ana@x.example": Case(AUTHORITATIVE + RAJ_ONLY, "DELETE", "/users/user_01ana"),
    "create workspace:new": Case(RAJ_ONLY + "workspaces: {new: {}}\n", "POST", "/workspaces"),
    "update workspace:lab": Case(RAJ_ONLY + "workspaces: {lab: {tags: {a: b}}}\n", "POST", "/workspaces/wrkspc_01lab"),
    "archive workspace:lab": Case(
        OPEN + RAJ_ONLY + "workspaces: {lab: {archived: true}}\n",
        "POST",
        "/workspaces/wrkspc_01lab/archive",
        {"workspaces": [LAB, {"name": "other"}]},
        "workspace:lab",
    ),
    "create workspace_member:lab/ana@x.example": Case(
        EVERYBODY + "workspaces: {lab: {members: {ana@x.example: user}}}\n", "POST", "/workspaces/*/members"
    ),
    "update workspace_member:lab/ana@x.example": Case(
        EVERYBODY + "workspaces: {lab: {members: {ana@x.example: developer}}}\n",
        "POST",
        "/workspaces/*/members/user_01ana",
        {"workspace_members": [IN_LAB]},
    ),
    "remove workspace_member:lab/ana@x.example": Case(
        AUTHORITATIVE + EVERYBODY + "workspaces: {lab: {members: {raj@x.example: user}}}\n",
        "DELETE",
        "/workspaces/*/members/user_01ana",
        {"workspace_members": [IN_LAB, {**IN_LAB, "email": "raj@x.example"}]},
    ),
    "create spend_limit:workspace/lab": Case(
        RAJ_ONLY + "workspaces: {lab: {spend_limit: {monthly: 50}}}\n", "POST", "/spend_limits"
    ),
    "update spend_limit:workspace/lab": Case(
        RAJ_ONLY + "workspaces: {lab: {spend_limit: {monthly: 50}}}\n",
        "POST",
        "/spend_limits",
        {"spend_limits": [LIMIT]},
    ),
    "remove spend_limit:workspace/lab": Case(
        OPEN + RAJ_ONLY + "workspaces: {lab: {spend_limit: null}}\n",
        "DELETE",
        "/spend_limits/*",
        {"spend_limits": [LIMIT]},
        "spend_limit:workspace/lab",
    ),
    "create rate_limit:lab/claude-sonnet-5/requests_per_minute": Case(
        RAJ_ONLY + "workspaces: {lab: {rate_limits: {claude-sonnet-5: {requests_per_minute: 50}}}}\n",
        "POST",
        "/workspaces/*/rate_limits/*",
    ),
    "update rate_limit:lab/claude-sonnet-5/requests_per_minute": Case(
        RAJ_ONLY + "workspaces: {lab: {rate_limits: {claude-sonnet-5: {requests_per_minute: 50}}}}\n",
        "POST",
        "/workspaces/*/rate_limits/*",
        {"workspace_rate_limits": [SONNET]},
    ),
    "update api_key:lab/a": Case(
        RAJ_ONLY + "workspaces: {lab: {api_keys: {a: inactive}}}\n", "POST", "/api_keys/*", {"api_keys": [KEY]}
    ),
    "archive api_key:lab/a": Case(
        OPEN + RAJ_ONLY + "workspaces: {lab: {api_keys: {a: {archived: true}}}}\n",
        "POST",
        "/api_keys/*",
        {"api_keys": [KEY, {"name": "b", "workspace": "lab"}]},
        "api_key:lab/a",
    ),
}


BY_TOKEN = {"service_account"}
"""What the Admin key of a sandbox cannot change: tests/kinds tries it with a token."""


def test_every_write_of_every_kind_has_its_case() -> None:
    covered = {(name.partition(" ")[0], name.partition(" ")[2].partition(":")[0]) for name in CASES}
    assert covered == {
        (action.value, kind.name) for kind in KINDS if kind.name not in BY_TOKEN for action in kind.actions
    }


@pytest.mark.parametrize("name", every_third(CASES))
def test_what_was_accepted_and_ignored_is_not_done(
    name: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    case, (action, _, address) = CASES[name], name.partition(" ")
    acme = sandbox(**{"users": [CEO, ANA, RAJ], "workspaces": [LAB], **case.rows})
    files(tmp_path, case.files)
    allowed = () if case.allow is None else ("--allow", case.allow)
    planned = parsed(orgsync("plan", *HERE, *allowed, "--format", "json").out)["changes"]
    assert sorted(f"{one['action']} {one['address']}" for one in planned) == sorted(
        [f"{action} {address}", "update member:raj@x.example"]
    )

    acme.faults({"fault": "ignore", "method": case.method, "path": case.path})
    ended = orgsync("apply", *HERE, *allowed, "--yes", "--lookup-patience", "0")
    assert ended.code == EXIT_PARTLY
    words = " ".join(ended.out.split())
    assert f"? {address} " in words
    assert "unconfirmed: accepted by the API, but the organization does not show it" in words
    assert ended.out.endswith("Apply incomplete: 1 done, 1 unconfirmed. Run the same command again.\n")

    before = len(acme.writes())
    again = orgsync("apply", *HERE, *allowed, "--yes", "--lookup-patience", "0.1")
    assert again.code == EXIT_OK
    assert "Apply complete: 1 " in again.out
    [write] = acme.writes()[before:]
    assert fnmatchcase(write, f"{case.method} /v1/organizations{case.path}")
    assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK
