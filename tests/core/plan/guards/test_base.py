"""The guards before a change of the files judge it, too: what they refuse, and what is left to those of the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.plan.guards.plans import plan, rules, verdict
from orgsync.core.plan.guards import GUARDS, NEW, base_guards, judge

if TYPE_CHECKING:
    from orgsync.core.plan.guarded import GuardedPlan

CEO = "member:ceo@acme.example"


def before(judged: GuardedPlan, **limits: object) -> GuardedPlan:
    """The plan, of files whose base had these rules."""
    return replace(judged, base_rules=rules(**limits))


def test_without_a_base_there_is_no_such_verdict() -> None:
    assert [one.guard for one in judge(plan())] == [guard.name for guard in GUARDS]


def test_it_comes_last_and_says_that_all_is_well() -> None:
    *_others, last = judge(before(plan("gone member:ana@acme.example")))
    assert (last.guard, last.passed, last.addresses) == ("base_guards", True, ())
    assert last.message == "the guards of the base pass as well"


def test_what_a_weaker_rule_lets_pass_is_refused_by_the_rule_before() -> None:
    judged = before(plan(f"gone {CEO}"), protect=(CEO,), max_removals_count=0)
    said = verdict("base_guards", judged)
    assert not said.passed
    assert said.addresses == (CEO,)
    assert said.message == (
        f"refused by the guards of the base: protect: protected by guards.protect ({NEW}); "
        f"max_removals: withdraws or stops 1 resource, more than max_removals.count (0) ({NEW})"
    )


def test_what_the_rules_of_the_files_refuse_is_theirs_to_tell() -> None:
    judged = before(plan(f"gone {CEO}", protect=(CEO,)), protect=(CEO,))
    assert verdict("base_guards", judged).passed
    assert not verdict("protect", judged).passed


def test_a_stronger_rule_of_the_files_is_not_its_matter() -> None:
    assert verdict("base_guards", before(plan(f"gone {CEO}", protect=(CEO,)))).passed


def test_a_limit_that_the_files_raise_for_a_while_holds_for_the_base_as_well() -> None:
    """It is named and bounded: that is how a reviewed change asks for it."""
    given = ("grants member:a@x.example", "grants member:b@x.example")
    assert not verdict("base_guards", before(plan(*given), max_grants=1)).passed
    assert verdict("base_guards", before(plan(*given, raised=2), max_grants=1)).passed


def test_rules_that_cannot_be_read_refuse_every_plan() -> None:
    """Also an empty one, and whatever is allowed: they might have refused it."""
    for judged in (plan(), plan(f"gone {CEO}", allow=(CEO,)), before(plan(f"gone {CEO}"))):
        said = verdict("base_guards", replace(judged, base_unreadable="x; do y"))
        assert not said.passed
        assert said.message == "the guards of the base cannot be read: x; do y"
        assert said.addresses == ()


def test_a_person_lifts_what_they_refuse_and_it_is_told() -> None:
    lifted = replace(before(plan(f"gone {CEO}"), protect=(CEO,)), without_base_guards="CH-7")
    said = verdict("base_guards", lifted)
    assert said.passed
    told = f"lifted by hand: refused by the guards of the base: protect: protected by guards.protect ({NEW})"
    assert said.message == told
    assert said.addresses == (CEO,)
    said = verdict("base_guards", replace(plan(), base_unreadable="x", without_base_guards="CH-7"))
    assert (said.passed, said.message) == (True, "lifted by hand: the guards of the base cannot be read: x")


def test_the_guards_of_the_files_are_not_lifted_with_them() -> None:
    judged = replace(before(plan(f"gone {CEO}", protect=(CEO,))), without_base_guards="CH-7")
    assert not verdict("protect", judged).passed
    assert verdict("base_guards", judged).message == "the guards of the base pass as well"


def test_nothing_is_lifted_where_there_was_nothing_before() -> None:
    assert not plan().first
    for judged in (replace(plan(), without_base_guards="CH-7"), replace(plan(), first=True)):
        assert [one.guard for one in judge(judged)] == [guard.name for guard in GUARDS]


def test_without_rules_before_it_holds_the_plan_against_its_own() -> None:
    assert base_guards(plan(f"gone {CEO}", protect=(CEO,)), GUARDS).passed
