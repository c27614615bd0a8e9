"""Whatever a client sends, it gets an answer of the API: never a traceback, never a change that was refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import SEED, Org

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "email",
        "role",
        "rbac_group_ids",
        "name",
        "tags",
        "data_residency",
        "display_color",
        "user_id",
        "workspace_role",
        "status",
        "limits",
        "amount",
        "scope",
        "period",
    ]
)
BODIES = st.dictionaries(FIELDS | st.text(max_size=5), JSON, max_size=4) | JSON
WRITES = st.sampled_from(
    [
        "/users/user_kim",
        "/users/user_kim/sign_out",
        "/invites",
        "/workspaces",
        "/workspaces/wrkspc_prod",
        "/workspaces/wrkspc_prod/archive",
        "/workspaces/wrkspc_prod/members",
        "/workspaces/wrkspc_prod/members/user_kim",
        "/workspaces/wrkspc_prod/rate_limits/limit-of-sonnet",
        "/api_keys/apikey_ci",
        "/spend_limits",
    ]
)
READS = st.sampled_from(
    [
        "/users",
        "/invites",
        "/workspaces",
        "/workspaces/wrkspc_prod/members",
        "/me",
        "/api_keys",
        "/rate_limits",
        "/workspaces/wrkspc_prod/rate_limits",
        "/spend_limits",
        "/usage_report/messages",
        "/cost_report",
        "/analytics/cost",
        "/analytics/usage",
    ]
)
BETAS = "spend-limit-reads-2026-09-26,analytics-usage-cost-2026-08-24"
HEADERS = {"x-api-key": ADMIN_KEY, "anthropic-beta": BETAS}
PARAMETERS = st.sampled_from(
    [
        "limit",
        "after_id",
        "before_id",
        "email",
        "roles[]",
        "statuses[]",
        "ids[]",
        "include_archived",
        "beta",
        "page",
        "status",
        "group_type",
        "model",
        "scope_type[]",
        "workspace_id",
        "starting_at",
        "ending_at",
        "bucket_width",
        "time_bucket_width",
        "group_by[]",
        "order_by",
        "order",
        "api_key_ids[]",
        "models[]",
    ]
)
MOMENTS = st.sampled_from(
    ["2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59Z", "1m", "1h"]
)
VALUES = st.sampled_from(["true", "1", "user_kim", "admin", "pending", "kim@acme.com"]) | MOMENTS | st.text(max_size=8)
ANSWERS = {200, 400, 404}


STATE = ("users", "invites", "workspaces?include_archived=true", "api_keys", "spend_limits")


def state(org: Org) -> list[Any]:
    return [org.app.console("GET", path).body for path in STATE]


@settings(max_examples=60, deadline=None)
@given(path=WRITES, body=BODIES)
def test_any_body_is_answered(path: str, body: object) -> None:
    org = Org.of(SEED)
    try:
        before = state(org)
        reply = org.call("POST", path, content=json.dumps(body).encode())
        assert reply.status in ANSWERS
        if reply.status != 200:
            assert reply.body["type"] == "error"
            assert state(org) == before
    finally:
        org.close()


@settings(max_examples=60, deadline=None)
@given(path=READS, query=st.lists(st.tuples(PARAMETERS, VALUES), max_size=4))
def test_any_query_is_answered(path: str, query: list[tuple[str, str]]) -> None:
    org = Org.of(SEED)
    try:
        assert org.call("GET", path, query=query, headers=HEADERS).status in ANSWERS
    finally:
        org.close()


@pytest.mark.parametrize("text", ["\ud800", "\x00", "%2F..%2F", "x" * 300, "'; DROP TABLE users; --"])
def test_strange_texts_are_only_texts(org: Org, text: str) -> None:
    body = json.dumps({"name": text, "tags": {"k": text}}).encode()
    assert org.call("POST", "/workspaces", content=body).status in ANSWERS
    assert org.call("GET", "/users", query=[("after_id", text.encode(errors="replace").decode())]).status == 400
    assert len(org.get("/users").ids) == 4
