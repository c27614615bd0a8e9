"""`orgsync review close` and `review verify`: nothing is closed before it is done, and no tampering passes."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stories import every_third

from cli.review.support import (
    BUNDLE,
    CLOSING,
    FILE,
    LATER,
    RECORD,
    ROWS,
    SHOWN,
    SNAPSHOT,
    close,
    commit,
    decide,
    decide_all,
    edit,
    in_json,
    sealed_again,
    status,
    verify,
)
from cli.support import NOW, Sandbox
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Orgsync

RAJ, RAJ_ID = "member:raj@agency.example", "user_01Raj"
ANA_HERE = "workspace_member:production/ana@acme.example"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the evidence of one review is kept, for every test that tampers with a copy of it."""
    return tmp_path_factory.mktemp("kept") / BUNDLE.name


@pytest.fixture
def evidence(kept: Path, request: pytest.FixtureRequest) -> None:
    """The evidence of a closed review, and nothing else."""
    if not kept.exists():
        request.getfixturevalue("closed")
        BUNDLE.rename(kept)
    shutil.copytree(kept, BUNDLE)


@pytest.fixture
def answered(started: Sandbox) -> Sandbox:
    """A review in which everything is kept, but for one person who is gone already."""
    decide(RAJ, "remove")
    decide_all()
    started.console("DELETE", f"/v1/organizations/users/{RAJ_ID}")
    return started


@pytest.fixture
def closed(answered: Sandbox, orgsync: Orgsync) -> Sandbox:
    ended = close(orgsync)
    assert ended.code == EXIT_OK, ended.said
    return answered


def test_a_closed_review_verifies(answered: Sandbox, orgsync: Orgsync) -> None:
    Path("org.attestations.jsonl").write_text("", encoding="utf-8")
    Path("org.journal.jsonl").write_text("", encoding="utf-8")
    Path("approval.txt").write_text("approved in #61\n", encoding="utf-8")
    before = answered.received()
    ended = close(orgsync, "--add", "approval.txt")
    assert ended.code == EXIT_OK, ended.said
    assert f"closed {FILE}: 7 grants, 6 kept, 1 removed" in ended.err
    assert {line.split()[0] for line in answered.received()[len(before) :]} == {"GET"}
    assert {one.name for one in BUNDLE.iterdir()} == {
        *("closing.json", FILE.name, SNAPSHOT.name, "attestations.jsonl", "journal.jsonl", "activities.json"),
        "approval.txt",
    }
    assert CLOSING.read_bytes() == RECORD.read_bytes()
    checked = verify(orgsync)
    assert checked.code == EXIT_OK, checked.said
    assert checked.out.startswith("The evidence is intact, as far as can be told")
    assert "7 decisions as in the closing record" in checked.out


def test_the_record_says_who_decided_what_and_who_committed_it(answered: Sandbox, orgsync: Orgsync) -> None:
    commit("Decided", author="Lea Lind <lea@acme.example>")
    close(orgsync)
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    [gone] = [one for one in record["decisions"] if one["decision"] == "remove"]
    assert (gone["address"], gone["reviewed_by"], gone["reason"], gone["outcome"]) == (
        *(RAJ, "lea@acme.example", "checked"),
        "gone",
    )
    assert [(one["author"], one["email"], one["subject"]) for one in record["commits"]] == [
        ("Lea Lind", "lea@acme.example", "Decided")
    ]
    assert (record["closed_at"], record["checked_at"]) == (LATER, LATER)
    told = json.loads(status(orgsync, FILE, "--format", "json").out)
    assert told["closed_at"] == LATER
    assert answered.received()


def test_a_change_after_the_end_is_told_by_status(closed: Sandbox, orgsync: Orgsync) -> None:
    edit("decision: remove", "decision: keep")
    said = status(orgsync, FILE).out.replace("\n  ", " ")
    assert f"changed after the review was closed: {RAJ} (row" in said
    assert closed.received()


