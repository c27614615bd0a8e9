"""Cost and usage by dimensions: rows, ranks, spans, fan-out, cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import BETA, ENTERPRISE, NOW, SEED, Org, Reply, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

START = "2026-10-30T00:00:00Z"
END = "2026-11-01T00:00:00Z"
BY_DAY = {"ending_at": END, "time_bucket_width": "1d"}


def ask(org: Org, path: str = "cost", *groups: str, **query: str) -> Reply:
    pairs = [("starting_at", START), *(("group_by[]", each) for each in groups)]
    pairs += [(key.replace("__", "[]"), value) for key, value in query.items()]
    return org.call("GET", f"/analytics/{path}", query=pairs, headers=BETA)


def ranked(org: Org, group: str, path: str = "cost", **query: str) -> list[Any]:
    """The values of one dimension, in the order of the rows."""
    return [row["group"][group] for row in ask(org, path, group, **query).body["data"]]


def test_without_groups_one_row_sums_whole_hours(org: Org) -> None:
    reply = ask(org)
    assert set(reply.body) == {"data", "has_more", "next_page", "data_refreshed_at"}
    assert (reply.body["has_more"], reply.body["next_page"]) == (False, None)
    assert reply.body["data_refreshed_at"] == "2026-11-01T10:00:00Z"
    (row,) = reply.body["data"]
    assert row["cost"] == {"amount": "5.725", "list_amount": "7.825", "currency": "USD", "requests": 4}
    assert (row["starting_at"], row["ending_at"]) == (START, "2026-11-01T10:00:00Z")
    assert set(row["group"].values()) == {None}
    assert len(row["group"]) == 22
    (used,) = ask(org, "usage").body["data"]
    assert used["usage"] == {
        "uncached_input_tokens": 1100,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 80},
        "cache_read_input_tokens": 0,
        "output_tokens": 210,
        "server_tool_use": {"web_search_requests": 0},
        "total_tokens": 1390,
        "requests": 4,
    }
    assert len(used["group"]) == 20


def test_the_running_hour_is_left_out_unless_cut_into_buckets(org: Org) -> None:
    used = {"at": "2026-11-01T09:59:00Z", "cost_cents": "1", "input_tokens": 1}
    org.app.console("POST", "/usage", used)
    org.app.console("POST", "/usage", {**used, "at": "2026-11-01T10:00:00Z"})
    assert ask(org).body["data"][0]["cost"]["amount"] == "6.725"
    minutes = ask(org, starting_at="2026-11-01T09:00:00Z", ending_at="2026-11-01T11:00:00Z", time_bucket_width="1m")
    assert [row["starting_at"][11:16] for row in minutes.body["data"]] == ["09:59", "10:00"]


def test_only_what_has_data_makes_a_row(org: Org) -> None:
    assert ask(org, starting_at="2026-10-01T00:00:00Z", ending_at="2026-10-02T00:00:00Z").body["data"] == []
    days = ask(org, starting_at="2026-10-28T00:00:00Z", **BY_DAY).body["data"]
    assert [row["starting_at"][:10] for row in days] == ["2026-10-31", "2026-10-30"]
    assert days[0]["ending_at"] == END


def test_the_default_workspace_has_its_real_id(org: Org) -> None:
    assert ranked(org, "workspace_id") == ["wrkspc_prod", "wrkspc_default"]


def test_rows_are_ranked_by_a_metric_or_by_time(org: Org) -> None:
    assert ranked(org, "model") == [None, "claude-sonnet-5", "claude-opus-5"]
    assert ranked(org, "model", order="asc") == ["claude-opus-5", "claude-sonnet-5", None]
    assert ranked(org, "model", order_by="list_amount") == ["claude-sonnet-5", None, "claude-opus-5"]
    assert ranked(org, "model", order_by="time") == ranked(org, "model")
    assert ranked(org, "model", "usage") == ["claude-sonnet-5", "claude-opus-5", None]
    assert ranked(org, "model", "usage", order_by="requests")[0] == "claude-opus-5"
    by_time = ask(org, "cost", "model", order_by="time", order="asc", **BY_DAY).body["data"]
    assert [(row["starting_at"][8:10], row["group"]["model"]) for row in by_time] == [
        ("30", "claude-sonnet-5"),
        ("30", "claude-opus-5"),
        ("31", None),
        ("31", "claude-opus-5"),
    ]


def test_actors_are_users_keys_or_nobody(org: Org) -> None:
    actors = ranked(org, "actor")
    assert actors[0] == {"type": "api_actor", "api_key_id": "apikey_ci"}
    kim = {"type": "user_actor", "user_id": "user_kim", "email_address": "kim@acme.com", "name": "Kim"}
    assert actors[1:] == [{**kim, "deleted": False}, None]
    assert ranked(org, "actor_type") == ["api_actor", "user_actor", None]
    org.delete("/users/user_kim")
    assert ranked(org, "actor")[1] == {**kim, "deleted": True}
    kept = ranked(org, "actor", exclude_deleted_users="true")
    assert kept == [actors[0], None]


def test_leaving_out_deleted_users_may_leave_a_page_empty(org: Org) -> None:
    org.delete("/users/user_kim")
    query = {"exclude_deleted_users": "true", "limit": "1"}
    sizes, reply = [], ask(org, "cost", "actor", **query)
    while reply.body["has_more"]:
        sizes.append(len(reply.body["data"]))
        reply = ask(org, "cost", "actor", **query, page=reply.body["next_page"])
    assert [*sizes, len(reply.body["data"])] == [1, 0, 1]


def test_service_accounts_act_through_their_keys(org: Org) -> None:
    principal = {"type": "service_account_actor", "service_account_id": "svac_a"}
    key = org.app.console("POST", "/api_keys", {"name": "k", "scope": {"type": "organization"}, "principal": principal})
    org.app.console("POST", "/usage", {"at": START, "api_key": key.body["id"], "requests": 9})
    assert ranked(org, "actor", "usage", order_by="requests")[0] == principal
    assert len(ask(org, actor_ids__="svac_a").body["data"]) == 1


@pytest.mark.parametrize(
    ("query", "amount"),
    [
        ({"models__": "claude-opus-5"}, "0.625"),
        ({"api_key_ids__": "apikey_ci"}, "5.1"),
        ({"api_key_ids__": ""}, "0.125"),
        ({"actor_ids__": "user_kim"}, "0.5"),
        ({"actor_ids__": "apikey_ci"}, "5.1"),
        ({"actor_ids__": "apikey_kim"}, None),
        ({"actor_types__": "user_actor"}, "0.5"),
        ({"workspace_ids__": "wrkspc_default"}, "0.625"),
        ({"products__": "claude_console"}, "0.125"),
        ({"inference_geos__": "not_available"}, None),
        ({"session_ids__": "sesn_a"}, None),
        ({"organization_ids__": "org_a"}, None),
        ({"ending_at": "2026-10-30T09:00:00Z"}, "2.1"),
    ],
)
def test_filters_keep_what_they_name(org: Org, query: dict[str, str], amount: str | None) -> None:
    data = ask(org, **query).body["data"]
    assert [row["cost"]["amount"] for row in data] == ([] if amount is None else [amount])


def fanned(org: Org, *groups: str, **query: str) -> list[tuple[Any, ...]]:
    data = ask(org, "cost", *groups, **query).body["data"]
    assert {row["cost"]["requests"] for row in data} == {None}
    return [(row["group"]["cost_type"], row["group"]["token_type"], row["cost"]["amount"]) for row in data]


def test_components_fan_out(org: Org) -> None:
    assert fanned(org, "cost_type") == [("code_execution", None, "3"), ("tokens", None, "2.725")]
    tokens = [
        ("tokens", "cache_creation.ephemeral_5m_input_tokens", "0.1"),
        ("tokens", "output_tokens", "1.125"),
        ("tokens", "uncached_input_tokens", "1.5"),
    ]
    assert fanned(org, "token_type") == tokens
    assert fanned(org, "cost_type", "token_type") == [("code_execution", None, "3"), *tokens]


def test_components_do_not_count_for_the_limit(org: Org) -> None:
    first = ask(org, "cost", "model", "token_type", models__="claude-sonnet-5", limit="1")
    assert len(first.body["data"]) == 3
    assert first.body["has_more"] is False
    five = ("actor", "model", "product", "speed", "workspace_id")
    assert ask(org, "cost", *five, "cost_type", "token_type").status == 200
    assert ask(org, "cost", *five, "api_key_id").status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"starting_at": "2025-12-31T23:59:59Z"},
        {"starting_at": "2026-10-30T00:00:00"},
        {"ending_at": START},
        {"starting_at": "2026-09-01T00:00:00Z", "ending_at": "2026-10-02T00:00:01Z"},
        {"time_bucket_width": "1d"},
        {"time_bucket_width": "1w", "ending_at": END},
        {"time_bucket_width": "1m", "ending_at": "2026-10-31T00:00:01Z"},
        {"group_by__": "day"},
        {"order": "up"},
        {"order_by": "total_tokens"},
        {"limit": "1001"},
        {"products__": "api"},
        {"exclude_deleted_users": "true"},
        {"page": "page_x"},
    ],
)
def test_what_is_refused(org: Org, query: dict[str, str]) -> None:
    assert ask(org, **query).status == 400


def test_dimensions_belong_to_their_report(org: Org) -> None:
    assert ask(org, "usage", "cost_type").status == 400
    assert ask(org, "cost", "claude_tag_user_id", "rbac_group_id").status == 400
    assert org.beta("/analytics/cost").status == 400


@pytest.mark.parametrize("start", ["2026-11-01T10:00:00Z", "2026-11-05T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_future_has_no_data(org: Org, start: str) -> None:
    reply = org.beta("/analytics/cost", starting_at=start)
    assert (reply.status, reply.body["data"]) == (200, [])


def test_a_report_without_an_end_spans_a_month(org: Org) -> None:
    (row,) = ask(org, starting_at="2026-09-30T00:30:00Z").body["data"]
    assert (row["starting_at"], row["ending_at"]) == ("2026-09-30T00:00:00Z", "2026-10-31T00:00:00Z")
    assert row["cost"]["amount"] == "2.6"


def test_a_year_back_is_the_limit(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(clock="2028-06-01T00:00:00Z"), now=None)
    assert ask(org, starting_at="2027-06-01T00:00:00Z").status == 400
    assert ask(org, starting_at="2027-06-02T00:00:00Z").status == 200


def test_they_need_their_beta_and_a_credential_for_them(make_org: Callable[..., Org], org: Org) -> None:
    for path in ("cost", "usage"):
        assert org.get(f"/analytics/{path}", starting_at=START).status == 400
    reader = {"secret": "reader", "kind": "scoped_key", "scopes": ["read:analytics"]}
    other = {"secret": "other", "kind": "scoped_key", "scopes": ["read:members"]}
    seed = {**ENTERPRISE, "usage": [{"at": START, "email": "kim@acme.com", "input_tokens": 1}]}
    enterprise = make_org(seeded(seed, credentials=[reader, other]))
    replies = [
        enterprise.call("GET", "/analytics/usage", query=[("starting_at", START)], headers={**BETA, "x-api-key": key})
        for key in ("reader", "other", ADMIN_KEY)
    ]
    assert [reply.status for reply in replies] == [200, 403, 200]
    assert ranked(enterprise, "workspace_id", "usage") == [None]


def test_new_data_outdate_a_cursor(org: Org) -> None:
    cursor = ask(org, "cost", "model", limit="1").body["next_page"]
    assert ask(org, "cost", "model", limit="2", page=cursor).status == 200
    assert ask(org, "cost", "actor", limit="1", page=cursor).status == 400
    org.app.console("POST", "/usage", {"at": START})
    reply = ask(org, "cost", "model", limit="1", page=cursor)
    assert (reply.status, reply.body["error"]["type"]) == (410, "invalid_request_error")


USAGE: dict[str, Any] = {"at": START, "input_tokens": 1}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({}, "usage.0.at: Field required"),
        ({**USAGE, "api_key": "nothing"}, "usage.0.api_key: nothing is named nothing"),
        ({**USAGE, "api_key": "ci", "workspace": "old"}, "usage.0.workspace: the API key ci is in another workspace"),
        ({**USAGE, "workspace": "nowhere"}, "usage.0.workspace: nothing is named nowhere"),
        ({**USAGE, "email": "no@acme.com"}, "usage.0.email: there is no user no@acme.com"),
        ({**USAGE, "email": "kim@acme.com", "api_key": "ci"}, "usage.0.email: usage with an API key is attributed"),
        ({**USAGE, "cost_cents": "-1"}, "usage.0.cost_cents: String should match pattern"),
        ({"at": START, "cost_cents": "1"}, "usage.0.cost_cents: tokens that cost something have to be counted"),
        ({**USAGE, "tokens": 1}, "usage.0.tokens: Extra inputs are not permitted"),
    ],
)
def test_seeds_and_the_console_are_checked(org: Org, row: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with={**SEED, "usage": [row]})
    assert problem in str(caught.value)
    answer = org.app.console("POST", "/usage", row)
    assert answer.status == 400
    assert problem.removeprefix("usage.0.") in answer.body["error"]["message"]


def test_a_name_that_two_keys_have_needs_an_id(org: Org) -> None:
    org.app.console("POST", "/api_keys", {"name": "ci", "scope": {"type": "workspace", "workspace_id": "wrkspc_prod"}})
    answer = org.app.console("POST", "/usage", {**USAGE, "api_key": "ci"})
    assert answer.body["error"]["message"] == "api_key: more than one is named ci"
    by_id = org.app.console("POST", "/usage", {**USAGE, "api_key": "apikey_ci"})
    assert (by_id.status, by_id.body["workspace_id"]) == (200, "wrkspc_prod")
