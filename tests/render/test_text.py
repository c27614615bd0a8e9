"""The plan a person reads: golden files hold what they see, properties what no plan may do to the page."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples
from rich.cells import cell_len

from orgsync.core.model.change import Action, Change, FieldChange, Level, Note, Plan, Risk, Rules, Verdict
from orgsync.core.plan.guards import GuardedPlan, judge
from orgsync.core.words.address import Address
from orgsync.render.plan import text
from render import plans
from render.strategies import PLANS

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
NEXT = "orgsync apply plan.json"
SGR = re.compile(r"\x1b\[[0-9;]*m")

SAMPLES = {
    "rich": plans.rich(),
    "refused": plans.refused(),
    "settled": plans.settled(),
    "pending": plans.plan(manual=plans.rich().manual, waiting=plans.rich().waiting),
    "hostile": plans.hostile(),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_plan_at_80_columns(sample: str, golden: Golden) -> None:
    plan = SAMPLES[sample]
    next_step = NEXT if plan.changes and not plan.refusals else None
    golden(GOLDEN / f"{sample}.txt", text.render(plan, next_step=next_step))


@pytest.mark.parametrize("width", [40, 200])
def test_plan_at_other_widths(width: int, golden: Golden) -> None:
    golden(GOLDEN / f"rich-{width}.txt", text.render(plans.rich(), width=width, next_step=NEXT))


def test_plan_in_colour(golden: Golden) -> None:
    golden(GOLDEN / "rich-color.txt", text.render(plans.rich(), color=True, next_step=NEXT))


def test_large_plan_is_rendered_in_time_that_nobody_notices() -> None:
    plan = plans.large()
    start = time.process_time()
    shown = text.render(plan)
    assert time.process_time() - start < 3  # 0.15 s where it was written; the margin is for busy machines
    assert shown.count("will be invited") == len(plan.changes)
    assert "Plan: 5,000 to invite." in shown


def test_nothing_is_told_by_colour_alone() -> None:
    coloured = text.render(plans.rich(), color=True, next_step=NEXT)
    assert SGR.search(coloured)
    assert SGR.sub("", coloured) == text.render(plans.rich(), next_step=NEXT)


def test_matches_is_not_claimed_while_something_is_open() -> None:
    claim = "matches the files"
    assert claim in text.render(plans.settled())
    assert claim not in text.render(plans.plan(manual=plans.rich().manual))
    assert claim not in text.render(plans.plan(waiting=plans.rich().waiting))
    error = Note(Address("workspace:x"), "undeclared_workspace", "is not in the files", Level.ERROR)
    assert claim not in text.render(plans.plan(findings=(error,)))
    assert claim in text.render(plans.plan(findings=(replace(error, level=Level.INFO),)))


def test_summary_counts_what_is_listed_and_not_what_the_plan_says_of_itself() -> None:
    plan = replace(plans.rich(), summary=plans.settled().summary)
    assert "Plan: 2 to create, 1 to invite, 4 to update, 1 to withdraw, 1 to remove" in text.render(plan)


def test_kinds_stay_together_and_each_keeps_the_order_of_the_plan() -> None:
    addresses = ["workspace:b", "member:z@acme.com", "workspace:a", "member:a@acme.com"]
    plan = plans.plan(tuple(Change(Address(each), Action.CREATE, ()) for each in addresses))
    shown = re.findall(r"\+ (\S+) will", text.render(plan))
    assert shown == ["workspace:b", "workspace:a", "member:z@acme.com", "member:a@acme.com"]


@pytest.mark.parametrize(
    ("action", "before", "after", "shown"),
    [
        (Action.CREATE, None, "user", '+ role: "user"'),
        (Action.INVITE, None, 5, "+ role: 5"),
        (Action.UPDATE, None, ["us"], '~ role: (none) -> ["us"]'),
        (Action.UPDATE, "user", None, '~ role: "user" -> (none)'),
        (Action.REMOVE, "user", None, '- role: "user"'),
        (Action.WITHDRAW, {"a": True}, None, '- role: {"a": true}'),
        (Action.ARCHIVE, False, True, "~ archived: false -> true"),
        (Action.CREATE, "live had this", "user", '+ role: "live had this" -> "user"'),
    ],
)
def test_a_field_shows_the_sides_that_say_something(action: Action, before: object, after: object, shown: str) -> None:
    path = "archived" if action is Action.ARCHIVE else "role"
    change = Change(Address("member:a@acme.com"), action, (FieldChange(path, before, after),))
    assert f"      {shown}\n" in text.render(plans.plan((change,)))


def test_an_address_with_spaces_cannot_read_on_as_a_sentence() -> None:
    change = Change(Address("workspace:dev will be archived"), Action.CREATE, ())
    assert '  + "workspace:dev will be archived" will be created\n' in text.render(plans.plan((change,)))


def test_findings_that_say_the_same_are_folded_after_ten_and_errors_come_first() -> None:
    shown = text.render(plans.rich())
    assert shown.index("workspace:shadow-it") < shown.index("member:somebody-01")
    assert "somebody-10@" in shown
    assert "somebody-11@" not in shown
    assert "… and 37 more undeclared (--format json lists all)" in shown


def test_findings_that_differ_keep_their_messages() -> None:
    notes = tuple(Note(Address(f"member:{each}@acme.com"), "odd", f"is {each}") for each in "abcdefghijkl")
    shown = text.render(plans.plan(findings=notes))
    assert "  i member:a@acme.com: is a [odd]\n" in shown
    assert "… and 2 more odd" in shown


def test_a_refused_plan_is_shown_in_full_and_says_who_refused() -> None:
    shown = text.render(plans.refused())
    assert shown.count("will be removed") == 14
    assert "--allow ADDRESS" in shown
    assert "Refused by 2 guards (max_removals, min_admins). Nothing will be changed." in shown


def test_the_hint_to_allow_is_given_where_a_guard_follows_it_and_nowhere_else() -> None:
    change = Change(Address("member:a@acme.com"), Action.REMOVE, (), risk=Risk.R2)
    judged = GuardedPlan((change,), Rules(max_removals_count=0, protect=("*",)), {"member": 1}, admins=1)
    refusing = [verdict.guard for verdict in judge(judged) if not verdict.passed]
    named = replace(judged, allowed=frozenset({change.address}))
    still = {verdict.guard for verdict in judge(named) if not verdict.passed}
    assert len(refusing) == 4
    for guard in refusing:
        shown = text.render(plans.plan(guards=(Verdict(guard, False, "no", (change.address,)),)))
        assert ("--allow" in shown) is (guard not in still), guard


def test_what_cannot_be_undone_is_repeated_at_the_end() -> None:
    changes = tuple(Change(Address(f"workspace:{each}"), Action.ARCHIVE, (), risk=Risk.R2) for each in "abcde")
    last = text.render(plans.plan(changes)).splitlines()[-1]
    assert last == "5 cannot be undone: workspace:a, workspace:b, workspace:c and 2 more."


def test_the_environment_does_not_change_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = text.render(plans.rich()), text.render(plans.rich(), color=True)
    for name, value in {"NO_COLOR": "1", "COLUMNS": "30", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert (text.render(plans.rich()), text.render(plans.rich(), color=True)) == expected


@examples(30)
@given(PLANS, st.sampled_from([20, 40, 80, 200]), st.text(max_size=30))
def test_no_plan_breaks_the_page(plan: Plan, width: int, next_step: str) -> None:
    shown = text.render(plan, width=width, next_step=next_step)
    lines = shown.split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(cell_len(line) for line in lines) <= width
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert "##[" not in shown
    assert SGR.sub("", text.render(plan, width=width, color=True, next_step=next_step)) == shown


@given(st.integers(-5, 19))
def test_a_page_too_narrow_to_read_is_not_honoured(width: int) -> None:
    assert text.render(plans.settled(), width=width) == text.render(plans.settled(), width=20)
