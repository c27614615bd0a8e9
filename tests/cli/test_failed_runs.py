"""A run that fails says so to whoever reads its JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from cli.support import NOW, files
from orgsync.core.apply.failure import failure_schema
from orgsync.errors import EXIT_INPUT, EXIT_REFUSED, EXIT_UNREADABLE

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync

HERE = ("--sandbox", "acme.db", "--now", NOW)
JSON = ("--format", "json")
VALID = "workspaces: {lab: {}}\n"
INVALID = "workspaces:\n  lab: {colour: red}\n"
OFTEN = {"method": "GET", "nth": 1, "times": 99, "fault": "status_before"}


def failure(text: str) -> dict[str, Any]:
    """What a failed run printed, which must fit its schema."""
    told: dict[str, Any] = json.loads(text)
    jsonschema.validate(told, failure_schema(), jsonschema.Draft202012Validator)
    return told


@pytest.mark.parametrize("command", [["plan"], ["drift"], ["plan", "--detailed-exitcode"]], ids=" ".join)
def test_invalid_files(command: list[str], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, INVALID)
    ended = orgsync(*command, *HERE, *JSON)
    told = failure(ended.out)
    assert (ended.code, told["exit_code"]) == (EXIT_INPUT, EXIT_INPUT)
    assert told["error"].startswith("org.yaml:4:9: workspace:lab: ")
    [problem] = told["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("org.yaml", 4, 9)
    assert problem["message"] == 'unknown key "colour"'
    assert problem["hint"] == 'did you mean "color"?'
    assert "Error: 1 problem\n" in ended.err


def test_validate_says_it_once_with_what_it_always_says(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, INVALID)
    ended = orgsync("validate", *JSON)
    told = json.loads(ended.out)
    assert (told["valid"], told["exit_code"], len(told["problems"])) == (False, EXIT_INPUT, 1)


@pytest.mark.parametrize("command", ["plan", "drift", "rehearse", "show", "validate"])
def test_files_that_are_not_there(command: str, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox()
    where = () if command in {"show", "validate"} else HERE
    ended = orgsync(command, "nowhere.json", *where, *JSON)
    assert (ended.code, json.loads(ended.out)["exit_code"]) == (EXIT_INPUT, EXIT_INPUT)


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_an_api_that_cannot_be_read(command: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox().faults({**OFTEN, "path": "*/users*", "status": 403})
    files(tmp_path, VALID + "members: {}\n")
    ended = orgsync(command, *HERE, *JSON)
    told = failure(ended.out)
    assert (ended.code, told["exit_code"], told["problems"]) == (EXIT_UNREADABLE, EXIT_UNREADABLE, [])
    assert "/v1/organizations/users" in told["error"]


@pytest.mark.parametrize("command", ["plan", "drift", "show", "rehearse", "validate", "export"])
def test_an_option_that_does_not_exist(command: str, orgsync: Orgsync) -> None:
    ended = orgsync(command, *JSON, "--bogus")
    told = failure(ended.out)
    assert (ended.code, told["exit_code"]) == (EXIT_INPUT, EXIT_INPUT)
    assert "No such option" in told["error"]


def test_apply_ends_with_its_last_line(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, INVALID)
    [line] = orgsync("apply", *HERE, *JSON, "--yes").out.splitlines()
    ended = json.loads(line)
    assert (ended["event"], ended["exit_code"], ended["problems"][0]["line"]) == ("ended", EXIT_INPUT, 4)
    [line] = orgsync("apply", "--bogus", "--format=json").out.splitlines()
    ended = json.loads(line)
    assert (ended["event"], ended["exit_code"]) == ("ended", EXIT_INPUT)
    assert "No such option" in ended["error"]


def test_what_is_refused_is_a_plan_and_no_failure(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox(workspaces=[{"name": "lab"}])
    files(tmp_path, "workspaces: {lab: {archived: true}}\n")
    ended = orgsync("plan", *HERE, *JSON)
    assert (ended.code, json.loads(ended.out)["summary"]["archive"]) == (EXIT_REFUSED, 1)


def test_text_is_as_before(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, INVALID)
    assert orgsync("drift", *HERE).out == ""


def test_a_failed_night_leaves_the_report_of_the_last_one(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(workspaces=[{"name": "rogue"}])
    files(tmp_path, VALID)
    night = ("drift", *HERE, "--previous", "drift.json", "--out", "drift.json", *JSON)
    orgsync(*night)
    before = Path("drift.json").read_bytes()
    acme.faults({**OFTEN, "path": "*/workspaces*", "status": 403})
    assert failure(orgsync(*night).out)["exit_code"] == EXIT_UNREADABLE
    assert Path("drift.json").read_bytes() == before
