"""What an undo could get wrong: access held by an organization role, rows that nobody gave, and things of one name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from acme import ADMINS, Org, actions, codes
from properties.witness import snapshot

from core.apply.undo.support import OPEN, applied, check_undo, differences, undo_of
from core.apply.undo.test_undo import ANA, INVITE, KEY, LAB, lab, organization
from orgsync.core.apply.outcome import Status

FIN = {"email": "fin@acme.example", "role": "billing"}


@pytest.mark.parametrize("listed", ["hidden", "listed"])
@pytest.mark.parametrize("row", [(), ("workspace_billing",)])
def test_a_billing_member_who_was_raised_is_lowered_again(listed: str, row: tuple[str, ...]) -> None:
    """Taking the role away is refused while the organization role gives one; going back to that is not."""
    org = Org(
        f"{OPEN}workspaces: {{lab: {{members: {{fin@acme.example: admin}}}}}}",
        users=[*ADMINS, FIN],
        workspaces=[LAB],
        workspace_members=[{"email": FIN["email"], "workspace": "lab", "workspace_role": role} for role in row],
        settings={"inherited_members": listed},
    )
    shown = {role for (_lab, one), role in snapshot(org).roles.items() if one == org.user_id("fin@acme.example")}
    done = applied(org)
    assert done.report.complete
    assert actions(done.undo) == ["remove workspace_member:lab/fin@acme.example"]
    assert done.undo.findings == ()
    report = check_undo(done)
    after = {role for (_lab, one), role in snapshot(org).roles.items() if one == org.user_id("fin@acme.example")}
    assert after == (shown if listed == "listed" else set())
    assert "workspace_admin" not in after
    assert org.apply(plan=undo_of(org, report, done.undo)).complete  # and an undo has an undo
    assert "workspace_admin" in snapshot(org).roles.values()


def test_access_that_comes_back_by_itself_does_not_hide_that_a_role_was_taken() -> None:
    org = organization(
        "members: {ana@acme.example: developer}\nworkspaces: {pad: {members: {ana@acme.example: user}}}",
        users=[*ADMINS, {**ANA, "role": "billing"}],
        settings={"inherited_members": "listed"},
    )
    done = applied(org)
    assert actions(done.undo) == ["remove workspace_member:pad/ana@acme.example", "update member:ana@acme.example"]
    check_undo(done)


def test_access_that_somebody_has_by_themselves_is_no_proof_that_a_role_was_given() -> None:
    """The API forgets the write, and a colleague makes the person an admin of the organization."""
    org = organization(
        "workspaces: {lab: {members: {ana@acme.example: admin}}}", settings={"inherited_members": "listed"}
    )
    user = f"users/{org.user_id('ana@acme.example')}"
    org.app.set_faults(
        [
            {"method": "POST", "path": "/v1/organizations/workspaces/*/members", "fault": "ignore"},
            {
                "method": "GET",
                "path": "/v1/organizations/users",
                "nth": 3,  # the plan, the look before the first write, the look after the last
                "fault": "console",
                "edit": {"method": "POST", "path": f"/v1/organizations/{user}", "body": {"role": "admin"}},
            },
        ]
    )
    done = applied(org)
    assert [one.status for one in done.report.outcomes] == [Status.UNCONFIRMED]
    assert done.undo.changes == ()
    assert codes(done.undo.findings) == ["undo_changed workspace_member:lab/ana@acme.example"]


def test_only_the_very_invite_that_was_sent_is_withdrawn() -> None:
    org = organization("members: {new@acme.example: user}")
    done = applied(org)
    [invite] = [row["id"] for row in org.rows("invites") if row["status"] == "pending"]
    assert [one.id for one in done.report.outcomes] == [invite]
    assert [change.id for change in done.undo.changes] == [invite]
    org.console("DELETE", f"invites/{invite}")
    org.console("POST", "invites", {"email": "new@acme.example", "role": "user"})
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == ["undo_changed member:new@acme.example"]
    assert "another one" in undo.findings[0].message


def test_an_invite_whose_answer_was_lost_is_known_by_its_id_too() -> None:
    org = organization("members: {new@acme.example: user}")
    org.app.set_faults([{"method": "POST", "path": "/v1/organizations/invites", "fault": "drop_after"}])
    done = applied(org)
    [invite] = [row["id"] for row in org.rows("invites") if row["status"] == "pending"]
    assert [(one.status, one.id) for one in done.report.outcomes] == [(Status.DONE, invite)]
    check_undo(done)


def test_a_workspace_limit_that_somebody_else_set_anew_is_left() -> None:
    org = lab("spend_limit: {monthly: 5}")
    done = applied(org)
    [limit] = [row["id"] for row in org.rows("spend_limits") if row["scope"]["type"] == "workspace"]
    org.console("DELETE", f"spend_limits/{limit}")
    org.console(
        "POST",
        "spend_limits",
        {"amount": "500", "scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "period": "monthly"},
    )
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == ["undo_changed spend_limit:workspace/lab"]


TWIN = {"name": "ci", "workspace": "lab", "id": "apikey_01BBBBBBBBBBBBBBBBBBBBBB", "status": "inactive"}


@pytest.mark.parametrize(
    "inside",
    [
        f"ci: {{id: {KEY['id']}, status: inactive}}",
        f"deploy: {{id: {KEY['id']}}}",
        f"deploy: {{id: {KEY['id']}, status: inactive}}",
        f"a: {{id: {KEY['id']}}}, b: {{id: {TWIN['id']}, status: active}}",
        f"ci: {{id: {TWIN['id']}, status: active}}, b: {{id: {KEY['id']}, status: inactive}}",
    ],
)
def test_of_two_keys_of_one_name_each_gets_its_own_back(inside: str) -> None:
    done = applied(lab(f"api_keys: {{{inside}}}", api_keys=[KEY, TWIN]))
    assert done.report.complete
    assert done.undo.changes
    check_undo(done)
    assert differences(done.before, snapshot(done.org)) == {}


def test_a_replaced_invite_goes_by_the_id_of_the_new_one() -> None:
    org = organization("members: {new@acme.example: user}", invites=[INVITE])
    done = applied(org)
    [pending] = [row["id"] for row in org.rows("invites") if row["status"] == "pending"]
    assert [one.id for one in done.report.outcomes] == [None, pending]
    stranger = replace(done.report.outcomes[1], id="invite_01else")
    undo = undo_of(org, replace(done.report, outcomes=(done.report.outcomes[0], stranger)), done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == ["undo_changed member:new@acme.example"] * 2
