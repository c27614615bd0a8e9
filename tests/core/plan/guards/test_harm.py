"""Harm that used to pass: updates that give, take or stop, however they are asked for, and what comes of them now."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes

from orgsync.core.model.change import Plan, Risk
from orgsync.errors import Refused

PEOPLE = [{"email": f"p{number}@acme.example", "role": "developer"} for number in range(8)]
PROD = [{"id": "wrkspc_01Prod", "name": "prod"}, {"id": "wrkspc_01Dev", "name": "dev"}]


def key(name: str, *, workspace: str = "prod", **more: Any) -> dict[str, Any]:
    return {"name": name, "workspace": workspace, "created_at": "2026-01-01T00:00:00Z", **more}


def guards(plan: Plan) -> list[str]:
    return [verdict.guard for verdict in plan.refusals]


def org(files: str, **rows: Any) -> Org:
    """Two workspaces with people in them, keys, and this file."""
    seed = {
        "users": [*ADMINS, *PEOPLE],
        "workspaces": PROD,
        "workspace_members": [
            {"workspace": "prod", "email": person["email"], "workspace_role": "workspace_developer"}
            for person in PEOPLE
        ],
        "api_keys": [key(f"k{number}") for number in range(6)],
        **rows,
    }
    return Org(files, **seed)


PROTECT_ALL = 'guards: {protect: ["*"]}\n'
ALL = ", ".join(person["email"] for person in PEOPLE)


def roles(role: str) -> str:
    return ", ".join(f"{person['email']}: {role}" for person in PEOPLE)


HARM: dict[str, tuple[str, list[str]]] = {
    "every key of a workspace off, by absence": (
        "manage: {api_keys: authoritative}\nworkspaces: {prod: {api_keys: {}}}",
        ["max_removals", "emptied_collection"],
    ),
    "every key of a workspace off, by name": (
        f"workspaces: {{prod: {{api_keys: {{{', '.join(f'k{number}: inactive' for number in range(6))}}}}}}}",
        [],
    ),
    "everybody demoted": (f"members: {{{roles('user')}}}", []),
    "all members of one workspace removed": (
        "manage: {workspace_members: authoritative}\nworkspaces: {prod: {members: {}}}",
        ["max_removals", "emptied_collection"],
    ),
    "the spend limit cut to nothing": ("spend_limit: {monthly: 0, currency: USD}", []),
}


@pytest.mark.parametrize("case", HARM)
def test_what_is_protected_is_not_harmed_by_updates_either(case: str) -> None:
    files, others = HARM[case]
    assert guards(org(PROTECT_ALL + files).plan()) == ["protect", *others]
    here = org(PROTECT_ALL + files)
    with pytest.raises(Refused, match="protect"):
        here.apply()
    assert here.writes() == []


@pytest.mark.parametrize("case", HARM)
def test_what_withdraws_or_stops_is_risky_and_counts(case: str) -> None:
    files, others = HARM[case]
    plan = org("guards: {max_removals: {count: 0}}\n" + files).plan()
    assert guards(plan) == ["max_removals", *(one for one in others if one != "max_removals")]
    assert {change.risk for change in plan.changes} == {Risk.R1}
    assert all(change.effects for change in plan.changes)


def test_a_leaked_key_that_is_switched_on_again_is_told_and_counted() -> None:
    here = org(
        "guards: {max_grants: {count: 0}}\nworkspaces: {prod: {api_keys: {leaked: active}}}",
        api_keys=[key("leaked", status="inactive")],
    )
    [change] = here.plan().changes
    assert (change.risk, change.meaning, change.effects) == (Risk.R1, ("elevates",), ("the key works again",))
    assert guards(here.plan()) == ["max_grants"]


@pytest.mark.parametrize(
    ("files", "effect"),
    [
        (f"members: {{{roles('billing')}}}", "becomes billing of the organization"),
        (f"workspaces: {{prod: {{members: {{{roles('admin')}}}}}}}", "becomes admin of prod"),
    ],
)
def test_privileged_power_is_named_and_counted(files: str, effect: str) -> None:
    plan = org("guards: {max_grants: {count: 7}}\n" + files).plan()
    assert "max_grants" in guards(plan)
    assert all(change.risk is Risk.R1 and "elevates" in change.meaning for change in plan.changes)
    assert all(effect in change.effects for change in plan.changes)


def test_a_role_in_a_protected_workspace_is_privileged() -> None:
    files = 'guards: {protect: ["workspace:prod"]}\nworkspaces: {prod: {members: {%s}}, dev: {members: {%s}}}'
    here = org(files % ("p0@acme.example: user", "p0@acme.example: user"), workspace_members=[])
    told = {str(change.address): (change.meaning, change.risk, change.effects) for change in here.plan().changes}
    within = ("within what guards.protect names",)
    assert told == {
        "workspace_member:dev/p0@acme.example": (("grants",), Risk.R0, ()),
        "workspace_member:prod/p0@acme.example": (("elevates", "grants"), Risk.R1, within),
    }
    assert here.plan().refusals == ()


def test_a_protected_workspace_is_not_renamed_out_of_its_protection() -> None:
    files = "guards: {protect: [%s]}\nworkspaces: {production: {renamed_from: prod}}"
    assert guards(org(files % '"workspace:prod"').plan()) == ["protect"]
    assert guards(org(files % '"workspace:prod*"').plan()) == []
    assert guards(org(files % '"workspace:prod", "workspace:production"').plan()) == ["protect"]
    here = org(
        files % '"api_key:prod/*"' + "\nkey_policies: {all: {match: {workspaces: [production]}, max_age: 3650d}}"
    )
    assert guards(here.plan()) == ["protect"]


@pytest.mark.story
def test_two_thousand_invites_need_a_word() -> None:
    people = "".join(f"  new{number}@acme.example: user\n" for number in range(2000))
    here = org(f"members:\n{people}")
    assert guards(here.plan()) == ["max_grants"]
    agreed = "{guard: max_grants, count: 2000, until: 2026-12-31, reason: merger}"
    raised = org(f"guards: {{allow: [{agreed}]}}\nmembers:\n{people}").plan()
    assert raised.refusals == ()
    assert [(one.count, one.until) for one in raised.raised] == [(2000, "2026-12-31")]
    over = org(f"guards: {{allow: [{agreed.replace('2026-12-31', '2026-11-21')}]}}\nmembers:\n{people}").plan()
    assert guards(over) == ["max_grants"]


# What policies and days would do to what is protected is not done, is told, and holds up nothing else.


def test_a_policy_stops_no_protected_key() -> None:
    here = org(
        'guards: {protect: ["api_key:prod/k0"]}\n'
        "key_policies: {old: {match: {workspaces: [prod]}, max_age: 90d, then: deactivate}}"
    )
    plan = here.plan()
    assert plan.refusals == ()
    assert actions(plan) == [f"update api_key:prod/k{number}" for number in range(1, 6)]
    assert [str(note.address) for note in plan.findings if note.code == "protected_kept"] == ["api_key:prod/k0"]
    assert {note.level for note in plan.findings if note.code == "protected_kept"} == {"error"}


def test_what_the_line_of_a_kept_key_says_is_done() -> None:
    here = org(
        'guards: {protect: ["api_key:prod/*"]}\n'
        "key_policies: {old: {match: {workspaces: [prod]}, max_age: 90d, then: deactivate}}\n"
        "workspaces: {prod: {api_keys: {new: {renamed_from: k0}}}}"
    )
    assert actions(here.plan()) == ["update api_key:prod/new"]


def test_a_day_ends_no_protected_access() -> None:
    ended = roles("{role: developer, until: 2026-11-01}")
    here = org(
        "manage: {members: authoritative}\n"
        'guards: {protect: ["member:p0@acme.example"], max_removals: {count: 1}}\n'
        f"members: {{ceo@acme.example: admin, cto@acme.example: admin, {ended}}}"
    )
    plan = here.plan()
    assert (plan.changes, guards(plan)) == ((), [])
    kept = [one.partition(" ")[0] for one in codes(plan.findings)]
    assert kept.count("expiry_kept") == 7  # by count; never by percent
    assert "protected_kept member:p0@acme.example" in codes(plan.findings)


def test_a_policy_that_stops_up_to_five_is_what_the_file_asked_for() -> None:
    policy = "key_policies: {old: {match: {workspaces: [prod]}, max_age: 90d, then: deactivate}}"
    assert guards(org(policy).plan()) == ["max_removals"]
    assert guards(org(policy, api_keys=[key(f"k{number}") for number in range(5)]).plan()) == []


ARCHIVED = [{"id": "wrkspc_01Old", "name": "poc", "archived_at": "2026-01-01T00:00:00Z"}]
LIVE = {"id": "wrkspc_01New", "name": "poc"}


TWICE = "workspaces: {poc: {id: wrkspc_01New, archived: true}}"


def test_an_address_that_was_used_before_needs_the_id() -> None:
    twice = org(TWICE, workspaces=[*PROD, *ARCHIVED, LIVE])
    assert guards(twice.plan(allow=["workspace:poc"])) == ["irreversible"]
    assert guards(twice.plan(allow=["workspace:poc=wrkspc_01Old"])) == ["irreversible"]
    assert guards(twice.plan(allow=["workspace:poc=wrkspc_01New"])) == []
    with pytest.raises(Refused, match="allow it with its id"):
        twice.apply(allow=["workspace:poc"])
    assert twice.apply(allow=["workspace:poc=wrkspc_01New"]).complete


def test_an_address_that_was_not_used_before_does_not_need_the_id() -> None:
    once = org(TWICE, workspaces=[*PROD, LIVE])
    assert guards(once.plan(allow=["workspace:poc"])) == []


def test_the_file_can_name_the_id_too() -> None:
    allow = "guards: {allow: [{address: 'workspace:poc', id: %s, reason: moved}]}\n"
    rows = [*PROD, *ARCHIVED, LIVE]
    assert guards(org(allow % "wrkspc_01New" + TWICE, workspaces=rows).plan()) == []
    assert guards(org(allow % "wrkspc_01Old" + TWICE, workspaces=rows).plan()) == ["irreversible"]


def test_an_archived_workspace_takes_its_protected_keys_along() -> None:
    here = org(
        'guards: {protect: ["api_key:prod/k0"], max_removals: {percent: 100}}\n'
        "workspaces: {prod: {archived: true, api_keys: {k1: active}}}"
    )
    assert guards(here.plan(allow=["workspace:prod"])) == ["protect"]


def test_a_removed_person_takes_protected_personal_keys_along() -> None:
    personal = key("mine", principal={"type": "user_actor", "user_id": "user_01P0"})
    rest = ", ".join(f"{person['email']}: developer" for person in PEOPLE[1:])
    here = org(
        'manage: {members: authoritative}\nguards: {protect: ["api_key:prod/mine"]}\n'
        f"members: {{ceo@acme.example: admin, cto@acme.example: admin, {rest}}}\n"
        "workspaces: {prod: {api_keys: {k1: active}}}",
        api_keys=[personal, key("k1")],
        users=[*ADMINS, {**PEOPLE[0], "id": "user_01P0"}, *PEOPLE[1:]],
    )
    assert guards(here.plan(allow=["member:p0@acme.example"])) == ["protect"]


EMPTIED = "manage: {workspace_members: authoritative}\nguards: {max_removals: {percent: 100}}\n"


def test_one_workspace_is_a_collection_by_itself() -> None:
    here = org(EMPTIED + "workspaces: {prod: {members: {}}, dev: {members: {p1@acme.example: user}}}")
    plan = here.plan()
    assert guards(plan) == ["emptied_collection"]
    assert "every workspace role of prod" in plan.refusals[0].message


def test_what_the_plan_adds_counts() -> None:
    here = org(
        EMPTIED + "workspaces: {prod: {members: {p1@acme.example: user}}}",
        workspace_members=[{"workspace": "prod", "email": "p0@acme.example", "workspace_role": "workspace_developer"}],
    )
    assert guards(here.plan()) == []


def test_an_inactive_key_is_none_in_use() -> None:
    files = (
        "manage: {api_keys: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        "workspaces: {prod: {api_keys: {off: inactive%s}}}"
    )
    rows = [key("off", status="inactive"), key("on")]
    assert guards(org(files % "", api_keys=rows).plan()) == ["emptied_collection"]
    assert guards(org(files % ", on: active", api_keys=rows).plan()) == []
    switched = files.replace("off: inactive", "off: active") % ""
    assert guards(org(switched, api_keys=rows).plan()) == []


# What was not looked at may be there: a glob that names it is enough.


def test_a_workspace_whose_keys_are_protected_is_not_archived_unseen() -> None:
    for glob, refused in (("api_key:prod/*", True), ("api_key:pr*", True), ("api_key:dev/*", False)):
        here = org(f'guards: {{protect: ["{glob}"]}}\nworkspaces: {{prod: {{archived: true}}}}')
        assert guards(here.plan(allow=["workspace:prod"])) == (["protect"] if refused else []), glob


def test_a_workspace_is_not_renamed_out_of_what_protects_what_was_not_read() -> None:
    for glob, refused in (("workspace_member:prod/*", True), ("workspace_member:*", False), ("*:prod/*", True)):
        here = org(f'guards: {{protect: ["{glob}"]}}\nworkspaces: {{production: {{renamed_from: prod}}}}')
        assert guards(here.plan()) == (["protect"] if refused else []), glob


# What is new in something new takes nothing from anybody.


def test_limits_of_new_workspaces_are_no_removals() -> None:
    new = "".join(f"  new{number}: {{spend_limit: {{monthly: 5, currency: USD}}}}\n" for number in range(12))
    here = org(f"workspaces:\n{new}")
    plan = here.plan()
    assert plan.refusals == ()
    limits = [change for change in plan.changes if change.address.startswith("spend_limit:")]
    assert [(change.meaning, change.risk) for change in limits] == [((), Risk.R0)] * 12
    assert here.apply(plan=plan).complete


def test_a_limit_of_a_workspace_that_was_there_is_one() -> None:
    [change] = org("workspaces: {prod: {spend_limit: {monthly: 5, currency: USD}}}").plan().changes
    assert change.meaning == ("withdraws",)
