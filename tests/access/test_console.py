"""What a colleague can make of roles in the sandbox's Console is what the table of facts knows, and access follows it.

The sandbox models who has which role, which roles can be given to whom, and, with `console_rights`, what the person who
is named may change. It has no playground, no Claude Code, no requests, traces or costs by person.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from acme import Org

from access.facts import VERBS, allowed
from orgsync.flows.asking.access import access
from orgsync.questions.access.asked import asked
from orgsync.render.answers.json_text import data

ORGANIZATION_ROLES = ("user", "claude_code_user", "developer", "billing", "admin")
WORKSPACE_ROLES = ("user", "restricted_developer", "developer", "admin", "billing")
SORTS = {"production": "ordinary", "Claude Code": "claude_code", "Default": "default", "old": "archived"}


def people() -> list[dict[str, str]]:
    ceo = {"email": "ceo@acme.example", "role": "admin"}
    return [ceo, *({"email": f"{role}@acme.example", "role": role} for role in ORGANIZATION_ROLES)]


def acme() -> Org:
    archived = {"name": "old", "archived_at": "2026-10-01T00:00:00Z"}
    return Org(users=people(), workspaces=[{"name": "production"}, {"name": "Claude Code"}, archived])


def shown(org: Org, workspace: str, email: str) -> dict[str, str]:
    """What access says that the person can do there."""
    made = data(asyncio.run(access(org.connection(), asked(workspace), None, org.now)))
    role = email.partition("@")[0]
    row: Any = next((row for row in made["access"] if row["who"] == email), None)
    row = row or next((row for row in made["without_a_role"] if row["organization_role"] == role), None)
    if row is None:
        return dict.fromkeys(VERBS, "no")
    return {verb: "yes" if verb in row["may"] else "unknown" if verb in row["not_known"] else "no" for verb in VERBS}


@pytest.mark.parametrize("workspace", SORTS)
def test_whatever_role_is_given_access_is_what_the_table_says(workspace: str) -> None:
    org = acme()
    path = f"/v1/organizations/workspaces/{org.workspace_id(workspace)}/members"
    given = {}
    for role, listed in itertools.product(ORGANIZATION_ROLES, WORKSPACE_ROLES):
        email = f"{role}@acme.example"
        body = {"user_id": org.user_id(email), "workspace_role": f"workspace_{listed}"}
        answer = org.app.console("POST", path, body)
        if answer.status != 200 and email in given:
            update = {"workspace_role": body["workspace_role"]}
            answer = org.app.console("POST", f"{path}/{body['user_id']}", update)
        if answer.status == 200:
            given[email] = listed
        expected = given.get(email, "none")
        verbs = {verb: allowed(role, SORTS[workspace], expected, verb) for verb in VERBS}
        assert shown(org, workspace, email) == verbs, (email, expected)


def test_the_console_gives_only_roles_that_the_table_knows() -> None:
    """Nobody but billing members has `workspace_billing`; those can only be raised; the default workspace has no
    members; an archived one takes none."""
    org = acme()
    taken: dict[str, set[tuple[str, str]]] = {name: set() for name in SORTS}
    for name, role, listed in itertools.product(SORTS, ORGANIZATION_ROLES, WORKSPACE_ROLES):
        user = org.user_id(f"{role}@acme.example")
        path = f"/v1/organizations/workspaces/{org.workspace_id(name)}/members"
        org.app.console("DELETE", f"{path}/{user}")
        if org.app.console("POST", path, {"user_id": user, "workspace_role": f"workspace_{listed}"}).status == 200:
            taken[name].add((role, listed))
    assignable = {*itertools.product(("user", "claude_code_user", "developer"), WORKSPACE_ROLES[:-1])}
    everywhere = assignable | {("billing", "admin"), ("admin", "admin")}
    assert taken == {"production": everywhere, "Claude Code": everywhere, "Default": set(), "old": set()}
    for role, listed in everywhere - {("admin", "admin")}:
        assert {allowed(role, "ordinary", listed, verb) for verb in VERBS} != {"unknown"}


def test_who_loses_an_organization_role_keeps_only_what_was_given() -> None:
    org = acme()
    path = f"/v1/organizations/workspaces/{org.workspace_id('production')}/members"
    billing = org.user_id("billing@acme.example")
    org.console("POST", path, {"user_id": billing, "workspace_role": "workspace_admin"})
    assert shown(org, "production", "billing@acme.example")["see_costs"] == "yes"
    org.console("POST", f"users/{billing}", {"role": "user"})
    made = data(asyncio.run(access(org.connection(), asked("production"), None, org.now)))
    row = next(row for row in made["access"] if row["who"] == "billing@acme.example")
    assert (row["role"], row["inherited"], row["organization_role"]) == ("admin", False, "user")
    assert {verb for verb in VERBS if allowed("user", "ordinary", "admin", verb) == "yes"} == set(row["may"])


MODELLED = ("create_keys", "manage_members", "manage_limits", "archive")
"""What somebody does in the Console by an edit; the sandbox has nothing of the other verbs."""
NEWCOMER = "newcomer@acme.example"


def done(org: Org, verb: str, workspace: str, by: str) -> bool:
    """Whether the person does something by it. Nothing of it stays."""
    app, identity = org.app.copy(), org.workspace_id(workspace)
    limit = next(row["id"] for row in org.rows("rate_limits") if row["group"]["type"] == "model_group")
    path, body = {
        "create_keys": ("api_keys", {"name": "new", "scope": {"type": "workspace", "workspace_id": identity}}),
        "manage_members": (
            f"workspaces/{identity}/members",
            {"user_id": org.user_id(NEWCOMER), "workspace_role": "workspace_user"},
        ),
        "manage_limits": (
            f"workspaces/{identity}/rate_limits/{limit}",
            {"limits": [{"type": "requests_per_minute", "value": 1}]},
        ),
        "archive": (f"workspaces/{identity}/archive", None),
    }[verb]
    before = app.tables()
    return app.console("POST", path, body, by=by).status == 200 and app.tables() != before


@pytest.mark.parametrize("workspace", SORTS)
def test_who_is_named_does_in_the_console_what_the_table_says_and_no_more(workspace: str) -> None:
    """What the table does not know is refused: whoever relies on the sandbox relies on nothing that nobody promised."""
    archived = {"name": "old", "archived_at": "2026-10-01T00:00:00Z"}
    newcomer = {"email": NEWCOMER, "role": "user"}
    workspaces = [{"name": "production"}, {"name": "Claude Code"}, archived]
    org = Org(users=[*people(), newcomer], workspaces=workspaces, settings={"console_rights": "by_role"})
    for role, listed in itertools.product(ORGANIZATION_ROLES, (None, *WORKSPACE_ROLES)):
        email, path = f"{role}@acme.example", f"/v1/organizations/workspaces/{org.workspace_id(workspace)}/members"
        user = org.user_id(email)
        org.app.console("DELETE", f"{path}/{user}")
        if role == "billing":  # a raise is taken back by setting what is inherited
            org.app.console("POST", f"{path}/{user}", {"workspace_role": "workspace_billing"})
        if listed is not None:
            body = {"user_id": user, "workspace_role": f"workspace_{listed}"}
            if org.app.console("POST", path, body).status != 200:
                continue
        for verb in MODELLED:
            expected = allowed(role, SORTS[workspace], listed or "none", verb) == "yes"
            assert done(org, verb, workspace, email) == expected, (role, listed, verb)
