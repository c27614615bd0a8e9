"""A journal of the version before is read with its full meaning: no open write is lost, nothing is made twice."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acme import ORGANIZATION
from cli.support import Sandbox, files
from core.apply.journal.support import chain, intent

from old_files.support import AT, OLD, RELEASES, repository
from orgsync import __version__
from orgsync.core.apply.journal import FORMAT_VERSION, Conclusion, CutOff, Intent, Result, examine, open_intents
from orgsync.core.model.change import Action, Change, FieldChange
from orgsync.core.words.address import address
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_STALE
from orgsync.files.state import journal

if TYPE_CHECKING:
    from cli.conftest import Orgsync

JOURNAL = Path("org/orgsync.journal.jsonl")
APPLY = ("apply", "org", *AT, "--yes", "--lookup-patience", "0", "--actor", "ci")


@pytest.mark.parametrize("release", RELEASES)
def test_every_old_journal_is_intact_and_tells_what_is_open(release: str) -> None:
    for name, open_addresses in {
        "finished.journal.jsonl": [],
        "open.journal.jsonl": ["member:new@acme.example", "workspace:support"],
    }.items():
        examined = journal.examined(OLD / release / name)
        assert examined.problems == ()
        assert [one.address for one in open_intents(examined.entries)] == open_addresses
        assert all(link.orgsync.startswith(release) for link in examined.links)
    finished = journal.read(OLD / release / "finished.journal.jsonl")
    assert {type(entry) for entry in finished} == {Intent, Result, CutOff}


@pytest.fixture
def acme(tmp_path: Path) -> Sandbox:
    """The repository of the first release. What its open writes asked for has come about since."""
    acme = repository("0.1", tmp_path)
    acme.console("POST", "invites", {"email": "new@acme.example", "role": "user"})
    acme.console("POST", "workspaces", {"name": "support", "tags": {"env": "prod"}})
    return acme


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in JOURNAL.read_text(encoding="ascii").splitlines()]


def test_what_an_old_run_left_open_is_looked_up_and_not_made_again(acme: Sandbox, orgsync: Orgsync) -> None:
    before = JOURNAL.read_bytes()
    ended = orgsync(*APPLY)
    assert ended.code == EXIT_OK, ended.said
    assert "An earlier run left 2 writes unfinished: looking up how they ended." in ended.err
    assert orgsync(*APPLY).code == EXIT_OK  # which finds nothing left to ask for, and closes them
    assert not [one for one in acme.writes() if one.endswith(("/invites", "/workspaces"))]
    assert JOURNAL.read_bytes().startswith(before)
    assert open_intents(journal.read(JOURNAL)) == ()
    added = lines()[len(before.splitlines()) :]
    assert {(line["format_version"], line["orgsync"]) for line in added} == {(FORMAT_VERSION, __version__)}


def test_an_open_write_that_never_arrived_is_made_once(tmp_path: Path, orgsync: Orgsync) -> None:
    acme = repository("0.1", tmp_path)
    assert orgsync(*APPLY).code == EXIT_OK
    assert orgsync(*APPLY).code == EXIT_OK
    made = [one for one in acme.writes() if one.endswith(("/invites", "/workspaces"))]
    assert sorted(made) == ["POST /v1/organizations/invites", "POST /v1/organizations/workspaces"]
    assert open_intents(journal.read(JOURNAL)) == ()


@pytest.mark.usefixtures("acme")
def test_a_crash_in_the_middle_of_an_old_line_is_set_aside_as_before(orgsync: Orgsync) -> None:
    JOURNAL.write_bytes(JOURNAL.read_bytes()[:-20])
    for _run in range(2):
        assert orgsync(*APPLY).code == EXIT_OK
    entries = journal.read(JOURNAL)
    assert [type(entry) for entry in entries[:3]] == [Intent, Result, CutOff]
    assert open_intents(entries) == ()


@pytest.mark.usefixtures("acme")
def test_the_receipts_name_the_version_of_each_run(orgsync: Orgsync) -> None:
    orgsync(*APPLY)
    shown = orgsync("show", "--receipts", str(JOURNAL))
    assert shown.code == EXIT_OK
    assert re.findall(r"plan [0-9a-f]{12}, orgsync\s+(\S+)", shown.out) == ["0.1", "0.1", __version__]


def test_a_newer_line_is_refused_and_no_write_is_forgotten(acme: Sandbox, orgsync: Orgsync) -> None:
    newest = FORMAT_VERSION + 1
    [line] = chain([intent(1)])
    data = {**json.loads(line), "format_version": newest, "orgsync": "9.0.0", "wholly": "new"}
    JOURNAL.write_text(json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n", encoding="ascii")
    before, read = JOURNAL.read_bytes(), acme.received()
    ended = orgsync(*APPLY)
    assert ended.code == EXIT_INPUT
    assert (
        f"the line has format_version {newest} (made by orgsync 9.0.0), which this version of orgsync does not read"
        in ended.err
    )
    assert "apply with that version or a later one" in ended.err
    assert orgsync("show", "--receipts", str(JOURNAL)).code == EXIT_INPUT
    assert JOURNAL.read_bytes() == before
    assert [one for one in acme.received() if one not in read and not one.startswith("GET ")] == []


@pytest.mark.parametrize(
    "frame",
    [{"format_version": 1}, {"format_version": True}, {"format_version": "2"}, {"orgsync": None}, {"orgsync": 2}],
)
def test_a_line_that_states_its_format_otherwise_was_not_written_by_orgsync(frame: dict[str, Any]) -> None:
    [line] = chain([intent(1)])
    data = {**json.loads(line), **frame}
    [flaw] = examine([json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"]).flaws
    assert flaw.message == "is not a line of a journal: its format_version is invalid"


def test_old_lines_and_new_ones_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "org.journal.jsonl"
    shutil.copy(OLD / "0.1" / "open.journal.jsonl", path)
    old = journal.lines(path)
    head = examine(old).head
    link = chain([Result(1, "2026-11-27T10:00:00Z", Conclusion.DONE)], head)
    assert examine([*old, *link]).flaws == ()
    assert examine([*old[1:], *link]).flaws != ()


def test_an_address_that_the_version_before_took_for_the_same_stops_one_run(tmp_path: Path, orgsync: Orgsync) -> None:
    """It was to be invited as it is written, and the API may have stored it in small letters: nobody is asked twice."""
    acme = Sandbox(tmp_path / "acme.db", invites=[{"email": "\u00fcmit@acme.example", "role": "user"}])
    written = "\u00dcmit@acme.example"
    files(tmp_path, f"members: {{ceo@acme.example: admin, {written}: user}}\n")
    change = Change(address("member", written), Action.INVITE, (FieldChange("role", None, "user"),))
    path = tmp_path / "org.journal.jsonl"
    path.write_bytes(b"".join(chain([replace(intent(1, change), organization=ORGANIZATION["id"])])))
    apply = ("apply", "org.yaml", *AT, "--yes", "--journal", path, "--lookup-patience", "0")
    ended = orgsync(*apply)
    assert ended.code == EXIT_STALE, ended.said
    assert "an earlier run may have made it, and the organization shows member:\u00fcmit@acme.example" in ended.err
    assert acme.writes() == []
    assert open_intents(journal.read(path)) == ()
    assert orgsync(*apply).code == EXIT_OK  # by today's rule they are two people, and a person has heard of it
    assert acme.writes() == ["POST /v1/organizations/invites"]