def test_a_closed_review_is_neither_open_nor_closed_again(closed: Sandbox, orgsync: Orgsync) -> None:
    assert "no open review" in status(orgsync).err
    shutil.rmtree(BUNDLE)
    again = close(orgsync, FILE)
    assert again.code == EXIT_INPUT
    assert "is closed" in again.err
    assert closed.received()


def _reopen() -> None:
    edit(
        "decision: keep\n    reason:\n    reviewed_by: lea@acme.example",
        "decision:\n    reason:\n    reviewed_by:",
        count=6,
    )


def _contradict() -> None:
    text = FILE.read_text(encoding="utf-8")
    at = text.index("address: member:ana@acme.example")
    where = text.index("decision: keep\n    reason:\n", at)
    new = "decision: remove\n    reason: left\n"
    FILE.write_text(text[:where] + new + text[where + len("decision: keep\n    reason:\n") :], encoding="utf-8")


def _remove_here() -> None:
    text = FILE.read_text(encoding="utf-8")
    at = text.index(f"address: {ANA_HERE}")
    where = text.index("decision: keep\n    reason:\n", at)
    new = "decision: remove\n    reason: left\n"
    FILE.write_text(text[:where] + new + text[where + len("decision: keep\n    reason:\n") :], encoding="utf-8")


def _remove_undeclared() -> None:
    _remove_here()
    edit("    members:\n      ana@acme.example: admin\n", "", file=Path("org.yaml"))


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (_reopen, "has no decision"),
        pytest.param(_contradict, "this ends with it", marks=pytest.mark.story),
        (_remove_here, f"org.yaml:9: {ANA_HERE}: is to be removed; still declared"),
        (_remove_undeclared, f"{ANA_HERE}: is to be removed; still in the organization"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_nothing_is_closed_while_something_is_left_to_do(
    left: Callable[[], None], says: str, answered: Sandbox, orgsync: Orgsync
) -> None:
    left()
    ended = close(orgsync)
    assert ended.code == EXIT_REFUSED
    assert says in ended.err
    assert "nothing was written" in ended.err
    assert not CLOSING.exists()
    assert not BUNDLE.exists()
    assert {line.split()[0] for line in answered.received()} == {"GET"}


def test_another_organization_proves_nothing(answered: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    """There, every removal would look as if it was made."""
    other = {"id": "00000000-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme Robotics"}
    Sandbox(tmp_path / "other.db", organization=other)
    for words in (("close", "--evidence", BUNDLE), ("status",)):
        ended = orgsync("review", *words, "--sandbox", "other.db", "--now", LATER)
        assert ended.code == EXIT_INPUT
        assert "is a review of the organization" in ended.err
    assert not CLOSING.exists()
    assert answered.received()


@pytest.mark.story
def test_the_archive_has_the_same_bytes_every_time(answered: Sandbox, orgsync: Orgsync) -> None:
    close(orgsync, out="one.zip")
    CLOSING.unlink()
    close(orgsync, out="two.zip")
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    assert verify(orgsync, where="one.zip").code == EXIT_OK
    with zipfile.ZipFile("one.zip") as archive:
        assert archive.namelist() == [SNAPSHOT.name, FILE.name, "closing.json"]
    assert answered.received()


def _decision_in_record() -> None:
    in_json(RECORD, lambda data: data["decisions"][0].update(reviewed_by="sam@acme.example"))


def _forged_decision() -> None:
    edit("decision: remove", "decision: keep", file=ROWS)
    sealed_again(lambda _data: None)


def _forged_row() -> None:
    text = ROWS.read_text(encoding="utf-8")
    begin = text.index("  - id:")
    ROWS.write_text(text[:begin] + text[text.index("  - id:", begin + 1) :], encoding="utf-8")
    sealed_again(lambda _data: None)


def _forged_snapshot() -> None:
    edit('"name": "production"', '"name": "productive"', file=SHOWN)
    sealed_again(lambda _data: None)


def _other_snapshot() -> None:
    text = SHOWN.read_text(encoding="utf-8").replace('"name": "demo"', '"name": "domo"')
    data = json.loads(text)
    from orgsync.core.snapshot.snapshot import digest_of as of_snapshot

    data["digest"] = of_snapshot(data)
    SHOWN.write_text(json.dumps(data), encoding="utf-8")
    sealed_again(lambda _data: None)


TAMPERED: dict[str, tuple[Callable[[], object], str]] = {
    "a decision": (lambda: edit("decision: remove", "decision: keep", file=ROWS), "2026Q4.yaml was changed"),
    "a reason": (lambda: edit("reason: checked", "reason: unchecked", file=ROWS), f"{RAJ} (row"),
    "a row": (lambda: edit("what: organization role admin", "what: organization role user", file=ROWS), "2026Q4.yaml:"),
    "the due day": (lambda: edit("due: '2026-12-31'", "due: '2027-12-31'", file=ROWS), "2026Q4.yaml:"),
    "the snapshot": (lambda: edit('"name": "demo"', '"name": "domo"', file=SHOWN), "2026Q4.snapshot.json was changed"),
    "no snapshot": (SHOWN.unlink, "2026Q4.snapshot.json is missing"),
    "no review": (ROWS.unlink, "2026Q4.yaml is missing"),
    "no record": (RECORD.unlink, "closing.json is missing"),
    "the record": (_decision_in_record, "closing.json: was edited"),
    "another file": (lambda: (BUNDLE / "more.txt").write_text("x"), "more.txt is not in the closing record"),
    "a decision and the digests": (_forged_decision, 'decision is "keep", the closing record has "remove"'),
    "a row and the digests": (_forged_row, "rows were deleted or added"),
    "the snapshot and the digests": (_forged_snapshot, "2026Q4.snapshot.json: was edited"),
    "another snapshot and the digests": (_other_snapshot, "the snapshot is another one"),
}


@pytest.mark.parametrize("name", every_third(TAMPERED))
@pytest.mark.usefixtures("evidence")
def test_what_was_tampered_with_is_found_and_named(name: str, orgsync: Orgsync) -> None:
    tamper, says = TAMPERED[name]
    tamper()
    ended = verify(orgsync, "--format", "json")
    assert ended.code == EXIT_INPUT
    failed = [step["text"] for step in json.loads(ended.out)["steps"] if step["check"] == "fails"]
    assert any(says in text for text in failed), failed


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"no archive"])
def test_what_is_no_evidence_is_said(content: bytes, orgsync: Orgsync) -> None:
    Path("e.zip").write_bytes(content)
    assert verify(orgsync, where="e.zip").code == EXIT_INPUT


