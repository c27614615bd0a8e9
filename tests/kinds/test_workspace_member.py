"""Workspace members: explicit roles, inherited access, and people who are not there yet."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes, held

from orgsync.errors import InputError

ANA = {"email": "ana@acme.example", "role": "developer"}
FIN = {"email": "fin@acme.example", "role": "billing"}
LAB = [{"name": "lab"}]


def row(email: str, role: str) -> dict[str, str]:
    return {"email": email, "workspace": "lab", "workspace_role": f"workspace_{role}"}


def lab(members: str, *, mode: str = "authoritative", **seed: Any) -> Org:
    text = (
        f"manage: {{workspace_members: {mode}}}\nguards: {{max_removals: {{percent: 100}}}}\n"
        f"workspaces: {{lab: {{members: {members}}}}}"
    )
    return Org(text, **{"users": [*ADMINS, ANA, FIN], "workspaces": LAB, **seed})


def test_a_declared_person_is_added_changed_and_removed() -> None:
    org = lab("{ana@acme.example: developer}")
    assert actions(org.plan()) == ["create workspace_member:lab/ana@acme.example"]
    assert org.apply().complete
    org.files = org.files.replace("ana@acme.example: developer", "ana@acme.example: admin")
    assert actions(org.plan()) == ["update workspace_member:lab/ana@acme.example"]
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_an_undeclared_person_is_removed_where_the_file_is_authoritative() -> None:
    people = [ANA, {"email": "raj@acme.example", "role": "user"}]
    rows = [row("ana@acme.example", "user"), row("raj@acme.example", "user")]
    org = lab("{raj@acme.example: user}", users=[*ADMINS, *people], workspace_members=rows)
    assert actions(org.plan()) == ["remove workspace_member:lab/ana@acme.example"]
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_an_undeclared_person_is_reported_where_the_file_is_additive() -> None:
    org = lab("{}", mode="additive", workspace_members=[row("ana@acme.example", "admin")])
    assert org.plan().changes == ()
    assert "undeclared workspace_member:lab/ana@acme.example" in codes(org.plan().findings)


def test_a_workspace_without_members_is_not_looked_into() -> None:
    org = Org(
        "workspaces: {lab: {}}",
        users=[*ADMINS, ANA],
        workspaces=LAB,
        workspace_members=[row("ana@acme.example", "user")],
    )
    assert org.plan().findings == ()
    assert [path for path in org.reads() if path.endswith("/members")] == []


@pytest.mark.parametrize("listed", ["listed", "hidden"])
@pytest.mark.parametrize("mode", ["authoritative", "additive"])
def test_inherited_access_is_never_removed_whether_it_is_listed_or_not(*, listed: str, mode: str) -> None:
    org = lab("{ana@acme.example: user}", mode=mode, settings={"inherited_members": listed})
    assert org.apply().complete
    plan = org.plan()
    assert (plan.changes, plan.findings) == ((), ())


def test_an_explicit_row_of_an_admin_is_never_removed() -> None:
    org = lab("{ana@acme.example: user}", workspace_members=[row("ceo@acme.example", "admin")])
    assert actions(org.plan()) == ["create workspace_member:lab/ana@acme.example"]


def test_a_lower_role_for_an_admin_is_a_finding() -> None:
    org = lab("{ceo@acme.example: user}")
    assert org.plan().changes == ()
    assert codes(org.plan().findings) == ["inherited_access workspace_member:lab/ceo@acme.example"]


def test_a_declared_admin_of_the_organization_is_an_admin_here_already() -> None:
    plan = lab("{ceo@acme.example: admin}").plan()
    assert (plan.changes, plan.findings) == ((), ())


@pytest.mark.parametrize("listed", ["listed", "hidden"])
def test_a_billing_member_can_be_raised_to_admin_and_stays_there(*, listed: str) -> None:
    org = lab("{fin@acme.example: admin}", settings={"inherited_members": listed})
    assert len(org.plan().changes) == 1
    assert org.apply().complete
    assert actions(org.plan()) == []
    org.files = org.files.replace("fin@acme.example: admin", "ana@acme.example: user")
    assert actions(org.plan()) == ["create workspace_member:lab/ana@acme.example"]
    assert codes(org.plan().findings) == ["undeclared workspace_member:lab/fin@acme.example"]


def test_any_other_role_for_a_billing_member_is_a_finding() -> None:
    plan = lab("{fin@acme.example: developer}").plan()
    assert plan.changes == ()
    assert codes(plan.findings) == ["inherited_access workspace_member:lab/fin@acme.example"]


def test_somebody_who_is_invited_is_waited_for() -> None:
    org = lab("{new@acme.example: user}", invites=[{"email": "new@acme.example", "role": "user"}])
    assert org.plan().changes == ()
    assert codes(org.plan().waiting) == ["invite_pending workspace_member:lab/new@acme.example"]
    org.app.accept("new@acme.example")
    assert actions(org.plan()) == ["create workspace_member:lab/new@acme.example"]


def test_somebody_who_is_being_invited_is_waited_for() -> None:
    org = Org("members: {new@acme.example: user}\nworkspaces: {lab: {members: {new@acme.example: user}}}", users=ADMINS)
    assert actions(org.plan()) == ["invite member:new@acme.example", "create workspace:lab"]
    assert "invite_pending workspace_member:lab/new@acme.example" in codes(org.plan().waiting)


def test_somebody_who_is_neither_declared_nor_live_is_an_error_with_a_hint() -> None:
    org = lab("{anna@acme.example: user}")
    message = held(org.plan())
    assert "is neither declared under members nor a member of the organization" in message
    assert 'did you mean "ana@acme.example"?' in message


def test_a_person_whom_an_authoritative_file_gives_up_cannot_keep_a_workspace() -> None:
    org = Org(
        "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}\n"
        "workspaces: {lab: {members: {ana@acme.example: user}}}",
        users=[*ADMINS, ANA],
        workspaces=LAB,
    )
    with pytest.raises(InputError, match="is not declared under members, which is authoritative"):
        org.plan()


def test_members_of_a_new_workspace_come_after_it() -> None:
    org = lab("{ana@acme.example: developer}", workspaces=[])
    plan = org.plan()
    assert actions(plan) == ["create workspace:lab", "create workspace_member:lab/ana@acme.example"]
    assert plan.changes[1].after == ("workspace:lab",)
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_role_that_ends_inherited_access_comes_before_the_explicit_one() -> None:
    text = "members: {fin@acme.example: developer}\nworkspaces: {lab: {members: {fin@acme.example: developer}}}"
    org = Org(text, users=[*ADMINS, FIN], workspaces=LAB)
    plan = org.plan()
    assert actions(plan) == ["update member:fin@acme.example", "create workspace_member:lab/fin@acme.example"]
    assert plan.changes[1].after == ("member:fin@acme.example",)
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_line_of_ones_own_wins_over_the_team() -> None:
    org = Org(
        "teams: {core: [ana@acme.example, fin@acme.example]}\n"
        "workspaces: {lab: {members: {team:core: user, fin@acme.example: admin}}}",
        users=[*ADMINS, ANA, FIN],
        workspaces=LAB,
    )
    roles = {change.address.rpartition("/")[2]: change.fields[0].after for change in org.plan().changes}
    assert roles == {"ana@acme.example": "user", "fin@acme.example": "admin"}


def test_the_members_of_an_archived_workspace_are_not_planned() -> None:
    org = Org(
        "workspaces: {lab: {archived: true, members: {ana@acme.example: user}}}",
        users=[*ADMINS, ANA],
        workspaces=LAB,
    )
    assert actions(org.plan()) == ["archive workspace:lab"]


def test_addresses_are_compared_without_case_and_shown_as_written() -> None:
    org = lab("{ANA@acme.example: developer}", workspace_members=[row("ana@acme.example", "user")])
    assert actions(org.plan()) == ["update workspace_member:lab/ANA@acme.example"]
    assert org.apply().complete
    assert actions(org.plan()) == []


RAJ = {"email": "raj@acme.example", "role": "user"}
DEVELOPER, ADMIN, USER = (row("ana@acme.example", role) for role in ("developer", "admin", "user"))
GONE = "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
STAY = "ceo@acme.example: admin, cto@acme.example: admin, raj@acme.example: user"


@pytest.mark.parametrize(
    ("rows", "members", "warned"),
    [
        ([DEVELOPER], "{}", True),
        ([ADMIN], "{}", True),
        ([DEVELOPER], "{ana@acme.example: user}", True),
        ([DEVELOPER], "{ana@acme.example: restricted_developer}", True),
        ([DEVELOPER], "{ana@acme.example: admin}", False),
        ([DEVELOPER], "{raj@acme.example: developer}", False),
        ([DEVELOPER, row("raj@acme.example", "admin")], "{raj@acme.example: admin}", False),
        ([DEVELOPER, row("raj@acme.example", "admin")], "{ana@acme.example: user}", True),
        ([USER], "{}", False),
        ([], "{ana@acme.example: user}", False),
        ([DEVELOPER], "{new@acme.example: developer}\nmembers: {new@acme.example: developer}", True),
        ([row("ceo@acme.example", "admin")], "{}", False),
        ([DEVELOPER, row("fin@acme.example", "admin")], "{fin@acme.example: admin}", False),
    ],
)
@pytest.mark.parametrize("listed", ["hidden", "listed"])
def test_a_workspace_that_loses_its_last_developer_is_pointed_out(
    rows: list[dict[str, str]], members: str, *, warned: bool, listed: str
) -> None:
    files = (
        "manage: {workspace_members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        f"workspaces:\n  lab:\n    members: {members}"
    )
    org = Org(
        files,
        users=[*ADMINS, ANA, FIN, RAJ],
        workspaces=LAB,
        workspace_members=rows,
        settings={"inherited_members": listed},
    )
    assert ("last_developer workspace:lab" in codes(org.plan().findings)) is warned


@pytest.mark.parametrize(
    ("files", "warned"),
    [
        (f"{GONE}members: {{{STAY}}}\nworkspaces: {{lab: {{members: {{}}}}}}", True),
        (f"{GONE}members: {{{STAY}, ana@acme.example: user}}\nworkspaces: {{lab: {{members: {{}}}}}}", False),
        ("members: {ana@acme.example: billing}\nworkspaces: {lab: {members: {}}}", True),
        ("workspaces: {lab: {archived: true, members: {}}}", False),
        ("manage: {workspace_members: observe}\nworkspaces: {lab: {members: {ana@acme.example: user}}}", False),
        ("manage: {workspace_members: additive}\nworkspaces: {lab: {members: {ana@acme.example: user}}}", True),
        ("workspaces: {office: {renamed_from: lab, members: {ana@acme.example: user}}}", True),
    ],
)
def test_what_counts_is_what_will_be_however_it_comes_about(files: str, *, warned: bool) -> None:
    org = Org(files, users=[*ADMINS, ANA, RAJ], workspaces=LAB, workspace_members=[DEVELOPER])
    found = [code for code in codes(org.plan().findings) if code.startswith("last_developer")]
    assert found == ([f"last_developer workspace:{'office' if 'office' in files else 'lab'}"] if warned else [])
