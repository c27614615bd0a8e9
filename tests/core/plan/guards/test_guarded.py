"""What guards look at, worked out from changes and live: collections, namesakes, what ends along, what is outgrown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from render.plans import rich

from core.plan.guards.plans import protections
from orgsync.core.model.change import Action, Change, FieldChange, Organization, Plan, Risk, Rules
from orgsync.core.model.context import Evidence
from orgsync.core.model.meaning import Meaning
from orgsync.core.model.observation import Observation
from orgsync.core.model.things import ARCHIVED, LIVE, Found
from orgsync.core.plan.guarded import elevated_within, judged, reweighed
from orgsync.core.plan.protection import OtherNames, around, is_within, other_names
from orgsync.core.words.address import Address
from orgsync.kinds import KINDS
from orgsync.kinds.api_key.live import KeyFacts

if TYPE_CHECKING:
    from orgsync.core.plan.guarded import GuardedPlan

ACME = Organization("org", "Acme")
WITHDRAWS, STOPS = (Meaning.WITHDRAWS,), (Meaning.STOPS,)


def found(address: str, identity: str, *, standing: str = LIVE, **attributes: Any) -> Found:
    one = Address(address)
    facts = KeyFacts({}, None) if one.kind == "api_key" else None
    return Found(one.kind, one.segments, KINDS.of(one).key(one.segments), identity, attributes, standing, facts)


def gone(
    address: str, identity: str, path: str = "role", before: Any = "user", after: Any = None, **more: Any
) -> Change:
    fields = (FieldChange(path, before, after),)
    given = {"meaning": WITHDRAWS, "absent": True, "action": Action.REMOVE, **more}
    return Change(Address(address), given.pop("action"), fields, id=identity, **given)


def looked_at(*changes: Change, live: list[Found], rules: Rules | None = None, **parts: Any) -> GuardedPlan:
    seen = Observation(ACME, {kind.name: [one for one in live if one.kind == kind.name] for kind in KINDS})
    plan = replace(rich(), changes=changes, rules=rules or Rules(), base_rules=None, identities={}, **parts)
    return judged(plan, seen, KINDS)


LABS = [
    found("workspace_member:lab/a@x.example", "w/a", role="user"),
    found("workspace_member:lab/b@x.example", "w/b", role="user"),
    found("workspace_member:dev/c@x.example", "v/c", role="user"),
]


class TestCollections:
    def counts(self, *changes: Change, live: list[Found] | None = None) -> list[tuple[str, int, int, list[str]]]:
        judged = looked_at(*changes, live=LABS if live is None else live)
        return [(one.inside, one.before, one.after, list(map(str, one.ending))) for one in judged.collections]

    def test_one_for_each_place(self) -> None:
        one, other = LABS[0].address, LABS[2].address
        assert self.counts(gone(one, "w/a"), gone(other, "v/c")) == [("lab", 2, 1, [one]), ("dev", 1, 0, [other])]

    def test_what_is_made_counts(self) -> None:
        made = Change(Address("workspace_member:lab/n@x.example"), Action.CREATE, (FieldChange("role", None, "user"),))
        one, two = (gone(one.address, one.id) for one in LABS[:2])
        assert self.counts(one, two, made) == [("lab", 2, 1, [one.address, two.address])]

    @pytest.mark.parametrize(
        "more", [{"absent": False}, {"meaning": (Meaning.ELEVATES,)}, {"meaning": ()}, {"meaning": (Meaning.GRANTS,)}]
    )
    def test_only_what_is_taken_because_nobody_declares_it(self, more: dict[str, Any]) -> None:
        assert self.counts(gone(LABS[0].address, "w/a", **more)) == []

    def test_another_role_is_still_there(self) -> None:
        assert self.counts(gone(LABS[0].address, "w/a", after="user", before="admin")) == []

    def test_keys_that_are_off_are_not_in_use(self) -> None:
        live = [
            found("api_key:lab/on", "k1", name="on", status="active"),
            found("api_key:lab/off", "k2", name="off", status="inactive"),
        ]
        off = gone("api_key:lab/on", "k1", "status", "active", "inactive", meaning=STOPS, action=Action.UPDATE)
        assert self.counts(off, live=live) == [("lab", 1, 0, ["api_key:lab/on"])]
        on = replace(
            off, address=Address("api_key:lab/off"), id="k2", fields=(FieldChange("status", "inactive", "active"),)
        )
        assert self.counts(off, replace(on, meaning=(Meaning.ELEVATES,)), live=live) == [
            ("lab", 1, 1, ["api_key:lab/on"])
        ]

    def test_what_is_not_understood_or_archived_does_not_remain(self) -> None:
        archived = found("workspace:old", "w0", standing=ARCHIVED, name="old", archived=True)
        live = [found("workspace:lab", "w1", name="lab", archived=False), archived]
        change = gone("workspace:lab", "w1", "archived", False, True, action=Action.ARCHIVE)
        assert self.counts(change, live=live) == [("", 1, 0, ["workspace:lab"])]

    def test_what_is_alone_in_its_place_is_no_collection(self) -> None:
        live = [found("spend_limit:workspace/lab", "s1", monthly="5.00 USD")]
        assert self.counts(gone("spend_limit:workspace/lab", "s1", "monthly", "5.00 USD"), live=live) == []


class TestNamesakes:
    FINAL = replace(
        gone("workspace:lab", "w1", "archived", False, True), risk=Risk.R2, action=Action.ARCHIVE
    )  # fmt: skip

    def count(self, *live: Found, change: Change = FINAL) -> int | None:
        return looked_at(change, live=list(live)).namesakes.get("workspace:lab")

    def test_are_live_and_archived_things_of_that_name(self) -> None:
        here = found("workspace:lab", "w1", name="lab")
        former = found("workspace:lab", "w0", standing=ARCHIVED, name="lab", archived=True)
        other = found("workspace:dev", "w2", name="dev")
        assert self.count(here, other) == 1
        assert self.count(here, former, other) == 2

    def test_count_under_the_name_that_live_has_as_well(self) -> None:
        renamed = [
            found("workspace:old", "w1", name="old"),
            found("workspace:old", "w0", standing=ARCHIVED, name="old"),
        ]
        assert self.count(*renamed) == 2
        assert self.count(*renamed, found("workspace:lab", "w3", name="lab")) == 3

    def test_are_asked_for_only_where_it_cannot_be_undone(self) -> None:
        assert self.count(change=replace(self.FINAL, risk=Risk.R1)) is None


HERE = [
    found("workspace:lab", "w1", name="lab"),
    found("workspace_member:lab/a@x.example", "w1/a", role="user"),
    found("api_key:lab/ci", "k1", name="ci", status="active"),
    found("member:a@x.example", "a", role="user"),
]


class TestWhatEndsAlong:
    ARCHIVED = gone("workspace:lab", "w1", "archived", False, True, action=Action.ARCHIVE)

    def globs(self, change: Change, *protected: str, base: bool = False) -> set[str]:
        rules = Rules(protect=protections(*protected))
        seen = Observation(ACME, {kind.name: [one for one in HERE if one.kind == kind.name] for kind in KINDS})
        plan = replace(rich(), changes=(change,), rules=Rules() if base else rules, identities={})
        plan = replace(plan, base_rules=rules if base else None)
        return set(judged(plan, seen, KINDS).ending.get(change.address, ()))

    @pytest.mark.parametrize("base", [False, True])
    def test_is_what_mentions_it(self, base: bool) -> None:
        globs = ("api_key:lab/*", "workspace_member:*/a@x.example", "api_key:dev/*", "member:*")
        assert self.globs(self.ARCHIVED, *globs, base=base) == {"api_key:lab/*", "workspace_member:*/a@x.example"}
        removed = gone("member:a@x.example", "a")
        assert self.globs(removed, *globs, base=base) == {"workspace_member:*/a@x.example"}

    def test_nothing_ends_with_what_stays(self) -> None:
        renamed = gone("workspace:lab", "w1", "name", "old", "lab")
        assert self.globs(renamed, "api_key:lab/*") == set()
        assert self.globs(replace(self.ARCHIVED, meaning=()), "api_key:lab/*") == set()

    def test_what_was_not_read_may_be_there(self) -> None:
        plan = replace(
            rich(),
            changes=(self.ARCHIVED,),
            rules=Rules(
                protect=protections("api_key:lab/*", "api_key:l?b*", "api_key:dev/*", "*lab*", "service_account:*")
            ),
            base_rules=None,
            identities={},
        )
        seen = Observation(ACME, {"workspace": HERE[:1]})
        assert judged(plan, seen, KINDS).ending == {"workspace:lab": {"api_key:lab/*", "api_key:l?b*"}}


class TestOutgrown:
    def globs(self, *protected: str) -> set[str]:
        renamed = gone("workspace:new", "w1", "name", "old", "new", meaning=())
        judged = looked_at(renamed, live=[], rules=Rules(protect=protections(*protected)))
        return set(judged.outgrown.get(renamed.address, ()))

    def test_is_what_covers_the_former_name_alone(self) -> None:
        assert self.globs("workspace:old", "workspace:new", "workspace:*", "member:*") == {"workspace:old"}

    def test_or_that_of_something_inside(self) -> None:
        inside = {"api_key:old/*", "spend_limit:workspace/old", "*:old/*", "rate_limit:o*/claude/rpm"}
        assert self.globs(*inside, "api_key:*/ci", "api_key:[on]*/ci", "workspace_member:new/*") == inside

    def test_nothing_else_moves(self) -> None:
        for field in (
            FieldChange("color", "old", "new"),
            FieldChange("name", None, "new"),
            FieldChange("name", "old", None),
        ):
            change = replace(gone("workspace:new", "w1"), fields=(field,))
            judged = looked_at(change, live=[], rules=Rules(protect=protections("workspace:old")))
            assert judged.outgrown == {}


class TestMeaning:
    """What a plan says of itself is not enough: it is worked out again, and nothing is taken off."""

    EVIDENCE = Evidence({}, datetime(2026, 11, 22, tzinfo=UTC))

    def weighed(self, change: Change) -> Change:
        return reweighed(replace(rich(), changes=(change,)), self.EVIDENCE, KINDS).changes[0]

    def test_a_plan_that_calls_itself_harmless_is_not_believed(self) -> None:
        said = gone("member:a@x.example", "a", meaning=(), absent=False)
        assert (self.weighed(said).meaning, self.weighed(said).risk) == (("withdraws",), Risk.R1)

    def test_what_it_says_beyond_that_stays(self) -> None:
        said = gone("member:a@x.example", "a", after="developer", meaning=(Meaning.ELEVATES,), action=Action.UPDATE)
        assert (self.weighed(said).meaning, self.weighed(said).risk) == (("elevates", "grants"), Risk.R1)

    def test_within_what_is_protected_before_a_grant_elevates(self) -> None:
        grant = gone("workspace_member:lab/a@x.example", "a", before=None, after="user", meaning=(Meaning.GRANTS,))
        plan: Plan = replace(rich(), changes=(grant,), identities={"workspace:lab": "w1", "workspace:old": "w1"})
        for glob, elevates in (("workspace:lab", True), ("workspace:old", True), ("workspace:dev", False)):
            change = elevated_within(plan, protections(glob), KINDS).changes[0]
            assert (Meaning.ELEVATES in change.meaning, change.risk is Risk.R1) == (elevates, elevates), glob


class TestOtherNames:
    def test_are_those_of_one_live_thing_both_ways(self) -> None:
        known = {"workspace:new": "w1", "workspace:old": "w1", "workspace:else": "w2", "member:a@x.example": "u1"}
        names = other_names(known)
        assert (
            names.of(Address("workspace:new"))
            == names.of(Address("workspace:old"))
            == {"workspace:new", "workspace:old"}
        )
        assert names.of(Address("workspace:else")) == {"workspace:else"}
        assert names.of(Address("spend_limit:workspace/new")) == {
            "spend_limit:workspace/new",
            "spend_limit:workspace/old",
        }

    def test_ids_of_different_kinds_have_nothing_to_do_with_each_other(self) -> None:
        assert other_names({"workspace:a": "1", "api_key:b": "1"}).of(Address("workspace:a")) == {"workspace:a"}

    def test_what_stands_inside_others_has_a_name_of_its_own_where_that_differs(self) -> None:
        known = {"api_key:lab/a": "1", "api_key:lab/b": "1", "api_key:lab/c": "2"}
        assert other_names(known).of(Address("api_key:lab/a")) == {"api_key:lab/a", "api_key:lab/b"}
        same = other_names({"api_key:new/deploy": "1", "api_key:old/deploy": "1"})
        assert same.of(Address("api_key:new/deploy")) == {"api_key:new/deploy"}

    def test_a_key_in_a_renamed_workspace_has_the_names_of_both(self) -> None:
        known = {"workspace:new": "w", "workspace:old": "w", "api_key:new/a": "1", "api_key:new/b": "1"}
        paths = {"new/a", "new/b", "old/a", "old/b"}
        assert other_names(known).of(Address("api_key:new/a")) == {f"api_key:{path}" for path in paths}

    def test_nothing_has_another_name_where_none_is_known(self) -> None:
        assert OtherNames().of(Address("workspace:a")) == {"workspace:a"}


@pytest.mark.parametrize(
    ("address", "outer"),
    [
        ("member:a@x.example", []),
        ("workspace_member:lab/a@x.example", ["workspace:lab"]),
        ("rate_limit:lab/claude/rpm", ["workspace:lab"]),
        ("spend_limit:workspace/lab", ["workspace:lab"]),
        ("spend_limit:organization", []),
        ("api_key:a%2Fb/ci", ["workspace:a%2Fb"]),
    ],
)
def test_what_something_stands_inside(address: str, outer: list[str]) -> None:
    assert list(around(Address(address), KINDS)) == [address, *outer]
    for glob in (address, *outer):
        assert is_within(Address(address), protections(glob), OtherNames(), KINDS)
    assert not is_within(Address(address), protections("workspace:other"), OtherNames(), KINDS)
    assert not is_within(Address(address), (), OtherNames(), KINDS)
