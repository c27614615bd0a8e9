"""`orgsync access` as a person meets it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.support import NOW, Sandbox, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync

GOLDEN = Path(__file__).parent / "golden" / "access"
HERE = ["--sandbox", "acme.db", "--now", NOW, "--quiet"]
SEED: dict[str, Any] = {
    "users": [
        {"email": "noor.aziz@acme.example", "role": "admin"},
        {"email": "raj.patel@acme.example", "role": "admin"},
        {"email": "ida.holm@acme.example", "role": "billing"},
        {"email": "ana.ruiz@acme.example", "role": "developer"},
        {"email": "contractor.jo@agency.example", "role": "user"},
        {"email": "greg.old@acme.example", "role": "user"},
    ],
    "invites": [{"email": "mia@acme.example", "role": "user", "status": "pending"}],
    "workspaces": [{"name": "production"}, {"name": "staging"}, {"name": "old", "archived_at": "2026-10-01T00:00:00Z"}],
    "workspace_members": [
        {"email": "ana.ruiz@acme.example", "workspace": "production", "workspace_role": "workspace_developer"},
        {"email": "contractor.jo@agency.example", "workspace": "production", "workspace_role": "workspace_admin"},
        {"email": "greg.old@acme.example", "workspace": "production", "workspace_role": "workspace_user"},
        {"email": "ida.holm@acme.example", "workspace": "staging", "workspace_role": "workspace_admin"},
    ],
    "api_keys": [
        {"name": "chatbot", "workspace": "production", "created_by_email": "ana.ruiz@acme.example"},
        {"name": "ana", "workspace": "production", "principal_email": "ana.ruiz@acme.example"},
        {"name": "off", "workspace": "production", "status": "inactive"},
    ],
}
FILES = """
manage: {members: authoritative}
teams:
  platform: [ana.ruiz@acme.example]
members:
  noor.aziz@acme.example: admin
  raj.patel@acme.example: developer
  ida.holm@acme.example: billing
  team:platform: developer
  contractor.jo@agency.example: user
  mia@acme.example: user
workspaces:
  production:
    members:
      team:platform: developer
      contractor.jo@agency.example: {role: admin, until: 2026-12-31}
      mia@acme.example: user
  staging:
    members: {ana.ruiz@acme.example: user}
