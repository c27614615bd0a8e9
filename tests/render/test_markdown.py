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
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import Address, address
from orgsync.render.page.markdown import Limit, Section, page, utf16_length
from orgsync.render.page.markdown_text import prose
from orgsync.render.plan import github, markdown
from orgsync.render.plan.pages import paged
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
    verdict = Verdict("irreversible", False, "not allowed", (Address("workspace:old-poc"),))
    text = markdown.render(replace(plan, guards=(verdict, *plan.guards)))
    assert titles(text)[:9] == [
        "Refused",
        "To allow what is refused",
        "Refused by a guard",
        "Privileged changes",
        "Cannot be undone",
        "Elevates: gives privileged access or more than before",
        "Stops: requests that work now will not",
        "Grants ordinary access",
        "Neutral: no one can do more or less",
    ]
    assert "<summary>" not in text[: text.index("<summary>Neutral")]
    assert text.index("| `workspace:old-poc` | archive |") < text.index("#### Privileged changes")


def test_what_is_refused_can_be_pasted_in_both_ways() -> None:
    verdict = Verdict("irreversible", False, "not allowed", (Address("workspace:old-poc"),))
    text = markdown.render(replace(plans.rich(), guards=(verdict,)))
    option = "--allow workspace:old-poc=wrkspc_01Old"
    entry = '- {address: "workspace:old-poc", id: wrkspc_01Old, until: YYYY-MM-DD, reason: …}'
    assert f"| `{option}` | `{entry}` |" in text


def test_causes_are_told_with_each_change_and_counted() -> None:
    plan = plans.plan(tuple(change(cause.value, cause) for cause in Cause if cause is not Cause.UNKNOWN), base="main")
    text = markdown.render(plan)
    assert titles(text) == ["Neutral: no one can do more or less"]
    assert "Cause: 1 config, 1 drift, 1 policy, 1 expiry." in text
    causes = [found[1] for found in re.finditer("cause: ([a-z]+)", text)]
    assert causes == ["config", "drift", "policy", "expiry"]


def test_that_the_files_request_none_of_the_changes_is_told() -> None:
    assert "Cause: 0 config, 1 drift." in markdown.render(plans.plan((change("a", Cause.DRIFT),), base="main"))


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
@given(PLANS, st.integers(3_000, 12_000))
def test_any_plan_of_any_length_is_whole(plan: Plan, most: int) -> None:
    check(markdown.render(plan))
    cut = paged(plan, Limit(most, utf16_length, LINK), most=4, marker=lambda _number, _total: "")
    bare = markdown.render(
        replace(plan, changes=(), manual=(), waiting=(), findings=(), guards=(), allowed=(), raised=())
    )
    for one in cut:
        check(one)
        assert utf16_length(one) <= max(most, utf16_length(bare) + 2_000)


def test_a_long_open_section_can_be_folded_away() -> None:
    notes = (privileged(),) * 21
    assert "<details open>\n<summary>Privileged changes (21)</summary>" in markdown.render(plans.plan(findings=notes))
    assert "#### Privileged changes (20)" in markdown.render(plans.plan(findings=notes[:20]))


def test_a_page_is_cut_at_rows_and_the_rest_is_counted() -> None:
    section = Section("Things (9)", ("a", "b"), [f"| {number} | x |" for number in range(9)], "thing", 0)
    whole = page(("head",), (section,), ("foot",))
    assert page(("head",), (section,), ("foot",), Limit(len(whole), len)) == whole
    cut = page(("head",), (section,), ("foot",), Limit(len(whole) - 1, len))
    assert "more thing" in cut
    assert cut.index("more thing") < cut.index("</details>") < cut.index("**Shortened**") < cut.index("foot")
    assert len(cut) <= len(whole) + 100


def test_a_row_that_would_take_all_the_room_is_shortened() -> None:
    wide: Any = "\U000e0041" * 3_000
    fields = tuple(FieldChange(f"tags.{number}.{wide}", wide, f"{number}") for number in range(50))
    plan = plans.plan((replace(change("a", Cause.CONFIG), fields=fields),))
    text = markdown.render(plan)
    check(text)
    assert "50 fields, too long to show here" in text


def test_no_field_of_a_change_that_matters_is_left_out() -> None:
    fields = tuple(FieldChange(f"tags.t{number}", None, "x" * 150) for number in range(50))
    last = FieldChange("residency", "us", "global")
    for parts in ({"meaning": (Meaning.ELEVATES,)}, {"risk": Risk.R2}):
        plan = plans.plan((replace(change("a", Cause.CONFIG), fields=(*fields, last), **parts),))
        assert '`residency: "us" -> "global"`' in markdown.render(plan)
        assert '`residency: "us" -> "global"`' in github.comment(plan)
    too_long = tuple(FieldChange(f"tags.t{number}", None, "x" * 150) for number in range(2_000))
    plan = plans.plan((replace(change("a", Cause.CONFIG), fields=too_long, meaning=(Meaning.ELEVATES,)),))
    assert "Digest of the changes" not in github.comment(plan)


def test_comments_of_two_organizations_have_two_markers() -> None:
    first, second = (github.comment(plans.settled(), name=name) for name in ("eu", "us"))
    assert first.startswith("<!-- orgsync:plan:eu -->\n")
    assert first.partition("\n")[2] == second.partition("\n")[2]
    assert github.marked_as(first) == "<!-- orgsync:plan:eu -->"
    assert github.marked_as("text <!-- orgsync:plan:eu -->") is None


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ('keeps working: "api_key:w/Demo Key"', 'keeps working: `"api_key:w/Demo Key"`'),
        ('is now "workspace:a b", and ("x_y z").', 'is now `"workspace:a b"`, and (`"x_y z"`).'),
        ('did you mean "the old one"?', 'did you mean "the old one"?'),
        ('"one" or "two" of "a `b` c"', '"one" or "two" of `"a \\x60b\\x60 c"`'),
        ('a "quotation_mark and no other', 'a "`quotation_mark` and no other'),
        ('in "a_b c"d', 'in "`a_b` c"d'),
        ("add `archived: true`, or `x`.", "add `archived: true`, or `x`."),
        ("one `two", "one `\\x60two`"),
    ],
)
def test_a_name_in_quotes_is_one_code_span(sentence: str, shown: str) -> None:
    assert prose(sentence) == shown
