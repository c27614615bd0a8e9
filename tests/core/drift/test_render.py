"""Reports as people read them: golden pages, and names that try to be more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render import hostile
from rich.cells import cell_len

from core.drift.support import YESTERDAY, entry, named, report
from orgsync.core.drift.report import Acceptance, DriftReport, compared
from orgsync.core.model.change import Cause, Level, Note, Place, Verdict
from orgsync.core.words.address import address
from orgsync.core.words.inert import inert_chat
from orgsync.render.drift import markdown as drift_markdown
from orgsync.render.drift import notice as drift_notice
from orgsync.render.drift import text as drift_text

if TYPE_CHECKING:
    from conftest import Golden

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


CASES = {"everything": everything(), "first": report(entry("rogue")), "nothing": report()}


@pytest.mark.parametrize("case", CASES)
def test_a_report_is_what_was_reviewed(case: str, golden: Golden) -> None:
    golden(GOLDEN / f"{case}.txt", drift_text.render(CASES[case]))
    golden(GOLDEN / f"{case}.md", drift_markdown.render(CASES[case]))
    golden(GOLDEN / f"{case}.notice.txt", "\n\n".join(drift_notice.render(CASES[case])) + "\n")
    colored = drift_text.render(CASES[case], color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == drift_text.render(CASES[case])


@pytest.mark.parametrize("name", hostile.NAMES.values(), ids=hostile.NAMES)
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
    entries = [entry(f"{long}{number}", f"{number:016x}") for number in range(5_000)]
    accepted = tuple(replace(one, accepted=Acceptance(long, "2026-12-01")) for one in entries)
    for made in (report(*entries, accepted=accepted, gone=tuple(entries)), report(*entries[:20], accepted=accepted)):
        body = drift_markdown.render(made)
        assert len(body) < drift_markdown.LIMIT
        rows = [line for line in body.split("\n") if line.startswith("| `")]
        assert len(rows) > 5
        assert all(row.count("|") == 5 for row in rows)
        assert body.count("more: run `orgsync drift --format json` for all.") >= 1
        assert body.count("<details>") == body.count("</details>") == 1
        assert body.endswith("\n")
    title, message = drift_notice.render(report(*entries))
    assert "and 4,985 more" in message
    assert len(title + message) < 40_000
