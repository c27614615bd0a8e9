"""The journal beside the files knows what `apply` made: what was renamed by hand since is not made twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

import orgsync as library

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

TOLD = "it is in the journal"


@pytest.fixture
def acme(sandbox: MakeSandbox, orgsync: Orgsync) -> Sandbox:
    """A workspace that an apply made, and a person renamed."""
    org = sandbox()
    Path("org.yaml").write_text(f"{HEAD}workspaces: {{prod: {{}}}}\n")
    assert orgsync("apply", "--yes", "--sandbox", org.path).code == 0
    (row,) = org.console("GET", "workspaces")["data"]
    org.console("POST", f"workspaces/{row['id']}", {"name": "live"})
    return org


def names(org: Sandbox) -> list[str]:
    return [row["name"] for row in org.console("GET", "workspaces")["data"]]


def test_it_is_found_by_plan_apply_and_drift(acme: Sandbox, orgsync: Orgsync) -> None:
    planned = orgsync("plan", "--format", "json", "--sandbox", acme.path)
    assert (planned.code, json.loads(planned.out)["changes"]) == (0, [])
    assert TOLD in planned.out
    applied = orgsync("apply", "--yes", "--sandbox", acme.path)
    assert (applied.code, names(acme)) == (0, ["live"])
    drifted = orgsync("drift", "--format", "json", "--sandbox", acme.path)
    assert (drifted.code, TOLD in drifted.out) == (2, True)


def test_the_library_finds_it_too(acme: Sandbox) -> None:
    with library.Sandbox(acme.path) as connection:
        plan = library.plan("org.yaml", connection=connection)
    assert [(one.address, one.code) for one in plan.blocked] == [("workspace:prod", "renamed_in_console")]


def test_another_journal_is_read_where_it_is_named(acme: Sandbox, orgsync: Orgsync) -> None:
    Path("org.journal.jsonl").rename("elsewhere.jsonl")
    assert TOLD in orgsync("apply", "--yes", "--journal", "elsewhere.jsonl", "--sandbox", acme.path).out
    assert names(acme) == ["live"]


def test_it_is_made_where_that_is_allowed(acme: Sandbox, orgsync: Orgsync) -> None:
    allowed = orgsync("apply", "--yes", "--lookup-patience", "0", "--allow", "workspace:prod", "--sandbox", acme.path)
    assert (allowed.code, sorted(names(acme))) == (0, ["live", "prod"])


def test_a_journal_that_cannot_be_read_is_an_error(acme: Sandbox, orgsync: Orgsync) -> None:
    Path("org.journal.jsonl").unlink()
    Path("org.journal.jsonl").mkdir()
    ended = orgsync("plan", "--sandbox", acme.path)
    assert (ended.code, "org.journal.jsonl" in ended.err) == (1, True)


def test_a_reviewed_revert_of_a_rename_is_applied_without_a_base(orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    live = sandbox(workspaces=[{"id": "wrkspc_01Ab", "name": "production"}])
    Path("earlier.yaml").write_text(f"{HEAD}workspaces: {{production: {{renamed_from: prod}}}}\n")
    Path("org.yaml").write_text(f"{HEAD}workspaces: {{prod: {{}}}}\n")
    planned = orgsync("plan", "--sandbox", live.path, "--base", "earlier.yaml", "--out", "plan.json")
    assert planned.code == 0
    assert "~ workspace:prod" in planned.out
    applied = orgsync("apply", "org.yaml", "--sandbox", live.path, "--ceiling", "plan.json", "--yes")
    assert applied.code == 0
    assert live.id_of("workspaces", "name", "prod") == "wrkspc_01Ab"
