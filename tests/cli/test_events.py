"""`orgsync apply --format json`: one event a line, valid in every way an apply can end, and `ended` is the last."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acme import ORGANIZATION
from jsonschema import Draft202012Validator, FormatChecker

from cli.support import CEO, NOW, PATIENCE, PROGRAM, Ended, environment, files, run_on_terminal, run_until
from orgsync.cli.shared import wait_messages
from orgsync.errors import (
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_PARTLY,
    EXIT_REFUSED,
    EXIT_STALE,
    EXIT_UNREADABLE,
)

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "events.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
ANA = {"email": "ana@acme.example", "role": "user"}
PROMOTES = "members: {ceo@acme.example: admin, ana@acme.example: developer}\n"
HERE = ("--sandbox", "acme.db", "--now", NOW)
APPLY = ("apply", *HERE, "--yes", "--format", "json")

Line = dict[str, Any]


def lines(ended: Ended) -> list[Line]:
    """The events on stdout. Each fits the schema, nothing else is there, and the last one says how it ended."""
    events = [json.loads(line) for line in ended.out.splitlines()]
    for event in events:
        VALIDATOR.validate(event)
    assert [event["event"] for event in events].index("ended") == len(events) - 1
    assert events[-1]["exit_code"] == ended.code
    return events


def names(events: list[Line]) -> list[str]:
    return [event["event"] for event in events]


def settled(events: list[Line]) -> dict[str, str]:
    """How each change ended, by address."""
    return {event["address"]: event["status"] for event in events if event["event"] == "settled"}


def test_done(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    plan = json.loads(orgsync("plan", *HERE, "--format", "json").out)
    ended = orgsync(*APPLY)
    events = lines(ended)
    planned, admitted, sent, done, last = events
    assert names(events) == ["planned", "admitted", "sent", "settled", "ended"]
    assert planned["plan"]["changes"] == plan["changes"]
    assert planned["plan"]["digests"]["changes"] == plan["digests"]["changes"]
    assert (admitted["ready"], admitted["already"]) == (1, 0)
    assert (sent["address"], sent["method"]) == ("member:ana@acme.example", "POST")
    assert sent["path"].endswith(f"/users/{acme.id_of('users', 'email', ANA['email'])}")
    assert (done["status"], done["number"], done["again"]) == ("done", 1, False)
    assert done["request_id"]
    assert (last["exit_code"], last["error"], last["counts"]["done"]) == (EXIT_OK, None, 1)


def test_what_a_person_reads_is_on_stderr(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    heard = orgsync(*APPLY).err
    assert "~ member:ana@acme.example will be updated in place" in heard
    assert "~ member:ana@acme.example updated\n" in heard
    assert heard.endswith("Apply complete: 1 updated.\n")


def test_quiet_leaves_only_the_events(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    ended = orgsync(*APPLY, "--quiet")
    assert (names(lines(ended))[-1], ended.err) == ("ended", "")


def test_nothing_to_do(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, "members: {ceo@acme.example: admin}\n")
    events = lines(orgsync(*APPLY))
    assert names(events) == ["planned", "ended"]
    assert events[0]["plan"]["changes"] == []


def test_a_saved_plan_a_second_time(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    orgsync("plan", *HERE, "--out", "plan.json")
    again = [lines(orgsync("apply", "plan.json", *APPLY[1:])) for _ in range(2)][1]
    assert names(again) == ["planned", "admitted", "settled", "ended"]
    assert again[0]["plan"] == json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert again[-1]["counts"] == {"done": 0, "already": 1, "failed": 0, "skipped": 0, "unconfirmed": 0}


def test_partly_done(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES + "workspaces: {production: {members: {ana@acme.example: user}}, staging: {}}\n")
    acme.faults({"fault": "status_before", "method": "POST", "path": "/users/*", "status": 400, "times": 9})
    ended = orgsync(*APPLY)
    events = lines(ended)
    assert ended.code == EXIT_PARTLY
    assert settled(events) == {
        "workspace:production": "done",
        "workspace:staging": "done",
        "member:ana@acme.example": "failed",
        "workspace_member:production/ana@acme.example": "skipped",
    }
    made = next(event for event in events if event["event"] == "settled" and event["address"] == "workspace:staging")
    assert made["id"] == acme.id_of("workspaces", "name", "staging")
    assert events[-1]["counts"] == {"done": 2, "already": 0, "failed": 1, "skipped": 1, "unconfirmed": 0}
    assert events[-1]["error"] is None


def test_a_wait_and_a_change_that_does_not_show(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait_messages, "NOTICED", 0.0)
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    acme.faults({"fault": "ignore", "method": "POST", "path": "/users/*"})
    ended = orgsync(*APPLY, "--lookup-patience", "0.1")
    events = lines(ended)
    waits = [event for event in events if event["event"] == "waiting"]
    assert {event["why"] for event in waits} == {"the organization does not show the changes yet"}
    assert {event["longest"] for event in waits} == {0.1}
    assert [(event["status"], event["again"]) for event in events if event["event"] == "settled"] == [
        ("done", False),
        ("unconfirmed", True),
    ]
    assert events[-1]["counts"]["unconfirmed"] == 1
    assert ended.err.count("~ member:ana@acme.example updated\n") == 1


def test_refused(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, "members: {ceo@acme.example: user}\n")
    ended = orgsync(*APPLY)
    events = lines(ended)
    assert (ended.code, names(events)) == (EXIT_REFUSED, ["planned", "ended"])
    assert events[-1]["error"].startswith("refused by a guard; nothing was changed\n")
    assert not acme.writes()


def test_stale(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    orgsync("plan", *HERE, "--out", "plan.json")
    acme.console("POST", f"/users/{acme.id_of('users', 'email', ANA['email'])}", {"role": "billing"})
    ended = orgsync("apply", "plan.json", *APPLY[1:])
    events = lines(ended)
    assert (ended.code, names(events)) == (EXIT_STALE, ["planned", "ended"])
    assert "the organization shows billing" in events[-1]["error"]
    assert events[-1]["hint"] == "run `orgsync plan` again and review the new plan"


def test_wrong_files(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, "members: {x@acme.example: king}\n")
    ended = orgsync(*APPLY)
    [only] = lines(ended)
    assert ended.code == EXIT_INPUT
    assert "org.yaml:3" in only["error"]


@pytest.mark.parametrize(
    "arguments", [("--now", "soon"), ("--sandbox", "nowhere.db"), ("--valid-for", "a week", "plan.json")]
)
def test_a_wrong_option(arguments: tuple[str, ...], orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    orgsync("plan", *HERE, "--out", "plan.json")
    ended = orgsync(*APPLY, *arguments)
    [only] = lines(ended)
    assert ended.code == EXIT_INPUT
    assert f"Error: {only['error']}\n" in ended.err


def test_unreadable(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    acme.faults({"fault": "status_before", "path": "/users", "status": 403, "times": 9})
    ended = orgsync(*APPLY)
    assert (ended.code, names(lines(ended))) == (EXIT_UNREADABLE, ["ended"])


@pytest.mark.story
def test_interrupted_while_it_writes(sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA], workspaces=[{"name": "lab"}])
    files(tmp_path, f"{PROMOTES}workspaces: {{lab: {{members: {{ana@acme.example: user}}}}}}\n")
    acme.faults({"fault": "delay", "method": "POST", "path": "/users/*", "seconds": 3.0})
    ended = run_until("Applying", signal.SIGTERM, *APPLY, cwd=tmp_path)
    events = lines(ended)
    assert ended.code == EXIT_INTERRUPTED
    assert settled(events) == {
        "member:ana@acme.example": "done",
        "workspace_member:lab/ana@acme.example": "skipped",
    }


@pytest.mark.story
def test_interrupted_while_it_reads(sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    acme.faults({"fault": "delay", "path": "/users", "seconds": 60.0})
    ended = run_until("Reading the organization", signal.SIGINT, *APPLY, cwd=tmp_path)
    assert (ended.code, names(lines(ended))) == (EXIT_INTERRUPTED, ["ended"])


@pytest.mark.story
def test_who_is_asked_sees_the_plan_although_it_is_quiet(sandbox: MakeSandbox, tmp_path: Path) -> None:
    """Stdout goes to a program, and the person is at a terminal."""
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    out, answers = tmp_path / "events.jsonl", [('Only "yes" is accepted', "yes\n")]
    arguments = ("apply", *HERE, "--quiet", "--format", "json")
    ended = run_on_terminal(*arguments, cwd=tmp_path, answers=answers, out=out)
    assert "member:ana@acme.example will be updated in place" in ended.out
    events = lines(Ended(ended.code, out.read_text(encoding="utf-8"), ""))
    assert names(events) == ["planned", "admitted", "sent", "settled", "ended"]
    assert len(acme.writes()) == 1


@pytest.mark.story
def test_a_reader_who_has_seen_enough_does_not_stop_the_work(sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, PROMOTES)
    ended = subprocess.run(
        ["bash", "-c", '"$0" "$@" | head -c 1 > /dev/null; exit "${PIPESTATUS[0]}"', PROGRAM, *APPLY],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (ended.returncode, len(acme.writes())) == (EXIT_OK, 1)
    assert "Traceback" not in ended.stderr


def test_names_from_the_api_command_no_terminal_and_no_ci_log(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    name = "Acme\x1b[31m\n::error::\u202e"
    sandbox(organization={**ORGANIZATION, "name": name}, users=[CEO, ANA])
    files(tmp_path, f"version: 1\norganization: {{id: {ORGANIZATION['id']}}}\n{PROMOTES}")
    ended = orgsync(*APPLY)
    assert lines(ended)[0]["plan"]["organization"]["name"] == name
    assert not [char for char in ended.out if not (char.isprintable() or char == "\n")]
    assert "::" not in ended.out
