"""What records of the Activity Feed say of things, kind by kind, in the feed's own names of fields and values."""

from __future__ import annotations

from typing import Any

import pytest
from acme import Org

from orgsync.core.feed.records import Activity, activity
from orgsync.core.feed.rules import ANY, EXISTS, PLACE, Handles, Hint
from orgsync.kinds import KINDS

SAM = {"type": "user_actor", "user_id": "user_sam", "email_address": "sam@acme.example"}
LEE = {"type": "user_actor", "user_id": "user_lee", "email_address": "Lee@acme.example"}


def record(kind: str, actor: dict[str, str] = SAM, **fields: Any) -> Activity:
    row = {"id": "activity_1", "created_at": "2026-11-22T10:00:00Z", "type": kind, "actor": actor, **fields}
    found = activity(row)
    assert found is not None
    return found


def update(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "previous_value": "x", "current_value": value}


def said(name: str, handles: Handles, given: Activity) -> dict[str, Any] | None:
    """What the record says of the thing with these handles; None: it is not about it."""
    rule = next((one for one in KINDS.by_name[name].activities if one.names(given, handles)), None)
    return None if rule is None else rule.says(given)


LEE_HERE: Handles = {"user": frozenset({"user_lee"}), "email": frozenset({"lee@acme.example"})}
LEE_GONE: Handles = {
    "invite": frozenset({"invite_1"}),
    "email": frozenset({"lee@acme.example"}),
    "former email": frozenset({"lee@acme.example"}),
}
WORKSPACE: Handles = {"workspace": frozenset({"wrkspc_1"})}
PERSON: Handles = {**WORKSPACE, **LEE_HERE}
KEY: Handles = {"key": frozenset({"apikey_1"})}
LOST_KEY: Handles = {"key": frozenset(), "renamed": frozenset({"apikey_2"}), "former name": frozenset({"ci"})}
ALL: Handles = {"scope": frozenset({"organization"})}
LIMIT: Handles = {**WORKSPACE, "group": frozenset({"rlg_sonnet"}), "limiter": frozenset({"requests_per_minute"})}
ACCOUNT: Handles = {"account": frozenset({"svac_1"})}

ROLE, ADDED, KEY_UPDATED = "claude_user_role_updated", "platform_workspace_member_added", "platform_api_key_updated"
LEE_ROLE: dict[str, Any] = {"user_id": "user_lee", "user_email": "lee@acme.example"}
IN_WORKSPACE: dict[str, Any] = {"workspace_id": "wrkspc_1", "user_id": "user_lee"}
OF_LIMIT: dict[str, Any] = {
    "workspace_id": "wrkspc_1",
    "model_group": "rlg_sonnet",
    "limiter_type": "requests_per_minute",
}

