"""The switches of API keys, rate limits, spend limits and reports, in both positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.org import Org, seeded

from .switching import Switch, field, listed, status

if TYPE_CHECKING:
    from collections.abc import Callable

PROD, DEFAULT = "wrkspc_prod", "wrkspc_default"
SONNET = f"/workspaces/{PROD}/rate_limits/limit-of-sonnet"
ACTIVE = {"status": "active"}
ORGANIZATION = {"type": "organization"}
START = "2026-10-30T00:00:00Z"
NO_ACCESS = seeded(spend_limits_early_access=False)


def limiters(*types: str, value: int | None = 5) -> dict[str, Any]:
    return {"limits": [{"type": each, "value": value} for each in types]}


def limit_of(workspace: str, amount: str = "1") -> dict[str, Any]:
    return {"amount": amount, "scope": {"type": "workspace", "workspace_id": workspace}}


def beta(path: str, **query: str) -> Callable[[Org], int]:
    return lambda org: org.beta(path, **query).status


def cleared(org: Org) -> list[str]:
    reply = org.post(SONNET, limiters("requests_per_minute", value=None))
    return [limit["type"] for limit in reply.body["limits"]]


def set_again(org: Org) -> str:
    return str(org.post("/spend_limits", {"amount": "9000000", "scope": ORGANIZATION}).body["id"] == "spl_org")


def tier(org: Org) -> Any:
    return [row["amount"] for row in org.beta("/spend_limits", scope_type__="usage_tier").body["data"]]


def delete_tier(org: Org) -> int:
    row = org.beta("/spend_limits", scope_type__="usage_tier").body["data"][0]
    return org.delete(f"/spend_limits/{row['id']}").status


def two_reads(org: Org) -> list[int]:
    return [org.get("/spend_limits/spl_org").status for _ in range(2)]


def cost(org: Org) -> str:
    data = org.beta("/analytics/cost", starting_at=START).body["data"]
    return str(data[0]["cost"]["amount"]) if data else "nothing"


def outdated_cursor(org: Org) -> int:
    first = org.beta("/analytics/cost", starting_at=START, group_by__="model", limit="1").body
    org.app.console("POST", "/usage", {"at": START})
    return org.beta("/analytics/cost", starting_at=START, group_by__="model", limit="1", page=first["next_page"]).status


LIMITS = [
    Switch(
        "api_key_order",
        "oldest_first",
        listed("/api_keys", workspace_id=PROD),
        ["apikey_off", "apikey_ci"],
        ["apikey_ci", "apikey_off"],
    ),
    Switch("org_api_key_limit", 2, status("POST", "/api_keys/apikey_off", ACTIVE), 200, 400),
    Switch("org_api_key_limit", 3, status("POST", "/api_keys/apikey_off", ACTIVE), 200, 200),
    Switch("workspace_api_key_limit", 1, status("POST", "/api_keys/apikey_off", ACTIVE), 200, 400),
    Switch("workspace_api_key_limit", 2, status("POST", "/api_keys/apikey_off", ACTIVE), 200, 200),
    Switch("revive_api_key", 409, status("POST", "/api_keys/apikey_old", ACTIVE), 400, 409),
    Switch("revive_api_key", 403, status("POST", "/api_keys/apikey_late", ACTIVE), 400, 403),
    Switch("archive_key_twice", 400, status("POST", "/api_keys/apikey_old", {"status": "archived"}), 200, 400),
    Switch("rename_archived_key", "accepted", field("POST", "/api_keys/apikey_old", {"name": "x"}, "name"), 400, "x"),
    Switch("api_key_null", "refused", status("POST", "/api_keys/apikey_ci", {"name": None, "status": None}), 200, 400),
    Switch("admin_keys", "listed", lambda org: len(org.get("/api_keys").ids), 5, 6),
    Switch("unknown_rate_limit", 400, status("POST", f"{SONNET}-5", limiters("tokens_per_day")), 404, 400),
    Switch("foreign_limiters", "refused", status("POST", SONNET, limiters("tokens_per_day")), 200, 400),
    Switch("duplicate_limiters", "last_wins", status("POST", SONNET, limiters("fast_otpm", "fast_otpm")), 400, 200),
    Switch("rate_limit_answer", "inherited", cleared, [], ["requests_per_minute", "output_tokens_per_minute"]),
    Switch("default_workspace_limits", 403, status("POST", "/spend_limits", limit_of(DEFAULT)), 400, 403),
    Switch(
        "default_workspace_limits",
        403,
        status("POST", SONNET.replace(PROD, DEFAULT), limiters("tokens_per_day")),
        400,
        403,
    ),
    Switch("spend_limits_early_access", False, status("GET", "/spend_limits/spl_org"), 200, 403),
    Switch("spend_limits_early_access", False, beta("/spend_limits"), 200, 403),
    Switch("spend_limits_list_refusal", 400, beta("/spend_limits"), 403, 400, NO_ACCESS),
    Switch("spend_limit_requests_per_minute", 1, two_reads, [200, 200], [200, 429]),
    Switch("spend_limit_requests_per_minute", 1, status("GET", "/me", times=3), 200, 200),
    Switch("missing_beta_header", 404, status("GET", "/spend_limits"), 400, 404),
    Switch("missing_beta_header", 403, lambda org: org.get("/analytics/cost", starting_at=START).status, 400, 403),
    Switch("currency", "JPY", tier, ["20000000"], ["200000"]),
    Switch("currency", "KWD", field("GET", "/spend_limits/spl_org", None, "currency"), "USD", "KWD"),
    Switch("usage_tier", "start", tier, ["20000000"], ["50000"]),
    Switch("usage_tier", "custom", tier, ["20000000"], []),
    Switch("granted_spend_cap", "12345", tier, ["20000000"], ["12345"]),
    Switch("spend_limit_relations", "unchecked", status("POST", "/spend_limits", limit_of(PROD, "100001")), 400, 200),
    Switch("spend_limit_upsert", "new_id", set_again, "True", "False"),
    Switch("null_amount", "accepted", status("POST", "/spend_limits", {**limit_of(PROD), "amount": None}), 400, 200),
    Switch(
        "other_periods", "accepted", status("POST", "/spend_limits", {**limit_of(PROD), "period": "daily"}), 400, 200
    ),
    Switch("omitted_period", "refused", field("POST", "/spend_limits", limit_of(PROD), "period"), "monthly", 400),
    Switch("unknown_limit_workspace", 400, status("POST", "/spend_limits", limit_of("wrkspc_no")), 404, 400),
    Switch("delete_usage_tier", 403, delete_tier, 400, 403),
    Switch("report_delay_minutes", 60 * 35, cost, "5.725", "2.6"),
    Switch("analytics_cursors", "lasting", outdated_cursor, 410, 200),
    Switch("archived_writes", "accepted", status("POST", "/spend_limits", limit_of("wrkspc_old")), 400, 200),
    Switch(
        "archived_writes",
        "accepted",
        status("POST", SONNET.replace(PROD, "wrkspc_old"), limiters("tokens_per_day")),
        400,
        200,
    ),
]
