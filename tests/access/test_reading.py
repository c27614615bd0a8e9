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