CASES: list[tuple[str, Handles, Activity, dict[str, Any] | None]] = [
    ("member", LEE_HERE, record(ROLE, **LEE_ROLE, previous_role="user", current_role="Admin"), {"role": "admin"}),
    ("member", LEE_HERE, record(ROLE, **LEE_ROLE, previous_role="user", current_role="owner"), {"role": "admin"}),
    ("member", LEE_HERE, record(ROLE, **LEE_ROLE, previous_role="user", current_role="x"), {"role": Hint.UNTOLD}),
    (
        "member",
        LEE_HERE,
        record(ROLE, **LEE_ROLE, previous_role=None, current_role="user"),
        {EXISTS: True, "role": "user"},
    ),
    (
        "member",
        LEE_HERE,
        record(ROLE, LEE, **LEE_ROLE, previous_role=None, current_role="user"),
        {EXISTS: Hint.PERHAPS, "role": Hint.PERHAPS},
    ),
    ("member", LEE_HERE, record(ROLE, **LEE_ROLE), {EXISTS: Hint.PERHAPS, ANY: Hint.PERHAPS}),
    ("member", LEE_GONE, record(ROLE, **LEE_ROLE, previous_role="user", current_role=None), {EXISTS: False}),
    ("member", LEE_HERE, record(ROLE, user_id="user_kim", user_email="lee@acme.example", current_role="user"), None),
    (
        "member",
        LEE_HERE,
        record("org_user_invite_sent", invited_email="LEE@acme.example", invited_role="user"),
        {EXISTS: True, "role": "user"},
    ),
    ("member", LEE_GONE, record("org_user_invite_deleted", invite_id="invite_1"), {EXISTS: False}),
    ("member", LEE_HERE, record("org_user_invite_accepted", LEE, invite_id="invite_9"), {}),
    ("member", LEE_GONE, record("org_user_deleted", deleted_user_email="lee@acme.example"), {EXISTS: False}),
    ("member", LEE_GONE, record("org_user_left", LEE), {EXISTS: False}),
    ("member", LEE_GONE, record("org_user_left", SAM), None),
    ("workspace", WORKSPACE, record("platform_workspace_created", workspace_id="wrkspc_1"), {EXISTS: Hint.UNTOLD}),
    ("workspace", WORKSPACE, record("platform_workspace_created", workspace_id="wrkspc_2"), None),
    (
        "workspace",
        WORKSPACE,
        record("platform_workspace_archived", workspace_id="wrkspc_1"),
        {"archived": Hint.UNTOLD, EXISTS: False},
    ),
    (
        "workspace",
        WORKSPACE,
        record(
            "platform_workspace_updated",
            workspace_id="wrkspc_1",
            updates=[
                update("name", "prod"),
                update("display_color", "#ABCDEF"),
                update("allowed_inference_geos", "us, global"),
                update("external_key_config_id", None),
            ],
        ),
        {
            "name": "prod",
            "color": "#abcdef",
            "data_residency.allowed_inference_geos": ["global", "us"],
            "external_key_id": Hint.UNTOLD,
        },
    ),
    (
        "workspace",
        WORKSPACE,
        record("platform_workspace_updated", workspace_id="wrkspc_1", updates=[]),
        dict.fromkeys(
            ("tags", "user_profile_id", "inference_data_privacy", "data_residency.workspace_geo"), Hint.PERHAPS
        ),
    ),
    ("workspace", WORKSPACE, record("platform_workspace_updated", workspace_id="wrkspc_1"), {ANY: Hint.PERHAPS}),
    ("workspace_member", PERSON, record(ADDED, **IN_WORKSPACE), {EXISTS: Hint.UNTOLD}),
    ("workspace_member", PERSON, record(ADDED, **{**IN_WORKSPACE, "workspace_id": "wrkspc_2"}), None),
    (
        "workspace_member",
        PERSON,
        record(
            "platform_workspace_member_updated", **IN_WORKSPACE, updates=[update("workspace_role", "workspace_admin")]
        ),
        {"role": "admin"},
    ),
    (
        "workspace_member",
        PERSON,
        record(
            "platform_workspace_member_updated", **IN_WORKSPACE, updates=[update("workspace_role", "workspace_billing")]
        ),
        {"role": "billing", EXISTS: False},
    ),
    ("workspace_member", PERSON, record("platform_workspace_member_removed", **IN_WORKSPACE), {EXISTS: False}),
    ("workspace_member", PERSON, record("org_user_deleted", deleted_user_id="user_lee"), {EXISTS: Hint.UNTOLD}),
    ("api_key", KEY, record("platform_api_key_created", api_key_id="apikey_1"), {EXISTS: Hint.UNTOLD}),
    (
        "api_key",
        KEY,
        record(KEY_UPDATED, api_key_id="apikey_1", updates=[update("status", "inactive")]),
        {"status": "inactive"},
    ),
    (
        "api_key",
        KEY,
        record(KEY_UPDATED, api_key_id="apikey_1", updates=[update("status", "archived"), update("name", "old")]),
        {"status": "archived", "name": "old", EXISTS: False},
    ),
    (
        "api_key",
        KEY,
        record(KEY_UPDATED, api_key_id="apikey_1", updates=[update("workspace", "prod")]),
        {PLACE: Hint.UNTOLD},
    ),
    (
        "api_key",
        LOST_KEY,
        record(KEY_UPDATED, api_key_id="apikey_2", updates=[{**update("name", "ci 2"), "previous_value": "ci"}]),
        {EXISTS: False},
    ),
    ("api_key", LOST_KEY, record(KEY_UPDATED, api_key_id="apikey_2", updates=[update("name", "ci")]), None),
    (
        "spend_limit",
        WORKSPACE,
        record("workspace_spend_limit_created", workspace_id="wrkspc_1", limit_usd=50000),
        {EXISTS: True, "monthly": "500.00 USD"},
    ),
    ("spend_limit", WORKSPACE, record("platform_spend_limit_created", limit_usd=50000), None),
    (
        "spend_limit",
        ALL,
        record("platform_spend_limit_created", limit_usd=None),
        {EXISTS: True, "monthly": Hint.UNTOLD},
    ),
    ("spend_limit", ALL, record("platform_spend_limit_deleted", spend_limit_id="x"), {EXISTS: False}),
    (
        "spend_limit",
        ALL,
        record("extra_usage_spend_limit_updated", limit_type="organization", amount=100),
        {EXISTS: True, "monthly": "1.00 USD"},
    ),
    ("spend_limit", ALL, record("extra_usage_spend_limit_updated", limit_type="member", amount=100), None),
    (
        "rate_limit",
        LIMIT,
        record("platform_workspace_rate_limit_updated", **OF_LIMIT, value=1000),
        {EXISTS: True, "value": 1000},
    ),
    ("rate_limit", LIMIT, record("platform_workspace_rate_limit_deleted", **OF_LIMIT), {EXISTS: False}),
    ("rate_limit", LIMIT, record("platform_workspace_rate_limit_updated", **{**OF_LIMIT, "model_group": "x"}), None),
    (
        "service_account",
        ACCOUNT,
        record(
            "platform_service_account_updated",
            service_account_id="svac_1",
            updates=[update("organization_role", "admin")],
        ),
        {"role": "admin"},
    ),
    (
        "service_account",
        ACCOUNT,
        record("platform_service_account_archived", service_account_id="svac_1"),
        {"archived": Hint.UNTOLD, EXISTS: False},
    ),
]


