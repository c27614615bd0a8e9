"""Files that are well-formed and ask for what this organization makes impossible: exit code 1, and only GETs sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import ORGANIZATION

from cli.support import CEO, NOW, files
from orgsync.errors import EXIT_INPUT

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox

COMMANDS = pytest.mark.parametrize(
    "command", [["plan", "--out", "plan.json"], ["apply", "--yes"]], ids=lambda it: it[0]
)


def _refused(command: list[str], orgsync: Orgsync, acme: Sandbox, tmp_path: Path) -> Ended:
    """The command, which must have printed no plan, saved none, and sent only GETs."""
    ended = orgsync(*command, "--sandbox", "acme.db", "--now", NOW)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert not (tmp_path / "plan.json").exists()
    assert acme.received()
    assert not acme.writes()
    return ended


@COMMANDS
def test_two_live_workspaces_with_the_declared_name(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    first, second = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", "wrkspc_01BBBBBBBBBBBBBBBBBBBBBB"
    acme = sandbox(workspaces=[{"name": "production", "id": first}, {"name": "production", "id": second}])
    files(tmp_path, "workspaces:\n  production: {tags: {env: prod}}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    message = f'org.yaml:4:3: workspace:production: 2 workspaces are named "production": {first}, {second}'
    assert message in ended.err
    assert "    hint: add `id: wrkspc_…`\n" in ended.err


@COMMANDS
def test_a_declared_workspace_that_was_archived_in_the_console(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    gone = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"
    acme = sandbox(workspaces=[{"name": "staging", "id": gone, "archived_at": "2026-10-01T08:00:00Z"}])
    files(tmp_path, "workspaces:\n  staging: {}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    message = f"workspace:staging: the workspace of this name ({gone}) was archived on 2026-10-01\n"
    assert message in ended.err
    assert "hint: add `archived: true`, or `recreate: ID` to create a new one" in ended.err


@COMMANDS
def test_an_id_that_no_workspace_has(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(workspaces=[{"name": "staging"}])
    files(tmp_path, "workspaces:\n  staging: {id: wrkspc_01CCCCCCCCCCCCCCCCCCCCCC}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    message = "no workspace of this organization has the id wrkspc_01CCCCCCCCCCCCCCCCCCCCCC\n"
    assert f"org.yaml:4:3: workspace:staging: {message}" in ended.err
    assert "hint: delete `id` to match by name" in ended.err


@COMMANDS
def test_an_id_of_a_workspace_that_was_archived(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    gone = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"
    acme = sandbox(workspaces=[{"name": "old", "id": gone, "archived_at": "2026-10-01T08:00:00Z"}])
    files(tmp_path, f"workspaces:\n  staging: {{id: {gone}}}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    assert f"workspace:staging: {gone} was archived, which cannot be undone\n" in ended.err


@COMMANDS
def test_two_lines_that_mean_one_workspace(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    one = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"
    acme = sandbox(workspaces=[{"name": "production", "id": one}])
    files(tmp_path, f"workspaces:\n  production: {{id: {one}}}\n  prod: {{id: {one}}}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    message = f"workspace:prod: refers to the same workspace ({one}) as workspace:production\n"
    assert f"org.yaml:5:3: {message}" in ended.err


@COMMANDS
def test_a_workspace_member_whom_nobody_knows(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(users=[CEO, {"email": "ana@acme.example", "role": "developer"}], workspaces=[{"name": "production"}])
    text = (
        "workspaces:\n  production:\n    members:\n      anna@acme.example: developer\n      zoe@acme.example: user\n"
    )
    files(tmp_path, text)
    ended = _refused(command, orgsync, acme, tmp_path)
    unknown = "is neither declared under members nor a member of the organization"
    assert ended.err.split("problems\n")[1].splitlines() == [
        f"org.yaml:6:7: workspace_member:production/anna@acme.example: {unknown}",
        '    hint: did you mean "ana@acme.example"?',
        f"org.yaml:7:7: workspace_member:production/zoe@acme.example: {unknown}",
        "    hint: declare the person under members",
    ]


@COMMANDS
@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("{id: 99999999-1111-2222-3333-444444444444}", "99999999-1111-2222-3333-444444444444"),
        ("{name: Acme Holding}", '"Acme Holding"'),
        ("{id: 3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91, name: acme robotics}", '"acme robotics"'),
    ],
    ids=["by id", "by name", "by name in another case"],
)
def test_the_credential_of_another_organization(
    command: list[str], named: str, told: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox()
    files(tmp_path, f"version: 1\norganization: {named}\nmembers: {{new@acme.example: user}}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    theirs = f'the credential belongs to "Acme Robotics" ({ORGANIZATION["id"]})'
    assert f"Error: the files are for the organization {told}, {theirs}\n" in ended.err
    assert "hint: use the credential of that organization, or correct `organization:` in the files\n" in ended.err
    assert acme.received() == ["GET /v1/organizations/me"]


def test_a_saved_plan_of_another_organization(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    files(tmp_path, "version: 1\norganization: {name: Acme Robotics}\nmembers: {new@acme.example: user}\n")
    sandbox()
    orgsync("plan", "--sandbox", "acme.db", "--out", "plan.json")
    other = sandbox(organization={"id": "99999999-1111-2222-3333-444444444444", "name": "Acme Robotics"})
    ended = orgsync("apply", "plan.json", "--sandbox", "acme.db", "--yes")
    assert ended.code == EXIT_INPUT
    assert "the credential belongs to" in ended.err
    assert other.received() == ["GET /v1/organizations/me"]


@COMMANDS
def test_every_problem_is_said_at_once(
    command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(workspaces=[{"name": "a"}, {"name": "a"}, {"name": "b", "archived_at": "2026-10-01T08:00:00Z"}])
    files(tmp_path, "workspaces:\n  a: {}\n  b: {}\n  c: {id: wrkspc_01CCCCCCCCCCCCCCCCCCCCCC}\n")
    ended = _refused(command, orgsync, acme, tmp_path)
    assert "Error: 3 problems\n" in ended.err
    assert [line[:13] for line in ended.err.splitlines() if line.startswith("org.yaml")] == [
        "org.yaml:4:3:",
        "org.yaml:5:3:",
        "org.yaml:6:3:",
    ]
