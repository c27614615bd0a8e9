"""The plan as Markdown: what needs a decision first, everything accounted for, and never longer than asked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.core.model.change import Action, Cause, Change, FieldChange, Level, Note, Plan, Risk, Verdict
from orgsync.core.words.address import Address, address
from orgsync.render.page.markdown import Limit, Section, page, utf8_length, utf16_length
from orgsync.render.plan import github, markdown
from render import plans
from render.markdown_judge import check
from render.strategies import PLANS

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
LINK = "https://github.example/acme/console/actions/runs/42"
SAMPLES = {
    "rich": plans.rich(),
    "refused": plans.refused(),
    "settled": plans.settled(),
    "pending": plans.plan(manual=plans.rich().manual, waiting=plans.rich().waiting),
}


def privileged() -> Note:
    return Note(Address("guards:protect"), "privileged_change", "protect loses workspace:production", Level.WARNING)


def titles(text: str) -> list[str]:
    """What the sections are called, without their counts."""
    return [
        title.partition(" (")[0]
        for title in re.findall(r"(?:^#### |<summary>)(.*?)(?:</summary>|$)", text, re.MULTILINE)
    ]


def change(name: str, cause: Cause, risk: Risk = Risk.R0, action: Action = Action.UPDATE) -> Change:
    return Change(address("workspace", name), action, (FieldChange("name", "a", "b"),), cause=cause, risk=risk)


@pytest.mark.parametrize("sample", SAMPLES)
def test_plan_as_markdown(sample: str, golden: Golden) -> None:
    golden(GOLDEN / f"{sample}.md", markdown.render(SAMPLES[sample]))


def test_what_needs_a_decision_comes_first_and_open() -> None:
    plan = replace(plans.rich(), findings=(*plans.rich().findings, privileged()))
    plan = replace(plan, guards=(Verdict("protect", passed=False, message="protected"), *plan.guards))
    text = markdown.render(plan)
    assert titles(text)[:3] == ["Refused", "Privileged changes", "Look at these first"]
    assert "<summary>" not in text[: text.index("#### Look at these first")]
    open_rows = text[text.index("#### Look") : text.index("<details>")].splitlines()[4:-1]
    risks = [row.rsplit("|", 2)[1].strip()[:2] for row in open_rows]
    assert risks == sorted(risks, reverse=True)
    assert set(risks[:-1]) == {"R2", "R1"}


def test_a_removal_is_risky_even_if_it_can_be_taken_back() -> None:
    plan = plans.plan((change("a", Cause.CONFIG, action=Action.REMOVE), change("b", Cause.CONFIG)))
    assert titles(markdown.render(plan)) == ["Look at these first", "This change of the files asks for"]


def test_changes_are_grouped_by_who_asks_for_them() -> None:
    plan = plans.plan(tuple(change(cause.value, cause) for cause in Cause))
    assert titles(markdown.render(plan)) == [
        "This change of the files asks for",
        "Already different in the organization (drift)".partition(" (")[0],
        "Asked for by key policies",
        "Expired",
        "Other changes",
    ]
    assert "<summary>Already different in the organization (drift) (1)</summary>" in markdown.render(plan)


def test_nothing_is_grouped_where_no_cause_is_known() -> None:
    plan = plans.plan((change("a", Cause.UNKNOWN), change("b", Cause.UNKNOWN)))
    assert titles(markdown.render(plan)) == ["Changes"]


@pytest.mark.parametrize(
    ("seen_at", "said"),
    [
        ("2026-11-22T07:29:00Z", "2 hours ago"),
        ("2026-11-22T09:28:00Z", "2 minutes ago"),
        ("2026-11-20T09:30:00Z", "2 days ago"),
        ("2026-11-22T09:30:00Z", "less than a minute ago"),
        ("2026-11-22T09:20:00", "at `2026-11-22T09:20:00`"),
        ("long ago", "at long ago"),
    ],
)
def test_the_age_of_what_was_seen_is_said(seen_at: str, said: str) -> None:
    foot = markdown.render(plans.plan(seen_at=seen_at, base="origin/main")).rpartition("---")[2]
    assert f"a snapshot of `{seen_at}`, taken {said}; compared with `origin/main`" in foot


def test_the_foot_names_the_changes_by_digest() -> None:
    plan = plans.rich()
    foot = markdown.render(plan).rpartition("---")[2]
    assert f"changes `{plan.digests.changes[:12]}`" in foot
    assert f"Digest of the changes: `{plan.digests.changes}`" in foot
    assert "from 7 requests" in foot


@examples(12)
@given(PLANS, st.integers(1_500, 12_000))
def test_any_plan_of_any_length_is_whole(plan: Plan, most: int) -> None:
    check(markdown.render(plan))
    cut = markdown.render(plan, limit=Limit(most, utf16_length, LINK))
    check(cut)
    bare = markdown.render(replace(plan, changes=(), manual=(), waiting=(), findings=(), guards=(), allowed=()))
    assert utf16_length(cut) <= max(most, utf16_length(bare) + 2_000)


def rows(text: str, title: str) -> int:
    """How many rows of a section are shown."""
    section = text.partition(title)[2].partition("\n\n|")[2].partition("\n\n")[0]
    return max(section.count("\n") - 1, 0)


@pytest.mark.parametrize("emoji", [False, True], ids=["ascii", "emoji"])
def test_5_000_changes_fit_into_a_comment(*, emoji: bool) -> None:
    plan = plans.large()
    if emoji:
        plan = replace(
            plan, changes=tuple(replace(one, address=Address(f"{one.address}{'🙂' * 20}")) for one in plan.changes)
        )
    text = github.comment(plan, link=LINK)
    check(text)
    assert 60_000 < utf16_length(text) <= 65_000
    assert len(text) <= 65_000
    shown = rows(text, "Look at these first")
    assert f"\n\nand {5_000 - shown:,} more changes\n" in text
    assert f"**Truncated** at GitHub's limit. [The full plan]({LINK}) has everything." in text
    assert f"Digest of the changes: `{plan.digests.changes}`" in text


def test_5_000_changes_fit_into_a_summary() -> None:
    plan = plans.large()
    text = github.summary(plan)
    check(text)
    assert 900_000 < utf8_length(text) <= 1_048_576
    assert rows(text, "Look at these first") > 4_000


def test_a_long_open_section_can_be_folded_away() -> None:
    assert "<details open>\n<summary>Look at these first (21)</summary>" in markdown.render(plans.large(21))
    assert "#### Look at these first (20)" in markdown.render(plans.large(20))


def test_many_changes_do_not_hide_what_refuses_them() -> None:
    guards = (Verdict("max_removals", False, "too many", tuple(one.address for one in plans.large().changes)),)
    plan = replace(plans.large(), guards=guards, manual=plans.rich().manual * 300, findings=(privileged(),) * 300)
    text = github.comment(plan)
    check(text)
    shown = {title: rows(text, title) for title in ("Refused\n", "Privileged", "Look at these", "Manual steps")}
    assert shown["Refused\n"] == 1
    assert all(number >= 50 for title, number in shown.items() if title != "Refused\n")
    assert "and 4,990 more" in text


def test_a_page_is_cut_at_rows_and_the_rest_is_counted() -> None:
    section = Section("Things (9)", ("a", "b"), [f"| {number} | x |" for number in range(9)], "thing", 0)
    whole = page(("head",), (section,), ("foot",))
    assert page(("head",), (section,), ("foot",), Limit(len(whole), len)) == whole
    cut = page(("head",), (section,), ("foot",), Limit(len(whole) - 1, len))
    assert "more thing" in cut
    assert cut.index("more thing") < cut.index("</details>") < cut.index("**Truncated**") < cut.index("foot")
    assert len(cut) <= len(whole) + 100


def test_a_row_that_would_take_all_the_room_is_shortened() -> None:
    wide: Any = "\U000e0041" * 3_000
    fields = tuple(FieldChange(f"tags.{number}.{wide}", wide, f"{number}") for number in range(50))
    plan = plans.plan((replace(change("a", Cause.CONFIG), fields=fields),))
    text = markdown.render(plan)
    check(text)
    assert "50 fields, too long to show here" in text


def test_comments_of_two_organizations_have_two_markers() -> None:
    first, second = (github.comment(plans.settled(), name=name) for name in ("eu", "us"))
    assert first.startswith("<!-- orgsync:plan:eu -->\n")
    assert first.partition("\n")[2] == second.partition("\n")[2]
    assert github.marked_as(first) == "<!-- orgsync:plan:eu -->"
    assert github.marked_as("text <!-- orgsync:plan:eu -->") is None