@pytest.mark.parametrize(("name", "handles", "given", "expected"), CASES, ids=lambda value: str(value)[:40])
def test_what_a_record_says(name: str, handles: Handles, given: Activity, expected: dict[str, Any] | None) -> None:
    assert said(name, handles, given) == expected


def test_every_kind_that_files_declare_names_its_things_as_records_do() -> None:
    org = Org(
        "workspaces: {prod: {members: {ana@acme.example: user, lost@acme.example: user}, rate_limits: "
        "{claude-sonnet-5: {requests_per_minute: 5}}, spend_limit: 5}}\nmembers: {lost@acme.example: user}",
        users=[{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "developer"}],
        workspaces=[{"id": "wrkspc_1", "name": "prod"}],
        workspace_members=[{"email": "ana@acme.example", "workspace": "prod", "workspace_role": "workspace_user"}],
    )
    seen = org.seen()
    named = {
        str(pair.address): KINDS.by_name[name].handles(pair, seen)
        for name, pairs in seen.pairs.items()
        for pair in pairs
        if pair.declared is not None
    }
    ana = org.user_id("ana@acme.example")
    places = {"workspace": frozenset({"wrkspc_1"})}
    assert named["spend_limit:workspace/prod"] == places
    assert named["workspace:prod"] == {**places, "renamed": frozenset(), "former name": frozenset({"prod"})}
    assert named["workspace_member:prod/ana@acme.example"] == {
        **places,
        "user": frozenset({ana}),
        "email": frozenset({"ana@acme.example"}),
    }
    assert named["workspace_member:prod/lost@acme.example"]["user"] == frozenset()
    lost = frozenset({"lost@acme.example"})
    assert named["member:lost@acme.example"] == {"email": lost, "former email": lost, "invite": frozenset()}
    limit = named["rate_limit:prod/claude-sonnet-5/requests_per_minute"]
    assert limit["limiter"] == frozenset({"requests_per_minute"})
    assert "claude-sonnet-5" in limit["group"]
