"""Who asks for each change: what the files said before, and what they say now, against one organization."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, codes

from core.review.support import causes, compare
from orgsync.core.model.change import Cause, ManualStep, Note, Plan

MANAGED = "manage: {members: authoritative, workspace_members: authoritative, workspaces: authoritative}\n"
PEOPLE = "members: {ceo@acme.example: admin, cto@acme.example: admin, ana@acme.example: ROLE}\n"
ANA = {"email": "ana@acme.example", "role": "user"}
RAJ = {"email": "raj@acme.example", "role": "developer"}
STAGING = {"name": "staging", "display_color": "#111111"}


def org(*users: dict[str, str], **seed: Any) -> Org:
    return Org(users=[*ADMINS, *users], **seed)


def people(role: str, more: str = "") -> str:
    return MANAGED + PEOPLE.replace("ROLE", role) + more


def reasons(plan: Plan) -> list[str]:
    return [change.reason for change in plan.changes]


def test_what_the_files_newly_say_is_of_this_change() -> None:
    plan = compare(org(ANA), people("user"), people("developer"))
    assert causes(plan) == ["config update member:ana@acme.example"]
    assert plan.base == "main"


def notes(plan: Plan) -> list[Note | ManualStep]:
    return [*plan.manual, *plan.waiting, *plan.findings]


def test_what_somebody_changed_by_hand_is_drift() -> None:
    plan = compare(org(ANA), people("developer"), people("developer"))
    assert causes(plan) == ["drift update member:ana@acme.example"]


def test_another_value_than_before_and_than_live_is_of_this_change() -> None:
    plan = compare(org(ANA), people("billing"), people("developer"))
    assert causes(plan) == ["config update member:ana@acme.example"]


def test_a_deleted_line_is_told_from_somebody_nobody_ever_declared() -> None:
    before = people("user")
    after = before.replace(", ana@acme.example: user", "")
    plan = compare(org(ANA, RAJ), before, after)
    assert causes(plan) == ["config remove member:ana@acme.example", "drift remove member:raj@acme.example"]


def test_authority_that_is_new_makes_removals_of_this_change() -> None:
    after = people("user")
    plan = compare(org(ANA, RAJ), after.replace("members: authoritative", "members: additive"), after)
    assert causes(plan) == ["config remove member:raj@acme.example"]
    assert "privileged_change setting:manage/members" in codes(plan.findings)


def test_a_rename_is_of_this_change_and_what_differed_inside_stays_drift() -> None:
    live = org(ANA, RAJ, workspaces=[STAGING])
    workspace_id = live.workspace_id("staging")
    live.console(
        "POST",
        f"workspaces/{workspace_id}/members",
        {"user_id": live.user_id(ANA["email"]), "workspace_role": "workspace_user"},
    )
    inside = "{SETTING members: {ana@acme.example: developer, raj@acme.example: user}}}\n"
    before = "workspaces: {staging: " + inside.replace("SETTING", "")
    after = "workspaces: {chat: " + inside.replace("SETTING", "renamed_from: staging,")
    plan = compare(live, before, after)
    assert causes(plan) == [
        "config update workspace:chat",
        "drift update workspace_member:chat/ana@acme.example",
        "drift create workspace_member:chat/raj@acme.example",
    ]


def test_a_rename_in_the_console_is_drift() -> None:
    live = org(workspaces=[{"name": "stg"}])
    files = "workspaces: {staging: {renamed_from: stg}}\n"
    assert causes(compare(live, files, files)) == ["drift update workspace:staging"]


def test_a_change_that_is_partly_new_names_what_differed_before() -> None:
    live = org(workspaces=[STAGING])
    before = "workspaces: {staging: {color: '#222222'}}\n"
    after = "workspaces: {staging: {color: '#222222', tags: {env: prod}}}\n"
    plan = compare(live, before, after)
    assert causes(plan) == ["config update workspace:staging"]
    assert reasons(plan) == ["differs from the file; different before this change of the files: color"]


def test_asking_for_less_than_before_asks_for_nothing_new() -> None:
    live = org(workspaces=[STAGING])
    before = "workspaces: {staging: {color: '#222222', tags: {env: prod}}}\n"
    after = "workspaces: {staging: {color: '#222222'}}\n"
    assert causes(compare(live, before, after)) == ["drift update workspace:staging"]


@pytest.mark.parametrize(("before", "cause"), [("user", Cause.CONFIG), ("developer", Cause.DRIFT)])
def test_a_replaced_invite_has_one_cause(before: str, cause: Cause) -> None:
    live = org(invites=[{"email": ANA["email"], "role": "user"}])
    plan = compare(live, people(before), people("developer"))
    address = "member:ana@acme.example"
    assert causes(plan) == [f"{cause} withdraw {address}", f"{cause} invite {address}"]


def test_an_invite_that_would_be_replaced_anyway_follows_the_new_one() -> None:
    live = org(invites=[{"email": ANA["email"], "role": "user"}])
    plan = compare(live, people("billing"), people("developer"))
    assert {change.cause for change in plan.changes} == {Cause.CONFIG}
    assert reasons(plan)[0].endswith("; independent of this change of the files")
    assert "without" not in reasons(plan)[1]


def test_policies_and_days_keep_their_word_and_say_when_they_are_new() -> None:
    live = org(ANA, RAJ, workspaces=[STAGING], api_keys=[{"name": "Old Key", "workspace": "staging"}])
    policy = "workspaces: {staging: {}}\nkey_policies: {naming: {name: '^[a-z]+$', then: deactivate}}\n"
    old = people("user", policy)
    raj = "raj@acme.example: {role: developer, until: 2026-01-01}, ana@acme.example"
    new = old.replace("ana@acme.example", raj)
    plan = compare(live, new, new)
    assert causes(plan) == ["expiry remove member:raj@acme.example", "policy update api_key:staging/Old Key"]
    assert not any("new with this change" in reason for reason in reasons(plan))
    plan = compare(live, people("user"), new)
    assert [change.cause for change in plan.changes] == [Cause.EXPIRY, Cause.POLICY]
    assert reasons(plan)[1].endswith("; new with this change of the files")


def test_what_people_have_to_do_or_know_is_told_apart_as_well() -> None:
    live = org(invites=[{"email": "kim@acme.example", "role": "user"}], workspaces=[{"name": "rogue"}])
    before = people("user", "workspaces: {}\n").replace(
        "{ceo", "{boss@acme.example: admin, kim@acme.example: user, ceo"
    )
    after = before.replace("boss@", "chief@acme.example: admin, boss@").replace("additive", "authoritative")
    plan = compare(live, before, after + "console: {auto_reload: {expect: 'off'}}\n")
    assert [f"{note.cause} {note.code} {note.address}" for note in notes(plan)] == [
        "drift admin_grant member:boss@acme.example",
        "config admin_grant member:chief@acme.example",
        "drift invite_pending member:kim@acme.example",
        "config privileged_change setting:console/auto_reload",
        "drift undeclared workspace:rogue",
    ]
    assert {note.cause for note in notes(live.plan(after))} == {Cause.UNKNOWN}


def test_files_that_were_not_there_make_everything_of_this_change() -> None:
    plan = compare(org(ANA), None, people("developer"))
    assert causes(plan) == ["config update member:ana@acme.example"]
    assert "base_missing setting:base" in codes(plan.findings)
    assert "privileged_change setting:organization/name" in codes(plan.findings)
    assert plan.base_rules is None


def test_what_is_blocked_was_blocked_before_or_is_new() -> None:
    live = org(ANA, workspaces=[{"name": "twin"}, {"name": "twin"}])
    plan = compare(live, people("user", "workspaces: {twin: {}}\n"), people("developer"))
    assert (causes(plan), plan.blocked) == (["config update member:ana@acme.example"], ())
    twin = "workspaces: {twin: {}}\n"
    [before] = compare(live, people("user", twin), people("developer", twin)).blocked
    [new] = compare(live, people("user"), people("developer", twin)).blocked
    assert (before.cause, new.cause) == (Cause.DRIFT, Cause.CONFIG)


def test_a_base_for_another_organization_leaves_causes_unknown() -> None:
    before = 'version: 1\norganization: {name: "Other"}\n' + people("user")
    plan = compare(org(ANA), before, people("developer"))
    assert causes(plan) == ["unknown update member:ana@acme.example"]
    assert codes(plan.findings) == ["base_unusable setting:base", "privileged_change setting:organization/name"]


def test_lists_that_only_the_base_needs_are_read_and_all_others_once() -> None:
    live = org(ANA, workspaces=[STAGING])
    before = people("user", "workspaces: {staging: {members: {ana@acme.example: user}}}\n")
    plan = compare(live, before, people("developer"))
    assert len(live.reads()) == len(set(live.reads())) == plan.requests
    assert any("/members" in path for path in live.reads())
    assert live.writes() == []


def test_the_comparison_adds_no_change_and_takes_none_away() -> None:
    after = people("developer", "workspaces: {staging: {color: '#222222'}}\n")
    live = org(ANA, RAJ, workspaces=[STAGING])
    plan, alone = compare(live, people("user"), after), live.plan(after)
    assert [(one.address, one.action, one.fields, one.id) for one in plan.changes] == [
        (one.address, one.action, one.fields, one.id) for one in alone.changes
    ]
