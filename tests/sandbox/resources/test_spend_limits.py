"""Spend limits: scopes, amounts, relations, early access; Console and Claude Enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import BETA, ENTERPRISE, NOW, SEED, Org, Reply, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

ORGANIZATION = {"type": "organization"}
PROD = {"type": "workspace", "workspace_id": "wrkspc_prod"}
KIM = {"type": "user", "user_id": "user_kim"}
LIMITED = {
    **ENTERPRISE,
    "spend_limits": [
        {"id": "spl_kim", "email": "kim@acme.com", "amount": None, "period": "weekly"},
        {"id": "spl_service", "scope": {"type": "organization_service", "service": "claude_code"}, "amount": "5"},
        {"id": "spl_group", "scope": {"type": "rbac_group", "rbac_group_id": "rbac_group_a"}, "amount": "6"},
        {"id": "spl_seat", "scope": {"type": "seat_tier", "seat_tier": "premium"}, "amount": "7"},
        {"id": "spl_org", "amount": "8", "is_enabled": False},
    ],
}


def set_limit(org: Org, amount: str | None, scope: dict[str, str] = PROD, **fields: Any) -> Reply:
    return org.post("/spend_limits", {"amount": amount, "scope": scope, **fields})


def listed(org: Org, **query: str) -> list[tuple[str, str]]:
    data = org.beta("/spend_limits", **query).body["data"]
    return [(row["scope"]["type"], row["amount"]) for row in data]


def test_the_console_lists_the_newest_first(org: Org) -> None:
    everything = [("workspace", "50000"), ("organization", "100000"), ("usage_tier", "20000000")]
    assert listed(org) == everything
    assert listed(org, scope_type__="usage_tier") == everything[2:]
    assert listed(org, workspace_id="wrkspc_prod") == everything[:1]
    assert listed(org, workspace_id="wrkspc_no") == []
    assert listed(org, workspace_id="wrkspc_prod", scope_type__="organization") == []


def test_a_limit_has_the_fields_of_the_api(org: Org) -> None:
    assert org.get("/spend_limits/spl_prod").body == {
        "type": "spend_limit",
        "id": "spl_prod",
        "scope": PROD,
        "amount": "50000",
        "currency": "USD",
        "period": "monthly",
        "is_enabled": True,
        "created_at": "2025-01-01T00:01:00Z",
        "updated_at": "2025-01-01T00:01:00Z",
    }
    tier = org.beta("/spend_limits", scope_type__="usage_tier").body["data"][0]
    assert (tier["scope"], tier["period"]) == ({"type": "usage_tier"}, "monthly")
    assert tier["created_at"] == tier["updated_at"] == "2025-01-01T00:00:00Z"
    assert org.get(f"/spend_limits/{tier['id']}").body == tier
    assert org.get("/spend_limits/spl_no").status == 404


@pytest.mark.parametrize(
    "header", ["spend-limit-reads-2026-09-26", "other,spend-limit-reads-2026-09-26", "spend-limit-reads-2026-09-26 , a"]
)
def test_the_list_needs_its_beta_and_the_others_do_not(org: Org, header: str) -> None:
    assert org.call("GET", "/spend_limits", headers={"x-api-key": ADMIN_KEY, "anthropic-beta": header}).status == 200
    assert org.get("/spend_limits").status == 400
    assert org.call("GET", "/spend_limits", headers={"x-api-key": ADMIN_KEY, "anthropic-beta": "other"}).status == 400
    assert org.get("/spend_limits/spl_org").status == 200


def test_scopes_of_other_organizations_cannot_be_listed(make_org: Callable[..., Org], org: Org) -> None:
    assert org.beta("/spend_limits", scope_type__="user").status == 400
    assert org.beta("/spend_limits", scope_type__="planet").status == 400
    many = [("scope_type[]", "workspace")] * 101
    assert org.call("GET", "/spend_limits", query=many, headers=BETA).status == 400
    assert org.call("GET", "/spend_limits", query=many[:100], headers=BETA).status == 200
    enterprise = make_org(LIMITED)
    assert enterprise.beta("/spend_limits", scope_type__="workspace").status == 400
    assert enterprise.beta("/spend_limits", workspace_id="wrkspc_prod").status == 400


def test_setting_a_limit_again_overwrites_it(org: Org) -> None:
    reply = set_limit(org, "70000")
    assert reply.body["id"] == "spl_prod"
    assert (reply.body["created_at"], reply.body["updated_at"]) == ("2025-01-01T00:01:00Z", "2026-11-01T10:00:00Z")
    assert org.get("/spend_limits/spl_prod").body == reply.body
    made = org.post("/workspaces", {"name": "new"}).body["id"]
    fresh = set_limit(org, "0", {"type": "workspace", "workspace_id": made}).body
    assert (fresh["amount"], fresh["created_at"] == fresh["updated_at"]) == ("0", True)
    assert listed(org)[0] == ("workspace", "0")


def test_a_deleted_limit_is_gone(org: Org) -> None:
    assert org.delete("/spend_limits/spl_prod").body == {"id": "spl_prod", "type": "spend_limit_deleted"}
    assert org.get("/spend_limits/spl_prod").status == org.delete("/spend_limits/spl_prod").status == 404
    assert set_limit(org, "1").body["id"] != "spl_prod"


@pytest.mark.parametrize("amount", ["-1", "1.5", "01", "", " 1", "1e3", "+1", "\u0661", 5, 5.0, True, "9" * 19])
def test_amounts_are_whole_minor_units(org: Org, amount: Any) -> None:
    assert set_limit(org, amount).status == 400
    assert set_limit(org, "0").status == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"scope": PROD}, "amount: Field required"),
        ({"amount": "1"}, "scope: Field required"),
        ({"amount": "1", "scope": {"type": "workspace"}}, "scope.workspace.workspace_id: Field required"),
        ({"amount": "1", "scope": {**ORGANIZATION, "id": "x"}}, "scope.organization.id: Extra inputs"),
        ({"amount": "1", "scope": {"type": "usage_tier"}}, "scope: Input tag 'usage_tier'"),
        ({"amount": "1", "scope": KIM}, "scope: A limit with the scope type user cannot be set"),
        ({"amount": "1", "scope": PROD, "period": "yearly"}, "period: Input should be"),
        ({"amount": "1", "scope": PROD, "period": "weekly"}, "period: Limits of Claude Console"),
        ({"amount": None, "scope": PROD}, "amount: Limits of Claude Console organizations always carry an amount"),
        ({"amount": "1", "scope": PROD, "currency": "USD"}, "currency: Extra inputs are not permitted"),
    ],
)
def test_bodies_are_strict(org: Org, body: dict[str, Any], message: str) -> None:
    reply = org.post("/spend_limits", body)
    assert (reply.status, message in reply.message) == (400, True), reply.message


def test_what_can_have_no_limit(org: Org) -> None:
    for workspace, status in (("default", 400), ("old", 400), ("no", 404)):
        assert set_limit(org, "1", {"type": "workspace", "workspace_id": f"wrkspc_{workspace}"}).status == status
    tier = org.beta("/spend_limits", scope_type__="usage_tier").body["data"][0]
    assert org.delete(f"/spend_limits/{tier['id']}").status == 400


def test_a_workspace_stays_within_the_organization_and_that_within_its_tier(org: Org) -> None:
    assert set_limit(org, "100001").status == 400
    assert set_limit(org, "100000").status == 200
    assert set_limit(org, "99999", ORGANIZATION).status == 400
    assert set_limit(org, "20000001", ORGANIZATION).status == 400
    assert set_limit(org, "20000000", ORGANIZATION).status == 200
    assert set_limit(org, "20000000").status == 200
    assert org.delete("/spend_limits/spl_org").status == 200
    assert set_limit(org, "20000001").status == 400


def test_limits_of_archived_workspaces_hold_nobody_back(org: Org) -> None:
    org.post("/workspaces/wrkspc_prod/archive")
    assert set_limit(org, "1", ORGANIZATION).status == 200
    assert org.delete("/spend_limits/spl_prod").status == 200


@pytest.mark.parametrize(
    ("tier", "currency", "cap"),
    [
        ("start", "USD", "50000"),
        ("build", "EUR", "100000"),
        ("scale", "JPY", "200000"),
        ("build", "KWD", "1000000"),
        ("custom", "USD", None),
    ],
)
def test_tiers_are_counted_in_minor_units(make_org: Callable[..., Org], tier: str, currency: str, cap: Any) -> None:
    org = make_org(seeded(usage_tier=tier, currency=currency))
    rows = org.beta("/spend_limits", scope_type__="usage_tier").body["data"]
    assert [(row["amount"], row["currency"]) for row in rows] == ([] if cap is None else [(cap, currency)])


def test_without_early_access_only_the_console_sets_limits(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(spend_limits_early_access=False))
    code = "spend_limits_admin_api_writes_not_enabled"
    replies = [org.beta("/spend_limits"), org.get("/spend_limits/spl_org"), set_limit(org, "1")]
    replies.append(org.delete("/spend_limits/spl_org"))
    assert {(reply.status, reply.body["error"]["details"]["error_code"]) for reply in replies} == {(403, code)}
    answer = org.app.console("POST", "/spend_limits", {"amount": "1", "scope": PROD})
    assert (answer.status, answer.body["amount"]) == (200, "1")
    assert len(org.app.console("GET", "/spend_limits").body["data"]) == 3


def test_the_own_limiter_counts_every_spend_limit_endpoint(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(spend_limit_requests_per_minute=3))
    assert [org.beta("/spend_limits").status, org.get("/spend_limits/effective").status] == [200, 400]
    assert [set_limit(org, "1").status, org.delete("/spend_limits/spl_org").status] == [200, 429]
    assert int(org.get("/spend_limits/spl_org").headers["retry-after"]) > 0
    assert org.get("/users").status == 200
    assert org.app.console("GET", "/spend_limits/spl_org").status == 200


def test_effective_limits_are_not_for_the_console(make_org: Callable[..., Org], org: Org) -> None:
    reply = org.get("/spend_limits/effective")
    assert reply.status == 400
    assert reply.body["error"]["details"] == {"error_code": "organization_type_not_supported"}
    assert make_org(LIMITED).get("/spend_limits/effective").status == 501
    assert org.get("/spend_limit_increase_requests").status == 404


def test_enterprises_group_by_scope_and_set_users_only(make_org: Callable[..., Org]) -> None:
    org = make_org(LIMITED)
    assert [each for each, _ in listed(org)] == [
        "organization",
        "seat_tier",
        "rbac_group",
        "organization_service",
        "user",
    ]
    assert org.get("/spend_limits/spl_org").body["is_enabled"] is False
    assert org.get("/spend_limits/spl_seat").body["scope"] == {"type": "seat_tier", "seat_tier": "premium"}
    assert set_limit(org, "1", ORGANIZATION).status == set_limit(org, "1").status == 400
    assert org.delete("/spend_limits/spl_group").status == 400
    assert set_limit(org, None, KIM, period="daily").body["amount"] is None
    assert set_limit(org, "5", KIM).body["period"] == "monthly"
    assert set_limit(org, "6", KIM, period="weekly").body["id"] == "spl_kim"
    assert set_limit(org, "6", {**KIM, "user_id": "user_no"}).status == 404
    assert org.delete("/spend_limits/spl_kim").status == 200


def test_a_scoped_key_needs_the_scope(make_org: Callable[..., Org]) -> None:
    credentials = [{"secret": "reader", "kind": "scoped_key", "scopes": ["read:spend_limits"]}]
    org = make_org(seeded(LIMITED, credentials=credentials))
    assert org.call("GET", "/spend_limits", headers={**BETA, "x-api-key": "reader"}).status == 200
    assert org.call("DELETE", "/spend_limits/spl_kim", headers={"x-api-key": "reader"}).status == 403


def test_rows_of_the_api_make_the_same_limits(make_org: Callable[..., Org], org: Org) -> None:
    for base, one in ((SEED, org), (LIMITED, make_org(LIMITED))):
        rows = one.beta("/spend_limits").body["data"]
        again = make_org({**base, "spend_limits": rows}).beta("/spend_limits").body["data"]
        assert sorted(again, key=str) == sorted(rows, key=str)


def test_the_tier_is_as_old_as_the_organization(make_org: Callable[..., Org]) -> None:
    org = make_org({**SEED, "organization": {"name": "Acme", "created_at": "2024-05-06T00:00:00Z"}})
    assert org.beta("/spend_limits").body["data"][-1]["created_at"] == "2024-05-06T00:00:00Z"
    assert set(org.get("/me").body) == {"id", "name", "type"}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"workspace": "Default", "amount": "1"}, "spend_limits.0: the default workspace has no spend limit"),
        ({"workspace": "no", "amount": "1"}, "spend_limits.0: there is no workspace no"),
        ({"workspace": "prod", "scope": ORGANIZATION, "amount": "1"}, "spend_limits.0: scope, workspace and email"),
        ({"email": "kim@acme.com", "amount": "1"}, "spend_limits.0.scope: user limits do not exist in console"),
        ({"email": "no@acme.com", "amount": "1"}, "spend_limits.0: there is no user no@acme.com"),
        ({"scope": {"type": "seat_tier"}, "amount": "1"}, "spend_limits.0.scope.seat_tier: Field required"),
        ({"amount": "1", "currency": "EUR"}, "spend_limits.0.currency: the organization's currency is USD"),
        ({}, "spend_limits.0.amount: limits of Claude Console organizations always carry an amount"),
        ({"amount": "1", "period": "daily"}, "spend_limits.0.period: limits of Claude Console"),
        ({"amount": "1", "workspace": "prod", "is_enabled": False}, "spend_limits.0.is_enabled: only the organi"),
        ({"amount": "1", "scope": {"type": "usage_tier"}}, "spend_limits.0.amount: the settings give 20000000"),
        ({"amount": "1", "id": "limit"}, "spend_limits.0.id: limit must begin with spl_"),
        ({"amount": "1.0"}, "spend_limits.0.amount: String should match pattern"),
    ],
)
def test_seeds_are_checked(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with={**SEED, "spend_limits": [row]})
    assert problem in str(caught.value)


def test_one_scope_has_one_limit_for_a_period() -> None:
    with pytest.raises(SandboxError, match=r"spend_limits.1.scope: organization monthly is also spend_limits.0"):
        open_app(":memory:", now=NOW, seed_with={"spend_limits": [{"amount": "1"}, {"amount": "2"}]})
