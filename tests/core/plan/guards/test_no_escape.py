"""No change of any kind escapes judgement: whatever the plan, it is within the rules or some guard refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from acme import ADMINS, Org
from hypothesis import event, given, settings
from hypothesis import strategies as st

from core.plan.guards.plans import allowance, refusals
from orgsync.core.model.change import Action, Cause, Change, FieldChange, Protection, Risk, Rules, Verdict
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.guarded import GuardedPlan
from orgsync.core.plan.guards import GUARDS, NEW, judge
from orgsync.core.plan.judgement import in_order
from orgsync.core.plan.protection import other_names
from orgsync.core.plan.schema import sealed
from orgsync.core.words.address import Address, address
from orgsync.errors import Refused
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind

NAMES = ["lab", "Lab", "prod", "a/b", "x*", "[a]", "a"]
EMAILS = ["ana@x.example", "Ana@X.example", "ops@x.example"]
DECLARED = [kind for kind in KINDS if kind.sections]
FIELDS = (FieldChange("name", "a", None),)
NEW_FIELDS = (FieldChange("name", None, "a"), FieldChange("color", None, "red"))


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
    meaning = in_order(draw(st.frozensets(st.sampled_from(Meaning), max_size=3)))
    made = Change(
        where,
        action,
        draw(st.sampled_from([FIELDS, NEW_FIELDS])),
        id=draw(st.sampled_from([None, "id_1"])),
        cause=draw(st.sampled_from(Cause)),
        risk=draw(st.sampled_from(Risk)),
        meaning=meaning,
    )
    made = replace(made, absent=made.cause not in {Cause.POLICY, Cause.EXPIRY} and draw(st.booleans()))
    if action is Action.INVITE and draw(st.booleans()):
        return [replace(made, action=Action.WITHDRAW, risk=Risk.R1), made]
    return [made]


@st.composite
def plans(draw: st.DrawFn) -> tuple[GuardedPlan, dict[str, str]]:
    """Any plan of up to 60 changes, and the names by which it knows live things."""
    groups = draw(st.lists(changes(), min_size=1, max_size=draw(st.sampled_from([3, 3, 8, 8, 8, 55]))))
    made = [one for group in groups for one in group]
    weights = {one.address: one for one in made}  # all changes of one address mean the same
    made = [replace(one, meaning=weights[one.address].meaning) for one in made]
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
        max_removals_count=draw(st.integers(0, 20)),
        max_grants=draw(st.integers(0, 20)),
        protect=tuple(Protection(glob, any=draw(st.booleans())) for glob in draw(st.lists(globs, max_size=2))),
        credential_of=tuple(draw(st.lists(st.sampled_from(EMAILS), max_size=1))),
    )
    present = {kind.name: draw(st.integers(0, 9)) for kind in DECLARED if draw(st.booleans())}
    allowed = tuple(map(allowance, draw(st.lists(st.sampled_from(named), max_size=4))))
    return GuardedPlan(tuple(made), rules, present, 5, (), allowed, names=other_names(known)), known


@settings(max_examples=60, deadline=None, derandomize=True)
@given(plans())
def test_whatever_gives_or_takes_is_within_the_rules_or_refused(made: tuple[GuardedPlan, dict[str, str]]) -> None:
    judged, known = made
    expected = _reasons(judged, known)
    event(", ".join(sorted(expected)) or "passes")
    assert set(refusals(judged)) == expected
    new = {one.guard for one in judge(judged) if one.message.endswith(f"({NEW})")}
    assert new == expected - _former_reasons(judged, known)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(plans(), st.data())
def test_what_a_change_is_called_makes_no_difference(
    made: tuple[GuardedPlan, dict[str, str]], data: st.DataObject
) -> None:
    """Actions change places among changes that mean the same: no verdict does."""
    judged, _known = made
    groups: dict[object, list[int]] = {}
    for index, change in enumerate(judged.changes):
        groups.setdefault(change.meaning, []).append(index)
    moved = list(judged.changes)
    for indexes in groups.values():
        actions = data.draw(st.permutations([judged.changes[index].action for index in indexes]))
        for index, action in zip(indexes, actions, strict=True):
            moved[index] = replace(judged.changes[index], action=action)
    assert refusals(replace(judged, changes=tuple(moved))) == refusals(judged)


def _reasons(judged: GuardedPlan, known: dict[str, str]) -> set[str]:
    """What the rules say, each worked out from the changes by themselves."""
    rules, present = judged.rules, judged.present
    named = {_same(one.address) for one in judged.allowed}
    things = {str(one.address): one for one in reversed(judged.changes)}
    taken = {text: one for text, one in things.items() if {"withdraws", "stops"} & set(one.meaning)}
    given = {text: one for text, one in things.items() if {"grants", "elevates"} & set(one.meaning)}
    taken, given = ({text: one for text, one in some.items() if _same(text) not in named} for some in (taken, given))
    policy = {text for text, one in taken.items() if one.cause == "policy"}
    shares = Counter(
        text.split(":")[0] for text, one in taken.items() if one.absent or (text in policy and len(policy) > 5)
    )
    own = {f":{email.lower()}" for email in rules.credential_of}
    reasons = {
        "protect": any(
            _is_protected(text, [entry.address], known)
            for text, one in things.items()
            for entry in rules.protect
            if entry.any or {"withdraws", "stops"} & set(one.meaning)
        )
        or any(
            one.id is None and one.fields is NEW_FIELDS and text.lower() == entry.address.lower()
            for text, one in things.items()
            for entry in rules.protect
            if _same(text) not in named
        ),
        "irreversible": any(one.risk == "R2" and _same(one.address) not in named for one in judged.changes),
        "max_removals": len(taken) > rules.max_removals_count
        or any(number > present.get(kind, 0) * rules.max_removals_percent / 100 for kind, number in shares.items()),
        "max_grants": len(given) > rules.max_grants,
        "own_identity": any(
            one.meaning and one.id and one.address.lower().removeprefix(one.address.split(":")[0]) in own
            for one in judged.changes
        ),
    }
    return {guard for guard, holds in reasons.items() if holds}


def _former_reasons(judged: GuardedPlan, known: dict[str, str]) -> set[str]:
    """What version 0.1 said, which went by the names of actions."""
    invited = [one.address for one in judged.changes if one.action == "invite"]
    taken = [
        str(one.address)
        for one in judged.changes
        if one.action in {"remove", "archive"} or (one.action == "withdraw" and one.address not in invited)
    ]
    named = {_same(one.address) for one in judged.allowed}
    unnamed = [one for one in taken if _same(one) not in named]
    of_kind = Counter(one.split(":")[0] for one in unnamed)
    rules, present = judged.rules, judged.present
    reasons = {
        "protect": any(_is_protected(one, [entry.address for entry in rules.protect], known) for one in taken),
        "irreversible": any(one.risk == "R2" and _same(one.address) not in named for one in judged.changes),
        "max_removals": len(unnamed) > rules.max_removals_count
        or any(number > present.get(kind, 0) * rules.max_removals_percent / 100 for kind, number in of_kind.items()),
        "own_identity": True,
    }
    return {guard for guard, holds in reasons.items() if holds}


def _same(text: str) -> str:
    return "/".join(part.lower() if "@" in part else part for part in text.split("/"))


def _is_protected(text: str, globs: list[str], known: dict[str, str]) -> bool:
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