"""


@pytest.fixture
def acme(sandbox: MakeSandbox) -> Sandbox:
    return sandbox(**SEED)


def answered(orgsync: Orgsync, *arguments: str) -> dict[str, Any]:
    ended = orgsync("access", *arguments, *HERE, "--format", "json")
    assert ended.code == EXIT_OK, ended.err
    data: dict[str, Any] = json.loads(ended.out)
    return data


def test_what_a_person_reads(acme: Sandbox, orgsync: Orgsync, tmp_path: Path, golden: Golden) -> None:
    assert acme
    files(tmp_path, FILES)
    for form in ("text", "markdown", "csv", "json"):
        ended = orgsync("access", "production", *HERE, "--format", form)
        golden(GOLDEN / f"production.{form}", ended.out.replace("\r\n", "\n"))
        assert ended.code == EXIT_OK
    for name, asked in (
        ("person", ["ana.ruiz@acme.example"]),
        ("admins", ["admins"]),
        ("all", ["--all"]),
        ("archived", ["old"]),
        ("live", ["production", "--live"]),
    ):
        golden(GOLDEN / f"{name}.text", orgsync("access", *asked, *HERE).out)
    golden(GOLDEN / "files.text", orgsync("access", "production", "--files", "--now", NOW).out)


@pytest.mark.parametrize(
    ("asked", "files_too", "requests"),
    [
        (["production"], True, 6),  # whose credential, users, invites, workspaces, members of that one, keys
        (["production"], False, 6),
        (["prod*"], True, 6),
        (["old"], True, 5),
        (["Default"], True, 5),
        (["ana.ruiz@acme.example"], True, 7),  # the members of both workspaces
        (["--all"], True, 7),
        (["admins"], True, 3),
    ],
)
def test_no_more_is_read_than_the_answer_needs(
    acme: Sandbox, orgsync: Orgsync, tmp_path: Path, asked: list[str], files_too: bool, requests: int
) -> None:
    if files_too:
        files(tmp_path, FILES)
    made = answered(orgsync, *asked)
    assert made["requests"] == requests == len(acme.received())
    assert acme.writes() == []


def test_the_files_alone_send_nothing(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, FILES)
    ended = orgsync("access", "staging", "--files", "--now", NOW, "--format", "json")
    made = json.loads(ended.out)
    assert [(row["who"], row["can"], row["because"]) for row in made["access"]] == [
        ("ana.ruiz@acme.example", "user", "own_line"),
        ("ida.holm@acme.example", "billing", "organization_role"),
        ("noor.aziz@acme.example", "admin", "organization_role"),
    ]
    assert acme.received() == []


def test_from_a_snapshot_it_is_as_it_was_then(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, FILES)
    assert orgsync("snapshot", *HERE, "--out", "then.json").code == EXIT_OK
    live, sent = answered(orgsync, "production"), len(acme.received())
    ended = orgsync("access", "production", "--snapshot", "then.json", "--now", NOW, "--format", "json")
    assert ended.code == EXIT_OK, ended.err
    made = json.loads(ended.out)
    assert len(acme.received()) == sent + 0
    assert made["access"] == live["access"]
    assert made["data"][0] == {"source": "the snapshot", "at": NOW}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("prodution", 'there is no workspace "prodution", neither in the organization nor in the files\n'),
        ("prodution", 'hint: did you mean "production"?'),
        ("test-*", 'no workspace matches "test-*"'),
        ("ana.riuz@acme.example", 'hint: did you mean "ana.ruiz@acme.example"?'),
        ("", "access needs one of: a workspace, an e-mail address, admins, --all"),
        ("production --all", "access needs one of: a workspace, an e-mail address, admins, --all"),
    ],
)
def test_what_does_not_exist_is_an_error(acme: Sandbox, orgsync: Orgsync, asked: str, said: str) -> None:
    assert acme
    ended = orgsync("access", *asked.split(), *HERE)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert said in ended.err


def test_addresses_name_people_and_workspaces_as_well(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    assert answered(orgsync, "workspace:production")["access"] == answered(orgsync, "production")["access"]
    assert (
        answered(orgsync, "member:ANA.ruiz@acme.example")["access"]
        == answered(orgsync, "ana.ruiz@acme.example")["access"]
    )


def test_people_by_a_glob(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    made = answered(orgsync, "*@agency.example", "--live")
    assert [(row["who"], row["workspace"], row["can"]) for row in made["access"]] == [
        ("contractor.jo@agency.example", "Default", "user"),
        ("contractor.jo@agency.example", "production", "admin"),
    ]


def test_addresses_are_masked_on_request(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    assert acme
    files(tmp_path, FILES)
    for form in ("text", "markdown", "csv", "json"):
        said = orgsync("access", "--all", *HERE, "--format", form, "--mask-emails").said
        assert "ana.ruiz" not in said
        assert "a…@acme.example" in said


def test_csv_has_a_line_for_each_grant(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    rows = list(csv.DictReader(StringIO(orgsync("access", "production", *HERE, "--format", "csv").out)))
    given = [row for row in rows if row["table"] == "access"]
    assert [(row["who"], row["role"]) for row in given][:2] == [
        ("ana.ruiz@acme.example", "developer"),
        ("contractor.jo@agency.example", "admin"),
    ]


def test_who_raised_a_billing_member_is_seen(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    rows = {row["who"]: row for row in answered(orgsync, "staging", "--live")["access"]}
    assert (rows["ida.holm@acme.example"]["can"], rows["ida.holm@acme.example"]["inherited"]) == ("admin", False)
    rows = {row["who"]: row for row in answered(orgsync, "production", "--live")["access"]}
    assert (rows["ida.holm@acme.example"]["can"], rows["ida.holm@acme.example"]["inherited"]) == ("billing", True)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("production", EXIT_DIFFERENCE),  # an admin whom the files say to be a developer
        ("ana.ruiz@acme.example", EXIT_OK),  # what only the files have is no access that anybody has
        ("greg.old@acme.example", EXIT_DIFFERENCE),
        ("admins", EXIT_DIFFERENCE),
        ("old", EXIT_OK),
    ],
)
def test_a_gate_ends_with_2_where_access_differs_from_the_files(
    acme: Sandbox, orgsync: Orgsync, tmp_path: Path, asked: str, code: int
) -> None:
    assert acme
    files(tmp_path, FILES)
    assert orgsync("access", asked, *HERE, "--fail-on", "differs").code == code
    for alone in ("--live", "--files"):
        ended = orgsync("access", asked, *HERE, "--fail-on", "differs", alone)
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "compares the organization with files" in ended.err
