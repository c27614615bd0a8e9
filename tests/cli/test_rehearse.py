"""`orgsync rehearse`: the verdict on the example plan, and what is refused as `apply` would refuse it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.support import EXAMPLE, LIVE, NOW, files, parsed

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

GOLDEN = Path(__file__).parent / "golden" / "rehearse"
HERE = ("--sandbox", "acme.db", "--now", NOW)


@pytest.fixture
def example(sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path) -> Sandbox:
    """The example organization, and the plan of its file."""
    (tmp_path / "examples").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "examples")
    there = sandbox(**parsed(LIVE.read_text(encoding="utf-8")))
    planned = orgsync("plan", "examples/org.yaml", *HERE, "--allow", "workspace:old-poc", "--out", "plan.json")
    assert planned.code == 0, planned
    return there


@pytest.fixture
def small(sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path) -> Sandbox:
    """A plan of two changes."""
    there = sandbox(users=[{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example"}])
    files(tmp_path, "members: {new@acme.example: user, ana@acme.example: developer}\n")
    assert orgsync("plan", *HERE, "--out", "plan.json").code == 0
    return there


@pytest.mark.story
def test_the_example(example: Sandbox, orgsync: Orgsync, golden: Golden) -> None:
    before = example.received()
    ended = orgsync("rehearse", "plan.json", *HERE, "--runs", "40")
    shown = re.sub("plan [0-9a-f]{12}", "plan (its digest)", ended.out)  # which every new field of plans changes
    golden(GOLDEN / "example.txt", f"{shown}=== stderr\n{ended.err}=== exit code {ended.code}\n")
    assert max(len(line) for line in ended.said.splitlines()) <= 80
    assert not example.writes()
    reads = example.received()[len(before) :]
    assert len(set(reads)) == len(reads) <= 14


def test_the_same_plan_and_seed_give_the_same_bytes(small: Sandbox, orgsync: Orgsync) -> None:
    del small
    command = ("rehearse", "plan.json", *HERE, "--runs", "20", "--quiet")
    assert orgsync(*command) == orgsync(*command)
    assert orgsync(*command, "--seed", "7").code == 0


@pytest.mark.story
def test_a_snapshot_is_rehearsed_as_the_organization_is(example: Sandbox, orgsync: Orgsync) -> None:
    """Workspaces with members and limits, keys, spend limits: with no more of each row than a snapshot keeps."""
    assert orgsync("snapshot", "examples/org.yaml", *HERE, "--out", "live.json").code == 0
    command = ("rehearse", "plan.json", "--now", NOW, "--runs", "8", "--format", "json")
    live, before = orgsync(*command, "--sandbox", "acme.db"), example.received()
    snapshot = orgsync(*command, "--snapshot", "live.json")
    assert (snapshot.code, snapshot.out) == (live.code, live.out) == (0, live.out)
    assert snapshot.err == "Reading the snapshot …\nRehearsing …\n"
    assert example.received() == before


def test_with_hashed_emails_those_whom_the_plan_names_are_known(
    small: Sandbox, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    del small
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", "k" * 32)
    assert orgsync("snapshot", *HERE, "--out", "live.json", "--hash-emails").code == 0
    command = ("rehearse", "plan.json", "--now", NOW, "--snapshot", "live.json", "--runs", "8")
    assert orgsync(*command).code == 0
    assert "in the future" in orgsync(*command, "--now", "2026-11-22T09:00:00Z", "--valid-for", "1d").err


def test_json_has_every_figure(small: Sandbox, orgsync: Orgsync) -> None:
    del small
    ended = orgsync("rehearse", "plan.json", *HERE, "--format", "json", "--runs", "25")
    verdict = json.loads(ended.out)
    assert ended.code == 0
    assert verdict["held"] is True
    assert (verdict["changes"], verdict["writes"], verdict["runs"]) == (2, 2, 25)
    assert verdict["runs"] == sum(fault["runs"] for fault in verdict["faults"]) < verdict["points"]
    assert verdict["runs"] == verdict["converged"] + verdict["stale"]
    assert verdict["broken"] == verdict["undisturbed"] == []


@pytest.mark.story
def test_all_points_are_tried_where_there_are_not_more(small: Sandbox, orgsync: Orgsync) -> None:
    del small
    assert "\nAll 164 points were tried.\n" in orgsync("rehearse", "plan.json", *HERE, "--quiet").out


def test_a_stale_plan_is_refused_in_the_words_of_apply(small: Sandbox, orgsync: Orgsync) -> None:
    ana = small.id_of("users", "email", "ana@acme.example")
    small.console("POST", f"users/{ana}", {"role": "billing"})
    rehearsed, applied = orgsync("rehearse", "plan.json", *HERE), orgsync("apply", "plan.json", *HERE, "--yes")
    assert rehearsed.code == applied.code == 4
    assert rehearsed.err.splitlines()[-3:] == applied.err.splitlines()[-3:]
    assert rehearsed.out == ""


def test_a_plan_that_a_guard_refuses_is_refused(example: Sandbox, orgsync: Orgsync) -> None:
    del example
    assert orgsync("plan", "examples/org.yaml", *HERE, "--out", "refused.json").code == 3
    rehearsed, applied = orgsync("rehearse", "refused.json", *HERE), orgsync("apply", "refused.json", *HERE, "--yes")
    assert rehearsed.code == applied.code == 3
    assert rehearsed.err.splitlines()[-3:] == applied.err.splitlines()[-3:]
    allowed = orgsync("rehearse", "refused.json", *HERE, "--allow", "workspace:old-poc", "--runs", "1")
    assert allowed.code == 0


def test_an_old_plan_is_refused(small: Sandbox, orgsync: Orgsync) -> None:
    del small
    later = (datetime.fromisoformat(NOW) + timedelta(days=8)).isoformat()
    ended = orgsync("rehearse", "plan.json", "--sandbox", "acme.db", "--now", later)
    assert ended.code == 4
    assert "more than 7d ago" in ended.err


@pytest.mark.parametrize("text", ["", "{}", '{"format_version": 1}'])
def test_what_is_no_plan_is_refused(text: str, small: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(text, encoding="utf-8")
    assert orgsync("rehearse", "wrong.json", *HERE).code == 1
    assert not small.writes()
