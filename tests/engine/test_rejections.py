"""Writes that the API rejects: what is so already is no failure, and what would be rejected again says what to do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org, actions

from orgsync.core.apply.journal import Conclusion, Result
from orgsync.core.apply.outcome import Status
from orgsync.core.apply.undo import undo_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.errors import InputError
from orgsync.files.state.journal import FileJournal, read
from orgsync.kinds import KINDS
from orgsync.render import outcome as rendered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orgsync.core.apply.outcome import Outcome, Report

ANA = {"id": "user_01ana", "email": "ana@acme.example", "role": "user"}
KIM = {"id": "user_01kim", "email": "kim@acme.example", "role": "user"}
INVITED = {"id": "invite_01ana", "email": "ana@acme.example", "role": "user"}
LAB = {"id": "wrkspc_01lab", "name": "lab"}
OTHER = {"id": "wrkspc_01other", "name": "other"}
MEMBERSHIP = {"email": "ana@acme.example", "workspace": "lab", "workspace_role": "workspace_user"}
KEY = {"id": "apikey_01ci", "name": "ci", "workspace": "lab", "status": "inactive"}
LIMIT = {"id": "spl_01lab", "workspace": "lab", "amount": "10000"}
OPEN = (
    "guards: {max_removals: {percent: 100}, allow: ["
    + ", ".join(
        f"{{address: '{address}', reason: a test}}" for address in ("workspace:lab", "spend_limit:workspace/lab")
    )
    + "]}\n"
)
INVITE = "members: {ana@acme.example: user}\n"
PROMOTE = "members: {ana@acme.example: developer}\n"
LEAVE = (
    f"{OPEN}manage: {{members: authoritative, workspace_members: authoritative}}\n"
    "members: {ceo@acme.example: admin, cto@acme.example: admin%s}\n"
)
JOIN = "workspaces: {lab: {members: {ana@acme.example: user}}}\n"
LEAVE_LAB = (
    LEAVE % ", ana@acme.example: user, kim@acme.example: user"
    + "workspaces: {lab: {members: {kim@acme.example: user}}}\n"
)


@dataclass(frozen=True)
class Case:
    """A plan of one change, what a colleague does right before it is sent, and what is true of its end."""

    files: str
    told: str = ""
    edits: tuple[tuple[str, str, Mapping[str, Any] | None], ...] = ()
    seed: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def applied(case: Case) -> tuple[Org, Report, Outcome]:
    seed: dict[str, Any] = {"users": ADMINS, **case.seed}
    org = Org(case.files, **seed, settings=dict(case.settings))
    plan = org.plan()
    assert plan.changes
    last = plan.changes[-1]
    edits = [
        {"fault": "console", "method": method_of(last.action), "edit": {"method": method, "path": path, "body": body}}
        for method, path, body in case.edits
    ]
    org.app.set_faults(edits)
    report = org.apply(plan=plan)
    return org, report, report.outcomes[-1]


def method_of(action: str) -> str:
    return "DELETE" if action in {"remove", "withdraw"} else "POST"


WITH_ANA = {"users": [*ADMINS, ANA]}
IN_LAB = {
    "users": [*ADMINS, ANA, KIM],
    "workspaces": [LAB],
    "workspace_members": [MEMBERSHIP, {**MEMBERSHIP, "email": KIM["email"]}],
}

ALREADY = {
    "the very invite": Case(INVITE, edits=(("POST", "/invites", {"email": "ana@acme.example", "role": "user"}),)),
    "a member by then": Case(INVITE, edits=(("POST", "/users", {"email": "ana@acme.example", "role": "user"}),)),
    "an invite withdrawn": Case(
        LEAVE % "", edits=(("DELETE", "/invites/invite_01ana", None),), seed={"invites": [INVITED]}
    ),
    "an invite expired": Case(
        LEAVE % "", edits=(("POST", "/invites/invite_01ana", {"status": "expired"}),), seed={"invites": [INVITED]}
    ),
    "a member removed": Case(LEAVE % "", edits=(("DELETE", "/users/user_01ana", None),), seed=WITH_ANA),
    "the role": Case(
        PROMOTE,
        edits=(("POST", "/users/user_01ana", {"role": "developer"}),),
        seed=WITH_ANA,
        settings={"same_role": "refused"},
    ),
    "a role in a workspace": Case(
        JOIN,
        edits=(
            ("POST", "/workspaces/wrkspc_01lab/members", {"user_id": "user_01ana", "workspace_role": "workspace_user"}),
        ),
        seed={**WITH_ANA, "workspaces": [LAB]},
    ),
    "a role removed in a workspace": Case(
        LEAVE_LAB, edits=(("DELETE", "/workspaces/wrkspc_01lab/members/user_01ana", None),), seed=IN_LAB
    ),
    "a workspace archived": Case(
        f"{OPEN}workspaces: {{lab: {{archived: true}}}}\n",
        edits=(("POST", "/workspaces/wrkspc_01lab/archive", None),),
        seed={"workspaces": [LAB, OTHER]},
        settings={"archive_twice": 400},
    ),
    "a spend limit deleted": Case(
        f"{OPEN}workspaces: {{lab: {{spend_limit: null}}}}\n",
        edits=(("DELETE", "/spend_limits/spl_01lab", None),),
        seed={"workspaces": [LAB], "spend_limits": [LIMIT]},
    ),
}


@pytest.mark.parametrize("case", ALREADY.values(), ids=ALREADY)
def test_what_is_so_by_then_is_no_failure(case: Case) -> None:
    org, report, ended = applied(case)
    assert (ended.status, report.complete) == (Status.ALREADY, True), ended.message
    assert ended.message.endswith("; the organization is already as planned")
    assert ended.request_id
    assert actions(org.plan()) == []
    assert len(org.writes()) == 1


OTHERWISE = {
    "an invite with another role": Case(
        INVITE,
        "role: approved (none) -> user, the organization shows billing",
        (("POST", "/invites", {"email": "ana@acme.example", "role": "billing"}),),
    ),
    "a member with another role": Case(
        INVITE,
        "role: approved (none) -> user, the organization shows billing",
        (("POST", "/users", {"email": "ana@acme.example", "role": "billing"}),),
    ),
    "an invite accepted": Case(
        LEAVE % "",
        "approved for invite_01ana, the organization has user_",
        (("POST", "/invites/invite_01ana/accept", None),),
        {"invites": [INVITED]},
    ),
    "a member gone": Case(
        PROMOTE,
        "role: approved user -> developer, the organization shows (none)",
        (("DELETE", "/users/user_01ana", None),),
        WITH_ANA,
    ),
    "an admin by then": Case(
        PROMOTE,
        "role: approved user -> developer, the organization shows admin",
        (("POST", "/users/user_01ana", {"role": "admin"}),),
        WITH_ANA,
    ),
    "an admin who was to be removed": Case(
        LEAVE % "",
        "role: approved user -> (none), the organization shows admin",
        (("POST", "/users/user_01ana", {"role": "admin"}),),
        WITH_ANA,
    ),
    "another role in a workspace": Case(
        JOIN,
        "role: approved (none) -> user, the organization shows developer",
        (
            (
                "POST",
                "/workspaces/wrkspc_01lab/members",
                {"user_id": "user_01ana", "workspace_role": "workspace_developer"},
            ),
        ),
        {**WITH_ANA, "workspaces": [LAB]},
    ),
    "a workspace archived": Case(
        "workspaces: {lab: {color: '#112233'}}\n",
        "workspace:lab is archived",
        (("POST", "/workspaces/wrkspc_01lab/archive", None),),
        {"workspaces": [LAB, OTHER]},
    ),
    "a key archived": Case(
        "workspaces: {lab: {api_keys: {ci: active}}}\n",
        "api_key:lab/ci is archived",
        (("POST", "/api_keys/apikey_01ci", {"status": "archived"}),),
        {"workspaces": [LAB], "api_keys": [KEY]},
    ),
}


@pytest.mark.parametrize("case", OTHERWISE.values(), ids=OTHERWISE)
def test_what_is_otherwise_by_then_has_to_be_planned_again(case: Case) -> None:
    org, report, ended = applied(case)
    assert (ended.status, ended.replan) == (Status.FAILED, True)
    assert case.told in ended.message
    shown = rendered.render(report, width=1000)
    assert "next step: run `orgsync plan` again and review the new plan" in shown
    assert "same command" not in shown
    with suppress(InputError):  # the files may have to be corrected first, and the plan says so
        org.plan()


REJECTED = {
    "a domain not allowed": Case(
        INVITE,
        "an admin can add the domain to those that the organization allows; or use another address",
        settings={"allowed_domains": ["other.example"]},
    ),
    "a domain not verified": Case(
        INVITE,
        "verify the domain for the parent organization, or use another address",
        settings={"verified_domains": ["other.example"]},
    ),
    "an identity provider that invites": Case(
        INVITE, "if an identity provider manages members, add the person there", settings={"provisioning": "jit"}
    ),
    "no seat": Case(INVITE, "if no seat is free, remove a member", settings={"seats": 2}),
    "the member limit": Case(INVITE, "remove members or withdraw invites first", settings={"member_limit": 2}),
    "an invite that is made once only": Case(
        INVITE,
        "otherwise correct the files",
        seed={"invites": [{**INVITED, "status": "expired"}]},
        settings={"reinvite": "refused"},
    ),
    "an identity provider that gives roles": Case(
        PROMOTE,
        "change the role in the Console or at the provider, or correct the files",
        seed=WITH_ANA,
        settings={"idp_manages_roles": True},
    ),
    "an identity provider that removes": Case(
        LEAVE % "",
        "remove the member in the Console or at the provider, or declare the member",
        seed=WITH_ANA,
        settings={"provisioning": "scim"},
    ),
    "the workspace limit": Case(
        "workspaces: {lab: {}}\n",
        "archive one or ask Anthropic",
        seed={"workspaces": [OTHER]},
        settings={"workspace_limit": 1},
    ),
    "a name too long": Case(
        "workspaces: {laboratory: {}}\n", "otherwise correct the files", settings={"workspace_name_length": 3}
    ),
    "tags too many": Case(
        "workspaces: {lab: {tags: {a: b}}}\n",
        "correct the files",
        seed={"workspaces": [LAB]},
        settings={"tag_limit": 0},
    ),
    "an external key that nobody has": Case(
        "workspaces: {lab: {external_key_id: ekey_01a}}\n",
        "what the API's message names does not exist, or the credential may not see it: correct the files",
        settings={"external_keys": {}},
    ),
    "an external key that fails": Case(
        "workspaces: {lab: {external_key_id: ekey_01a}}\n",
        "correct its policy or state where it is kept, or declare another key",
        settings={"external_keys": {"ekey_01a": {"validation": "failed"}}},
    ),
    "a user profile that nobody has": Case(
        "workspaces: {lab: {user_profile_id: uprof_01a}}\n", "correct `user_profile_id`: this user profile"
    ),
    "a policy of the organization": Case(
        "workspaces: {lab: {}}\n",
        "an admin can change it in the Console",
        settings={"workspace_policy": {"external_key_required": True}},
    ),
    "the limit of members of a workspace": Case(
        JOIN,
        "remove members of this workspace first, or ask Anthropic",
        seed={**WITH_ANA, "workspaces": [LAB]},
        settings={"workspace_member_limit": 0},
    ),
    "a stranger in a workspace": Case(
        JOIN,
        "what the API's message names does not exist, or the credential may not see it: correct the files, or run",
        (("DELETE", "/users/user_01ana", None),),
        {**WITH_ANA, "workspaces": [LAB]},
    ),
    "an inherited role by then": Case(
        JOIN,
        "change the organization role, or correct the files",
        (("POST", "/users/user_01ana", {"role": "admin"}),),
        {**WITH_ANA, "workspaces": [LAB]},
    ),
    "the limit of active keys": Case(
        "workspaces: {lab: {api_keys: {ci: active}}}\n",
        "deactivate or archive a key first",
        seed={"workspaces": [LAB], "api_keys": [KEY]},
        settings={"org_api_key_limit": 0},
    ),
    "a limit above another": Case(
        "workspaces: {lab: {spend_limit: 90}}\n",
        "a limit can neither exceed the one that contains it",
        (("POST", "/spend_limits", {"scope": {"type": "organization"}, "amount": "5000", "period": "monthly"}),),
        {"workspaces": [LAB]},
    ),
    "a network that restricts": Case(INVITE, "run orgsync elsewhere", settings={"egress_restricted": True}),
}


@pytest.mark.parametrize("case", REJECTED.values(), ids=REJECTED)
def test_what_the_api_would_reject_again_says_what_to_do(case: Case) -> None:
    org, report, ended = applied(case)
    assert (ended.status, ended.rejected, ended.replan) == (Status.FAILED, True, False), ended.message
    assert case.told in ended.next_step
    shown = rendered.render(report, width=1000)
    assert "same command" not in shown
    assert shown.endswith("Follow the next steps above first: without them the API rejects the same requests.\n")
    assert len(org.writes()) == 1


def test_many_rejections_cost_one_look() -> None:
    people = "".join(f"  person{number}@acme.example: user\n" for number in range(40))
    org = Org(f"members:\n{people}", users=ADMINS, settings={"provisioning": "jit"})
    plan = org.plan()
    before = len(org.reads())
    report = org.apply(plan=plan)
    assert report.failed == 40
    assert (
        len(org.reads()) - before <= 3 * 3
    )  # me, users, invites: before the first write, twice, and after a rejection


def test_what_waited_for_something_that_exists_by_then_goes_on() -> None:
    """A name that may be there once only: the workspace is the one that was meant, and its members follow."""
    org = Org(JOIN, users=[*ADMINS, ANA], settings={"workspace_names": "unique"})
    plan = org.plan()
    edit = {"method": "POST", "path": "/workspaces", "body": {"name": "lab"}}
    org.app.set_faults([{"fault": "console", "method": "POST", "edit": edit}])
    report = org.apply(plan=plan)
    assert [one.status for one in report.outcomes] == [Status.ALREADY, Status.DONE]
    assert actions(org.plan()) == []


def test_the_journal_has_it_as_not_done_by_this_run(tmp_path: Path) -> None:
    """What was so already is not of this run: neither its undo nor a later run may take it for that."""
    org = Org(INVITE, users=ADMINS)
    plan = org.plan()
    edit = {"method": "POST", "path": "/invites", "body": {"email": "ana@acme.example", "role": "user"}}
    org.app.set_faults([{"fault": "console", "method": "POST", "edit": edit}])

    async def run(journal: FileJournal) -> Report:
        async with org.client() as client:
            return await apply_plan(
                plan, client.reader, client.writer, KINDS, journal=journal, patience=0, first_apply=True
            )

    with FileJournal(tmp_path / "journal", plan) as journal:
        report = asyncio.run(run(journal))
    assert report.live is None or undo_plan(report, plan, report.live, KINDS, org.now).changes == ()
    (result,) = [entry for entry in read(tmp_path / "journal") if isinstance(entry, Result)]
    assert (result.status, "already as planned" in result.message) == (Conclusion.FAILED, True)
    with FileJournal(tmp_path / "journal", plan) as journal:
        assert (tuple(journal.unfinished), tuple(journal.made)) == ((), ())
