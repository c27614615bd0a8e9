"""Files and plans that are for another organization: exit code 1, and only GETs sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import ORGANIZATION

from cli.support import NOW, files
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
@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("{id: 99999999-1111-2222-3333-444444444444}", "99999999-1111-2222-3333-444444444444"),
        ("{name: Acme Holding}", '"Acme Holding"'),
        ("{name: acme robotics}", '"acme robotics"'),
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
