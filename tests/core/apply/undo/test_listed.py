"""What an undo does not take back is listed with its reason, and what was not this apply's doing is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from acme import ADMINS, Org, actions, codes
from properties.witness import snapshot

from core.apply.undo.support import SPACE, Applied, applied, check_undo, differences, undo_of
from core.apply.undo.test_undo import ANA, EVERYBODY, INVITE, KEY, LAB, MODES, RAJ, ROW, lab, organization
from orgsync.core.apply.outcome import Report, Status
from orgsync.core.model.change import Risk
from orgsync.core.plan.schema import is_intact


def messages(done: Applied) -> str:
    return "\n".join(note.message for note in done.undo.findings)


def as_status(report: Report, status: Status) -> Report:
    return replace(report, outcomes=tuple(replace(outcome, status=status) for outcome in report.outcomes))


def test_an_accepted_invite_is_for_people_to_decide() -> None:
    org = organization("members: {new@acme.example: user}")
    done = applied(org)
    org.app.accept("new@acme.example")
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == ["undo_changed member:new@acme.example"]
    assert "accepted" in undo.findings[0].message


def test_an_invite_replaced_and_accepted_is_left_as_it_is() -> None:
    org = organization("members: {new@acme.example: user}", invites=[INVITE])
    done = applied(org)
    org.app.accept("new@acme.example")
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == ["undo_changed member:new@acme.example"] * 2


def test_a_removed_person_is_invited_again_and_the_losses_are_named() -> None:
    org = organization(
        f"{MODES}members: {{{EVERYBODY}, raj@acme.example: user}}\nworkspaces: {{lab: {{members: {{}}}}}}",
        workspace_members=[ROW],
        api_keys=[{**KEY, "principal_email": "ana@acme.example"}],
    )
    done = applied(org, allow=("member:ana@acme.example",))
    assert actions(done.undo) == ["invite member:ana@acme.example"]
    change = done.undo.changes[0]
    assert (change.risk, change.effects, change.fields[0].after) == (Risk.R1, ("sends 1 e-mail",), "developer")
    assert codes(done.undo.findings) == ["undo_lost member:ana@acme.example"]
    assert "ends 1 workspace role" in messages(done)
    assert "personal API keys cannot" in messages(done)
    check_undo(done)
    assert [row["role"] for row in org.rows("invites") if row["status"] == "pending"] == ["developer"]


def test_a_new_workspace_stays_and_what_is_inside_goes() -> None:
    inside = (
        "members: {ana@acme.example: user}, spend_limit: {monthly: 5}, rate_limits: {batch: {requests_per_minute: 1}}"
    )
    org = organization(f"workspaces: {{pad: {{{inside}}}}}")
    done = applied(org)
    assert actions(done.undo) == [
        "update rate_limit:pad/batch/requests_per_minute",
        "remove spend_limit:workspace/pad",
        "remove workspace_member:pad/ana@acme.example",
    ]
    assert codes(done.undo.findings) == ["undo_kept workspace:pad"]
    assert "archived: true" in messages(done)
    check_undo(done)
    assert [place.partition(SPACE)[0] for place in differences(done.before, snapshot(org))] == ["workspace:pad"]


@pytest.mark.parametrize(
    ("inside", "address"),
    [("archived: true", "workspace:lab"), ("api_keys: {ci: {archived: true}}", "api_key:lab/ci")],
)
def test_what_was_archived_stays_archived(inside: str, address: str) -> None:
    done = applied(lab(inside), allow=(address,))
    assert done.report.complete
    assert done.undo.changes == ()
    assert codes(done.undo.findings) == [f"undo_impossible {address}"]


def test_what_is_set_once_stays_and_the_rest_of_the_change_does_not() -> None:
    org = lab('color: "#ffffff", external_key_id: ekey_a', settings={"external_keys": {"ekey_a": {}}})
    done = applied(org, allow=("workspace:lab",))
    assert [part.path for part in done.undo.changes[0].fields] == ["color"]
    assert done.undo.changes[0].risk is Risk.R0
    assert codes(done.undo.findings) == ["undo_impossible workspace:lab"]
    check_undo(done)
    [(_before, after)] = differences(done.before, snapshot(org)).values()
    assert (after["external_key_id"], after["display_color"]) == ("ekey_a", "#000000")


def test_a_role_that_the_api_cannot_give_is_not_asked_for() -> None:
    """It comes back by itself with the organization role, which comes back too."""
    org = organization(
        "members: {ana@acme.example: user}\nworkspaces: {lab: {members: {ana@acme.example: developer}}}",
        users=[*ADMINS, {**ANA, "role": "billing"}],
        workspace_members=[{**ROW, "workspace_role": "workspace_billing"}],
    )
    done = applied(org)
    assert actions(done.undo) == ["update member:ana@acme.example"]
    assert codes(done.undo.findings) == ["undo_impossible workspace_member:lab/ana@acme.example"]
    check_undo(done)
    assert differences(done.before, snapshot(org)) == {}


def test_what_a_colleague_changed_since_is_left_and_the_rest_is_taken_back() -> None:
    org = lab('color: "#ffffff", tags: {env: prod}')
    done = applied(org)
    org.console("POST", "workspaces/wrkspc_01lab", {"display_color": "#123456"})
    undo = undo_of(org, done.report, done.plan)
    assert [part.path for part in undo.changes[0].fields] == ["tags.a%2Eb", "tags.env"]
    assert codes(undo.findings) == ["undo_changed workspace:lab"]
    check_undo(replace(done, undo=undo))
    assert [row["display_color"] for row in org.rows("workspaces") if row["name"] == "lab"] == ["#123456"]


def test_what_is_gone_is_not_looked_for_under_its_name() -> None:
    org = organization("members: {ana@acme.example: user}\nworkspaces: {lab: {members: {raj@acme.example: user}}}")
    done = applied(org)
    org.console("DELETE", f"users/{org.user_id('ana@acme.example')}")
    org.console("POST", "users", {"email": "ana@acme.example", "role": "user"})
    org.console("POST", "workspaces/wrkspc_01lab/archive")
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert codes(undo.findings) == [
        "undo_changed member:ana@acme.example",
        "undo_changed workspace_member:lab/raj@acme.example",
    ]


def test_access_is_not_given_back_to_somebody_who_left() -> None:
    org = lab("members: {}", workspace_members=[ROW])
    done = applied(org, allow=("workspace_member:lab/ana@acme.example",))
    org.console("DELETE", f"users/{org.user_id('ana@acme.example')}")
    undo = undo_of(org, done.report, done.plan)
    assert undo.changes == ()
    assert "member:ana@acme.example no longer exists" in undo.findings[0].message


@pytest.mark.parametrize("status", [Status.ALREADY, Status.FAILED, Status.SKIPPED])
def test_what_the_apply_did_not_do_is_not_taken_back(status: Status) -> None:
    org = organization("members: {ana@acme.example: user, new@acme.example: user}")
    done = applied(org)
    undo = undo_of(org, as_status(done.report, status), done.plan)
    assert (undo.changes, undo.findings) == ((), ())


def test_a_half_done_replacement_is_taken_back_by_half() -> None:
    """The invite was withdrawn, and the new one could not be sent."""
    org = organization("members: {new@acme.example: user}", invites=[INVITE])
    org.app.set_faults(
        [{"method": "POST", "path": "/v1/organizations/invites", "fault": "status_before", "status": 400}]
    )
    done = applied(org)
    assert [outcome.status for outcome in done.report.outcomes] == [Status.DONE, Status.FAILED]
    assert actions(done.undo) == ["invite member:new@acme.example"]
    check_undo(done)
    assert differences(done.before, snapshot(org)) == {}


def test_an_unconfirmed_change_is_taken_back_whether_it_shows_or_not() -> None:
    org = organization("members: {ana@acme.example: user, raj@acme.example: developer}")
    path = f"/v1/organizations/users/{org.user_id('ana@acme.example')}"
    org.app.set_faults([{"method": "POST", "path": path, "fault": "ignore"}])
    done = applied(org)
    assert {outcome.status for outcome in done.report.outcomes} == {Status.DONE, Status.UNCONFIRMED}
    assert actions(done.undo) == ["update member:ana@acme.example", "update member:raj@acme.example"]
    assert org.apply(plan=done.undo).already == 1
    assert differences(done.before, snapshot(org)) == {}


def test_an_unconfirmed_invite_that_does_not_show_is_looked_at_later() -> None:
    org = organization("members: {new@acme.example: user}")
    org.app.set_faults([{"method": "POST", "path": "/v1/organizations/invites", "fault": "ignore"}])
    done = applied(org)
    assert done.undo.changes == ()
    assert "check again later" in messages(done)


def test_the_guards_of_the_apply_hold_and_what_it_made_may_go() -> None:
    """Thirty mistaken invites are far more than max_removals; they were not there before."""
    people = ", ".join(f"p{number}@acme.example: user" for number in range(30))
    org = Org(f"members: {{{people}}}", users=ADMINS)
    done = applied(org)
    assert done.undo.refusals == ()
    assert (done.undo.undo, done.undo.allowed) == (True, ())
    assert done.undo.rules == done.plan.rules
    check_undo(done)


def test_what_the_apply_made_goes_again_although_it_is_protected() -> None:
    org = Org('guards: {protect: ["workspace_member:lab/*"]}\nworkspaces: {lab: {members: {ana@acme.example: user}}}',
              users=[*ADMINS, ANA], workspaces=[LAB])  # fmt: skip
    done = applied(org)
    assert done.undo.refusals == ()
    check_undo(done)


def test_an_undo_is_a_plan_like_any_other() -> None:
    org = organization("members: {ana@acme.example: user}")
    done = applied(org)
    org.wait(timedelta(hours=1))
    undo = undo_of(org, done.report, done.plan)
    assert is_intact(undo)
    assert undo == undo_of(org, done.report, done.plan)
    assert undo.planned_at == "2026-11-22T11:00:00Z"
    assert undo.digests.files == done.plan.digests.files
    assert undo.digests.live != done.plan.digests.live
    assert undo.organization == done.plan.organization
    assert undo.identities == {"member:ana@acme.example": org.user_id("ana@acme.example")}
    assert (undo.summary.update, undo.present["member"]) == (1, 4)
    assert undo.changes[0].reason == "reverts: update by the plan of 2026-11-22T10:00:00Z"


def test_nothing_done_is_nothing_to_take_back() -> None:
    done = applied(organization(""))
    assert (done.undo.changes, done.undo.findings, done.undo.identities) == ((), (), {})


def test_a_lower_role_comes_before_the_role_it_waited_for() -> None:
    """The opposite order would have the row refused: it would be lent by the organization role again."""
    org = organization(
        "members: {ana@acme.example: developer}\nworkspaces: {lab: {members: {ana@acme.example: user}}}",
        users=[*ADMINS, {**ANA, "role": "billing"}, RAJ],
    )
    done = applied(org)
    after = {change.address: change.after for change in done.undo.changes}
    assert after == {
        "member:ana@acme.example": ("workspace_member:lab/ana@acme.example",),
        "workspace_member:lab/ana@acme.example": (),
    }
    check_undo(done)


def test_two_outcomes_of_one_address_are_taken_back_last_first() -> None:
    org = organization("members: {new@acme.example: user}", invites=[INVITE])
    done = applied(org)
    assert [outcome.change.action for outcome in done.report.outcomes] == ["withdraw", "invite"]
    assert [change.action for change in done.undo.changes] == ["withdraw", "invite"]
    pending = [row["id"] for row in org.rows("invites") if row["status"] == "pending"]
    assert [change.id for change in done.undo.changes] == [*pending, None]
