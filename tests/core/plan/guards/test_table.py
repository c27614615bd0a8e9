"""Each guard by itself: what only it refuses, what it names, and where exactly its limit lies.

`make mutants` changes `core/plan/guards.py` in every small way and runs this folder: whatever it changes, a test here
fails.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from itertools import chain, combinations
from typing import Any

import pytest

from core.plan.guards.plans import change, plan, refusals, verdict
from orgsync.core.model.change import Action, Cause, Change, FieldChange, Risk
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.guarded import Collection, GuardedPlan
from orgsync.core.plan.guards import GUARDS, NEW, allowable, judge, lost_admins, stops_now
from orgsync.core.words.address import Address, covers, folded

NEW_PROD = replace(
    change("neutral workspace:prod", identity=None, action=Action.CREATE), fields=(FieldChange("name", None, "prod"),)
)
MEANINGS = ["+".join(words) for words in chain.from_iterable(combinations(Meaning, size) for size in range(1, 5))]
TAKING = [words for words in MEANINGS if "withdraws" in words or "stops" in words]
GIVING = [words for words in MEANINGS if "grants" in words or "elevates" in words]


def collection(before: int, after: int, *ending: str, inside: str = "") -> Collection:
    return Collection("member", inside, before, after, tuple(map(Address, ending)))


ONLY_REFUSED_BY: dict[str, GuardedPlan] = {
    "protect": plan("withdraws member:ceo@acme.example", protect=("member:ceo@acme.example",)),
    "irreversible": plan(final=("neutral workspace:old",)),
    "max_removals": plan("withdraws member:ana@acme.example", max_removals_count=0),
    "max_grants": plan("grants member:ana@acme.example", max_grants=0),
    "emptied_collection": plan(
        "gone member:ana@acme.example", collections=(collection(1, 0, "member:ana@acme.example"),)
    ),
    "min_admins": plan(manual=("admin_demotion member:ceo@acme.example",), admins=1, min_admins=1),
    "own_identity": plan("grants member:ops@acme.example", credential_of=("ops@acme.example",)),
}
"""For each guard, a plan that would pass if this one guard were taken away, or always said yes."""


def test_every_guard_has_a_plan_that_nothing_else_would_stop() -> None:
    assert [guard.name for guard in GUARDS] == list(ONLY_REFUSED_BY)


@pytest.mark.parametrize("guard", ONLY_REFUSED_BY)
def test_each_guard_is_needed(guard: str) -> None:
    assert list(refusals(ONLY_REFUSED_BY[guard])) == [guard]


def test_what_lifts_a_guard_and_what_it_has_to_know_is_said_in_its_row() -> None:
    assert [guard.name for guard in GUARDS if guard.lifted_by_name] == [
        *("irreversible", "max_removals", "max_grants", "emptied_collection"),
    ]
    assert [guard.name for guard in GUARDS if guard.needs_live] == [
        *("protect", "irreversible", "emptied_collection", "min_admins"),
    ]
    assert [guard.name for guard in GUARDS if "--allow" in guard.lifted_by] == [
        *("protect", "irreversible", "max_removals", "max_grants", "emptied_collection"),
    ]


def test_the_verdicts_come_in_the_order_of_the_guards_and_bear_their_names() -> None:
    for judged in (plan(), *ONLY_REFUSED_BY.values()):
        assert [one.guard for one in judge(judged)] == [guard.name for guard in GUARDS]


def test_an_empty_plan_passes_and_every_guard_says_why() -> None:
    said = {one.guard: one.message for one in judge(plan())}
    assert said == {
        "protect": "nothing protected is withdrawn or stopped",
        "irreversible": "every irreversible change is allowed by its address",
        "max_removals": "withdraws or stops 0; at most 1000 and 100% are allowed",
        "max_grants": "gives power to 0; at most 1000 are allowed",
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


def test_what_is_refused_is_said_in_words_and_what_is_new_with_where_to_read_on() -> None:
    said = {guard: verdict(guard, judged).message for guard, judged in ONLY_REFUSED_BY.items()}
    assert said == {
        "protect": f"protected by guards.protect ({NEW})",
        "irreversible": "cannot be undone, and is not allowed by its address",
        "max_removals": f"withdraws or stops 1 resource, more than max_removals.count (0) ({NEW})",
        "max_grants": f"gives power to 1 resource, more than max_grants.count (0) ({NEW})",
        "emptied_collection": f"this would remove or stop every member ({NEW})",
        "min_admins": "0 admins would remain, fewer than min_admins (1)",
        "own_identity": "this is the credential's own account (guards.credential_of)",
    }


class TestThings:
    """Each thing counts once, by what all changes of it mean."""

    def test_several_changes_of_one_address_are_one(self) -> None:
        judged = plan("withdraws member:a@x.example", "withdraws member:b@x.example", "withdraws member:a@x.example")
        assert [one.address for one in judged.things] == ["member:a@x.example", "member:b@x.example"]
        assert len(refusals(replace(judged, rules=plan(max_removals_count=1).rules))["max_removals"]) == 2

    def test_they_come_in_the_order_of_the_plan(self) -> None:
        addresses = [f"member:{letter}@x.example" for letter in "cabd"]
        assert [one.address for one in plan(*(f"grants {one}" for one in addresses)).things] == addresses


class TestProtect:
    @pytest.mark.parametrize("words", TAKING)
    @pytest.mark.parametrize("action", Action)
    def test_refuses_whatever_withdraws_or_stops(self, words: str, action: Action) -> None:
        harm = change(f"{words} member:a@x.example", action=action)
        judged = plan(harm, "withdraws member:b@x.example", protect=("member:a@*",))
        assert refusals(judged) == {"protect": ["member:a@x.example"]}

    @pytest.mark.parametrize("words", [*sorted(set(MEANINGS) - set(TAKING)), "neutral"])
    def test_lets_everything_else_pass_but_where_nothing_may_change(self, words: str) -> None:
        assert refusals(plan(f"{words} member:a@x.example", protect=("*",))) == {}
        assert refusals(plan(f"{words} member:a@x.example", protect=("any *",))) == {"protect": ["member:a@x.example"]}
        assert refusals(plan(f"{words} member:a@x.example", protect=("any workspace:*",))) == {}

    def test_no_allowance_lifts_it(self) -> None:
        judged = plan("withdraws member:a@x.example", protect=("*",), allow=("member:a@x.example",))
        assert refusals(judged) == {"protect": ["member:a@x.example"]}

    @pytest.mark.parametrize(
        ("protected", "refused"),
        [
            ("workspace:prod", True),
            ("workspace:PROD", True),
            ("workspace:pro*", False),
            ("workspace:production", False),
            ("api_key:prod", False),
        ],
    )
    def test_refuses_to_create_what_it_names_by_its_whole_address(self, protected: str, refused: bool) -> None:
        judged = plan(NEW_PROD, "neutral workspace:dev", protect=(protected,))
        assert refusals(judged) == ({"protect": ["workspace:prod"]} if refused else {})
        assert refusals(replace(judged, undo=True)) == {}

    @pytest.mark.parametrize(
        "there",
        [{"id": "wrkspc_1"}, {"fields": (FieldChange("color", None, "red"), FieldChange("name", "old", "prod"))}],
        ids=["it has an id", "it has a value"],
    )
    def test_what_is_there_is_not_created(self, there: dict[str, Any]) -> None:
        assert refusals(plan(replace(NEW_PROD, **there), protect=("workspace:prod",))) == {}

    def test_says_that_it_does_not_exist(self) -> None:
        said = verdict("protect", plan(NEW_PROD, protect=("workspace:prod",))).message
        assert said == f"guards.protect names what does not exist, and would be created ({NEW})"

    def test_an_allowance_lifts_it_for_what_is_created_and_nothing_else(self) -> None:
        gone = "withdraws workspace:old"
        judged = plan(
            NEW_PROD, gone, protect=("workspace:prod", "workspace:old"), allow=("workspace:prod", "workspace:old")
        )
        assert refusals(judged) == {"protect": ["workspace:old"]}
        assert refusals(replace(judged, allowed=()))["protect"] == ["workspace:old", "workspace:prod"]

    def test_no_allowance_lifts_what_nothing_may_change(self) -> None:
        judged = plan(NEW_PROD, protect=("workspace:prod", "any workspace:p*"), allow=("workspace:prod",))
        assert refusals(judged) == {"protect": ["workspace:prod"]}
        assert allowable(verdict("protect", judged), judged.changes, judged.rules) == ()

    def test_that_nothing_else_may_change_lifts_nothing_and_holds_nothing(self) -> None:
        judged = plan(NEW_PROD, protect=("workspace:prod", "any member:*"), allow=("workspace:prod",))
        assert refusals(judged) == {}
        assert refusals(replace(judged, allowed=())) == {"protect": ["workspace:prod"]}
        assert allowable(verdict("protect", replace(judged, allowed=())), judged.changes, judged.rules) == (
            "workspace:prod",
        )

    def test_what_can_be_allowed_is_what_is_created(self) -> None:
        judged = plan(NEW_PROD, "withdraws workspace:old", protect=("workspace:prod", "workspace:old"))
        assert allowable(verdict("protect", judged), judged.changes, judged.rules) == ("workspace:prod",)
        other = replace(verdict("protect", judged), guard="own_identity")
        assert allowable(other, judged.changes, judged.rules) == ()
        named = replace(other, guard="irreversible")
        assert allowable(named, judged.changes, judged.rules) == ("workspace:old", "workspace:prod")

    def test_any_of_the_globs_is_enough(self) -> None:
        judged = plan("withdraws member:a@x.example", protect=("workspace:*", "member:a@x.example", "api_key:*"))
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
        judged = plan("withdraws workspace:new", protect=(protected,), renames=renames)
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
        judged = plan("withdraws workspace_member:new/a@x.example", protect=(protected,), renames=(("old", "new"),))
        assert list(refusals(judged)) == (["protect"] if refused else [])

    def test_a_name_that_begins_like_a_renamed_one_is_another(self) -> None:
        judged = plan(
            "withdraws workspace_member:newer/a@x.example",
            protect=("workspace_member:old*",),
            renames=(("old", "new"),),
        )
        assert refusals(judged) == {}

    def test_a_name_that_has_nothing_to_do_with_a_renamed_one_is_not_joined_to_it(self) -> None:
        for other in ("aaa", "zzz"):
            judged = plan(f"withdraws workspace:{other}", protect=("workspace:old*",), renames=(("old", "new"),))
            assert refusals(judged) == {}

    def test_what_ends_with_something_else_is_kept_with_it(self) -> None:
        along = {"ending": {Address("workspace:lab"): frozenset({"api_key:lab/*"})}}
        for protected, refused in (("api_key:lab/*", True), ("api_key:labor/*", False), ("any api_key:lab/*", True)):
            judged = plan("withdraws workspace:lab", "withdraws workspace:b", protect=(protected,), more=along)
            assert refusals(judged) == ({"protect": ["workspace:lab"]} if refused else {})

    def test_nothing_gets_a_name_that_its_globs_do_not_cover(self) -> None:
        outgrown = {"outgrown": {Address("workspace:new"): frozenset({"workspace:old"})}}
        given = ("neutral workspace:new", "neutral workspace:b")
        assert refusals(plan(*given, protect=("workspace:*",), more=outgrown)) == {}
        judged = plan(*given, protect=("workspace:*", "workspace:old"), more=outgrown)
        assert refusals(judged) == {"protect": ["workspace:new"]}
        message = "guards.protect covers the former name and not the new one"
        assert verdict("protect", judged).message == f"{message} ({NEW})"
        both = replace(judged, changes=(*judged.changes, change("stops workspace:old")))
        assert verdict("protect", both).message == f"protected by guards.protect; {message} ({NEW})"
        assert refusals(both) == {"protect": ["workspace:old", "workspace:new"]}


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
            "neutral workspace:c",
            final=("neutral workspace:a", "neutral workspace:b", "neutral workspace:d"),
            allow=("workspace:b",),
        )
        assert refusals(judged) == {"irreversible": ["workspace:a", "workspace:d"]}

    @pytest.mark.parametrize("action", Action)
    def test_goes_by_the_risk_whatever_the_action(self, action: Action) -> None:
        final = change("neutral workspace:a", risk=Risk.R2, action=action)
        assert list(refusals(plan(final))) == ["irreversible"]

    @pytest.mark.parametrize("risk", [Risk.R0, Risk.R1])
    def test_lets_pass_what_can_be_undone(self, risk: Risk) -> None:
        assert refusals(plan(change("neutral workspace:a", risk=risk))) == {}

    def test_an_allowance_is_for_one_address(self) -> None:
        assert refusals(plan(final=("neutral member:Ana@x.example",), allow=("member:ana@X.example",))) == {}
        assert list(refusals(plan(final=("neutral workspace:a",), allow=("workspace:A",)))) == ["irreversible"]
        assert list(refusals(plan(final=("neutral workspace:a",), allow=("workspace:*",)))) == ["irreversible"]

    def test_an_allowance_with_an_id_is_for_that_object(self) -> None:
        assert refusals(plan(final=("neutral workspace:a",), allow=("workspace:a=id_1",))) == {}
        assert list(refusals(plan(final=("neutral workspace:a",), allow=("workspace:a=id_2",)))) == ["irreversible"]
        both = ("workspace:a=id_2", "workspace:a=id_1")
        assert refusals(plan(final=("neutral workspace:a",), allow=both)) == {}

    @pytest.mark.parametrize(("namesakes", "refused"), [(0, False), (1, False), (2, True), (3, True)])
    def test_an_address_that_several_have_or_had_says_too_little(self, namesakes: int, refused: bool) -> None:
        more = {"namesakes": {"workspace:a": namesakes, "workspace:b": 9}}
        judged = plan(final=("neutral workspace:a",), allow=("workspace:a",), more=more)
        assert list(refusals(judged)) == (["irreversible"] if refused else [])
        assert refusals(plan(final=("neutral workspace:a",), allow=("workspace:a=id_1",), more=more)) == {}
        if refused:
            message = "cannot be undone, and more than one thing has or had this address: allow it with its id"
            assert verdict("irreversible", judged).message == f"{message} ({NEW})"


def taking(number: int, kind: str = "member") -> list[str]:
    return [f"gone {kind}:p{one}@x.example" for one in range(number)]


class TestMaxRemovals:
    @pytest.mark.parametrize("count", range(13))
    def test_the_count_is_the_most_that_passes(self, count: int) -> None:
        for number in range(count + 3):
            judged = plan(*taking(number), max_removals_count=count)
            assert list(refusals(judged)) == (["max_removals"] if number > count else [])
            assert len(verdict("max_removals", judged).addresses) == (number if number > count else 0)

    @pytest.mark.parametrize("cause", Cause)
    @pytest.mark.parametrize("words", MEANINGS)
    def test_the_count_is_of_whatever_withdraws_or_stops_and_who_asks_makes_no_difference(
        self, words: str, cause: Cause
    ) -> None:
        judged = plan(change(f"{words} member:a@x.example", cause=cause), max_removals_count=0)
        assert list(refusals(judged)) == (["max_removals"] if words in TAKING else [])

    def test_the_count_is_of_all_kinds_together(self) -> None:
        judged = plan(*taking(2), *taking(2, "workspace_member"), max_removals_count=3)
        assert len(refusals(judged)["max_removals"]) == 4

    @pytest.mark.parametrize("percent", [0, 1, 20, 25, 33, 34, 50, 99, 100])
    @pytest.mark.parametrize("present", [*range(1, 22), 99, 100, 101])
    def test_the_share_is_of_what_live_shows_at_any_size(self, present: int, percent: int) -> None:
        most = present * percent // 100
        for number in sorted({0, 1, max(most - 1, 0), most, most + 1, present}):
            judged = plan(*taking(number), present={"member": present}, max_removals_percent=percent)
            assert verdict("max_removals", judged).passed is (number <= most)

    def test_the_share_is_of_each_kind_by_itself(self) -> None:
        judged = plan(
            *taking(1),
            *taking(3, "workspace_member"),
            present={"member": 10, "workspace_member": 10},
            max_removals_percent=20,
        )
        assert len(refusals(judged)["max_removals"]) == 3
        message = "withdraws or stops 3 of 10 (workspace_member), more than max_removals.percent (20)"
        assert verdict("max_removals", judged).message.removesuffix(f" ({NEW})") == message

    def test_a_kind_that_nobody_counted_has_nothing_to_spare(self) -> None:
        judged = plan(*taking(1), present={"workspace": 50}, max_removals_percent=99)
        assert verdict("max_removals", judged).message.removesuffix(f" ({NEW})") == (
            "withdraws or stops 1 of 0 (member), more than max_removals.percent (99)"
        )

    def test_what_was_named_does_not_count(self) -> None:
        judged = plan(*taking(3), max_removals_count=2, allow=("member:P1@x.example",))
        assert refusals(judged) == {}
        assert verdict("max_removals", judged).message == "withdraws or stops 2; at most 2 and 100% are allowed"
        judged = plan(*taking(4), max_removals_count=2, allow=("member:P1@x.example",))
        named = ["member:p0@x.example", "member:p2@x.example", "member:p3@x.example"]
        assert refusals(judged) == {"max_removals": named}

    @pytest.mark.parametrize(("present", "most"), [(1, 0), (2, 0), (3, 0), (4, 1), (7, 1), (8, 2), (39, 9), (40, 10)])
    def test_tiny_organizations_have_no_floor(self, present: int, most: int) -> None:
        """By default a quarter: of three members none goes without being named."""
        for number in range(present):
            judged = plan(*taking(number), present={"member": present}, max_removals_percent=25)
            assert verdict("max_removals", judged).passed is (number <= most)

    @pytest.mark.parametrize("number", range(8))
    def test_policies_have_a_share_only_where_they_stop_more_than_five(self, number: int) -> None:
        keys = [change(f"stops api_key:lab/{one}", cause=Cause.POLICY) for one in range(number)]
        judged = plan(*keys, present={"api_key": 10}, max_removals_percent=10)
        assert list(refusals(judged)) == (["max_removals"] if number > 5 else [])
        absent = plan(*keys, "gone api_key:lab/x", present={"api_key": 10}, max_removals_percent=10)
        assert list(refusals(absent)) == (["max_removals"] if number > 5 else [])
        if number > 5:
            assert len(refusals(absent)["max_removals"]) == number + 1

    def test_what_a_line_asks_for_by_name_and_what_ends_on_its_day_have_none(self) -> None:
        named = [change(f"withdraws member:p{one}@x.example") for one in range(8)]
        ended = [change(f"withdraws member:q{one}@x.example", cause=Cause.EXPIRY) for one in range(8)]
        assert refusals(plan(*named, *ended, present={"member": 10}, max_removals_percent=0)) == {}


class TestMaxGrants:
    @pytest.mark.parametrize("words", MEANINGS)
    def test_counts_whatever_gives_power(self, words: str) -> None:
        judged = plan(f"{words} member:a@x.example", max_grants=0)
        assert list(refusals(judged)) == (["max_grants"] if words in GIVING else [])

    @pytest.mark.parametrize("most", [0, 1, 2, 5])
    def test_the_count_is_the_most_that_passes(self, most: int) -> None:
        for number in range(most + 3):
            judged = plan(*(f"grants member:p{one}@x.example" for one in range(number)), max_grants=most)
            assert refusals(judged) == (
                {"max_grants": [f"member:p{one}@x.example" for one in range(number)]} if number > most else {}
            )

    def test_the_default_is_a_hundred(self) -> None:
        given = [f"grants member:p{one}@x.example" for one in range(101)]
        assert refusals(plan(*given[:100], max_grants=100)) == {}
        assert GuardedPlan((), plan().rules, {}, 0).rules.max_grants == 1000
        assert list(refusals(plan(*given, max_grants=100))) == ["max_grants"]

    def test_what_was_named_does_not_count(self) -> None:
        given = ["grants member:a@x.example", "elevates member:b@x.example"]
        assert refusals(plan(*given, max_grants=1, allow=("member:A@x.example",))) == {}
        assert verdict("max_grants", plan(*given, max_grants=1, allow=("member:A@x.example",))).message == (
            "gives power to 1; at most 1 are allowed"
        )
        assert refusals(plan(*given, max_grants=0, allow=("member:A@x.example",))) == {
            "max_grants": ["member:b@x.example"]
        }

    @pytest.mark.parametrize(("most", "raised", "passes"), [(0, 2, True), (0, 1, False), (5, 1, True), (2, 0, True)])
    def test_a_raised_limit_counts_where_it_is_higher(self, most: int, raised: int, passes: bool) -> None:
        judged = plan("grants member:a@x.example", "grants member:b@x.example", max_grants=most, raised=raised)
        assert verdict("max_grants", judged).passed is passes
        for guard in ("max_others", "max_admins"):
            other = replace(judged, raised=tuple(replace(one, guard=guard) for one in judged.raised))
            assert verdict("max_grants", other).passed is (most >= 2)

    def test_the_first_files_of_an_organization_are_not_held_up(self) -> None:
        judged = plan("grants member:a@x.example", max_grants=0, more={"first": True})
        assert refusals(judged) == {}
        assert verdict("max_grants", judged).message == "these are the first files of the organization"


class TestEmptiedCollection:
    ONE, TWO = "member:a@x.example", "member:b@x.example"

    @pytest.mark.parametrize(("before", "after"), [(b, a) for b in range(4) for a in range(-1, 4)])
    def test_something_in_use_has_to_be_left(self, before: int, after: int) -> None:
        judged = plan(f"gone {self.ONE}", collections=(collection(before, after, self.ONE),))
        assert list(refusals(judged)) == (["emptied_collection"] if before > 0 >= after else [])

    def test_each_collection_by_itself_and_what_ends_in_it_is_named(self) -> None:
        emptied = (
            collection(2, 1, "member:c@x.example"),
            collection(1, 0, self.ONE, inside="lab"),
            collection(1, 0, self.TWO),
        )
        judged = plan(f"gone {self.ONE}", f"gone {self.TWO}", collections=emptied)
        assert refusals(judged) == {"emptied_collection": [self.ONE, self.TWO]}
        message = "this would remove or stop every member of lab, every member"
        assert verdict("emptied_collection", judged).message.removesuffix(f" ({NEW})") == message

    def test_every_one_has_to_be_named(self) -> None:
        emptied = (collection(2, 0, self.ONE, self.TWO),)
        given = (f"gone {self.ONE}", f"gone {self.TWO}")
        assert list(refusals(plan(*given, collections=emptied, allow=(self.ONE,)))) == ["emptied_collection"]
        assert (
            refusals(plan(*given, collections=emptied, allow=(self.ONE.upper().replace("MEMBER", "member"), self.TWO)))
            == {}
        )


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

    @pytest.mark.parametrize("action", Action)
    @pytest.mark.parametrize("words", MEANINGS)
    def test_the_account_is_neither_taken_away_nor_changed(self, words: str, action: Action) -> None:
        own = change(f"{words} member:OPS@acme.example", action=action)
        judged = plan(own, "withdraws member:a@x.example", credential_of=self.OWN)
        assert refusals(judged) == {"own_identity": ["member:OPS@acme.example"]}

    def test_it_may_come_into_being(self) -> None:
        made = change("grants member:ops@acme.example", identity=None)
        assert refusals(plan(made, credential_of=self.OWN)) == {}

    def test_what_is_neutral_may_change(self) -> None:
        assert refusals(plan("neutral member:ops@acme.example", credential_of=self.OWN)) == {}

    def test_no_allowance_lifts_it(self) -> None:
        own = ("member:ops@acme.example",)
        judged = plan("withdraws member:ops@acme.example", credential_of=self.OWN, allow=own)
        assert list(refusals(judged)) == ["own_identity"]

    def test_each_account_is_named_once(self) -> None:
        judged = plan(
            "withdraws member:ops@acme.example",
            "withdraws member:ops@acme.example",
            manual=("admin_removal member:ops@acme.example",),
            credential_of=self.OWN,
        )
        assert refusals(judged) == {"own_identity": ["member:ops@acme.example"]}

    def test_its_rights_are_not_the_account(self) -> None:
        judged = plan("withdraws workspace_member:lab/ops@acme.example", credential_of=self.OWN)
        assert refusals(judged) == {}
        assert verdict("own_identity", judged).message == "the credential's own account is not changed"

    @pytest.mark.parametrize("code", ["admin_demotion", "admin_removal"])
    def test_its_admin_role_is_not_taken(self, code: str) -> None:
        judged = plan(manual=(f"{code} member:ops@acme.example",), credential_of=self.OWN)
        assert refusals(judged) == {"own_identity": ["member:ops@acme.example"]}

    def test_other_manual_steps_are_none_of_its_business(self) -> None:
        assert refusals(plan(manual=("admin_grant member:ops@acme.example",), credential_of=self.OWN)) == {}

    def test_another_address_is_another_account(self) -> None:
        for other in ("member:ops@acme.example.org", "member:devops@acme.example", "api_key:ops@acme.example/ci"):
            assert refusals(plan(f"withdraws {other}", credential_of=self.OWN)) == {}

    def test_each_of_several_is_one(self) -> None:
        judged = plan(
            "withdraws member:b@x.example",
            "withdraws member:c@x.example",
            manual=("admin_removal member:a@x.example",),
            credential_of=("A@x.example", "b@X.example"),
        )
        assert refusals(judged) == {"own_identity": ["member:b@x.example", "member:a@x.example"]}


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


class TestUndo:
    """What an apply did may be taken back whatever the limits say; what cannot be undone still has to be named."""

    def test_takes_and_gives_whatever_is_protected_and_however_much(self) -> None:
        limits: dict[str, Any] = {"protect": ("*", "any *"), "max_removals_count": 0, "max_grants": 0}
        judged = plan(
            *("withdraws member:a@x.example", "grants member:b@x.example"),
            collections=(collection(1, 0, "member:a@x.example"),),
            **limits,
        )
        assert set(refusals(judged)) == {"protect", "max_removals", "max_grants", "emptied_collection"}
        undo = replace(judged, undo=True)
        assert refusals(undo) == {}
        told = {one.message for one in judge(undo) if one.guard in refusals(judged)}
        assert told == {"an undo takes back what an apply did, and nothing else"}

    def test_what_cannot_be_undone_and_the_own_account_are_no_exception(self) -> None:
        judged = plan(
            "withdraws member:ops@x.example", final=("neutral workspace:a",), credential_of=("ops@x.example",)
        )
        assert set(refusals(replace(judged, undo=True))) == {"irreversible", "own_identity"}


class TestStopsNow:
    STOPS = "stops+withdraws spend_limit:organization"

    def verdict(self, *changes: str, reviewed: Change | None, allow: tuple[str, ...] = ()) -> Any:
        return stops_now(plan(*changes, allow=allow), lambda _change: reviewed)

    def test_what_did_not_stop_when_it_was_reviewed_is_refused(self) -> None:
        said = self.verdict(self.STOPS, reviewed=change("withdraws spend_limit:organization"))
        assert (said.guard, said.passed, said.addresses) == ("stops_now", False, ("spend_limit:organization",))
        assert said.message == "requests would stop at once, which was not so when this was reviewed"

    def test_what_stopped_already_or_was_not_reviewed_as_such_is_not_its_matter(self) -> None:
        for reviewed in (change(self.STOPS), None):
            said = self.verdict(self.STOPS, reviewed=reviewed)
            assert (said.passed, said.addresses) == (True, ())
            assert said.message == "nothing stops that was not reviewed"
        assert self.verdict("withdraws spend_limit:organization", reviewed=change("withdraws a:b")).passed

    def test_naming_it_lifts_it(self) -> None:
        reviewed = change("withdraws spend_limit:organization")
        assert self.verdict(self.STOPS, reviewed=reviewed, allow=("spend_limit:organization",)).passed
