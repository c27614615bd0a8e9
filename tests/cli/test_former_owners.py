"""A key outlives the person who created it: whose it was stays answerable."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cli.support import CEO, NOW, files
from orgsync.errors import EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ["--sandbox", "acme.db", "--now", NOW, "--quiet"]
ANA = {"email": "ana@acme.example", "role": "developer"}
SEED = {
    "users": [CEO, ANA],
    "workspaces": [{"name": "lab"}],
    "api_keys": [{"name": "etl", "workspace": "lab", "created_by_email": "ana@acme.example"}],
}
FILES = """\
manage: {members: authoritative}
guards: {max_removals: {percent: 100}}
members: {ceo@acme.example: admin}
workspaces: {lab: {api_keys: {}}}
key_policies: {owned: {owner: declared}}
"""


def said(text: str) -> str:
    return " ".join(text.split())


def test_the_journal_says_who_it_was_and_when_they_were_removed(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox(**SEED)
    files(tmp_path, FILES)
    assert orgsync("apply", "org.yaml", *HERE, "--yes").code == EXIT_OK
    for command in ("plan", "drift"):
        told = said(orgsync(command, "org.yaml", *HERE).out)
        assert re.search(r"its owner ana@acme\.example \(removed \d{4}-\d\d-\d\d by apply\) is not a member", told)
        assert re.search(r"status active, owner ana@acme\.example \(removed \d{4}-\d\d-\d\d by apply\); not", told)
    plan = json.loads(orgsync("plan", "org.yaml", *HERE, "--format", "json").out)
    [key] = [note["shown"] for note in plan["findings"] if note["code"] == "undeclared"]
    assert key["owner"] == "ana@acme.example"
    assert re.fullmatch(r"removed \d{4}-\d\d-\d\d by apply", key["owner_is"])


def test_without_a_journal_the_last_report_says_who_it_was_and_carries_it_on(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    organization = sandbox(**SEED)
    files(tmp_path, FILES)
    night = [*HERE, "--previous", "report.json", "--out", "report.json"]
    orgsync("drift", "org.yaml", *night)
    ana = organization.id_of("/v1/organizations/users", "email", "ana@acme.example")
    organization.console("DELETE", f"/v1/organizations/users/{ana}")
    for _night in range(2):
        told = said(orgsync("drift", "org.yaml", *night).out)
        assert "its owner ana@acme.example (no longer a member) is not a member" in told
        assert "status active, owner ana@acme.example (no longer a member); not changed" in told
    entries = json.loads((tmp_path / "report.json").read_text())["entries"]
    assert {entry["shown"].get("owner") for entry in entries if entry["address"] == "api_key:lab/etl"} == {
        "ana@acme.example"
    }


def test_else_the_id_is_told_and_that_no_more_is_known(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    organization = sandbox(**SEED)
    files(tmp_path, FILES)
    ana = organization.id_of("/v1/organizations/users", "email", "ana@acme.example")
    organization.console("DELETE", f"/v1/organizations/users/{ana}")
    told = said(orgsync("plan", "org.yaml", *HERE).out)
    assert f"its owner {ana} (e-mail unknown) is not a member" in told
    assert f"owner {ana} (e-mail unknown); not changed" in told
