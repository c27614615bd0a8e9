"""`orgsync drift`, night after night: what it finds, how it exits, and that it never writes."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import jsonschema
import pytest

from cli.support import CEO, files, parsed
from orgsync.core.drift.schema import drift_schema
from orgsync.errors import (
    EXIT_DIFFERENCE,
    EXIT_INPUT,
    EXIT_OK,
    EXIT_REFUSED,
    EXIT_UNREADABLE,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended

FILES = "members: {ceo@acme.example: admin}\nworkspaces: {lab: {}}\n"
ACCEPT = "accept: [{address: 'workspace:rogue', reason: an event, until: 2026-11-25}]\n"
LAB = {"name": "lab"}


def night(day: int, orgsync: Orgsync, *more: str) -> Ended:
    """The job of one night in November."""
    now = f"2026-11-{day:02}T02:00:00Z"
    return orgsync(
        "drift", "--sandbox", "acme.db", "--now", now, "--previous", "drift.json", "--out", "drift.json", *more
    )


def test_the_story_of_an_edit_in_the_console(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    live = sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    quiet = night(22, orgsync)
    assert (quiet.code, quiet.out.splitlines()[-1]) == (
        EXIT_OK,
        "No drift: the organization matches what the files manage.",
    )
    assert "drift.json does not exist yet" in quiet.err

    live.console("POST", "workspaces", {"name": "rogue"})
    found = night(23, orgsync)
    assert found.code == EXIT_DIFFERENCE
    assert "New (1)" in found.out
    assert "! workspace:rogue: not declared" in found.out
    assert "1 difference between the files and the organization, 1 new." in found.out

    assert night(24, orgsync, "--fail-on", "new").code == EXIT_OK
    again = night(24, orgsync)
    assert again.code == EXIT_DIFFERENCE
    assert "since 2026-11-23" in " ".join(again.out.split())
    assert "New" not in again.out

    files(tmp_path, FILES + ACCEPT)
    accepted = night(25, orgsync)
    assert accepted.code == EXIT_OK
    assert "until 2026-11-25: an event" in accepted.out
    assert "No drift: the organization matches what the files manage (1 accepted)." in accepted.out

    over = night(26, orgsync, "--fail-on", "new")
    assert over.code == EXIT_DIFFERENCE
    assert "accept_expired" in over.out
    assert "since 2026-11-23" in " ".join(over.out.split())

    live.console("POST", f"workspaces/{live.id_of('workspaces', 'name', 'rogue')}/archive")
    files(tmp_path, FILES)
    fixed = night(27, orgsync)
    assert fixed.code == EXIT_OK
    assert "Gone (1)" in fixed.out
    assert live.writes() == []
    assert len(live.received()) > 6 * 3


def test_the_report_is_the_same_each_time_and_only_for_its_owner(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue", "tags": {"a": "b"}}], api_keys=[{"name": "etl", "workspace": "lab"}])
    files(tmp_path, FILES + "key_policies: {naming: {name: '[0-9]+'}}\n")
    arguments = ("drift", "--sandbox", "acme.db", "--now", "2026-11-22T10:00:00Z", "--format", "json", "--quiet")
    first = orgsync(*arguments, "--out", "a.json")
    assert orgsync(*arguments) == first
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == first.out
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600
    report = parsed(first.out)
    jsonschema.validate(report, drift_schema())
    assert report["summary"] == {"open": 2, "new": 2, "accepted": 0, "gone": 0}
    assert "sk-ant" not in first.out
    assert first.err == ""


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_every_format_names_what_differs(output: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    ended = orgsync("drift", "--sandbox", "acme.db", "--format", output)
    assert ended.code == EXIT_DIFFERENCE
    assert "workspace:rogue" in ended.out
    assert ended.err == "Reading the organization …\n"


def test_a_guard_that_would_refuse_is_told_and_changes_nothing(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox(workspaces=[LAB])
    files(tmp_path, "workspaces: {lab: {archived: true}}\naccept: [{address: '*', reason: r, until: 2099-01-01}]\n")
    assert orgsync("plan", "--sandbox", "acme.db").code == EXIT_REFUSED
    ended = orgsync("drift", "--sandbox", "acme.db")
    assert ended.code == EXIT_OK
    assert "irreversible" in ended.out


def test_an_api_that_cannot_be_read_is_never_no_drift(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    live = sandbox(workspaces=[LAB])
    live.faults(
        {"method": "GET", "path": "*/workspaces*", "nth": 1, "times": 99, "fault": "status_before", "status": 403}
    )
    files(tmp_path, FILES)
    ended = night(22, orgsync)
    assert (ended.code, ended.out) == (EXIT_UNREADABLE, "")
    assert not (tmp_path / "drift.json").exists()


MISTAKES = {
    "a length of time": (["--expiring", "soon"], '--expiring: "soon" is not a valid duration'),
    "nobody to tell": (["--notify-always"], "--notify-always: no one to notify"),
    "a plan is no report": (["--previous", "plan.json"], "is not a drift report"),
    "a folder": (["--previous", "."], "is a directory"),
    "another format": (["--format", "github"], "'github' is not one of"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_before_anything_is_asked(
    case: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    live = sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    (tmp_path / "plan.json").write_text(json.dumps({"format_version": 1}), encoding="utf-8")
    arguments, message = MISTAKES[case]
    ended = orgsync("drift", "--sandbox", "acme.db", *[str(one) for one in arguments])
    assert ended.code == EXIT_INPUT
    assert message in ended.err
    assert live.received() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format_version": 99, "checked_at": "x"}', "edited"])
def test_a_previous_report_that_cannot_be_read_hides_no_drift(
    text: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    assert night(22, orgsync).code == EXIT_DIFFERENCE
    kept = tmp_path / "drift.json"
    if text == "edited":
        text = kept.read_text(encoding="utf-8").replace("not declared", "declared")
    kept.write_text(text, encoding="utf-8")
    arguments = ("--sandbox", "acme.db", "--previous", "drift.json", "--fail-on", "new", "--out", "next.json")
    ended = orgsync("drift", *arguments)
    assert ended.code == EXIT_DIFFERENCE
    assert "Warning: the previous report cannot be read, so every difference is new: drift.json" in ended.err
    assert "Notes (1)\n" in ended.out
    report = parsed((tmp_path / "next.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, drift_schema())
    assert [note["code"] for note in report["notes"]] == ["previous_unreadable"]
    assert orgsync("drift", *arguments[:2], "--previous", "next.json", "--fail-on", "new").code == EXIT_OK


def test_a_report_of_another_organization_is_refused(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    assert night(22, orgsync).code == EXIT_OK
    other = {"id": "11111111-1111-4111-8111-111111111111", "name": "Acme Robotics"}
    sandbox(organization=other, users=[CEO], workspaces=[LAB])
    ended = night(23, orgsync)
    assert ended.code == EXIT_INPUT
    assert "drift.json: the report is of" in ended.err


def test_expiring_reaches_as_far_as_it_says(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox()
    files(tmp_path, "members: {ceo@acme.example: {role: admin, until: 2026-12-22}}\n")
    assert night(22, orgsync).code == EXIT_OK
    ended = night(22, orgsync, "--expiring", "30d")
    assert ended.code == EXIT_DIFFERENCE
    assert "access_expires, expiry" in ended.out


def test_what_the_console_shows_counts(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox()
    files(tmp_path, "console: {tax_id: {expect: DE1, every: 1d}}\n")
    assert "attestation_missing" in night(22, orgsync).out
    orgsync("attest", "tax_id", "--value", "DE1", "--by", "ana@acme.example", "--now", "2026-11-22T12:00:00Z")
    assert night(23, orgsync).code == EXIT_OK
    overdue = night(24, orgsync)
    assert overdue.code == EXIT_DIFFERENCE
    assert "attestation_overdue" in overdue.out
    orgsync("attest", "tax_id", "--value", "DE2", "--by", "ana@acme.example", "--now", "2026-11-24T12:00:00Z")
    assert "x console:tax_id" in night(25, orgsync).out
