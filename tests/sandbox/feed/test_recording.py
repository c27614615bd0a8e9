"""Every change of the organization is recorded with who made it, in the same transaction, and only while it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.seed import build
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.server.routes import every_route
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import BETA, CEO_TOKEN, NOW, SEED, Org, seeded

from .support import FEED, read, records, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = {"secret": "token-of-program", "kind": "oauth_token"}
SCOPED = {"secret": "scoped", "kind": "scoped_key", "scopes": ["write:members"]}
ACCOUNTS = [{"id": "svac_ci", "name": "ci"}]
ON = seeded({**SEED, "service_accounts": ACCOUNTS}, compliance="on", record_reads=False, spend_limit_records="all",
            credentials=[CEO_TOKEN, PROGRAM, SCOPED])  # fmt: skip
AS_CEO = {"authorization": "Bearer token-of-ceo"}
PROD = "/workspaces/wrkspc_prod"
MEMBERS = f"{PROD}/members"
IN_PROD = {"workspace_id": "wrkspc_prod"}
KIM = {"user_id": "user_kim", "user_email": "kim@acme.com"}


def update(name: str, before: str | None, after: str | None) -> dict[str, Any]:
    return {"type": name, "previous_value": before, "current_value": after}


@pytest.fixture
def recorded(make_org: Callable[..., Org]) -> Org:
    return make_org(ON)


CHANGES: list[tuple[str, str, Any, list[tuple[str, dict[str, Any]]]]] = [
    (
        "POST",
        "/users/user_kim",
        {"role": "developer"},
        [("claude_user_role_updated", KIM | {"previous_role": "user", "current_role": "developer"})],
    ),
    (
        "DELETE",
        "/users/user_kim",
        None,
        [
            ("org_user_deleted", {"deleted_user_id": "user_kim", "deleted_user_email": "kim@acme.com"}),
            ("claude_user_role_updated", KIM | {"previous_role": "user", "current_role": None}),
        ],
    ),
    (
        "POST",
        "/invites",
        {"email": "New@acme.com", "role": "user"},
        [
            (
                "org_user_invite_sent",
                {
                    "invited_email": "New@acme.com",
                    "invited_role": "user",
                    "invited_seat_tier": None,
                    "invited_rbac_group_ids": None,
                },
            )
        ],
    ),
    (
        "POST",
        PROD,
        {
            "name": "p",
            "display_color": "#00FF00",
            "data_residency": {"allowed_inference_geos": ["us"], "default_inference_geo": "us"},
        },
        [
            (
                "platform_workspace_updated",
                {
                    **IN_PROD,
                    "updates": [
                        update("name", "prod", "p"),
                        update("display_color", "", "#00FF00"),
                        update("allowed_inference_geos", "unrestricted", "us"),
                        update("default_inference_geo", "global", "us"),
                    ],
                },
            )
        ],
    ),
    ("POST", PROD, {"tags": {"a": "b"}}, [("platform_workspace_updated", IN_PROD | {"updates": []})]),
    ("POST", f"{PROD}/archive", {}, [("platform_workspace_archived", IN_PROD)]),
    (
        "POST",
        MEMBERS,
        {"user_id": "user_kim", "workspace_role": "workspace_user"},
        [("platform_workspace_member_added", IN_PROD | {"user_id": "user_kim"})],
    ),
    (
        "POST",
        f"{MEMBERS}/user_dev",
        {"workspace_role": "workspace_admin"},
        [
            (
                "platform_workspace_member_updated",
                {
                    **IN_PROD,
                    "user_id": "user_dev",
                    "updates": [update("workspace_role", "workspace_developer", "workspace_admin")],
                },
            )
        ],
    ),
    (
        "POST",
        f"{MEMBERS}/user_bill",
        {"workspace_role": "workspace_admin"},
        [
            (
                "platform_workspace_member_updated",
                {
                    **IN_PROD,
                    "user_id": "user_bill",
                    "updates": [update("workspace_role", "workspace_billing", "workspace_admin")],
                },
            )
        ],
    ),
    ("DELETE", f"{MEMBERS}/user_dev", None, [("platform_workspace_member_removed", IN_PROD | {"user_id": "user_dev"})]),
    (
        "POST",
        "/api_keys/apikey_ci",
        {"name": "deploy", "status": "inactive"},
        [
            (
                "platform_api_key_updated",
                {
                    "api_key_id": "apikey_ci",
                    "updates": [update("name", "ci", "deploy"), update("status", "active", "inactive")],
                },
            )
        ],
    ),
    (
        "POST",
        "/spend_limits",
        {"scope": {"type": "workspace", "workspace_id": "wrkspc_prod"}, "amount": "40000"},
        [
            ("workspace_spend_limit_deleted", IN_PROD),
            ("workspace_spend_limit_created", IN_PROD | {"limit_usd": 40000, "limit_action": "notify_and_pause"}),
        ],
    ),
    ("DELETE", "/spend_limits/spl_org", None, [("platform_spend_limit_deleted", {})]),
    (
        "POST",
        f"{PROD}/rate_limits/limit-of-sonnet",
        {
            "limits": [
                {"type": "requests_per_minute", "value": None},
                {"type": "output_tokens_per_minute", "value": 9},
            ]
        },
        [
            (
                "platform_workspace_rate_limit_deleted",
                IN_PROD | {"model_group": "rlg_sonnet", "limiter_type": "requests_per_minute"},
            ),
            (
                "platform_workspace_rate_limit_updated",
                IN_PROD | {"model_group": "rlg_sonnet", "limiter_type": "output_tokens_per_minute", "value": 9},
            ),
        ],
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "expected"), CHANGES, ids=lambda value: str(value)[:40])
def test_a_change_by_the_api_is_recorded(
    recorded: Org, method: str, path: str, body: Any, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    assert recorded.call(method, path, body, headers=BETA | {"user-agent": "tester/1"}).status == 200
    rows = records(recorded)
    said = told(rows)
    for (kind, fields), (_, wanted) in zip(said, expected, strict=True):
        if kind.endswith("_spend_limit_deleted"):
            assert len(fields.pop("spend_limit_id")) == 36
        for one, other in zip(fields.get("updates", ()), wanted.get("updates", ()), strict=True):
            if one["type"] == "display_color":
                one["previous_value"] = other["previous_value"]  # the server picked it
    assert said == expected
    assert {row["actor"]["type"] for row in rows} == {"admin_api_key_actor"}
    assert {row["actor"]["user_agent"] for row in rows} == {"tester/1"}
    assert {row["created_at"][:19] for row in rows} == {"2026-11-01T10:00:00"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users/user_kim", {"role": "user"}),
        ("POST", PROD, {"name": "prod"}),
        ("POST", "/workspaces/wrkspc_old/archive", {}),
        ("POST", f"{MEMBERS}/user_dev", {"workspace_role": "workspace_developer"}),
        ("POST", "/api_keys/apikey_ci", {"status": "active"}),
        ("POST", "/spend_limits", {"scope": {"type": "organization"}, "amount": "100000"}),
        (
            "POST",
            f"{PROD}/rate_limits/limit-of-sonnet",
            {
                "limits": [
                    {"type": "requests_per_minute", "value": 1000},
                    {"type": "output_tokens_per_minute", "value": None},
                ]
            },
        ),
        ("POST", "/compliance_settings", {"state": "enabled"}),
    ],
)
def test_what_changes_nothing_is_not_recorded(recorded: Org, method: str, path: str, body: Any) -> None:
    assert recorded.call(method, path, body, headers=BETA).status == 200
    assert records(recorded) == []


def test_what_is_refused_or_ignored_is_not_recorded(recorded: Org) -> None:
    assert recorded.post("/users/user_ceo", {"role": "user"}).status == 400
    recorded.app.set_faults([{"fault": "ignore", "method": "POST"}])
    assert recorded.post("/users/user_kim", {"role": "developer"}).status == 200
    assert records(recorded) == []


def test_a_write_whose_answer_is_lost_is_recorded_once(recorded: Org) -> None:
    recorded.app.set_faults([{"fault": "status_after", "method": "POST", "status": 500}])
    assert recorded.post(PROD, {"name": "p"}).status == 500
    assert [row["type"] for row in records(recorded)] == ["platform_workspace_updated"]


def test_what_is_made_is_recorded_with_its_id(recorded: Org) -> None:
    workspace = recorded.post("/workspaces", {"name": "new"}).body["id"]
    key = recorded.app.console("POST", "/api_keys", {"name": "k", "scope": {"type": "workspace", **IN_PROD}}).body["id"]
    account = recorded.call("POST", "/service_accounts", {"name": "bot"}, headers=AS_CEO).body["id"]
    assert told(records(recorded)) == [
        ("platform_workspace_created", {"workspace_id": workspace}),
        ("platform_api_key_created", {"api_key_id": key}),
        ("platform_service_account_created", {"service_account_id": account}),
    ]


def test_service_accounts_are_recorded_as_far_as_the_feed_says_more(recorded: Org) -> None:
    path = "/service_accounts/svac_ci"
    for body in ({"organization_role": "admin"}, {"organization_role": "admin"}):
        assert recorded.call("POST", path, body, headers=AS_CEO).status == 200
    for _ in range(2):
        assert recorded.call("POST", f"{path}/archive", {}, headers=AS_CEO).status == 200
    assert told(records(recorded)) == [
        (
            "platform_service_account_updated",
            {"service_account_id": "svac_ci", "updates": [update("organization_role", "developer", "admin")]},
        ),
        ("platform_service_account_archived", {"service_account_id": "svac_ci"}),
    ]


def test_service_accounts_in_workspaces_are_recorded(recorded: Org) -> None:
    path, place = f"{PROD}/service_accounts", {**IN_PROD, "service_account_id": "svac_ci"}
    for role in ("workspace_user", "workspace_user", "workspace_admin"):
        body = {"service_account_id": "svac_ci", "workspace_role": role}
        assert recorded.call("POST", path, body, headers=AS_CEO).status == 200
    for _ in range(2):
        assert recorded.call("DELETE", f"{path}/svac_ci", headers=AS_CEO).status == 200
    changed = [update("workspace_role", "workspace_user", "workspace_admin")]
    assert told(records(recorded)) == [
        ("platform_service_account_workspace_member_added", place),
        ("platform_service_account_workspace_member_updated", {**place, "updates": changed}),
        ("platform_service_account_workspace_member_removed", place),
    ]


def test_an_invite_is_recorded_until_the_person_has_joined(recorded: Org) -> None:
    invite = recorded.post("/invites", {"email": "new@acme.com", "role": "user"}).body["id"]
    user = recorded.app.accept("new@acme.com")
    withdrawn = recorded.post("/invites", {"email": "other@acme.com", "role": "user"}).body["id"]
    recorded.delete(f"/invites/{withdrawn}")
    rows = records(recorded)[::-1]
    assert [row["type"] for row in rows] == [
        "org_user_invite_sent",
        "org_user_invite_accepted",
        "claude_user_role_updated",
        "org_user_invite_sent",
        "org_user_invite_deleted",
    ]
    assert rows[1]["invite_id"] == invite
    for row in rows[1:3]:
        assert row["actor"]["user_id"] == user["id"]
        assert row["actor"]["email_address"] == "new@acme.com"
    assert (rows[2]["previous_role"], rows[2]["current_role"]) == (None, "user")
    assert rows[4]["invite_id"] == withdrawn


def test_an_identity_provider_is_who_adds_people(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(ON, provisioning="scim"))
    user = org.app.console("POST", "/users", {"email": "new@acme.com", "role": "user"}).body["id"]
    rows = records(org)[::-1]
    assert [row["type"] for row in rows] == ["scim_user_created", "claude_user_role_updated"]
    assert {row["user_id"] for row in rows} == {user}
    assert {row["actor"]["type"] for row in rows} == {"scim_directory_sync_actor"}


def test_every_caller_is_named(recorded: Org) -> None:
    callers = {
        "user_actor": AS_CEO,
        "service_account_actor": {"authorization": "Bearer token-of-program"},
        "admin_api_key_actor": {"x-api-key": ADMIN_KEY},
        "api_actor": {"x-api-key": "scoped"},
    }
    for number, (kind, headers) in enumerate(callers.items()):
        reply = recorded.call("POST", "/invites", {"email": f"{number}@acme.com", "role": "user"}, headers=headers)
        assert reply.status == 200, reply.text
        actor = records(recorded)[0]["actor"]
        assert (actor["type"], actor["ip_address"]) == (kind, "127.0.0.1")
    assert records(recorded)[3]["actor"]["user_id"] == "user_ceo"


def test_one_admin_key_has_two_ids_with_one_end(recorded: Org) -> None:
    recorded.post(PROD, {"name": "p"})
    changed = records(recorded)[0]["actor"]["admin_api_key_id"]
    accessed = read(recorded).body["data"][0]["actor"]
    assert accessed["type"] == "api_actor"
    assert accessed["api_key_id"].removeprefix("apikey_") == changed.removeprefix("admin_api_key_")


def test_a_colleague_is_named_and_is_the_first_admin_otherwise(recorded: Org) -> None:
    recorded.app.console("POST", PROD, {"name": "p"})
    recorded.app.console("POST", PROD, {"name": "q"}, by="DEV@acme.com")
    newest, oldest = (row["actor"] for row in records(recorded))
    assert (oldest["user_id"], oldest["email_address"]) == ("user_ceo", "ceo@acme.com")
    assert (newest["user_id"], newest["email_address"]) == ("user_dev", "dev@acme.com")
    assert newest["ip_address"] == "203.0.113.7"


def test_who_removes_themselves_has_left(recorded: Org) -> None:
    recorded.app.console("DELETE", "/users/user_dev", by="dev@acme.com")
    rows = records(recorded)[::-1]
    assert [row["type"] for row in rows] == ["org_user_left", "claude_user_role_updated"]
    assert {row["actor"]["user_id"] for row in rows} == {"user_dev"}
    assert rows[0]["previous_role"] == "developer"


def test_the_role_of_before_is_the_one_that_somebody_had(recorded: Org) -> None:
    """A role in the organization gives another one than that with which they were added."""
    recorded.app.console("POST", "/users/user_dev", {"role": "billing"})
    assert recorded.post(f"{MEMBERS}/user_dev", {"workspace_role": "workspace_admin"}).status == 200
    assert records(recorded)[0]["updates"] == [update("workspace_role", "workspace_billing", "workspace_admin")]


def test_reads_are_recorded_where_the_feed_has_a_type_for_them(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(compliance="on"))
    for path in ("/users", "/workspaces", f"{MEMBERS}/user_dev", "/me", "/users/nobody"):
        org.get(path)
    org.app.console("GET", "/users")
    assert told(records(org)) == [
        ("org_users_listed", {}),
        ("platform_workspace_member_viewed", IN_PROD | {"user_id": "user_dev"}),
    ]


def test_switching_is_the_one_thing_that_is_recorded_while_it_is_off(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(record_reads=False))
    org.post(PROD, {"name": "before"})
    assert read(org).status == 400
    assert org.post("/compliance_settings", {"state": "enabled"}).body["state"] == {"type": "enabled"}
    org.post(PROD, {"name": "during"})
    assert org.post("/compliance_settings", {"state": {"type": "disabled"}}).status == 200
    org.post(PROD, {"name": "meanwhile"})
    assert org.get("/compliance_settings").body == {"type": "compliance_settings", "state": {"type": "disabled"}}
    assert read(org).status == 400
    org.app.console("POST", "/settings", {"compliance": "on"}, by="dev@acme.com")
    rows = records(org)[::-1]
    switch = "org_compliance_api_settings_updated"
    assert [row["type"] for row in rows] == [switch, "platform_workspace_updated", switch, switch]
    assert [row["compliance_api_enabled"] for row in rows if row["type"] == switch] == [True, False, True]
    assert rows[3]["actor"]["email_address"] == "dev@acme.com"


def test_a_child_shows_what_its_parent_organization_has_enabled(make_org: Callable[..., Org]) -> None:
    org = make_org({"users": SEED["users"][3:], "settings": {"organization_type": "enterprise", "compliance": "on"}})
    assert org.get("/compliance_settings").body["state"] == {"type": "enabled"}
    assert org.post("/compliance_settings", {"state": "disabled"}).status == 403


@pytest.mark.parametrize("body", [{}, {"state": "on"}, {"state": {"type": "paused"}}, {"state": None}])
def test_no_other_state_is_accepted(recorded: Org, body: Any) -> None:
    assert recorded.post("/compliance_settings", body).status == 400


def test_a_seed_adds_what_nobody_can_do_here(make_org: Callable[..., Org]) -> None:
    odd = {"type": "robot_reprogrammed", "created_at": "2026-10-01T08:00:00Z", "actor": {"type": "robot_actor"}}
    known = {"type": "payment_method_updated", "created_at": "2026-10-02T08:00:00Z", "by": "bill@acme.com"}
    login = {"type": "user_logged_out", "actor": {"type": "anthropic_actor"}, "organization_id": None}
    org = make_org({**ON, "activities": [odd | {"arm": ["left"]}, known, login]})
    rows = records(org)
    assert [row["type"] for row in rows] == ["payment_method_updated", "robot_reprogrammed", "user_logged_out"]
    assert rows[0]["actor"]["user_id"] == "user_bill"
    assert rows[1]["arm"] == ["left"]
    assert rows[1]["organization_id"] == SEED["organization"]["id"]
    assert (rows[2]["organization_id"], rows[2]["organization_uuid"]) == (None, None)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"type": "x"}, "activities.0: give either actor or by"),
        ({"type": "x", "by": "ceo@acme.com", "actor": {}}, "activities.0: give either actor or by"),
        ({"type": "x", "by": "who@acme.com"}, "activities.0.by: there is no user who@acme.com"),
        ({"by": "ceo@acme.com"}, "activities.0.type: Field required"),
        ({"type": "x", "by": "ceo@acme.com", "created_at": "soon"}, "activities.0.created_at: Value error"),
    ],
)
def test_what_contradicts_in_a_seed_is_refused(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError, match=problem):
        Org.of({**ON, "activities": [row]})


def test_a_sandbox_of_before_gets_the_table(tmp_path: Path) -> None:
    old = tuple(resource for resource in RESOURCES if resource.table != "activities")
    build.filled(tmp_path / "old", SEED, now=NOW, resources=old).close()
    org = Org(open_app(tmp_path / "old", now=NOW))
    assert read(org).status == 400
    org.app.console("POST", "/settings", {"compliance": "on"})
    assert [row["type"] for row in records(org)] == ["org_compliance_api_settings_updated"]
    org.close()


def test_every_write_of_the_api_is_one_of_those_above() -> None:
    """A new endpoint that writes belongs into the table above, or here with its reason."""
    unrecorded = {
        "POST /users/{user_id}/sign_out",  # changes nothing that the sandbox holds
        "POST /compliance_settings",  # recorded by the feed itself
    }
    named = {
        *("POST /users/{user_id}", "DELETE /users/{user_id}", "POST /invites", "DELETE /invites/{invite_id}"),
        *("POST /workspaces", "POST /workspaces/{workspace_id}", "POST /workspaces/{workspace_id}/archive"),
        *("POST /workspaces/{workspace_id}/members", "POST /workspaces/{workspace_id}/members/{user_id}"),
        *("DELETE /workspaces/{workspace_id}/members/{user_id}", "POST /api_keys/{api_key_id}"),
        *("POST /spend_limits", "DELETE /spend_limits/{spend_limit_id}"),
        "POST /workspaces/{workspace_id}/rate_limits/{rate_limit_id}",
        *("POST /service_accounts", "POST /service_accounts/{service_account_id}"),
        "POST /service_accounts/{service_account_id}/archive",
        "POST /workspaces/{workspace_id}/service_accounts",
        "POST /workspaces/{workspace_id}/service_accounts/{service_account_id}",
        "DELETE /workspaces/{workspace_id}/service_accounts/{service_account_id}",
    }
    writes = {f"{route.method} {route.template}" for route in every_route(RESOURCES) if route.writes}
    assert writes == named | unrecorded


def test_the_log_shows_who_read_the_feed(recorded: Org) -> None:
    read(recorded, ("activity_types[]", "org_user_left"))
    line = recorded.app.log()[-1]
    assert (line["method"], line["path"], line["status"]) == ("GET", FEED, 200)
    assert line["query"] == "activity_types%5B%5D=org_user_left"
    accessed = read(recorded).body["data"][0]
    assert accessed["request_id"] == line["request_id"]
    assert accessed["url"] == f"{FEED}?{line['query']}"