def test_evidence_is_never_overwritten(answered: Sandbox, orgsync: Orgsync) -> None:
    before = answered.received()
    BUNDLE.mkdir()
    ended = close(orgsync)
    assert ended.code == EXIT_INPUT
    assert "already exists" in ended.err
    assert answered.received() == before
    assert NOW < LATER


def test_the_evidence_has_what_the_feed_tells_since_the_start(started: Sandbox, orgsync: Orgsync) -> None:
    started.console("POST", "compliance_settings", {"state": "enabled"})
    started.console("POST", f"users/{RAJ_ID}", {"role": "developer"})
    decide_all()
    close(orgsync)
    told = json.loads((BUNDLE / "activities.json").read_text(encoding="utf-8"))
    assert (told["state"], told["since"]) == ("read", NOW)
    changed = [one for one in told["records"] if one["type"] == "claude_user_role_updated"]
    assert [(one["fields"]["current_role"], set(one["actor"])) for one in changed] == [
        ("developer", {"type", "id", "email"})
    ]
    assert verify(orgsync).code == EXIT_OK


def test_a_feed_that_is_off_is_said_in_the_evidence(started: Sandbox, orgsync: Orgsync) -> None:
    decide_all()
    assert close(orgsync).code == EXIT_OK
    told = json.loads((BUNDLE / "activities.json").read_text(encoding="utf-8"))
    assert (told["state"], told["records"]) == ("off", [])
