"""`orgsync review start`: the population is frozen, row by row, and nothing is asked twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from cli.review.support import FILE, SNAPSHOT, commit, start, status
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox


def rows() -> list[tuple[str, str, str, str]]:
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [(row.get("workspace", ""), row["who"], row["what"], row.get("line", "")) for row in read["rows"]]


def test_there_is_a_row_for_every_grant_by_workspace_and_person(acme: Sandbox, orgsync: Orgsync) -> None:
    commit("Who has what")
    ended = start(orgsync)
    assert (ended.code, ended.out) == (EXIT_OK, "")
    assert rows() == [
        ("", "ana@acme.example", "organization role developer", "org.yaml:5"),
        ("", "ceo@acme.example", "organization role admin", "org.yaml:4"),
        ("", "new@acme.example", "pending invite, organization role developer", ""),
        ("", "raj@agency.example", "organization role user", ""),
        ("production", "ana@acme.example", 'API key "ci"', "org.yaml:11"),
        ("production", "ana@acme.example", "workspace role admin", "org.yaml:9"),
        ("production", "no person", 'API key "demo"', ""),
    ]
    text = FILE.read_text(encoding="utf-8")
    assert text.count("    decision:\n    reason:\n    reviewed_by:\n") == 7
    assert len(re.findall(r"commit: [0-9a-f]{12} of 2026-11-22 by Ana Ruiz <ana@acme\.example>\n", text)) == 4
    assert acme.received()


def test_only_the_snapshot_is_read_and_nothing_is_written(acme: Sandbox, orgsync: Orgsync) -> None:
    start(orgsync)
    received = acme.received()
    # What a snapshot of this organization takes, refusals included, and 90 days of the usage report.
    assert len(received) == 12 + 2 + 3
    assert {line.split()[0] for line in received} == {"GET"}


def test_ids_stay_from_review_to_review(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme.received() == []
    start(orgsync)
    before = re.findall(r"- id: (\w+)", FILE.read_text(encoding="utf-8"))
    FILE.unlink()
    SNAPSHOT.unlink()
    acme.console("POST", "/v1/organizations/users/user_01Ana", {"role": "billing"})
    start(orgsync)
    assert re.findall(r"- id: (\w+)", FILE.read_text(encoding="utf-8")) == before


@pytest.mark.parametrize(
    ("due", "out", "says"),
    [
        ("2026-11-21", "r.yaml", "has passed"),
        ("soon", "r.yaml", "not a valid day"),
        ("2026-12-31", "r.json", "not a YAML file"),
        ("2026-12-31", "org.yaml", "already exists"),
        ("2026-12-31", "away/r.yaml", "there is no folder"),
    ],
)
def test_what_cannot_be_started_is_said_before_anything_is_read(
    due: str, out: str, says: str, acme: Sandbox, orgsync: Orgsync
) -> None:
    ended = orgsync(
        "review", "start", "--out", out, "--due", due, "--sandbox", "acme.db", "--now", "2026-11-22T10:00:00Z"
    )
    assert ended.code == EXIT_INPUT
    assert says in ended.err
    assert acme.received() == []


def test_a_review_is_never_overwritten(acme: Sandbox, orgsync: Orgsync) -> None:
    start(orgsync)
    before = FILE.read_bytes()
    assert start(orgsync).code == EXIT_INPUT
    assert FILE.read_bytes() == before
    assert acme.received()


def test_an_organization_without_files_can_be_reviewed(acme: Sandbox, orgsync: Orgsync) -> None:
    Path("org.yaml").unlink()
    assert start(orgsync).code == EXIT_OK
    assert "line:" not in FILE.read_text(encoding="utf-8")
    assert status(orgsync).code == EXIT_OK
    assert acme.received()


def test_names_from_outside_are_inert_in_the_file(sandbox: MakeSandbox, orgsync: Orgsync) -> None:
    name = "ci\u202e\n- id: forged"
    sandbox(api_keys=[{"name": name}, {"name": "1e6"}, {"name": "null"}])
    start(orgsync)
    text = FILE.read_text(encoding="utf-8")
    assert text.isprintable() or text.replace("\n", "").isprintable()
    assert text.count("\n  - id: ") == len(rows()) == 4
    assert status(orgsync).code == EXIT_OK


def test_what_the_api_does_not_show_is_said(acme: Sandbox, orgsync: Orgsync) -> None:
    ended = start(orgsync)
    told = "not reviewed, because the API did not show it: service_account: the API does not show this list"
    assert told in ended.err
    assert "not reviewed" in status(orgsync).out
    assert acme.received()


def test_the_last_use_of_keys_is_told_as_far_as_the_report_goes(acme: Sandbox, orgsync: Orgsync) -> None:
    start(orgsync)
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    used = {row["address"]: row.get("last_use") for row in read["rows"] if row["address"].startswith("api_key:")}
    assert used == {"api_key:production/ci": "2026-11-20", "api_key:production/demo": "not in 90 days"}
    assert acme.received()


def test_without_keys_no_report_is_read(sandbox: MakeSandbox, orgsync: Orgsync) -> None:
    acme = sandbox()
    start(orgsync)
    assert not [line for line in acme.received() if "usage_report" in line]


def test_a_workspace_may_have_a_name_of_spaces(acme: Sandbox, orgsync: Orgsync) -> None:
    blank = acme.console("POST", "/v1/organizations/workspaces", {"name": "   "})["id"]
    acme.console(
        "POST",
        f"/v1/organizations/workspaces/{blank}/members",
        {"user_id": "user_01Ana", "workspace_role": "workspace_developer"},
    )
    ended = start(orgsync)
    assert ended.code == EXIT_OK, ended.err
    assert ("   ", "ana@acme.example", "workspace role developer", "") in rows()
    assert status(orgsync).code == EXIT_OK


@pytest.mark.story
def test_names_of_authors_are_inert_in_the_file(acme: Sandbox, orgsync: Orgsync) -> None:
    commit("Who has what", author="Ana\u202e Ruiz: #x <ana@acme.example>")
    start(orgsync)
    assert "by Ana\\u202e Ruiz: #x <ana@acme.example>" in FILE.read_text(encoding="utf-8")
    assert status(orgsync).code == EXIT_OK
    assert acme.received()


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("users", "role", "emperor"),
        pytest.param("users", "role", 7, marks=pytest.mark.story),
        pytest.param("members", "workspace_role", "workspace_emperor", marks=pytest.mark.story),
        pytest.param("api_keys", "status", "paused", marks=pytest.mark.story),
        ("api_keys", "created_at", 7),
        pytest.param("invites", "invited_at", None, marks=pytest.mark.story),
    ],
)
def test_a_row_that_is_not_understood_is_reviewed_all_the_same(
    path: str, field: str, value: object, acme: Sandbox, orgsync: Orgsync
) -> None:
    acme.faults({"fault": "odd_rows", "path": f"*/{path}", "method": "GET", "set": {field: value}, "times": 10})
    ended = start(orgsync)
    assert ended.code == EXIT_OK, ended.said
    assert status(orgsync).code == EXIT_OK
    assert any("not known" in what for _where, _who, what, _line in rows()) or field in {"created_at", "invited_at"}
