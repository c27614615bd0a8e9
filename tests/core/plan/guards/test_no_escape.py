"""No removing change of any kind escapes judgement: whatever the plan, it is within the rules or some guard refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from acme import ADMINS, Org
from hypothesis import event, given, settings
from hypothesis import strategies as st

from core.plan.guards.plans import refusals
from orgsync.core.model.change import TAKING, Action, Change, FieldChange, Risk, Rules, Verdict
from orgsync.core.plan.guards import GUARDS, GuardedPlan, other_names
from orgsync.core.plan.seal import sealed
from orgsync.core.words.address import Address, address, folded
from orgsync.errors import Refused
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind

NAMES = ["lab", "Lab", "prod", "a/b", "x*", "[a]", "a"]
EMAILS = ["ana@x.example", "Ana@X.example", "ops@x.example"]
DECLARED = [kind for kind in KINDS if kind.sections]
FIELDS = (FieldChange("name", "a", None),)


@st.composite
def addresses(draw: st.DrawFn, kind: Kind) -> Address:
    """Any address that things of this kind can have."""
    section = draw(st.sampled_from(kind.sections))
    number = section.length - len(section.lead)
    segments = [
        draw(st.sampled_from(EMAILS if part.value == "email" else NAMES))
        for part in kind.segments[len(kind.segments) - number :]
        if number
    ]
    return address(kind.name, *section.lead, *segments)


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """One change, or an invite and the withdrawal of the one before it."""
    kind = draw(st.sampled_from(DECLARED))
    where, action = draw(addresses(kind)), draw(st.sampled_from(sorted(kind.actions)))
    made = [Change(where, action, FIELDS, risk=draw(st.sampled_from(Risk)))]
    if action is Action.INVITE and draw(st.booleans()):
        made.insert(0, Change(where, Action.WITHDRAW, FIELDS, risk=Risk.R1))
    return made


@st.composite
def plans(draw: st.DrawFn) -> tuple[GuardedPlan, dict[str, str]]:
    """Any plan, and the names by which it knows live things."""
    made = [one for group in draw(st.lists(changes(), min_size=1, max_size=8)) for one in group]
    named = [str(one.address) for one in made]
    known = draw(st.dictionaries(st.sampled_from(["workspace:lab", "workspace:prod", "workspace:old"]), st.just("w")))
    globs = st.sampled_from(
        [
            *named,
            "workspace:*",
            "*:lab*",
            "member:ANA@*",
            "workspace:old",
            "api_key:old/*",
            "spend_limit:workspace/old",
            "workspace_member:old/*",
        ]
    )
    rules = Rules(
        min_admins=0,
        max_removals_percent=draw(st.sampled_from([0, 10, 50, 99, 100])),
        max_removals_count=draw(st.integers(0, 6)),
        protect=tuple(draw(st.lists(globs, max_size=2))),
        credential_of=tuple(draw(st.lists(st.sampled_from(EMAILS), max_size=1))),
    )
    present = {kind.name: draw(st.integers(0, 9)) for kind in DECLARED if draw(st.booleans())}
    allowed = frozenset(folded(one) for one in draw(st.lists(st.sampled_from(named), max_size=4)))
    return GuardedPlan(tuple(made), rules, present, 5, (), allowed, other_names(known)), known


@settings(max_examples=300, deadline=None, derandomize=True)
@given(plans())
def test_whatever_takes_away_is_within_the_rules_or_refused(made: tuple[GuardedPlan, dict[str, str]]) -> None:
    judged, known = made
    expected = _reasons(judged, known)
    event(", ".join(sorted(expected)) or "passes")
    assert set(refusals(judged)) == expected


def _reasons(judged: GuardedPlan, known: dict[str, str]) -> set[str]:
    """What the rules say, each worked out from the changes by themselves."""
    invited = [one.address for one in judged.changes if one.action == "invite"]
    taken = [
        str(one.address)
        for one in judged.changes
        if one.action in {"remove", "archive"} or (one.action == "withdraw" and one.address not in invited)
    ]
    unnamed = [one for one in taken if _same(one) not in {_same(other) for other in judged.allowed}]
    of_kind, unnamed_of_kind = (Counter(one.split(":")[0] for one in group) for group in (taken, unnamed))
    rules, present = judged.rules, judged.present
    own = {f":{email.lower()}" for email in rules.credential_of}
    reasons = {
        "protect": any(_is_protected(one, rules.protect, known) for one in taken),
        "irreversible": any(
            one.risk == "R2" and _same(one.address) not in {_same(other) for other in judged.allowed}
            for one in judged.changes
        ),
        "max_removals": len(unnamed) > rules.max_removals_count
        or any(
            number > present.get(kind, 0) * rules.max_removals_percent / 100 for kind, number in unnamed_of_kind.items()
        ),
        "emptied_collection": any(
            number >= present.get(kind, 0) and unnamed_of_kind[kind] for kind, number in of_kind.items()
        ),
        "own_identity": any(
            one.action in {"remove", "archive", "withdraw", "update"}
            and one.address.lower().removeprefix(one.address.split(":")[0]) in own
            for one in judged.changes
        ),
    }
    return {guard for guard, holds in reasons.items() if holds}


def _same(text: str) -> str:
    return "/".join(part.lower() if "@" in part else part for part in text.split("/"))


def _is_protected(text: str, globs: tuple[str, ...], known: dict[str, str]) -> bool:
    """Under its own name, and under every other name of what it is or stands in."""
    kind, _colon, path = text.partition(":")
    where = 1 if path.startswith("workspace/") and f"workspace:{path.split('/')[1]}" in known else 0
    segments, names = path.split("/"), {text}
    if f"workspace:{segments[where]}" in known:
        for other in known:
            spoken = [*segments[:where], other.removeprefix("workspace:"), *segments[where + 1 :]]
            names.add(f"{kind}:{'/'.join(spoken)}")
    return any(
        glob.lower() == name.lower() or fnmatchcase(name.lower(), glob.lower()) for glob in globs for name in names
    )


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.name)
def test_whatever_a_kind_can_take_away_is_stopped_by_each_limit(kind: Kind) -> None:
    for action in sorted(kind.actions & TAKING):
        segments = (*kind.sections[0].lead, *("s@x.example" for one in range(kind.sections[0].things.count("*"))))
        one = Change(address(kind.name, *segments), action, FIELDS)
        for rules, guard in (
            (Rules(max_removals_count=0), "max_removals"),
            (Rules(max_removals_percent=0), "max_removals"),
            (Rules(max_removals_percent=100, protect=(f"{kind.name}:*",)), "protect"),
            (Rules(max_removals_percent=100, protect=(one.address.upper(),)), "protect"),
        ):
            assert list(refusals(GuardedPlan((one,), rules, {kind.name: 9}, 5))) == [guard]
        alone = GuardedPlan((one,), Rules(max_removals_percent=100), {kind.name: 1}, 5)
        assert list(refusals(alone)) == ["emptied_collection"]
    final = GuardedPlan((Change(Address(f"{kind.name}:a"), Action.UPDATE, FIELDS, risk=Risk.R2),), Rules(), {}, 5)
    assert list(refusals(final)) == ["irreversible"]


def test_a_plan_that_calls_itself_passed_is_judged_all_the_same() -> None:
    """The verdicts in a plan are for its reader: apply makes its own, on what live shows then."""
    org = Org(
        'manage: {members: authoritative}\nguards: {protect: ["member:ana@*"]}\n'
        "members: {ceo@acme.example: admin, cto@acme.example: admin}",
        users=[*ADMINS, {"email": "ana@acme.example", "role": "user"}],
    )
    plan = org.plan()
    assert plan.refusals
    passed = tuple(Verdict(guard.name, passed=True, message="") for guard in GUARDS)
    for verdicts in ((), passed):
        with pytest.raises(Refused, match="protect"):
            org.apply(plan=sealed(replace(plan, guards=verdicts)))
    assert org.writes() == []
