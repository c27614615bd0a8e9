"""Each guard by itself: what only it refuses, what it names, and where exactly its limit lies.

`make mutants` changes `core/plan/guards.py` in every small way and runs this folder: whatever it changes, a test here
fails.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from core.plan.guards.plans import change, plan, refusals, verdict
from orgsync.core.model.change import TAKING, Action, Risk
from orgsync.core.plan.guards import GUARDS, GuardedPlan, judge, lost_admins, other_names
from orgsync.core.words.address import covers, folded

ONLY_REFUSED_BY: dict[str, GuardedPlan] = {
    "protect": plan("remove member:ceo@acme.example", protect=("member:ceo@acme.example",)),
    "irreversible": plan(final=("archive workspace:old",)),
    "max_removals": plan("remove member:ana@acme.example", max_removals_count=0),
    "emptied_collection": plan("remove member:ana@acme.example", present={"member": 1}),
    "min_admins": plan(manual=("admin_demotion member:ceo@acme.example",), admins=1, min_admins=1),
    "own_identity": plan("update member:ops@acme.example", credential_of=("ops@acme.example",)),
}
"""For each guard, a plan that would pass if this one guard were taken away, or always said yes."""


def test_every_guard_has_a_plan_that_nothing_else_would_stop() -> None:
    assert [guard.name for guard in GUARDS] == list(ONLY_REFUSED_BY)


@pytest.mark.parametrize("guard", ONLY_REFUSED_BY)
def test_each_guard_is_needed(guard: str) -> None:
    assert list(refusals(ONLY_REFUSED_BY[guard])) == [guard]


def test_what_lifts_a_guard_and_what_it_has_to_know_is_said_in_its_row() -> None:
    assert [guard.name for guard in GUARDS if guard.lifted_by_name] == [
        *("irreversible", "max_removals", "emptied_collection"),
    ]
    assert [guard.name for guard in GUARDS if guard.counts_admins] == ["min_admins"]
    assert {guard.lifted_by_name for guard in GUARDS if "--allow" in guard.lifted_by} == {True}
    assert {guard.lifted_by_name for guard in GUARDS if "--allow" not in guard.lifted_by} == {False}


def test_the_verdicts_come_in_the_order_of_the_guards_and_bear_their_names() -> None:
    for judged in (plan(), *ONLY_REFUSED_BY.values()):
        assert [one.guard for one in judge(judged)] == [guard.name for guard in GUARDS]


def test_an_empty_plan_passes_and_every_guard_says_why() -> None:
    said = {one.guard: one.message for one in judge(plan())}
    assert said == {
        "protect": "nothing protected is removed",
        "irreversible": "every irreversible change is allowed by its address",
        "max_removals": "removes 0; at most 1000 and 100% are allowed",
        "emptied_collection": "no collection is emptied",
        "min_admins": "5 admins will remain",
        "own_identity": "guards.credential_of names no account",
    }
    assert refusals(plan()) == {}


def test_no_row_can_be_changed() -> None:
    for part in fields(GUARDS[0]):
        with pytest.raises(FrozenInstanceError):
            setattr(GUARDS[0], part.name, None)


def test_no_guard_can_change_what_the_others_look_at() -> None:
    judged = plan()
    for part in fields(judged):
        with pytest.raises(FrozenInstanceError):
            setattr(judged, part.name, ())


def test_what_is_refused_is_said_in_words() -> None:
    said = {guard: verdict(guard, judged).message for guard, judged in ONLY_REFUSED_BY.items()}
    assert said == {
        "protect": "protected by guards.protect",
        "irreversible": "cannot be undone, and is not allowed by its address",
        "max_removals": "removes 1 resource, more than max_removals.count (0)",
        "emptied_collection": "this would remove every member",
        "min_admins": "0 admins would remain, fewer than min_admins (1)",
        "own_identity": "this is the credential's own account (guards.credential_of)",
    }


class TestRemovals:
    """What counts as taking away."""

    @pytest.mark.parametrize("action", Action)
    def test_are_told_by_the_action_alone(self, action: Action) -> None:
        judged = plan(f"{action} member:ana@acme.example")
        assert [one.action for one in judged.removals] == ([action] if action in TAKING else [])

    def test_an_invite_that_is_sent_again_is_not_one(self) -> None:
        assert plan("withdraw member:a@x.example", "invite member:a@x.example").removals == ()
        assert plan("invite member:a@x.example", "withdraw member:a@x.example").removals == ()

    def test_an_invite_to_somebody_else_makes_no_difference(self) -> None:
        judged = plan("withdraw member:a@x.example", "invite member:b@x.example")
        assert judged.removals == (change("withdraw member:a@x.example"),)

    @pytest.mark.parametrize("action", sorted(set(Action) - {Action.INVITE, Action.WITHDRAW}))
    def test_only_an_invite_makes_a_withdrawal_good(self, action: Action) -> None:
        withdrawn = change("withdraw member:a@x.example")
        assert withdrawn in plan("withdraw member:a@x.example", f"{action} member:a@x.example").removals

    @pytest.mark.parametrize("action", sorted(TAKING - {Action.WITHDRAW}))
    def test_only_a_withdrawal_is_made_good_by_an_invite(self, action: Action) -> None:
        assert len(plan(f"{action} member:a@x.example", "invite member:a@x.example").removals) == 1


class TestProtect:
    @pytest.mark.parametrize("action", sorted(TAKING))
    def test_refuses_whatever_takes_away(self, action: Action) -> None:
        judged = plan(f"{action} member:a@x.example", "remove member:b@x.example", protect=("member:a@*",))
        assert refusals(judged) == {"protect": ["member:a@x.example"]}

    @pytest.mark.parametrize("action", sorted(set(Action) - TAKING))
    def test_lets_everything_else_pass(self, action: Action) -> None:
        assert refusals(plan(f"{action} member:a@x.example", protect=("*",))) == {}

    def test_no_allowance_lifts_it(self) -> None:
        judged = plan("remove member:a@x.example", protect=("*",), allow=("member:a@x.example",))
        assert refusals(judged) == {"protect": ["member:a@x.example"]}

    def test_any_of_the_globs_is_enough(self) -> None:
        judged = plan("remove member:a@x.example", protect=("workspace:*", "member:a@x.example", "api_key:*"))
        assert refusals(judged) == {"protect": ["member:a@x.example"]}

    @pytest.mark.parametrize(
        ("protected", "renames", "refused"),
        [
            ("workspace:old", (("old", "new"),), True),
            ("workspace:new", (("old", "new"),), True),
            ("workspace:old", (("old", "newer"),), False),
            ("workspace:old", (("older", "new"),), False),
            ("workspace:old", (), False),
        ],
    )
    def test_a_new_name_does_not_lift_it(
        self, protected: str, renames: tuple[tuple[str, str], ...], refused: bool
    ) -> None:
        judged = plan("archive workspace:new", protect=(protected,), renames=renames)
        assert list(refusals(judged)) == (["protect"] if refused else [])

    @pytest.mark.parametrize(
        ("protected", "refused"),
        [
            ("workspace_member:old/a@x.example", True),
            ("workspace_member:old/*", True),
            ("workspace_member:old", False),
            ("workspace_member:old/b@x.example", False),
        ],
    )
    def test_what_stands_inside_is_protected_under_the_former_name_too(self, protected: str, refused: bool) -> None:
        judged = plan("remove workspace_member:new/a@x.example", protect=(protected,), renames=(("old", "new"),))
        assert list(refusals(judged)) == (["protect"] if refused else [])

    def test_a_name_that_begins_like_a_renamed_one_is_another(self) -> None:
        judged = plan(
            "remove workspace_member:newer/a@x.example", protect=("workspace_member:old*",), renames=(("old", "new"),)
        )
        assert refusals(judged) == {}

    def test_a_name_that_has_nothing_to_do_with_a_renamed_one_is_not_joined_to_it(self) -> None:
        for other in ("aaa", "zzz"):
            judged = plan(f"archive workspace:{other}", protect=("workspace:old*",), renames=(("old", "new"),))
            assert refusals(judged) == {}


@pytest.mark.parametrize(
    ("glob", "address", "covered"),
    [
        ("workspace:old", "workspace:old", True),
        ("workspace:old", "workspace:older", False),
        ("WORKSPACE:Old", "workspace:oLD", True),
        ("workspace:o*", "workspace:Old", True),
        ("workspace:o?d", "workspace:old", True),
        ("workspace:[a]", "workspace:[a]", True),
        ("workspace:[a]", "workspace:a", True),
        ("workspace:[a]", "workspace:b", False),
        ("*", "member:a@x.example", True),
    ],
)
def test_a_glob_covers_an_address_in_whatever_case(glob: str, address: str, covered: bool) -> None:
    assert covers(glob, address) is covered


class TestIrreversible:
    def test_names_each_change_that_nobody_allowed(self) -> None:
        judged = plan(
            "update workspace:c",
            final=("archive workspace:a", "update workspace:b", "archive workspace:d"),
            allow=("workspace:b",),
        )
        assert refusals(judged) == {"irreversible": ["workspace:a", "workspace:d"]}

    @pytest.mark.parametrize("action", Action)
    def test_goes_by_the_risk_whatever_the_action(self, action: Action) -> None:
        assert list(refusals(plan(final=(f"{action} workspace:a",)))) == ["irreversible"]

    @pytest.mark.parametrize("risk", [Risk.R0, Risk.R1])
    def test_lets_pass_what_can_be_undone(self, risk: Risk) -> None:
        judged = GuardedPlan((change("update workspace:a", risk=risk),), plan().rules, {}, 5)
        assert refusals(judged) == {}

    def test_an_allowance_is_for_one_address(self) -> None:
        assert refusals(plan(final=("remove member:Ana@x.example",), allow=("member:ana@X.example",))) == {}
        assert list(refusals(plan(final=("archive workspace:a",), allow=("workspace:A",)))) == ["irreversible"]
        assert list(refusals(plan(final=("archive workspace:a",), allow=("workspace:*",)))) == ["irreversible"]


def removing(number: int, kind: str = "member") -> list[str]:
    return [f"remove {kind}:p{one}@x.example" for one in range(number)]


class TestMaxRemovals:
    @pytest.mark.parametrize("count", range(13))
    def test_the_count_is_the_most_that_passes(self, count: int) -> None:
        for number in range(count + 3):
            judged = plan(*removing(number), max_removals_count=count)
            assert list(refusals(judged)) == (["max_removals"] if number > count else [])
            assert len(verdict("max_removals", judged).addresses) == (number if number > count else 0)

    def test_the_count_is_of_all_kinds_together(self) -> None:
        judged = plan(*removing(2), *removing(2, "workspace_member"), max_removals_count=3)
        assert len(refusals(judged)["max_removals"]) == 4

    @pytest.mark.parametrize("percent", [0, 1, 20, 25, 33, 34, 50, 99, 100])
    @pytest.mark.parametrize("present", [*range(1, 22), 99, 100, 101])
    def test_the_share_is_of_what_live_shows_at_any_size(self, present: int, percent: int) -> None:
        most = present * percent // 100
        for number in sorted({0, 1, max(most - 1, 0), most, most + 1, present}):
            judged = plan(*removing(number), present={"member": present}, max_removals_percent=percent)
            assert verdict("max_removals", judged).passed is (number <= most)

    def test_the_share_is_of_each_kind_by_itself(self) -> None:
        judged = plan(
            *removing(1),
            *removing(3, "workspace_member"),
            present={"member": 10, "workspace_member": 10},
            max_removals_percent=20,
        )
        assert len(refusals(judged)["max_removals"]) == 3
        message = "removes 3 of 10 (workspace_member), more than max_removals.percent (20)"
        assert verdict("max_removals", judged).message == message

    def test_a_kind_that_nobody_counted_has_nothing_to_spare(self) -> None:
        judged = plan(*removing(1), present={"workspace": 50}, max_removals_percent=99)
        assert verdict("max_removals", judged).message == (
            "removes 1 of 0 (member), more than max_removals.percent (99)"
        )

    def test_what_was_named_does_not_count(self) -> None:
        judged = plan(*removing(3), max_removals_count=2, allow=("member:P1@x.example",))
        assert refusals(judged) == {}
        assert verdict("max_removals", judged).message == "removes 2; at most 2 and 100% are allowed"
        judged = plan(*removing(4), max_removals_count=2, allow=("member:P1@x.example",))
        named = ["member:p0@x.example", "member:p2@x.example", "member:p3@x.example"]
        assert refusals(judged) == {"max_removals": named}

    @pytest.mark.parametrize(("present", "most"), [(1, 0), (2, 0), (3, 0), (4, 1), (7, 1), (8, 2), (39, 9), (40, 10)])
    def test_tiny_organizations_have_no_floor(self, present: int, most: int) -> None:
        """By default a quarter: of three members none goes without being named."""
        for number in range(present):
            judged = plan(*removing(number), present={"member": present}, max_removals_percent=25)
            assert verdict("max_removals", judged).passed is (number <= most)


class TestEmptiedCollection:
    @pytest.mark.parametrize("present", range(1, 5))
    def test_the_last_one_stays(self, present: int) -> None:
        for number in range(present + 1):
            judged = plan(*removing(number), present={"member": present})
            assert list(refusals(judged)) == (["emptied_collection"] if number == present else [])

    def test_each_kind_by_itself_and_its_changes_are_named(self) -> None:
        judged = plan(
            *removing(1), *removing(2, "workspace_member"), present={"member": 2, "workspace_member": 2, "workspace": 1}
        )
        named = ["workspace_member:p0@x.example", "workspace_member:p1@x.example"]
        assert refusals(judged) == {"emptied_collection": named}
        assert verdict("emptied_collection", judged).message == "this would remove every workspace_member"

    def test_a_kind_that_nobody_counted_is_emptied(self) -> None:
        assert "emptied_collection" in refusals(plan(*removing(1), present={"workspace": 9}))

    def test_every_one_has_to_be_named(self) -> None:
        one, both = ("member:p0@x.example",), ("member:P0@x.example", "member:p1@x.example")
        assert list(refusals(plan(*removing(2), present={"member": 2}, allow=one))) == ["emptied_collection"]
        assert refusals(plan(*removing(2), present={"member": 2}, allow=both)) == {}


class TestMinAdmins:
    @pytest.mark.parametrize("code", ["admin_demotion", "admin_removal"])
    @pytest.mark.parametrize("admins", range(5))
    @pytest.mark.parametrize("minimum", range(5))
    def test_enough_remain(self, minimum: int, admins: int, code: str) -> None:
        for lost in range(admins + 1):
            steps = tuple(f"{code} member:p{one}@x.example" for one in range(lost))
            judged = plan(manual=steps, admins=admins, min_admins=minimum)
            refused = lost > 0 and admins - lost < minimum
            named = [f"member:p{one}@x.example" for one in range(lost)]
            assert refusals(judged) == ({"min_admins": named} if refused else {})

    def test_a_plan_that_takes_no_admin_is_not_to_blame(self) -> None:
        assert refusals(plan(manual=("admin_grant member:a@x.example",), admins=0, min_admins=3)) == {}
        assert verdict("min_admins", plan(admins=0, min_admins=3)).message == "0 admins will remain"

    def test_only_what_loses_an_admin_counts(self) -> None:
        steps = ("admin_grant member:a@x.example", "admin_removal member:b@x.example", "key_missing api_key:lab/ci")
        assert lost_admins(plan(manual=steps).manual) == ("member:b@x.example",)


class TestOwnIdentity:
    OWN = ("ops@acme.example",)

    @pytest.mark.parametrize("action", sorted({*TAKING, Action.UPDATE}))
    def test_the_account_is_neither_taken_away_nor_changed(self, action: Action) -> None:
        judged = plan(f"{action} member:OPS@acme.example", "remove member:a@x.example", credential_of=self.OWN)
        assert refusals(judged) == {"own_identity": ["member:OPS@acme.example"]}

    @pytest.mark.parametrize("action", sorted({Action.CREATE, Action.INVITE}))
    def test_it_may_come_into_being(self, action: Action) -> None:
        assert refusals(plan(f"{action} member:ops@acme.example", credential_of=self.OWN)) == {}

    @pytest.mark.parametrize("code", ["admin_demotion", "admin_removal"])
    def test_a_manual_step_counts_as_well(self, code: str) -> None:
        judged = plan(manual=(f"{code} member:Ops@acme.example",), credential_of=self.OWN)
        assert refusals(judged) == {"own_identity": ["member:Ops@acme.example"]}

    def test_a_manual_step_that_gives_something_does_not(self) -> None:
        assert refusals(plan(manual=("admin_grant member:ops@acme.example",), credential_of=self.OWN)) == {}

    def test_no_allowance_lifts_it(self) -> None:
        judged = plan("remove member:ops@acme.example", credential_of=self.OWN, allow=("member:ops@acme.example",))
        assert list(refusals(judged)) == ["own_identity"]

    def test_each_of_several_accounts_is_kept_and_named_once(self) -> None:
        judged = plan(
            "withdraw member:b@x.example",
            "remove member:b@x.example",
            "remove member:c@x.example",
            manual=("admin_removal member:a@x.example",),
            credential_of=("A@x.example", "b@X.example"),
        )
        assert refusals(judged) == {"own_identity": ["member:b@x.example", "member:a@x.example"]}

    @pytest.mark.parametrize(
        "text",
        [
            "remove member:xops@acme.example",
            "remove workspace_member:lab/ops@acme.example",
            "remove api_key:lab/ops@acme.example",
            "archive workspace:lab",
        ],
    )
    def test_what_is_not_the_account_itself_is_judged_by_others(self, text: str) -> None:
        judged = plan(text, credential_of=self.OWN)
        assert refusals(judged) == {}
        assert verdict("own_identity", judged).message == "the credential's own account is not changed"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("member:Ana@x.example", "member:ana@X.EXAMPLE", True),
        ("workspace_member:lab/Ana@x.example", "workspace_member:lab/ana@x.example", True),
        ("workspace_member:Lab/ana@x.example", "workspace_member:lab/ana@x.example", False),
        ("workspace:Lab", "workspace:lab", False),
        ("workspace:lab/x", "workspace:labx", False),
    ],
)
def test_names_are_told_apart_by_case_and_emails_are_not(one: str, other: str, equal: bool) -> None:
    assert (folded(one) == folded(other)) is equal


class TestOtherNames:
    def test_are_those_of_one_live_thing_both_ways(self) -> None:
        known = {"workspace:new": "w1", "workspace:old": "w1", "workspace:else": "w2", "member:a@x.example": "u1"}
        spoken = [
            ("new", "old"),
            ("old", "new"),
            ("workspace/new", "workspace/old"),
            ("workspace/old", "workspace/new"),
        ]
        assert sorted(other_names(known)) == spoken

    def test_ids_of_different_kinds_have_nothing_to_do_with_each_other(self) -> None:
        assert other_names({"workspace:a": "1", "api_key:b": "1"}) == ()

    def test_what_stands_inside_others_has_a_name_of_its_own_where_that_differs(self) -> None:
        known = {"api_key:lab/a": "1", "api_key:lab/b": "1", "api_key:lab/c": "2"}
        assert sorted(other_names(known)) == [("lab/a", "lab/b"), ("lab/b", "lab/a")]
        assert other_names({"api_key:new/deploy": "1", "api_key:old/deploy": "1"}) == ()

    def test_every_pair_of_three(self) -> None:
        assert len(other_names({f"workspace:{name}": "1" for name in "abc"})) == 12
