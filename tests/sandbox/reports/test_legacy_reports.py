"""The usage and cost reports in time buckets, against buckets computed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.org import ENTERPRISE, NOW, Org

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE, COST = "/usage_report/messages", "/cost_report"
FROM_29 = {"starting_at": "2026-10-29T00:00:00Z"}
DAYS = ["2026-10-29", "2026-10-30", "2026-10-31", "2026-11-01"]
NOTHING: dict[str, Any] = {
    "uncached_input_tokens": 0,
    "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
    "cache_read_input_tokens": 0,
    "output_tokens": 0,
    "server_tool_use": {"web_search_requests": 0},
    "account_id": None,
    "api_key_id": None,
    "context_window": None,
    "inference_geo": None,
    "model": None,
    "service_account_id": None,
    "service_tier": None,
    "workspace_id": None,
}
CI = {
    **NOTHING,
    "uncached_input_tokens": 1000,
    "output_tokens": 200,
    "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 80},
}


def report(org: Org, path: str, **query: str) -> list[list[dict[str, Any]]]:
    """The results of each bucket."""
    reply = org.get(path, **{**FROM_29, **query})
    assert reply.status == 200, reply.body
    return [bucket["results"] for bucket in reply.body["data"]]


def amounts(org: Org, *, key: str, **query: str) -> list[dict[str | None, str]]:
    return [{row[key]: row["amount"] for row in rows} for rows in report(org, COST, **query)]


def pages(org: Org, path: str, **query: str) -> list[list[str]]:
    """The days of every page."""
    seen = []
    reply = org.get(path, **query)
    while True:
        assert set(reply.body) == {"data", "has_more", "next_page"}
        seen.append([bucket["starting_at"][:10] for bucket in reply.body["data"]])
        if not reply.body["has_more"]:
            assert reply.body["next_page"] is None
            return seen
        reply = org.get(path, **query, page=reply.body["next_page"])


def test_buckets_come_oldest_first_and_empty_ones_are_there(org: Org) -> None:
    data = org.get(USAGE, **FROM_29).body["data"]
    assert [bucket["starting_at"] for bucket in data] == [f"{day}T00:00:00Z" for day in DAYS]
    assert [bucket["ending_at"] for bucket in data] == [f"{day}T00:00:00Z" for day in [*DAYS[1:], "2026-11-02"]]
    assert [bucket["results"] for bucket in data] == [
        [],
        [{**CI, "uncached_input_tokens": 1100}],
        [{**NOTHING, "output_tokens": 10}],
        [],
    ]


def test_groups_have_their_dimensions(org: Org) -> None:
    _, friday, saturday, _ = report(org, USAGE, group_by__="model")
    opus, sonnet = friday
    assert opus == {**NOTHING, "uncached_input_tokens": 100, "model": "claude-opus-5"}
    assert sonnet == {**CI, "model": "claude-sonnet-5"}
    assert [row["model"] for row in saturday] == ["claude-opus-5"]


@pytest.mark.parametrize(
    ("dimension", "friday", "saturday"),
    [
        ("workspace_id", [None, "wrkspc_prod"], [None]),
        ("api_key_id", ["apikey_ci", "apikey_kim"], [None]),
        ("account_id", [None], [None]),
        ("service_account_id", [None], [None]),
        ("context_window", ["0-200k"], ["0-200k"]),
        ("inference_geo", ["global"], ["global"]),
        ("service_tier", ["standard"], ["standard"]),
        ("speed", ["standard"], ["standard"]),
    ],
)
def test_every_dimension_groups(org: Org, dimension: str, friday: list[Any], saturday: list[Any]) -> None:
    results = report(org, USAGE, group_by__=dimension)
    assert [[row[dimension] for row in rows] for rows in results] == [[], friday, saturday, []]


def test_an_account_stands_behind_usage_without_a_key(org: Org) -> None:
    usage = {"at": "2026-10-29T01:00:00Z", "email": "kim@acme.com", "input_tokens": 1, "inference_geo": None}
    assert org.app.console("POST", "/usage", usage).status == 200
    assert report(org, USAGE, group_by__="account_id")[0][0]["account_id"] == "user_kim"
    assert report(org, USAGE, group_by__="inference_geo")[0][0]["inference_geo"] == "not_available"
    assert report(org, USAGE, account_ids__="user_kim")[0] != []
    assert report(org, USAGE, inference_geos__="not_available")[1:] == [[], [], []]


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        ({"models__": "claude-opus-5"}, [0, 100, 0, 0]),
        ({"api_key_ids__": "apikey_ci"}, [0, 1000, 0, 0]),
        ({"workspace_ids__": "wrkspc_prod"}, [0, 1000, 0, 0]),
        ({"workspace_ids__": "wrkspc_default"}, [0, 100, 0, 0]),
        ({"service_tiers__": "batch"}, [0, 0, 0, 0]),
        ({"speeds__": "standard", "context_window__": "0-200k"}, [0, 1100, 0, 0]),
    ],
)
def test_filters_keep_what_they_name(org: Org, query: dict[str, str], tokens: list[int]) -> None:
    results = report(org, USAGE, **query)
    assert [sum(row["uncached_input_tokens"] for row in rows) for rows in results] == tokens


def test_hours_and_minutes_snap_to_their_start(org: Org) -> None:
    query = {"starting_at": "2026-10-30T08:14:30+00:00", "ending_at": "2026-10-30T08:17:00Z", "bucket_width": "1m"}
    reply = org.get(USAGE, **query)
    assert [(bucket["starting_at"][11:19], len(bucket["results"])) for bucket in reply.body["data"]] == [
        ("08:14:00", 0),
        ("08:15:00", 1),
        ("08:16:00", 0),
    ]
    hours = org.get(USAGE, starting_at="2026-10-30T07:59:00Z", ending_at="2026-10-30T09:30:00Z", bucket_width="1h")
    assert [bucket["starting_at"][11:16] for bucket in hours.body["data"]] == ["07:00", "08:00"]


@pytest.mark.parametrize(("width", "usual", "most"), [("1d", 7, 31), ("1h", 24, 168), ("1m", 60, 1440)])
def test_pages_hold_so_many_buckets(org: Org, width: str, usual: int, most: int) -> None:
    query = {"starting_at": "2026-01-01T00:00:00Z", "bucket_width": width}
    assert len(org.get(USAGE, **query).body["data"]) == usual
    assert len(org.get(USAGE, **query, limit=str(most)).body["data"]) == most
    assert org.get(USAGE, **query, limit=str(most + 1)).status == org.get(USAGE, **query, limit="0").status == 400


@pytest.mark.parametrize("path", [USAGE, COST])
def test_pages_meet_every_bucket_once(org: Org, path: str) -> None:
    query = {"starting_at": "2026-10-20T00:00:00Z"}
    everything = [f"2026-10-{day}" for day in range(20, 32)] + ["2026-11-01"]
    assert pages(org, path, **query, limit="31") == [everything]
    for limit in (1, 5, 12, 13):
        seen = pages(org, path, **query, limit=str(limit))
        assert [day for page in seen for day in page] == everything
        assert {len(page) for page in seen[:-1]} <= {limit}


def test_a_cursor_belongs_to_its_filters(org: Org) -> None:
    cursor = org.get(USAGE, **FROM_29, limit="1").body["next_page"]
    assert org.get(USAGE, **FROM_29, limit="2", page=cursor).status == 200
    for other in ({"models__": "a"}, {"bucket_width": "1d"}, {"group_by__": "model"}):
        assert org.get(USAGE, **FROM_29, limit="1", page=cursor, **other).status == 400
    assert org.get(COST, **FROM_29, limit="1", page=cursor).status == 400
    assert org.get(USAGE, **FROM_29, limit="1", page="page_x").status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"starting_at": ""},
        {"starting_at": "2026-10-29"},
        {"starting_at": "2026-10-29T00:00:00"},
        {"starting_at": "0001-01-01T00:00:00+23:00"},
        {"ending_at": "2026-10-29T00:00:00Z"},
        {"bucket_width": "1w"},
        {"group_by__": "day"},
        {"service_tiers__": "gold"},
        {"context_window__": "1M"},
    ],
)
def test_what_is_refused(org: Org, query: dict[str, str]) -> None:
    assert org.get(USAGE, **{**FROM_29, **query}).status == 400
    assert org.get(USAGE).status == org.get(COST).status == 400
    assert org.get(COST, **FROM_29, bucket_width="1h").status == 400
    assert org.get(COST, **FROM_29, group_by__="model").status == 400


def test_what_has_not_begun_is_no_bucket(org: Org) -> None:
    assert org.get(USAGE, starting_at="2026-11-02T00:00:00Z").body["data"] == []
    assert len(report(org, USAGE, ending_at="2030-01-01T00:00:00Z")) == 4


def test_costs_are_fractional_cents(org: Org) -> None:
    assert report(org, COST) == [
        [],
        [
            {
                "amount": "2.6",
                "currency": "USD",
                "description": None,
                "workspace_id": None,
                "cost_type": None,
                "token_type": None,
                "context_window": None,
                "inference_geo": None,
                "model": None,
                "service_tier": None,
            }
        ],
        [{**report(org, COST)[1][0], "amount": "3.125"}],
        [],
    ]
    assert amounts(org, key="workspace_id", group_by__="workspace_id")[1:3] == [
        {None: "0.5", "wrkspc_prod": "2.1"},
        {None: "0.125", "wrkspc_prod": "3"},
    ]


def test_descriptions_name_the_parts_of_a_cost(org: Org) -> None:
    _, friday, saturday, _ = amounts(org, key="description", group_by__="description")
    assert friday == {
        "claude-opus-5 Usage - Input Tokens": "0.5",
        "claude-sonnet-5 Usage - Input Tokens": "1",
        "claude-sonnet-5 Usage - Input Tokens, Cache Write (5m)": "0.1",
        "claude-sonnet-5 Usage - Output Tokens": "1",
    }
    assert saturday == {"Code Execution Usage": "3", "claude-opus-5 Usage - Output Tokens": "0.125"}
    row = report(org, COST, group_by__="description")[1][-1]
    assert (row["cost_type"], row["token_type"], row["model"]) == ("tokens", "uncached_input_tokens", "claude-sonnet-5")
    assert (row["context_window"], row["inference_geo"], row["service_tier"]) == ("0-200k", "global", "standard")


def test_shares_add_up_exactly(org: Org) -> None:
    usage = {"at": "2026-10-29T00:00:00Z", "input_tokens": 1, "output_tokens": 1, "cache_read_tokens": 1}
    org.app.console("POST", "/usage", {**usage, "cost_cents": "0.1000001"})
    shares = amounts(org, key="token_type", group_by__="description")[0]
    assert len(shares) == 3
    assert sum(Decimal(each) for each in shares.values()) == Decimal("0.1000001")


def test_the_priority_tier_costs_elsewhere_and_code_execution_uses_no_tokens(org: Org) -> None:
    priority = {"at": "2026-10-29T00:00:00Z", "input_tokens": 5, "service_tier": "priority", "cost_cents": "7"}
    search = {"at": "2026-10-29T00:00:00Z", "web_search_requests": 2, "cost_type": "web_search", "cost_cents": "2"}
    for usage in (priority, search):
        assert org.app.console("POST", "/usage", usage).status == 200
    assert amounts(org, key="description", group_by__="description")[0] == {"Web Search Usage": "2"}
    used = report(org, USAGE)[0][0]
    assert (used["uncached_input_tokens"], used["server_tool_use"]) == (5, {"web_search_requests": 2})


def test_usage_shows_once_its_moment_has_come(make_org: Callable[..., Org]) -> None:
    seed = {"usage": [{"at": "2026-11-01T11:00:00Z", "input_tokens": 1}], "settings": {"clock": NOW.isoformat()}}
    org = make_org(seed, now=None)
    assert report(org, USAGE)[-1] == []
    org.app.console("POST", "/settings", {"clock": "2026-11-01T11:00:00Z"})
    assert report(org, USAGE)[-1] != []


def test_enterprises_have_no_legacy_reports(make_org: Callable[..., Org]) -> None:
    org = make_org(ENTERPRISE)
    assert org.get(USAGE, **FROM_29).status == 403
    assert org.get("/usage_report/claude_code").status == 404
