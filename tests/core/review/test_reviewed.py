"""A reviewed plan as a ceiling over a plan made afresh."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org
from hypothesis import given
from properties.organizations import Organization, examples, organizations

from orgsync.core.model.change import Action, FieldChange, Risk, Selection
from orgsync.core.plan.schema import sealed
from orgsync.core.review.reviewed import beyond, has_digest, is_digest, unreviewed_allowances
from orgsync.core.words.address import Address
from orgsync.errors import InputError
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan

_EMAIL = re.compile(r"[^@\s/:%]+@[^@\s/:]+")
FILES = """\
manage: {members: authoritative}
guards: {max_removals: {percent: 100}}
members: {ceo@acme.example: admin, cto@acme.example: admin, ana@acme.example: developer, new@acme.example: user}
workspaces:
  production: {color: "#222222", tags: {env: prod}, members: {ana@acme.example: developer}}
  research: {members: {ana@acme.example: user}}
"""


def acme() -> Org:
    people = [{"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj")]
    return Org(FILES, users=[*ADMINS, *people], workspaces=[{"name": "production", "display_color": "#111111"}])


def told(plan: Plan, reviewed: Plan) -> list[str]:
    return [f"{departure.address}: {departure.message}" for departure in beyond(plan, reviewed, KINDS)]


def changed(plan: Plan, text: str, **parts: Any) -> Plan:
    """The plan with one change made otherwise."""
    assert any(change.address == text for change in plan.changes)
    return replace(plan, changes=tuple(replace(one, **parts) if one.address == text else one for one in plan.changes))


def hashed(plan: Plan) -> Plan:
    """The plan as one made from a reading whose e-mails were replaced."""

    def hidden(text: str) -> str:
        return _EMAIL.sub(lambda found: f"h-{digest(found[0])}@hashed.invalid", text)

    def digest(email: str) -> str:
        return hashlib.sha256(email.casefold().encode()).hexdigest()  # one person, whatever the case

    return sealed(
        replace(
            plan,
            changes=tuple(
                replace(
                    change,
                    address=Address(hidden(change.address)),
                    after=tuple(Address(hidden(one)) for one in change.after),
                )
                for change in plan.changes
            ),
            identities={hidden(text): identity for text, identity in plan.identities.items()},
        )
    )


def test_the_same_plan_is_within_itself_and_less_is_as_well() -> None:
    org = acme()
    reviewed = org.plan()
    assert len(reviewed.changes) == 7
    assert told(org.plan(), reviewed) == []
    assert told(org.plan(selection=Selection(("member:*",))), reviewed) == []
    org.apply(selection=Selection(("workspace:*",)))
    assert told(org.plan(), reviewed) == []  # the members of a workspace that was made meanwhile
    org.apply()
    assert told(org.plan(), reviewed) == []


def test_every_change_that_was_not_reviewed_is_named() -> None:
    org = acme()
    reviewed = org.plan()
    org.console("POST", "invites", {"email": "rogue@acme.example", "role": "user"})
    after = FILES.replace('production: {color: "#222222", tags: {env: prod}', "production: {tags: {env: prod, a: b}")
    assert told(org.plan(after.replace("new@acme.example: user", "new@acme.example: developer")), reviewed) == [
        "member:new@acme.example: role: reviewed as user, would become developer",
        "member:rogue@acme.example: withdraw is not in the reviewed plan (role user -> (none))",
        "workspace:production: tags.a: not reviewed, would become b",
    ]


USER, DEVELOPER = "user", "developer"


@pytest.mark.parametrize(
    ("address", "parts", "message"),
    [
        ("member:ana@acme.example", {"fields": (FieldChange("role", "billing", DEVELOPER),)},
         "role: reviewed as billing -> developer, the organization shows user"),
        ("member:ana@acme.example", {"fields": (FieldChange("role", USER, "billing"),)},
         "role: reviewed as billing, would become developer"),
        ("member:ana@acme.example", {"action": Action.REMOVE}, "update is not in the reviewed plan"),
        ("member:ana@acme.example", {"id": "user_01Another"}, "update is not in the reviewed plan"),
        ("member:raj@acme.example", {"risk": Risk.R0}, "its risk is R1, reviewed as R0"),
        ("workspace:research", {"fields": (FieldChange("name", None, "research"), FieldChange("color", None, "#1"))},
         "color: reviewed as #1, no longer requested"),
    ],
)  # fmt: skip
def test_what_was_reviewed_otherwise_is_told(address: str, parts: dict[str, Any], message: str) -> None:
    org = acme()
    [line] = told(org.plan(), changed(org.plan(), address, **parts))
    assert line.startswith(f"{address}: {message}")


def test_a_name_that_was_bound_means_that_object_and_no_other() -> None:
    """Somebody swaps two workspaces between review and apply: what was reviewed for one is not done to the other."""
    org = acme()
    reviewed = org.plan()
    org.console("POST", f"workspaces/{org.workspace_id('production')}", {"name": "before"})
    org.console("POST", "workspaces", {"name": "production", "display_color": "#111111"})
    assert told(org.plan(), reviewed) == [
        "workspace:production: update is not in the reviewed plan (color #111111 -> #222222, tags.env (none) -> prod)",
        "workspace_member:production/ana@acme.example: create is not in the reviewed plan (role (none) -> developer)",
    ]


def test_hashed_people_are_known_by_their_ids() -> None:
    org = acme()
    reviewed = hashed(org.plan())
    assert "acme.example" not in str(reviewed.changes)
    assert told(org.plan(), reviewed) == [
        "member:new@acme.example: invite is not in the reviewed plan (role (none) -> user)"
    ]


def test_digests_are_told_apart() -> None:
    plan = acme().plan()
    whole = plan.digests.changes
    assert has_digest(plan, whole)
    assert has_digest(plan, whole[:12].upper())
    assert not has_digest(plan, whole[1:])
    assert is_digest(whole)
    assert not any(map(is_digest, ("", whole[:11], f"{whole}0", "g" * 12, "../../etc")))


def test_only_reviewed_allowances_count() -> None:
    plan = acme().plan(allow=["member:raj@acme.example"])
    assert unreviewed_allowances(plan, ["member:RAJ@acme.example"], KINDS) == []
    assert unreviewed_allowances(plan, ["member:ana@acme.example"], KINDS) == ["member:ana@acme.example"]


def planned(org: Org) -> Plan | None:
    try:
        return org.plan()
    except InputError:
        return None


@examples(3)
@given(organizations())
def test_no_plan_is_beyond_itself_and_each_change_counts(organization: Organization) -> None:
    plan = planned(organization.org())
    if plan is None:
        return
    assert told(plan, plan) == []
    for left_out in plan.changes:
        rest = tuple(change for change in plan.changes if change is not left_out)
        assert [one.address for one in beyond(plan, replace(plan, changes=rest), KINDS)] == [left_out.address]
    unbound = [change.address for change in plan.changes if change.id is None and "@" in change.address]
    assert {one.address for one in beyond(plan, hashed(plan), KINDS)} <= set(unbound)
