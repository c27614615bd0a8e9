"""Reports as people read them: golden pages, and names that try to be more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render import hostile
from rich.cells import cell_len

from core.drift.support import TODAY, YESTERDAY, entry, named, report
from orgsync.core.drift.report import Acceptance, DriftEntry, DriftReport, FeedReading, compared
from orgsync.core.feed.join import Certainty, Explanation
from orgsync.core.feed.records import Actor
from orgsync.core.feed.window import Feed, FeedState
from orgsync.core.model.change import Cause, FieldChange, Level, Note, Place, Risk, Verdict
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import address
from orgsync.core.words.inert import inert_chat
from orgsync.render.drift import markdown as drift_markdown
from orgsync.render.drift import notice as drift_notice
from orgsync.render.drift import text as drift_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Golden

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"


def everything() -> DriftReport:
    """A report with each sort of line in it."""
    place = Place("org.yaml", 12)
    known = entry("lab", "a" * 16, code="differs", message="color is red, the files declare blue", source=place)
    rogue = entry("rogue", "b" * 16)
    admin = entry("x", "c" * 16, address=address("member", "cto@acme.example"), code="admin_removal", level=Level.ERROR)
    quiet = entry("event", "d" * 16, accepted=Acceptance("until the event is over, CH-31", "2026-12-15"))
    left = entry("old", "e" * 16, cause=Cause.EXPIRY, since=YESTERDAY)
    before = report(replace(known, since=YESTERDAY), left, checked_at=YESTERDAY)
    now = report(
        admin,
        known,
        rogue,
        accepted=(quiet,),
        notes=(Note(address("workspace", "poc"), "accept_unused", "matches no difference", Level.INFO, place),),
        refusals=(Verdict("protect", passed=False, message="protected", addresses=(rogue.address,)),),
        requests=7,
    )
    return compared(now, before)


def explained() -> DriftReport:
    """A report in which the Activity Feed tells who made some of the differences, and how sure that is."""
    sam = Explanation(
        Certainty.CERTAIN,
        Actor("user_actor", "user_sam", "sam@acme.example", "Mozilla/5.0", "203.0.113.7"),
        "2026-11-21T21:14:09.5Z",
        "activity_1",
        "claude_user_role_updated",
    )
    key = Actor("admin_api_key_actor", "admin_api_key_01Jp", None, "orgsync/0.9", "198.51.100.20")
    raised = entry("x", "a" * 16, address=address("member", "lee@acme.example"), code="differs", message="is admin")
    alike = [entry(f"lab-{number}", f"{number}" * 16) for number in range(4)]
    return report(
        replace(raised, by=sam, message="role is admin, the files declare developer"),
        replace(entry("rogue", "b" * 16), by=replace(sam, certainty=Certainty.LIKELY, actor=key, others=2)),
        replace(entry("old", "c" * 16), by=Explanation(Certainty.RELATED, key, TODAY, changed_since=True, gap=True)),
        replace(entry("gap", "d" * 16), by=Explanation(Certainty.UNKNOWN, gap=True)),
        replace(entry("lost", "e" * 16), by=Explanation(Certainty.UNKNOWN)),
        replace(entry("new", "f" * 16), by=Explanation(Certainty.PENDING)),
        *(replace(one, by=replace(sam, at=f"2026-11-21T21:1{number}:00Z")) for number, one in enumerate(alike)),
        feed=FeedReading(FeedState.READ, "The Activity Feed was read.", None, YESTERDAY, 1),
    )


OFF = Feed(FeedState.OFF, NOW, NOW)
CASES = {
    "everything": everything(),
    "first": report(entry("rogue")),
    "nothing": report(),
    "explained": explained(),
    "feed_off": report(entry("rogue"), feed=FeedReading(OFF.state, OFF.says, OFF.hint, YESTERDAY, 1)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_report_is_what_was_reviewed(case: str, golden: Golden) -> None:
    golden(GOLDEN / f"{case}.txt", drift_text.render(CASES[case]))
    golden(GOLDEN / f"{case}.md", drift_markdown.render(CASES[case]))
    golden(GOLDEN / f"{case}.notice.txt", "\n\n".join(drift_notice.render(CASES[case])) + "\n")
    colored = drift_text.render(CASES[case], color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == drift_text.render(CASES[case])


@pytest.mark.parametrize("name", hostile.TABLE)
def test_a_hostile_name_is_text_in_a_chat_and_fits_a_terminal(name: str) -> None:
    title, message = drift_notice.render(named(name))
    assert not re.search(r"[<>`]|(?<![\w.+-])@|@everyone|://|www\.\w|\*\*", title + message)
    assert max(cell_len(line) for line in drift_text.render(named(name), width=80).splitlines()) <= 80


@given(st.text(max_size=60))
def test_plain_text_has_nothing_active_left(text: str) -> None:
    assert not re.search(r"[<>`*~]", inert_chat(text, limit=400))


@pytest.mark.parametrize("text", ["ana@acme.example", "R&D, 5.000 (EU) - x_y: a=b; #tag! {é}"])
def test_ordinary_text_stays_readable(text: str) -> None:
    assert inert_chat(text, limit=400) == text


def test_a_body_is_cut_at_whole_rows() -> None:
    long = "\u202e" * 390
    entries = [entry(f"{long}{number}", f"{number:016x}") for number in range(1_500)]
    accepted = tuple(replace(one, accepted=Acceptance(long, "2026-12-01")) for one in entries)
    for made in (report(*entries, accepted=accepted, gone=tuple(entries)), report(*entries[:20], accepted=accepted)):
        body = drift_markdown.render(made)
        assert len(body) < drift_markdown.LIMIT
        rows = [line for line in body.split("\n") if line.startswith(("| `", "| **"))]
        assert len(rows) > 5
        assert all(row.count("|") == 5 for row in rows)
        assert body.count("more: run `orgsync drift --format json` for all.") >= 1
        assert body.count("<details>") == body.count("</details>") == 1
        assert body.endswith("\n")
    title, message = drift_notice.render(report(*entries))
    assert "and 1,485 more" in message
    assert len(title + message) < 40_000


def moved(name: str, *meaning: Meaning, **more: Any) -> DriftEntry:
    """What differs in a way that a plan would change to this effect."""
    fields = (FieldChange("color", name, "blue"),)
    return entry(
        name, f"{name:0>16}", code="differs", message=f"{name} differs", fields=fields, meaning=meaning, **more
    )


HARMLESS = [moved(f"a-{number:03}") for number in range(900)]
HEAVY = [
    moved("z-final", risk=Risk.R2),
    moved("y-elevates", Meaning.ELEVATES),
    moved("x-stops", Meaning.STOPS, Meaning.WITHDRAWS),
    moved("w-withdraws", Meaning.WITHDRAWS),
    moved("v-grants", Meaning.GRANTS),
]


@pytest.mark.parametrize(
    "render",
    [drift_text.render, drift_markdown.render, lambda report: drift_notice.render(report)[1]],
    ids=["text", "markdown", "notice"],
)
def test_what_gives_or_takes_comes_before_everything_else(render: Callable[[DriftReport], str]) -> None:
    rogue = entry("rogue", "b" * 16)
    shown = render(report(*HARMLESS, rogue, *reversed(HEAVY)))
    assert shown.index("workspace:rogue") < shown.index("workspace:a-000")
    places = [shown.index(one.address) for one in HEAVY]
    assert max(places) < shown.index("workspace:a-000")
    assert places == sorted(places)


def test_of_one_code_only_what_is_neutral_is_left_out() -> None:
    grave = [moved(f"z-{number:02}", Meaning.WITHDRAWS) for number in range(30)]
    shown = drift_text.render(report(*HARMLESS, *grave))
    assert all(one.address in shown for one in grave)
    assert "workspace:a-009" in shown
    assert "workspace:a-010" not in shown
    assert "… and 890 more differs (--format json lists all)" in shown


def test_no_admin_who_should_not_be_one_and_no_finding_is_left_out() -> None:
    admins = [
        entry(address=address("member", f"a-{n:02}@b.co"), code="admin_removal", message=f"{n}") for n in range(30)
    ]
    pending = [entry(address=address("member", f"p-{n:02}@b.co"), code="observed", message=f"{n}") for n in range(30)]
    shown = drift_text.render(report(*pending, *HARMLESS, *admins))
    places = [shown.index(one.address) for one in (*admins, *pending, HARMLESS[0])]
    assert places == sorted(places)


def test_a_message_names_at_least_what_gives_or_takes() -> None:
    grave = [moved(f"z-{number:02}", Meaning.WITHDRAWS) for number in range(30)]
    message = drift_notice.render(report(*HARMLESS, *grave))[1]
    assert all(one.address in message for one in grave)
    assert "- and 915 more: workspace:z-15, " in message
    many = [moved(f"z-{number:05}", Meaning.WITHDRAWS) for number in range(9_000)]
    message = drift_notice.render(report(*many))[1]
    assert len(message) < 6_000
    assert re.search(r"8,\d{3} others that give or take access", message)


def test_what_says_the_same_is_said_once_with_every_address() -> None:
    undeclared = [entry(f"w-{number:03}", f"{number:016}") for number in range(300)]
    for shown in (drift_text.render(report(*undeclared)), drift_markdown.render(report(*undeclared))):
        assert all(one.address in shown for one in undeclared)
        assert "300 workspaces" in shown
        assert shown.count("not declared") < 10
