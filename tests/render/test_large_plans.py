"""Plans that no comment takes: nothing that matters is left out, or it is said and there is no digest to review by."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples
from stories import every_third

from orgsync.core.model.change import Action, Cause, Change, FieldChange, Level, Note, Place, Plan, Risk, Verdict
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import Address, address
from orgsync.kinds import KINDS
from orgsync.render.page.markdown import Limit, utf8_length, utf16_length
from orgsync.render.plan import annotations as notes
from orgsync.render.plan import github, json_text, markdown, text
from orgsync.render.plan.pages import paged
from orgsync.render.reports import results, sarif
from render import plans
from render.markdown_judge import check

LINK = "https://github.example/acme/console/actions/runs/42"
DIGEST = re.compile(r"^Digest of the changes: `([0-9a-f]{64})`$", re.MULTILINE)


def harmless(number: int) -> tuple[Change, ...]:
    """Changes of a colour, each to another one."""
    return tuple(
        Change(
            address("workspace", f"w-{index:04}"),
            Action.UPDATE,
            (FieldChange("color", f"#{index:06x}", "#2e8b57"),),
            id=f"wrkspc_{index:04}",
            cause=Cause.CONFIG,
            reason="differs from the file",
            source=Place("org.yaml", index + 1),
        )
        for index in range(number)
    )


def dangerous(kind: str, meaning: Meaning | None) -> Change:
    """A change of this kind that does this; without a meaning, one that cannot be undone."""
    return Change(
        address(kind, "the-one", "zz@acme.com"),
        Action.UPDATE,
        (FieldChange("anything", "a", "b"),),
        id="some_01",
        cause=Cause.CONFIG,
        risk=Risk.R2 if meaning is None else Risk.R1,
        meaning=() if meaning is None else (meaning,),
        source=Place("org.yaml", 9_999),
    )


DANGERS = {
    f"{kind.name} {meaning or 'for good'}": dangerous(kind.name, meaning)
    for kind in KINDS
    for meaning in (*Meaning, None)
}


SOME = [f"{kind.name} {one}" for kind, one in zip(KINDS, cycle([*Meaning, "for good"]), strict=False)]
"""Each kind once and every meaning: what the first tests try at one change, a later one tries with all at once."""


def pages_of(plan: Plan) -> list[str]:
    return github.comment(plan, link=LINK).split(f"{github.PAGE_BREAK}\n")


@pytest.mark.parametrize("danger", every_third(SOME))
def test_no_number_of_harmless_changes_hides_a_dangerous_one(danger: str) -> None:
    change = DANGERS[danger]
    plan = plans.plan((*harmless(900), change))
    [comment], shown = pages_of(plan), text.render(plan)
    assert utf16_length(comment) < 5_000
    for told in (comment, github.summary(plan), markdown.render(plan), shown):
        assert change.address in told
        assert "900 workspaces" in told
        assert "890 more" in told
        assert told.index(change.address) < told.index("900 workspaces")
    assert DIGEST.findall(comment) == [plan.digests.changes]
    assert json.loads(json_text.render(plan))["changes"][-1]["address"] == change.address


@pytest.mark.parametrize("danger", [name for name in SOME if "grants" not in name])
def test_a_dangerous_change_is_annotated_and_an_alert(danger: str) -> None:
    change = DANGERS[danger]
    plan = plans.plan((*harmless(900), change))
    [line] = notes.render(notes.of_plan(plan)).splitlines()
    assert f"::{change.address} will be updated in place" in line
    [result] = results.of_plan(plan)
    assert change.address in result.message
    assert (result.file, result.line) == ("org.yaml", 9_999)


def test_every_dangerous_change_at_once_is_named_by_every_renderer() -> None:
    plan = plans.plan((*harmless(900), *DANGERS.values()))
    changes = tuple(
        replace(change, address=Address(f"{change.address}-{index}")) for index, change in enumerate(DANGERS.values())
    )
    plan = plans.plan((*harmless(900), *changes))
    annotated = notes.render(notes.of_plan(plan))
    written = sarif.render(results.of_plan(plan), results.Run("plan"))
    for told in (github.comment(plan), github.summary(plan), text.render(plan), text.render(plan, width=140)):
        assert all(change.address in told for change in changes)
    for change in changes:
        if change.meaning != (Meaning.GRANTS,):
            assert change.address in annotated
            assert change.address in written


def test_refused_privileged_and_a_way_in_are_named_among_900() -> None:
    refused = harmless(950)[949]
    verdict = Verdict("protect", False, "protected", (refused.address, Address("member:new@acme.com")))
    privileged = Note(Address("guards:protect"), "privileged_change", "protect loses x", Level.WARNING)
    notes = tuple(Note(Address(f"member:m-{index}@acme.com"), "undeclared", "not declared") for index in range(400))
    plan = plans.plan((*harmless(900), refused), guards=(verdict,), findings=(*notes, privileged))
    for told in (github.comment(plan), text.render(plan), markdown.render(plan)):
        for named in (refused.address, "member:new@acme.com", "guards:protect", *(note.address for note in notes)):
            assert named in told
        assert told.index(refused.address) < told.index("900 workspaces")


@pytest.mark.parametrize(("number", "expected"), [(2_000, 2), (5_000, 3)])
def test_invites_go_over_several_pages_that_name_all_of_them(number: int, expected: int) -> None:
    plan = plans.large(number)
    pages = pages_of(plan)
    assert len(pages) == expected
    for index, page in enumerate(pages, start=1):
        check(page)
        assert utf16_length(page) <= 65_000
        assert f"**Page {index} of {expected}** of the plan with the changes `{plan.digests.changes[:12]}`." in page
        first = "<!-- orgsync:plan:plan -->" if index == 1 else f"<!-- orgsync:plan:plan:{index}/{expected} -->"
        assert page.startswith(f"{first}\n")
    every = "\n".join(pages)
    assert all(f"`{change.address}`" in every for change in plan.changes)
    assert [DIGEST.findall(page) for page in pages] == [[]] * (expected - 1) + [[plan.digests.changes]]


@pytest.mark.story
@pytest.mark.parametrize(("number", "expected"), [(7_000, 4), (7_200, 1)])
def test_what_needs_one_page_more_than_there_may_be_has_no_digest(number: int, expected: int) -> None:
    pages = pages_of(plans.large(number))
    assert len(pages) == expected
    assert len(DIGEST.findall(pages[-1])) == (expected > 1)


def test_what_allows_too_many_grants_stands_also_where_they_do_not_fit() -> None:
    plan = plans.large(9_000)
    verdict = Verdict("max_grants", False, "too many", tuple(change.address for change in plan.changes))
    [brief] = pages_of(replace(plan, guards=(verdict,)))
    assert "`- {guard: max_grants, count: 9000, until: YYYY-MM-DD, reason: …}`" in brief
    assert not DIGEST.findall(brief)


@pytest.mark.story
def test_where_no_page_takes_it_counts_and_names_stand_in_one_without_a_digest() -> None:
    grave = tuple(replace(one, address=Address(f"{one.address}-{n}")) for n, one in enumerate(DANGERS.values()))
    plan = plans.plan((*plans.large(9_000).changes, *grave))
    [brief] = pages_of(plan)
    check(brief)
    assert utf16_length(brief) <= 65_000
    assert plan.digests.changes[:12] not in brief
    assert f"[The full plan]({LINK}) has everything." in brief
    assert re.search(r"\| Grants ordinary access \| 9,00\d \|", brief)
    for change in grave:
        if {Meaning.ELEVATES, Meaning.STOPS} & {*change.meaning} or change.risk is Risk.R2:
            assert change.address in brief
    summary = github.summary(plan)
    assert utf8_length(summary) <= 1_048_576
    assert DIGEST.findall(summary) == [plan.digests.changes]
    assert all(change.address in summary for change in plan.changes)


@pytest.mark.story
def test_what_is_named_in_brief_is_counted_where_it_is_cut_off() -> None:
    change = DANGERS["member elevates"]
    many = tuple(
        replace(change, address=Address(f"{change.address}-{index:05}"), reason=str(index)) for index in range(9_000)
    )
    [brief] = pages_of(plans.plan(many))
    shown = brief.count("| `member:")
    assert 500 < shown < 9_000
    assert f"and {9_000 - shown:,} more changes" in brief
    assert not DIGEST.findall(brief)


def test_a_summary_without_room_for_all_has_no_digest() -> None:
    plan = plans.large(3_000)
    assert DIGEST.findall(github.summary(plan, room=200_000))
    cut = github.summary(plan, room=50_000)
    assert utf8_length(cut) <= 50_000
    assert not DIGEST.findall(cut)


def test_two_that_are_alike_stand_alone_and_three_together() -> None:
    for number, expected in ((2, 2), (3, 1)):
        plan = plans.large(number)
        assert text.render(plan).count("will be invited") == expected
        assert markdown.render(plan).count("| invite |") == expected


def test_what_differs_in_anything_a_reviewer_reads_is_not_grouped() -> None:
    base = plans.large(3).changes
    differing: tuple[dict[str, Any], ...] = (
        {"risk": Risk.R2},
        {"meaning": (Meaning.ELEVATES,)},
        {"reason": "another"},
        {"cause": Cause.DRIFT},
        {"effects": ("becomes admin",)},
        {"fields": (FieldChange("role", None, "admin"),)},
        {"action": Action.CREATE},
    )
    for parts in differing:
        plan = plans.plan((*base[:2], replace(base[2], **parts)))
        assert "3 members" not in text.render(plan), parts


@examples(25)
@given(
    colours=st.integers(0, 400),
    invites=st.integers(0, 900),
    grave=st.lists(st.sampled_from(sorted(DANGERS)), max_size=60),
    refused=st.booleans(),
    room=st.integers(6_000, 40_000),
    most=st.integers(1, 4),
)
def test_a_digest_is_shown_only_where_all_that_matters_is(
    colours: int, invites: int, grave: list[str], refused: bool, room: int, most: int
) -> None:
    changes = (
        *harmless(colours),
        *plans.large(invites).changes,
        *(replace(DANGERS[one], address=Address(f"{DANGERS[one].address}-{n}")) for n, one in enumerate(grave)),
    )
    verdict = Verdict("protect", False, "protected", tuple(change.address for change in changes[-5:]))
    plan = plans.plan(changes, guards=(verdict,) if refused else ())
    shown = paged(plan, Limit(room, utf16_length), most=most, marker=lambda _number, _total: "")
    text_of_all = "".join(shown)
    assert len(shown) <= most
    assert all(utf16_length(page) <= room for page in shown)
    matters = {change.address for change in changes if change.meaning or change.risk is Risk.R2} | {
        address for verdict in plan.refusals for address in verdict.addresses
    }
    if DIGEST.findall(text_of_all):
        assert all(f"`{address}`" in text_of_all for address in matters)
        assert DIGEST.findall(shown[-1]) == [plan.digests.changes]
    else:
        assert "too large to be shown here" in text_of_all
        assert len(shown) == 1
