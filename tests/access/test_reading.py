"""What access reads of a sandbox: service accounts only where the credential shows them, and no more than it needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from acme import ByToken, Org

from orgsync.flows.asking.access import access
from orgsync.questions.access.asked import Asked, Subject, asked
from orgsync.render.answers.json_text import data

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED: dict[str, Any] = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "developer"}],
    "workspaces": [{"name": "production"}, {"name": "staging"}],
    "service_accounts": [
        {"id": "svac_ci", "name": "ci"},
        {"id": "svac_root", "name": "root", "organization_role": "admin"},
        {"id": "svac_old", "name": "old", "archived_at": "2026-10-01T00:00:00Z"},
    ],
    "account_members": [
        {"service_account": "ci", "workspace": "production", "workspace_role": "workspace_developer"},
        {"service_account": "old", "workspace": "production", "workspace_role": "workspace_developer"},
    ],
    "api_keys": [
        {
            "name": name,
            "scope": {"type": "organization"},
            "principal": {"type": "service_account_actor", "service_account_id": account},
        }
        for name, account in (("deploys", "svac_ci"), ("rules", "svac_root"), ("rests", "svac_old"))
    ],
}


def answered(org: Org, question: Asked) -> Mapping[str, Any]:
    return data(asyncio.run(access(org.connection(), question, None, org.now)))


def keys(made: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {row["key"]: (row["acts_as"], row["works"]) for row in made["keys"]}


def test_a_token_shows_who_acts_for_programs() -> None:
    org = ByToken(**SEED)
    made = answered(org, asked("production"))
    assert [(row["account"], row["can"], row["works"]) for row in made["service_accounts"]] == [
        ("ci", "developer", "yes")
    ]
    assert keys(made) == {"*/deploys": ("service account ci", "yes")}
    assert not any("service accounts" in note for note in made["notes"])
    # who, users, invites, workspaces, members of that one, keys, service accounts, those of that workspace
    assert made["requests"] == 8 == len(org.reads())


def test_in_the_default_workspace_what_they_can_is_not_known() -> None:
    made = answered(ByToken(**SEED), asked("Default"))
    assert {row["account"]: (row["can"], row["works"]) for row in made["service_accounts"]} == {
        "ci": ("user", "not known"),
        "root": ("user", "not known"),
    }
    assert keys(made) == {
        "*/deploys": ("service account ci", "not known"),
        "*/rules": ("service account root", "not known"),
    }


def test_an_admin_key_does_not_ask_for_them_and_guesses_nothing() -> None:
    org = Org(**SEED)
    made = answered(org, asked("production"))
    assert made["service_accounts"] == []
    assert {works for _acts_as, works in keys(made).values()} == {"not known"}
    assert any("Admin keys cannot read them" in note for note in made["notes"])
    assert made["requests"] == 6
    assert not any("service_accounts" in path for path in org.reads())


def test_where_there_are_none_no_workspace_is_asked_for_them() -> None:
    org = ByToken(**{**SEED, "service_accounts": [], "account_members": [], "api_keys": []})
    assert answered(org, Asked(Subject.ALL))["requests"] == 8  # two lists of members, and that there is no account


def test_admins_include_those_that_are_programs() -> None:
    org = ByToken(**SEED)
    made = answered(org, asked("admins"))
    assert [row["who"] for row in made["access"]] == ["ceo@acme.example"]
    assert [(row["account"], row["can"]) for row in made["service_accounts"]] == [("root", "admin")]
    assert made["requests"] == 4


@pytest.mark.parametrize("question", ["production", "ana@acme.example", "admins", "Default"])
def test_access_only_reads(question: str) -> None:
    org = ByToken(**SEED)
    answered(org, asked(question))
    assert org.writes() == []


def test_keys_of_somebody_who_left_act_only_if_they_act_as_nobody() -> None:
    key = {"name": "etl", "workspace": "production", "created_by_email": "ana@acme.example"}
    own = {"name": "ana", "workspace": "production", "principal_email": "ana@acme.example"}
    org = Org(**{**SEED, "api_keys": [key, own]})
    org.console("DELETE", f"users/{org.user_id('ana@acme.example')}")
    made = answered(org, asked("production"))
    assert keys(made) == {"production/etl": ("nobody", "yes")}
    assert made["keys"][0]["made_by_is"] == "left"


TWINS: dict[str, Any] = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "user"}],
    "workspaces": [{"id": "wrkspc_1", "name": "production"}, {"id": "wrkspc_2", "name": "production"}],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace_id": "wrkspc_2", "workspace_role": "workspace_developer"}
    ],
}


@pytest.mark.parametrize("files", ["", "workspaces: {production: {members: {ana@acme.example: admin}}}"])
def test_workspaces_of_one_name_are_told_apart(files: str) -> None:
    org = Org(f"members: {{ceo@acme.example: admin, ana@acme.example: user}}\n{files}", **TWINS)
    made = data(asyncio.run(access(org.connection(), asked("production"), org.desired(), org.now)))
    given = {(row["workspace"], row["who"]): row["role"] for row in made["access"] if row["who"] != "ceo@acme.example"}
    assert given == {("production (wrkspc_2)", "ana@acme.example"): "developer"}
    one = data(asyncio.run(access(org.connection(), asked("wrkspc_1"), org.desired(), org.now)))
    assert [row["who"] for row in one["access"]] == ["ceo@acme.example"]


def test_a_renamed_workspace_is_found_by_both_names() -> None:
    seed = {**TWINS, "workspaces": [{"id": "wrkspc_2", "name": "staging"}]}
    org = Org("workspaces: {production: {renamed_from: staging, members: {ana@acme.example: developer}}}", **seed)
    for name in ("staging", "production", "stag*"):
        made = data(asyncio.run(access(org.connection(), asked(name), org.desired(), org.now)))
        assert next((row["who"], row["because"]) for row in made["access"]) == ("ana@acme.example", "own_line")
        assert made["requests"] == 6


def test_where_a_list_is_refused_nobody_is_said_to_have_no_access() -> None:
    org = Org(**TWINS)
    org.app.set_faults([{"fault": "status_before", "status": 404, "path": "/workspaces/wrkspc_2/members"}])
    made = answered(org, asked("wrkspc_2"))
    rows = {row["who"]: (row["role"], row["can"]) for row in made["access"]}
    assert rows == {"ana@acme.example": (None, "not known"), "ceo@acme.example": ("admin", "admin")}
    assert any("wrkspc_2/members" in note for note in made["notes"])


def test_a_row_of_somebody_who_is_not_in_the_organization_gives_nothing() -> None:
    org = Org(**{**TWINS, "users": TWINS["users"][::-1]})
    org.app.set_faults([{"fault": "short_list", "rows": 1, "path": "/users"}])
    made = answered(org, asked("wrkspc_2"))
    row = next(row for row in made["access"] if row["who"].startswith("user_"))
    assert (row["can"], row["because"], row["may"]) == ("nothing", "not_a_member", [])
