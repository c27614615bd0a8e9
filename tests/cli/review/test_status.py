"""`orgsync review status`: how far a review is, what is wrong with its file, and what came of its removals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from stories import every_third

from cli.review.support import FILE, LATER, OVERDUE, SNAPSHOT, decide, decide_all, edit, status
from cli.support import NOW
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Orgsync
    from cli.support import Sandbox

CI, DEMO = "api_key:production/ci", "api_key:production/demo"
ANA, RAJ = "member:ana@acme.example", "member:raj@agency.example"
ANA_HERE = "workspace_member:production/ana@acme.example"


def told(orgsync: Orgsync, *more: str, now: str = LATER) -> dict[str, Any]:
    ended = status(orgsync, "--format", "json", *more, now=now)
    assert ended.code == EXIT_OK, ended.said
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def test_nothing_is_answered_at_the_start(started: Sandbox, orgsync: Orgsync) -> None:
    ended = status(orgsync)
    assert ended.out.splitlines()[0] == "Review 2026Q4: 0 of 7 grants answered, due 2026-12-31 (30 days left)"
    assert "To be removed" not in ended.out
    assert "Changed since the start" not in ended.out
    assert {line.split()[0] for line in started.received()} == {"GET"}


def test_one_status_reads_each_list_of_access_once(started: Sandbox, orgsync: Orgsync) -> None:
    before = len(started.received())
    assert told(orgsync)["requests"] == 6
    sent = started.received()[before:]
    assert [line.split("?")[0].rsplit("/", 1)[-1] for line in sorted(sent)] == [
        *("api_keys", "invites", "me", "service_accounts", "users", "workspaces", "members")
    ]


def test_answers_are_counted_by_workspace_and_by_reviewer(started: Sandbox, orgsync: Orgsync) -> None:
    decide(RAJ, "remove", by="lea@acme.example")
    decide(CI, "keep", by="kim@acme.example")
    decide(ANA, "keep", by="kim@acme.example")
    answer = told(orgsync)
    assert (answer["answered"], answer["open"], answer["overdue"]) == (3, 4, 0)
    assert answer["workspaces"] == [
        {"workspace": None, "grants": 4, "keep": 1, "remove": 1, "open": 2},
        {"workspace": "production", "grants": 3, "keep": 1, "remove": 0, "open": 2},
    ]
    assert answer["reviewers"] == [
        {"reviewer": "kim@acme.example", "grants": 2, "keep": 2, "remove": 0},
        {"reviewer": "lea@acme.example", "grants": 1, "keep": 0, "remove": 1},
    ]
    assert started.received()


def test_an_open_review_is_overdue_after_its_last_day(started: Sandbox, orgsync: Orgsync) -> None:
    assert told(orgsync, now="2026-12-31T23:59:59Z")["overdue"] == 0
    assert told(orgsync, now=OVERDUE)["overdue"] == 7
    assert "overdue since 2026-12-31 (1 day)" in status(orgsync, now=OVERDUE).out
    decide_all()
    assert told(orgsync, now=OVERDUE)["overdue"] == 0
    assert started.received()


def test_it_fails_only_if_it_is_asked_to(started: Sandbox, orgsync: Orgsync) -> None:
    assert status(orgsync, now=OVERDUE).code == EXIT_OK
    assert status(orgsync, "--fail-on", "overdue").code == EXIT_OK
    assert status(orgsync, "--fail-on", "overdue", now=OVERDUE).code == EXIT_DIFFERENCE
    assert status(orgsync, "--fail-on", "open").code == EXIT_DIFFERENCE
    decide_all()
    assert status(orgsync, "--fail-on", "open").code == EXIT_OK
    assert started.received()


def test_decisions_that_contradict_each_other_are_found(started: Sandbox, orgsync: Orgsync) -> None:
    decide(ANA, "remove")
    decide(ANA_HERE, "keep")
    found = told(orgsync)["findings"]
    assert [(one["code"], one["address"]) for one in found] == [("contradiction", ANA_HERE)]
    assert '"organization role developer" of ana@acme.example is to be removed' in found[0]["message"]
    assert found[0]["where"].startswith(f"{FILE}:")
    assert started.received()


def test_who_reviews_their_own_access_is_found(started: Sandbox, orgsync: Orgsync) -> None:
    decide(ANA, "keep", by="Ana@Acme.example")
    decide(CI, "keep", by="ana@acme.example")
    decide(RAJ, "keep", by="ana@acme.example")
    assert [(one["code"], one["address"]) for one in told(orgsync)["findings"]] == [
        ("own_access", ANA),
        ("own_access", CI),
    ]
    assert started.received()


def test_a_removal_is_followed_from_the_line_to_the_organization(started: Sandbox, orgsync: Orgsync) -> None:
    decide(ANA_HERE, "remove")
    decide(RAJ, "remove")

    def outcomes() -> dict[str, tuple[str, str | None]]:
        return {one["address"]: (one["outcome"], one["line"]) for one in told(orgsync)["removals"]}

    held = ("still in the organization", None)
    assert outcomes() == {ANA_HERE: ("still declared", "org.yaml:9"), RAJ: held}
    edit("    members:\n      ana@acme.example: admin\n", "", file=Path("org.yaml"))
    assert outcomes() == {ANA_HERE: held, RAJ: held}
    [raj] = [one for one in started.console("GET", "/v1/organizations/users")["data"] if one["email"].startswith("raj")]
    started.console("DELETE", f"/v1/organizations/users/{raj['id']}")
    assert outcomes()[RAJ] == ("gone", None)


def test_a_key_that_the_files_switch_off_is_not_declared_any_more(started: Sandbox, orgsync: Orgsync) -> None:
    decide(CI, "remove")
    answer = told(orgsync)
    assert answer["removals"][0]["outcome"] == "still declared"
    assert "declare it as inactive, or with `archived: true`, and apply" in answer["notes"][-1]
    edit("ci: active", "ci: inactive", file=Path("org.yaml"))
    assert told(orgsync)["removals"][0]["outcome"] == "still in the organization"
    assert started.received()


def test_what_changed_since_the_start_is_shown(started: Sandbox, orgsync: Orgsync) -> None:
    started.console("POST", "/v1/organizations/users/user_01Ana", {"role": "billing"})
    [demo] = [one for one in started.console("GET", "/v1/organizations/api_keys")["data"] if one["name"] == "demo"]
    [old] = [one for one in started.console("GET", "/v1/organizations/api_keys")["data"] if one["name"] == "old"]
    started.console("POST", f"/v1/organizations/api_keys/{demo['id']}", {"status": "inactive"})
    started.console("POST", f"/v1/organizations/api_keys/{old['id']}", {"status": "active"})
    changes = {(one["change"], one["address"], one["what"]) for one in told(orgsync)["changes"]}
    assert changes == {
        ("changed", ANA, "organization role billing"),
        ("new", "api_key:production/old", 'API key "old"'),
        ("gone", DEMO, 'API key "demo"'),
    }


def test_everything_that_is_wrong_with_a_filled_in_file_is_told_in_one_run(started: Sandbox, orgsync: Orgsync) -> None:
    decide(ANA, "approve")
    decide(ANA_HERE, "keep", by="Lea")
    ended = status(orgsync)
    assert ended.code == EXIT_INPUT
    assert 'expected keep or remove, found the text "approve"' in ended.err
    assert 'expected an e-mail address, found the text "Lea"' in ended.err
    assert ended.err.count(f"{FILE}:") == 2
    assert started.received()


def test_half_filled_rows_are_told_with_their_lines(started: Sandbox, orgsync: Orgsync) -> None:
    decide(RAJ, "remove", reason="")
    decide(ANA, "keep", by="")
    decide(CI, "", by="lea@acme.example", reason="")
    ended = status(orgsync)
    assert ended.code == EXIT_INPUT
    for message in (
        f"{RAJ}: is to be removed, and has no reason",
        f"{ANA}: has a decision, and no reviewed_by",
        f"{CI}: has reviewed_by, and no decision",
    ):
        assert message in ended.err
    assert started.received()


def _delete_a_row() -> None:
    text = FILE.read_text(encoding="utf-8")
    begin = text.index("  - id:")
    FILE.write_text(text[:begin] + text[text.index("  - id:", begin + 1) :], encoding="utf-8")


def _repeat_a_row() -> None:
    text = FILE.read_text(encoding="utf-8")
    begin = text.index("  - id:")
    FILE.write_text(text + text[begin : text.index("  - id:", begin + 1)], encoding="utf-8")


EDITS: dict[str, Callable[[], None]] = {
    "role": lambda: edit("what: organization role admin", "what: organization role user"),
    "line": lambda: edit("line: org.yaml:4", "line: org.yaml:5"),
    "due": lambda: edit("due: '2026-12-31'", "due: '2027-12-31'"),
    "population": lambda: edit("population: ", "population: f"),
    "deleted": _delete_a_row,
    "repeated": _repeat_a_row,
    "format": lambda: edit("format_version: 1", "format_version: 7"),
    "unknown": lambda: edit("  name: 2026Q4", "  name: 2026Q4\n  closed: yes"),
    "snapshot": lambda: edit('"name": "production"', '"name": "productive"', file=SNAPSHOT),
    "no snapshot": SNAPSHOT.unlink,
}


@pytest.mark.parametrize("name", every_third(EDITS))
@pytest.mark.usefixtures("started")
def test_what_orgsync_wrote_cannot_be_edited_unseen(name: str, orgsync: Orgsync) -> None:
    EDITS[name]()
    ended = status(orgsync, "--files")
    assert ended.code == EXIT_INPUT
    assert str(SNAPSHOT if "snapshot" in name else FILE) in ended.err


def test_rows_may_be_sorted_in_another_way(started: Sandbox, orgsync: Orgsync) -> None:
    text = FILE.read_text(encoding="utf-8")
    head, _, rows = text.partition("rows:\n")
    parts = ["  - id:" + part for part in rows.split("  - id:")[1:]]
    FILE.write_text(head + "rows:\n" + "".join(reversed(parts)), encoding="utf-8")
    assert status(orgsync).code == EXIT_OK
    assert started.received()


def test_from_the_files_alone_nothing_is_sent(started: Sandbox, orgsync: Orgsync) -> None:
    before = started.received()
    decide(ANA_HERE, "remove")
    ended = orgsync("review", "status", "--files", "--now", LATER)
    assert ended.code == EXIT_OK
    assert "org.yaml:9" in ended.out
    assert "what changed since the start is not known" in ended.out.replace("\n  ", " ")
    assert started.received() == before


def test_a_snapshot_says_as_much_as_the_organization(started: Sandbox, orgsync: Orgsync) -> None:
    decide(ANA_HERE, "remove")
    live = told(orgsync)
    orgsync("snapshot", "--out", "now.json", "--sandbox", "acme.db", "--now", LATER)
    before = started.received()
    ended = orgsync("review", "status", "--snapshot", "now.json", "--now", LATER, "--format", "json")
    then = json.loads(ended.out)
    assert then["requests"] == 0
    assert started.received() == before
    for key in ("data", "requests"):
        del live[key], then[key]
    assert then == live


def test_csv_cells_are_no_formulas(started: Sandbox, orgsync: Orgsync) -> None:
    decide(RAJ, "remove", by="=lea@acme.example")
    ended = status(orgsync, "--format", "csv")
    cells = [cell for row in csv.reader(io.StringIO(ended.out)) for cell in row]
    assert "'=lea@acme.example" in cells
    assert started.received()


@pytest.mark.parametrize(("names", "says"), [((), "no open review"), (("a.yaml", "b.yaml"), "2 open reviews")])
def test_without_a_name_there_has_to_be_one_open_review(
    names: tuple[str, ...], says: str, acme: Sandbox, orgsync: Orgsync
) -> None:
    assert acme.received() == []
    Path("reviews").mkdir()
    for name in names:
        (Path("reviews") / name).write_text("review: {}\n", encoding="utf-8")
    ended = orgsync("review", "status", "--files", "--now", NOW)
    assert ended.code == EXIT_INPUT
    assert says in ended.err


def test_where_there_is_no_review_it_says_how_to_start_one(orgsync: Orgsync) -> None:
    ended = orgsync("review", "status", "reviews/none.yaml", "--sandbox", "acme.db")
    hint = "start one with `orgsync review start`"
    assert (ended.code, ended.err) == (EXIT_INPUT, f"Error: there is no review reviews/none.yaml\nhint: {hint}\n")
