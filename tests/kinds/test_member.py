"""Members: users, and the invites that become users."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes

from orgsync.core.model.change import Cause, Risk
from orgsync.errors import Refused
from orgsync.render.plan import markdown, text

AUTHORITATIVE = "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
DECLARED_ADMINS = "members:\n  ceo@acme.example: admin\n  cto@acme.example: admin\n"
ANA = {"email": "ana@acme.example", "role": "developer"}


def test_a_declared_stranger_is_invited_once() -> None:
    org = Org("members: {new@acme.example: developer}", users=ADMINS)
    change = org.plan().changes[0]
    assert actions(org.plan()) == ["invite member:new@acme.example"]
    assert (change.risk, change.effects) == (Risk.R1, ("sends 1 e-mail",))
    assert org.apply().complete
    assert actions(org.plan()) == []
    assert codes(org.plan().waiting) == ["invite_pending member:new@acme.example"]
    org.apply()
    assert org.writes() == [("POST", "/v1/organizations/invites")]


def test_letters_that_may_look_like_others_are_told_by_their_numbers() -> None:
    """The address of a boss, but for one letter: nobody could tell by looking at the comment."""
    org = Org("members: {c\u0435o@acme.example: billing, ana@acme.example: user}", users=ADMINS)
    effects = {str(change.address): change.effects for change in org.plan().changes}
    assert effects["member:ana@acme.example"] == ("sends 1 e-mail",)
    assert effects["member:c\u0435o@acme.example"] == (
        "becomes billing of the organization",
        "sends 1 e-mail",
        "the address contains non-ASCII letters: \u0435 (U+0435)",
    )


def test_a_pending_invite_is_not_sent_again_whatever_the_case_of_its_address() -> None:
    org = Org("members: {Ana@Acme.example: developer}", users=ADMINS, invites=[ANA])
    assert actions(org.plan()) == []
    assert codes(org.plan().waiting) == ["invite_pending member:Ana@Acme.example"]


def test_different_mailboxes_are_different_people_however_alike_they_are() -> None:
    """Folded as text is, both would be one person: the role of the one would go to the other."""
    org = Org("members: {stra\u00dfe@acme.example: billing}", users=[*ADMINS, {"email": "strasse@acme.example"}])
    assert actions(org.plan()) == ["invite member:stra\u00dfe@acme.example"]
    assert org.apply().complete
    assert [row["role"] for row in org.rows("users") if row["email"] == "strasse@acme.example"] == ["user"]
    assert actions(org.plan()) == []


def test_two_mailboxes_of_which_one_is_spelled_like_the_other_can_both_be_declared() -> None:
    people = [{"email": "stra\u00dfe@acme.example", "role": "billing"}, {"email": "strasse@acme.example"}]
    org = Org("members: {stra\u00dfe@acme.example: billing, strasse@acme.example: user}", users=[*ADMINS, *people])
    assert org.plan().changes == ()


def test_a_composed_and_a_decomposed_accent_are_one_person() -> None:
    org = Org("members: {jose\u0301@acme.example: user}", users=[*ADMINS, {"email": "JOS\u00c9@acme.example"}])
    assert actions(org.plan()) == ["invite member:jose\u0301@acme.example"]  # JOS\u00c9 ends with another letter
    org = Org("members: {jose\u0301@acme.example: user}", users=[*ADMINS, {"email": "JOS\u00e9@acme.example"}])
    assert org.plan().changes == ()


@pytest.mark.parametrize("role", ["developer", "admin"])
def test_nobody_is_invited_to_what_is_no_address(role: str) -> None:
    org = Org(f"members:\n  new@acme.example: user\n  mailto:ana@b.co: {role}\n", users=ADMINS)
    [problem] = org.apply().blocked
    assert (problem.source and problem.source.line, problem.address) == (5, "member:mailto:ana@b.co")
    assert problem.message.startswith("cannot be invited: the email address contains invalid characters")
    assert problem.hint == 'did you mean "ana@b.co"?'
    assert org.writes() == [("POST", "/v1/organizations/invites")]


@pytest.mark.parametrize("email", ["ana@acme", "team:ana@b.co", '"ana@b.co', "ana\u200b@b.co", "ana ruiz@b.co"])
def test_what_is_no_address_needs_a_hint_that_works(email: str) -> None:
    org = Org(f"members: {json.dumps({email: 'user'})}", users=ADMINS)
    assert org.plan().blocked[0].hint in {"correct the address", 'did you mean "ana@b.co"?'}


@pytest.mark.parametrize("email", ["mailto:ana@b.co", "team:ana@b.co", '"ana ruiz"@b.co', "ana\u200b@b.co", "a/b@c.de"])
def test_whoever_is_there_is_named_as_they_are_there(email: str) -> None:
    """By file, team and export: the validator is not asked."""
    files = f"members: {json.dumps({email: 'user'})}\nworkspaces: {{web: {{members: {json.dumps({email: 'user'})}}}}}"
    org = Org(files, users=[*ADMINS, {"email": email}], workspaces=[{"name": "web"}])
    assert actions(org.plan()) == [f"create workspace_member:web/{email.replace('/', '%2F')}"]
    assert org.apply().complete
    assert org.plan(org.export()).changes == ()
    if not email.startswith("team:"):
        teams = f"teams: {{all: {json.dumps([email])}}}\nmembers: {{team:all: user}}"
        assert org.plan(teams).changes == ()


@pytest.mark.parametrize("standing", ["pending", "expired"])
def test_an_address_that_was_invited_is_taken_as_it_is(standing: str) -> None:
    invites = [{"email": "mailto:ana@b.co", "role": "user", "status": standing}]
    org = Org("members: {'mailto:ana@b.co': developer}", users=ADMINS, invites=invites)
    assert org.apply().complete
    assert [row["role"] for row in org.rows("invites") if row["status"] == "pending"] == ["developer"]


def test_a_live_address_that_begins_like_a_team_is_no_team() -> None:
    files = "teams: {'x@b.co': [ana@b.co]}\nmembers: {'team:x@b.co': user, 'team:y@b.co': user}"
    users = [*ADMINS, {"email": "ana@b.co"}, {"email": "team:y@b.co"}]
    assert Org(files, users=users).plan().changes == ()


def test_invites_to_reserved_domains_are_one_warning() -> None:
    files = (
        "members: {a@b.test: user, c@d.test: admin, there@b.test: user, gone@b.test: {role: user, until: 2026-01-01}}"
    )
    plan = Org(files, users=[*ADMINS, {"email": "there@b.test"}]).plan()
    assert [(note.code, note.address, note.message) for note in plan.findings if note.code == "reserved_domain"] == [
        ("reserved_domain", "member:*", "no mail reaches a reserved domain (.test): a@b.test, c@d.test")
    ]


def test_an_accepted_invite_is_a_member_and_nothing_more_happens() -> None:
    org = Org(f"{DECLARED_ADMINS}  ana@acme.example: developer", users=ADMINS)
    org.apply()
    org.app.accept("ana@acme.example")
    plan = org.plan()
    assert (plan.changes, plan.waiting, plan.findings) == ((), (), ())


def test_a_present_user_counts_whatever_old_invites_say() -> None:
    invites = [{"email": "ana@acme.example", "role": "billing", "status": "expired"}]
    org = Org("members: {ana@acme.example: developer}", users=[*ADMINS, ANA], invites=invites)
    assert (org.plan().changes, org.plan().waiting) == ((), ())


def test_an_expired_invite_is_sent_again() -> None:
    org = Org("members: {ana@acme.example: developer}", users=ADMINS)
    org.apply()
    org.wait(timedelta(days=22))
    assert actions(org.plan()) == ["invite member:ana@acme.example"]
    assert org.plan().changes[0].reason == "the last invite expired"
    org.apply()
    assert codes(org.plan().waiting) == ["invite_pending member:ana@acme.example"]


def test_another_role_on_a_pending_invite_is_withdrawn_and_sent_again() -> None:
    org = Org("members: {ana@acme.example: user}", users=ADMINS, invites=[ANA])
    assert actions(org.plan()) == ["withdraw member:ana@acme.example", "invite member:ana@acme.example"]
    assert org.apply().complete
    assert [method for method, _path in org.writes()] == ["DELETE", "POST"]
    assert [row["role"] for row in org.rows("invites")] == ["user"]
    assert actions(org.plan()) == []


def test_a_member_removed_in_the_console_is_reported_not_invited_again() -> None:
    org = Org("members: {ana@acme.example: developer}", users=ADMINS)
    org.apply()
    org.app.accept("ana@acme.example")
    org.console("DELETE", f"users/{org.user_id('ana@acme.example')}")
    assert actions(org.plan()) == []
    assert "removed_in_console member:ana@acme.example" in codes(org.plan().findings)


def test_a_member_removed_in_the_console_is_invited_again_where_the_file_is_authoritative() -> None:
    org = Org(f"{AUTHORITATIVE}{DECLARED_ADMINS}  ana@acme.example: developer\n", users=ADMINS)
    org.apply()
    org.app.accept("ana@acme.example")
    org.console("DELETE", f"users/{org.user_id('ana@acme.example')}")
    assert actions(org.plan()) == ["invite member:ana@acme.example"]


def test_a_role_is_changed_in_place() -> None:
    org = Org("members: {ana@acme.example: billing}", users=[*ADMINS, ANA])
    assert actions(org.plan()) == ["update member:ana@acme.example"]
    org.apply()
    assert actions(org.plan()) == []


@pytest.mark.parametrize(
    ("declared", "live", "code"),
    [("admin", "developer", "admin_grant"), ("developer", "admin", "admin_demotion")],
)
def test_the_admin_role_is_a_manual_step_in_both_directions(declared: str, live: str, code: str) -> None:
    users = [*ADMINS, {"email": "ana@acme.example", "role": live}]
    org = Org(f"members: {{ana@acme.example: {declared}}}", users=users)
    plan = org.plan()
    assert plan.changes == ()
    assert codes(plan.manual) == [f"{code} member:ana@acme.example"]
    assert plan.manual[0].expected == f"ana@acme.example has the role {declared}"


def test_an_admin_who_is_not_there_is_invited_by_a_person() -> None:
    org = Org("members: {ana@acme.example: admin}", users=ADMINS)
    assert codes(org.plan().manual) == ["admin_grant member:ana@acme.example"]
    assert org.plan().changes == ()


def test_a_declared_admin_with_a_pending_invite_waits_and_is_promoted_by_a_person() -> None:
    org = Org("members: {ana@acme.example: admin}", users=ADMINS, invites=[ANA])
    assert org.plan().changes == ()
    assert codes(org.plan().waiting) == ["invite_pending member:ana@acme.example"]
    assert codes(org.plan().manual) == ["admin_grant member:ana@acme.example"]


def test_a_declared_admin_who_is_one_is_nothing_to_do() -> None:
    assert Org(DECLARED_ADMINS, users=ADMINS).plan().manual == ()


def test_undeclared_people_are_reported_where_the_file_is_additive() -> None:
    org = Org(DECLARED_ADMINS, users=[*ADMINS, ANA], invites=[{"email": "new@acme.example", "role": "user"}])
    assert org.plan().changes == ()
    assert codes(org.plan().findings) == ["undeclared member:ana@acme.example", "undeclared member:new@acme.example"]


def test_undeclared_people_are_removed_and_their_invites_withdrawn_where_the_file_is_authoritative() -> None:
    invites = [{"email": "new@acme.example", "role": "user"}]
    org = Org(AUTHORITATIVE + DECLARED_ADMINS, users=[*ADMINS, ANA], invites=invites)
    assert actions(org.plan()) == ["remove member:ana@acme.example", "withdraw member:new@acme.example"]
    assert org.apply().complete
    assert [row["email"] for row in org.rows("users")] == ["cto@acme.example", "ceo@acme.example"]
    assert actions(org.plan()) == []


def test_an_undeclared_admin_is_removed_by_a_person() -> None:
    text = f"{AUTHORITATIVE}members: {{ceo@acme.example: admin}}"
    org = Org(text, users=ADMINS)
    assert codes(org.plan().manual) == ["admin_removal member:cto@acme.example"]
    assert org.plan().changes == ()


def test_nothing_is_changed_where_the_file_observes() -> None:
    text = "manage: {members: observe}\nmembers: {ana@acme.example: user, new@acme.example: user}"
    org = Org(text, users=[*ADMINS, ANA])
    assert org.plan().changes == ()
    assert "observed member:ana@acme.example" in codes(org.plan().findings)
    assert "observed member:new@acme.example" in codes(org.plan().findings)


def test_an_absent_collection_is_not_looked_at() -> None:
    org = Org("workspaces: {}", users=[*ADMINS, ANA])
    assert org.plan().findings == ()
    assert "/v1/organizations/users" not in org.reads()


@pytest.mark.parametrize(("until", "counts"), [("2026-11-22", True), ("2026-11-21", False)])
def test_a_line_counts_through_its_until_day(until: str, counts: bool) -> None:
    members = f"{DECLARED_ADMINS}  ana@acme.example: {{role: developer, until: {until}}}\n"
    org = Org(AUTHORITATIVE + members, users=[*ADMINS, ANA])
    changes = org.plan().changes
    assert bool(changes) is not counts
    if not counts:
        assert (changes[0].action, changes[0].cause) == ("remove", Cause.EXPIRY)
        assert changes[0].reason == "declared until 2026-11-21"
        assert changes[0].source is not None


def test_an_expired_line_is_a_warning_where_the_file_is_additive() -> None:
    org = Org("members: {ana@acme.example: {role: developer, until: 2026-01-01}}", users=[*ADMINS, ANA])
    assert org.plan().changes == ()
    assert "expired member:ana@acme.example" in codes(org.plan().findings)


def test_too_few_admins_is_a_warning_before_anything_goes_wrong() -> None:
    org = Org("guards: {min_admins: 3}\nmembers: {}", users=ADMINS)
    assert "few_admins member:*" in codes(org.plan().findings)


def test_a_removed_person_takes_their_workspace_roles_along() -> None:
    text = (
        f"manage: {{members: authoritative, workspace_members: authoritative}}\n"
        f"guards: {{max_removals: {{percent: 100}}}}\n{DECLARED_ADMINS}workspaces: {{lab: {{members: {{}}}}}}\n"
    )
    rows = [{"email": "ana@acme.example", "workspace": "lab", "workspace_role": "workspace_user"}]
    org = Org(text, users=[*ADMINS, ANA], workspaces=[{"name": "lab"}], workspace_members=rows)
    assert actions(org.plan()) == ["remove member:ana@acme.example"]
    assert "ends 1 workspace role" in org.plan().changes[0].effects
    assert org.apply().complete
    assert actions(org.plan()) == []


class TestOwnIdentity:
    """The account behind the credential is left alone, whoever asks for something else."""

    @pytest.mark.parametrize(
        ("role", "members"),
        [
            ("developer", "{ceo@acme.example: admin, cto@acme.example: admin}"),
            ("developer", "{ceo@acme.example: admin, cto@acme.example: admin, ops@acme.example: user}"),
            ("admin", "{ceo@acme.example: admin, cto@acme.example: admin}"),
            ("admin", "{ceo@acme.example: admin, cto@acme.example: admin, OPS@acme.example: developer}"),
        ],
    )
    @pytest.mark.parametrize("named", ["ops@ACME.example", "[cto@acme.example, ops@acme.example]"])
    def test_it_is_neither_removed_nor_changed_nor_is_that_asked_of_a_person(
        self, named: str, role: str, members: str
    ) -> None:
        files = (
            f"manage: {{members: authoritative}}\nmembers: {members}\n"
            f"guards: {{credential_of: {named}, max_removals: {{percent: 100, count: 9}}}}"
        )
        org = Org(files, users=[*ADMINS, {"email": "Ops@acme.example", "role": role}])
        plan = org.plan(allow=["member:ops@acme.example"])
        assert [verdict.guard for verdict in plan.refusals] == ["own_identity"]
        assert [address.casefold() for address in plan.refusals[0].addresses] == ["member:ops@acme.example"]
        with pytest.raises(Refused, match="own_identity"):
            org.apply(plan=plan)
        assert org.writes() == []

    @pytest.mark.parametrize("role", ["user", "admin"])
    def test_its_own_end_is_not_heeded(self, role: str) -> None:
        files = (
            "manage: {members: authoritative}\nguards: {credential_of: ops@acme.example}\n"
            "members: {ceo@acme.example: admin, cto@acme.example: admin, "
            f"ops@acme.example: {{role: {role}, until: 2026-11-21}}}}"
        )
        org = Org(files, users=[*ADMINS, {"email": "ops@acme.example", "role": role}])
        plan = org.plan(allow=["member:ops@acme.example"])
        assert (plan.changes, plan.manual, plan.refusals) == ((), (), ())
        assert codes(plan.findings) == ["expiry_kept member:ops@acme.example"]

    def test_everybody_else_can_be_changed(self) -> None:
        org = Org(
            "guards: {credential_of: ceo@acme.example}\nmembers: {ana@acme.example: user}",
            users=[*ADMINS, {"email": "ana@acme.example", "role": "developer"}],
        )
        assert org.apply().complete

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ("ceo@acme.example", []),
            ("[CEO@acme.example, cto@acme.example]", []),
            ("coe@acme.example", ["credential_unknown member:coe@acme.example"]),
            ("[ceo@acme.example, new@acme.example]", ["credential_unknown member:new@acme.example"]),
        ],
    )
    def test_an_account_that_is_not_there_guards_nothing_and_that_is_said(
        self, members: str, expected: list[str]
    ) -> None:
        files = f"guards: {{credential_of: {members}}}\nmembers: {{ceo@acme.example: admin, cto@acme.example: admin}}"
        org = Org(files, users=ADMINS)
        assert codes(org.plan().findings) == expected


@pytest.mark.parametrize("role", ["owner", "primary_owner", "membership_admin"])
def test_an_open_invite_of_an_owner_is_one_of_an_admin(role: str) -> None:
    """Where organizations have owners, what they may do is what admins may."""
    rows: dict[str, Any] = {
        "users": [{"email": "ceo@acme.example", "role": "primary_owner"}],
        "invites": [{"email": "ana@acme.example", "role": role, "status": "pending"}],
        "settings": {"organization_type": "enterprise"},
    }
    org = Org("members: {ana@acme.example: developer}", **rows)
    withdrawn, again = org.plan().changes
    assert (withdrawn.fields[0].before, again.fields[0].after) == ("admin", "developer")
    assert withdrawn.meaning == again.meaning == ("withdraws",)
    assert actions(Org("members: {ana@acme.example: admin}", **rows).plan()) == []


@pytest.mark.parametrize("status", ["pending", "expired"])
def test_the_groups_that_an_invite_loses_when_it_is_sent_again_are_told(status: str) -> None:
    grouped = {**ANA, "status": status, "rbac_group_ids": ["rbac_group_lab", "rbac_group_ops"]}
    org = Org("members: {ana@acme.example: user}", users=ADMINS, invites=[grouped])
    plan = org.plan()
    lost = "the new invite is without the RBAC groups of the last one (rbac_group_lab, rbac_group_ops)"
    assert plan.changes[-1].effects[-2:] == ("sends 1 e-mail", f"{lost}: add the person to them again")
    for shown in (text.render(plan), markdown.render(plan)):
        assert "the new invite is without the RBAC groups" in " ".join(shown.split())
    assert org.apply().complete
    assert org.rows("invites")[0]["rbac_group_ids"] == []


def test_a_hundred_groups_are_told_by_the_first_ones() -> None:
    grouped = {**ANA, "rbac_group_ids": [f"rbac_group_{number}" for number in range(100)]}
    org = Org("members: {ana@acme.example: user}", users=ADMINS, invites=[grouped])
    assert "rbac_group_4 and 95 more)" in org.plan().changes[-1].effects[-1]


def test_an_invite_that_stays_as_it_is_loses_nothing() -> None:
    org = Org("members: {ana@acme.example: developer}", users=ADMINS, invites=[{**ANA, "rbac_group_ids": ["g"]}])
    assert org.plan().changes == ()
