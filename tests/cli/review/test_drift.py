"""An overdue review is a finding of `orgsync drift`, and one that nobody can read hides nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.review.support import FILE, LATER, OVERDUE, close, decide, decide_all, edit, start
from cli.support import CEO, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox


@pytest.fixture
def started(sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path) -> Sandbox:
    """An organization as its files declare it, with a review."""
    files(tmp_path, "members: {ceo@acme.example: admin, ana@acme.example: developer}\n")
    acme = sandbox(users=[CEO, {"email": "ana@acme.example", "role": "developer"}])
    start(orgsync)
    return acme


def drift(orgsync: Orgsync, *more: str | Path, now: str = OVERDUE) -> Ended:
    return orgsync("drift", "--sandbox", "acme.db", "--now", now, *more)


def entries(orgsync: Orgsync, *more: str | Path, now: str = OVERDUE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(drift(orgsync, "--format", "json", *more, now=now).out)["entries"]
    return found


def test_an_overdue_review_is_drift_until_it_is_answered(started: Sandbox, orgsync: Orgsync) -> None:
    assert drift(orgsync, now=LATER).code == EXIT_OK
    assert drift(orgsync).code == EXIT_DIFFERENCE
    [entry] = entries(orgsync)
    assert (entry["address"], entry["code"], entry["cause"]) == ("review:2026Q4", "review_overdue", "expiry")
    assert entry["message"] == "overdue since 2026-12-31: 2 of 2 grants without a decision"
    assert entry["shown"] == {"due": "2026-12-31", "open": 2, "grants": 2}
    assert (entry["source"]["file"], entry["source"]["line"]) == (str(FILE), 4)
    decide_all()
    assert drift(orgsync).code == EXIT_OK
    assert {line.split()[0] for line in started.received()} == {"GET"}


def test_it_is_the_same_difference_every_night(started: Sandbox, orgsync: Orgsync) -> None:
    drift(orgsync, "--out", "drift.json")
    decide("member:ana@acme.example", "keep")
    [entry] = entries(orgsync, "--previous", "drift.json", now="2027-01-02T00:00:00Z")
    assert not entry["new"]
    assert "1 of 2 grants" in entry["message"]
    assert started.received()


def test_a_closed_review_is_never_overdue(started: Sandbox, orgsync: Orgsync) -> None:
    decide_all()
    close(orgsync)
    edit("    decision: keep", "    decision:", count=2)
    assert drift(orgsync).code == EXIT_OK
    assert started.received()


def test_a_review_that_cannot_be_read_is_an_error_and_hides_nothing(started: Sandbox, orgsync: Orgsync) -> None:
    started.console("POST", "/v1/organizations/invites", {"email": "new@acme.example", "role": "user"})
    edit("organization role admin", "organization role user")
    found = {entry["code"]: entry for entry in entries(orgsync, now=LATER)}
    assert found["review_unreadable"]["level"] == "error"
    assert "this row was edited" in found["review_unreadable"]["message"]
    assert len(found) == 2


def test_other_yaml_files_in_the_folder_are_none_of_it(started: Sandbox, orgsync: Orgsync) -> None:
    decide_all()
    Path("reviews/notes.yaml").write_text("who: knows\n", encoding="utf-8")
    assert drift(orgsync).code == EXIT_OK
    assert started.received()


def test_the_folder_can_be_named(started: Sandbox, orgsync: Orgsync) -> None:
    Path("reviews").rename("recertification")
    assert drift(orgsync).code == EXIT_OK
    assert drift(orgsync, "--reviews", "recertification").code == EXIT_DIFFERENCE
    assert drift(orgsync, "--reviews", "nowhere").code == EXIT_INPUT
    assert started.received()


def test_reviews_in_the_folder_of_the_files_are_no_organization_files(started: Sandbox, orgsync: Orgsync) -> None:
    decide_all()
    ended = orgsync("drift", ".", "--sandbox", "acme.db", "--now", OVERDUE, "--format", "json")
    assert ended.code == EXIT_OK, ended.said
    assert json.loads(ended.out)["notes"] == []
    assert orgsync("validate", ".").said == orgsync("validate", "org.yaml").said.replace("org.yaml", ".")
    assert started.received()
