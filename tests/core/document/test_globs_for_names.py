"""A line declares one thing: a glob in place of its name is refused, unless something really has that name."""

from __future__ import annotations

import pytest
from acme import ADMINS, Org, actions, codes, desired_from

from orgsync.core.document.validated import valid_files
from orgsync.errors import InputError
from orgsync.kinds import KINDS

WILD = [{"name": "chat-*"}, {"name": "chat-eu"}]


def test_no_workspace_is_created_for_a_glob() -> None:
    org = Org('workspaces: {"chat-*": {color: "#000000"}}', users=ADMINS)
    with pytest.raises(InputError, match=r'workspace:chat-\*: the name "chat-\*" contains a wildcard'):
        org.plan()


def test_what_really_has_the_name_is_declared_by_its_id() -> None:
    org = Org(users=ADMINS, workspaces=WILD)
    identity = org.workspace_id("chat-*")
    plan = org.plan(f'workspaces: {{"chat-*": {{id: {identity}, color: "#000000"}}, chat-eu: {{}}}}')
    assert actions(plan) == ["update workspace:chat-*"]
    assert plan.changes[0].id == identity
    assert [field.path for field in plan.changes[0].fields] == ["color"]


def test_export_writes_the_id_of_such_a_name_and_of_no_other() -> None:
    keys = [{"name": "bot-?", "workspace": "chat-eu"}, {"name": "bot", "workspace": "chat-eu"}]
    org = Org(users=ADMINS, workspaces=WILD, api_keys=keys)
    text = org.export()
    assert text.count("id: wrkspc_") == text.count("id: apikey_") == 1
    assert actions(org.plan(text)) == []


def test_nobody_is_invited_by_a_glob() -> None:
    text = 'members: {"*@acme.example": user, ceo@acme.example: admin}'
    warnings = valid_files("org.yaml", desired_from(text), KINDS).warnings
    assert "doubtful_email member:*@acme.example" in codes(warnings)
    plan = Org(text).plan()
    assert actions(plan) == []
    (blocked,) = plan.blocked
    assert blocked.address == "member:*@acme.example"
    assert "a line declares one person, but the address contains a wildcard" in blocked.message


def test_whoever_is_there_under_such_an_address_is_named_by_it() -> None:
    org = Org('members: {"*@acme.example": developer}', users=[*ADMINS, {"email": "*@acme.example", "role": "user"}])
    assert actions(org.plan()) == ["update member:*@acme.example"]
