"""The Activity Feed as the Compliance API shows it: who may see it, filters, pages, and every refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.feed.types import KNOWN
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import NOW, SEED, Org, seeded

from .support import FEED, WITH_KEY, read, records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.org import Reply

PEOPLE = ["ceo@acme.com", "dev@acme.com"]
ACTIVITIES = [
    {
        "id": f"activity_{number}",
        "type": "org_user_invite_sent" if number % 3 else "payment_method_updated",
        "by": PEOPLE[number % 2],
        # Two at a time happen at the same moment.
        "created_at": f"2026-10-{number // 2 + 1:02}T12:00:00Z",
    }
    for number in range(10)
]
OTHER_KEYS = [
    {"secret": "sk-ant-admin01-off", "status": "inactive"},
    {"secret": "sk-ant-admin01-late", "status": "expired"},
    {"secret": "sk-ant-admin01-old", "status": "archived"},
    {"secret": "token", "kind": "oauth_token", "email": "ceo@acme.com"},
    {"secret": "personal", "kind": "personal_key", "email": "ceo@acme.com"},
    {"secret": "sk-ant-api01-feed", "kind": "scoped_key", "scopes": ["read:org_audit"]},
    {"secret": "sk-ant-api01-other", "kind": "scoped_key", "scopes": ["read:members"]},
]
HISTORY = seeded({**SEED, "activities": ACTIVITIES}, compliance="on", credentials=OTHER_KEYS)
BEGUN = [f"activity_{number}" for number in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
SCOPES = "['read:compliance_activities', 'read:org_audit']"
FILTER = ("exclude_activity_types[]", "compliance_api_accessed")


@pytest.fixture
def history(make_org: Callable[..., Org]) -> Org:
    return make_org(HISTORY)


def ids(org: Org, *query: tuple[str, str]) -> list[str]:
    return [row["id"] for row in records(org, *query)]


def problem(reply: Reply) -> tuple[int, str, str]:
    return reply.status, reply.body["error"]["type"], reply.message


def test_the_newest_come_first_and_ties_go_by_id(history: Org) -> None:
    assert ids(history) == BEGUN
    assert ids(history, ("order", "asc")) == BEGUN[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("activity_types[]", "payment_method_updated")], BEGUN[0::3]),
        ([("actor_ids[]", "user_dev")], BEGUN[0::2]),
        ([("user_ids[]", "user_ceo")], BEGUN[1::2]),
        ([("user_ids[]", "user_ceo"), ("actor_ids[]", "user_dev")], BEGUN),
        ([("organization_ids[]", SEED["organization"]["id"])], BEGUN),
        ([("created_at.gte", "2026-10-05T12:00:00Z")], BEGUN[:2]),
        ([("created_at.gt", "2026-10-04T12:00:00Z")], BEGUN[:2]),
        ([("created_at.lt", "2026-10-02T13:00:00+01:00")], BEGUN[-2:]),
        ([("created_at.lte", "2026-10-01T12:00:00")], BEGUN[-2:]),
        ([("created_at.gte", "2026-10-05")], BEGUN[:2]),
    ],
)
def test_filters_keep_what_they_say(history: Org, query: list[tuple[str, str]], expected: list[str]) -> None:
    own = [] if any(name == "activity_types[]" for name, _ in query) else [FILTER]
    reply = read(history, *own, *query)
    assert reply.status == 200, reply.text
    assert reply.ids == expected


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 3, 5, 10])
def test_pages_add_up_in_both_directions(history: Org, order: str, limit: int) -> None:
    wanted = BEGUN if order == "desc" else BEGUN[::-1]
    query = [FILTER, ("order", order), ("limit", str(limit))]
    page = read(history, *query).body
    forward = [row["id"] for row in page["data"]]
    while page["has_more"]:
        page = read(history, *query, ("after_id", page["last_id"])).body
        forward += [row["id"] for row in page["data"]]
    assert forward == wanted
    back: list[str] = []
    while True:
        page = read(history, *query, ("before_id", page["first_id"])).body
        back = [row["id"] for row in page["data"]] + back
        if not page["has_more"]:
            break
    assert back == wanted[: len(back)]
    assert len(back) == (10 - 1) // limit * limit


def test_a_page_is_next_to_its_cursor_and_arrivals_shift_nothing(history: Org) -> None:
    query = [("limit", "3"), ("activity_types[]", "org_user_invite_sent")]
    first = read(history, *query).body
    history.post("/invites", {"email": "new@acme.com", "role": "user"})
    second = read(history, *query, ("after_id", first["last_id"]))
    assert second.ids == ["activity_4", "activity_2", "activity_1"]
    newer = read(history, *query, ("before_id", first["first_id"])).body
    assert [row["type"] for row in newer["data"]] == ["org_user_invite_sent"]
    assert not newer["has_more"]


def test_the_id_of_an_activity_is_a_cursor_as_well(history: Org) -> None:
    assert ids(history, ("after_id", "activity_3")) == BEGUN[-3:]


def test_an_empty_page_has_no_cursors(history: Org) -> None:
    assert read(history, ("activity_types[]", "org_user_left")).body == {
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }


def test_what_was_repeated_is_whole_all_the_same(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(HISTORY, feed_duplicates=2))
    query = [FILTER, ("limit", "4")]
    page = read(org, *query).body
    seen = [row["id"] for row in page["data"]]
    assert seen == BEGUN[:4]
    while page["has_more"]:
        page = read(org, *query, ("after_id", page["last_id"])).body
        assert len(page["data"]) <= 4
        assert [row["id"] for row in page["data"][:2]] == seen[-2:]
        seen += [row["id"] for row in page["data"]]
    assert list(dict.fromkeys(seen)) == BEGUN
    assert len(seen) > len(BEGUN)


def test_activities_appear_late_and_out_of_order(make_org: Callable[..., Org]) -> None:
    seed = seeded(compliance="on", record_reads=False, feed_lag_seconds=10.0, feed_lag_jitter=50.0)
    org = make_org(seed)
    for number in range(12):
        org.post("/workspaces/wrkspc_prod", {"name": f"p{number}"})
    seen = []
    app = org.app
    for seconds in (0, 9, 30, 60):
        app._now = NOW + timedelta(seconds=seconds)
        seen.append(ids(org))
    assert [len(rows) for rows in seen[:2]] == [0, 0]
    assert 0 < len(seen[2]) < 12
    assert seen[2] != seen[3][-len(seen[2]) :]
    assert len(seen[3]) == 12


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([("created_at[gte]", "x")], "Unknown query parameter: 'created_at[gte]'. Did you mean 'created_at.gte'?"),
        ([("colour", "x")], "Unknown query parameter: 'colour'."),
        ([("beta", "true")], "Unknown query parameter: 'beta'."),
        (
            [("activity_types[]", "org_user_left"), ("activity_types[]", "org_user_lost")],
            "activity_types[].1: Input is not one of the permitted values.",
        ),
        ([("exclude_activity_types[]", "x")], "exclude_activity_types[].0: Input is not one of the permitted values."),
        (
            [("activity_types[]", "org_user_left"), ("exclude_activity_types[]", "org_user_left")],
            "activity_types[] and exclude_activity_types[] cannot be given together",
        ),
        ([("limit", "5001")], "limit: Input should be less than or equal to 5000"),
        ([("limit", "0")], "limit: Input should be greater than or equal to 1"),
        ([("limit", "many")], "limit: Input should be a valid integer, unable to parse string as an integer"),
        ([("order", "up")], "order: Input should be 'asc' or 'desc'"),
        ([("after_id", "xyz")], "Invalid activity_id format: 'xyz'"),
        ([("before_id", "activity_99")], "Invalid activity_id format: 'activity_99'"),
        ([("after_id", "W10=")], "Invalid activity_id format: 'W10='"),
        ([("after_id", "activity_1"), ("before_id", "activity_2")], "Only one of after_id and before_id can be given"),
        ([("created_at.lt", "soon")], "created_at.lt: Input should be a valid datetime or date, invalid character"),
    ],
)
def test_what_does_not_fit_is_refused(history: Org, query: list[tuple[str, str]], message: str) -> None:
    reply = read(history, *query)
    assert problem(reply)[:2] == (400, "invalid_request_error")
    assert reply.message.startswith(message)
    assert reply.headers["x-should-retry"] == "false"
    accessed = read(history).body["data"][0]
    assert (accessed["type"], accessed["status_code"]) == ("compliance_api_accessed", 400)


def test_other_organizations_are_out_of_reach(history: Org) -> None:
    reply = read(history, ("organization_ids[]", "org_other"))
    message = "Cannot query compliance data for organizations outside this API key's scope"
    assert problem(reply) == (403, "permission_error", message)
    assert "anthropic-ratelimit-requests-limit" not in reply.headers


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({}, 404, "Not found"),
        ({"authorization": f"Bearer {ADMIN_KEY}"}, 404, "Not found"),
        ({"authorization": "Bearer token"}, 404, "Not found"),
        ({"x-api-key": "personal"}, 404, "Not found"),
        ({"x-api-key": "sk-ant-api03-x"}, 404, "Not found"),
        ({"x-api-key": "sk-ant-admin01-unknown"}, 401, "API key is invalid."),
        ({"x-api-key": "sk-ant-admin01-old"}, 401, "API key is invalid."),
        ({"x-api-key": "sk-ant-admin01-off"}, 401, "API key has been deactivated."),
        ({"x-api-key": "sk-ant-admin01-late"}, 401, "API key has expired."),
        (
            {"x-api-key": "sk-ant-api01-other"},
            403,
            f"Missing required scopes. Got: ['read:members'] Needed one of: {SCOPES}",
        ),
    ],
)
def test_only_keys_that_have_the_scope_see_it(
    history: Org, headers: Mapping[str, str], status: int, message: str
) -> None:
    reply = read(history, headers=headers)
    assert (reply.status, reply.message) == (status, message)
    assert (reply.body["request_id"] is None) == (status == 401)
    left = int(read(history).headers["anthropic-ratelimit-requests-remaining"])
    assert left == (598 if status == 403 else 599)


@pytest.mark.parametrize("key", [ADMIN_KEY, "sk-ant-api01-feed"])
def test_an_admin_key_and_one_for_audits_see_it(history: Org, key: str) -> None:
    assert read(history, headers={"x-api-key": key}).status == 200


def test_a_key_that_was_made_too_early_keeps_getting_403(make_org: Callable[..., Org]) -> None:
    reply = read(make_org(seeded(HISTORY, feed_scope=False)))
    message = f"Missing required scopes. Got: ['api:admin'] Needed one of: {SCOPES}"
    assert problem(reply) == (403, "permission_error", message)
    assert reply.body["error"]["details"] == {"error_visibility": "user_facing"}


def test_it_is_off_by_default(org: Org) -> None:
    reply = read(org)
    message = "Compliance API is not enabled for this organization"
    assert problem(reply) == (400, "invalid_request_error", message)


def test_there_is_nothing_else(history: Org) -> None:
    for method, path in [("POST", FEED), ("GET", f"{FEED}/activity_1"), ("GET", "/v1/compliance/groups")]:
        assert problem(history.call(method, path, headers=WITH_KEY)) == (404, "not_found_error", "Not found")


def test_its_limit_is_its_own(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(HISTORY, feed_requests_per_minute=2, requests_per_minute=2))
    assert [read(org).status for _ in range(3)] == [200, 200, 429]
    assert int(read(org).headers["retry-after"]) > 0
    assert [org.get("/me").status for _ in range(3)] == [200, 200, 429]


def test_every_type_that_the_sandbox_records_is_one_that_a_filter_may_name(history: Org) -> None:
    assert read(history, *(("activity_types[]", kind) for kind in sorted(KNOWN))).status == 200


FAULTS: list[tuple[dict[str, Any], list[tuple[int, list[str], bool]]]] = [
    ({"fault": "status_before", "status": 429, "retry_after": 5}, [(429, [], False), (200, BEGUN[:4], True)]),
    ({"fault": "promised_page", "nth": 3}, [(200, BEGUN[:4], True), (200, BEGUN[4:8], True), (200, BEGUN[8:], True)]),
    ({"fault": "loop_cursor"}, [(200, BEGUN[:4], True), (200, BEGUN[1:5], True)]),
    ({"fault": "empty_page", "nth": 2}, [(200, BEGUN[:4], True), (200, [], True), (200, BEGUN[4:8], True)]),
    ({"fault": "repeat_page", "nth": 2}, [(200, BEGUN[:4], True), (200, BEGUN[:4], True)]),
    ({"fault": "vanished_cursor", "nth": 2}, [(200, BEGUN[:4], True), (400, [], False)]),
    ({"fault": "short_list"}, [(200, [], False)]),
    (
        {"fault": "console", "nth": 2, "edit": {"method": "POST", "path": "/settings", "body": {"compliance": "off"}}},
        [(200, BEGUN[:4], True), (400, [], False)],
    ),
]


@pytest.mark.parametrize(("rule", "answers"), FAULTS, ids=lambda value: str(value)[:30])
def test_faults_disturb_it(history: Org, rule: Any, answers: list[tuple[int, list[str], bool]]) -> None:
    history.app.set_faults([{"path": FEED, **rule}])
    after: list[tuple[str, str]] = []
    for status, rows, more in answers:
        reply = read(history, FILTER, ("limit", "4"), *after)
        assert reply.status == status, reply.text
        if status == 200:
            assert (reply.ids, reply.body["has_more"]) == (rows, more)
            after = [("after_id", reply.body["last_id"])] if reply.body["last_id"] else []


def test_a_fault_makes_odd_records(history: Org) -> None:
    history.post("/workspaces/wrkspc_prod", {"name": "p"})
    odd = {"drop": ["updates"], "set": {"actor": {"type": "robot_actor"}, "user_email": None}}
    history.app.set_faults([{"fault": "odd_rows", "path": FEED, **odd}])
    row = read(history).body["data"][0]
    assert (row["type"], row["actor"], row["user_email"]) == (
        "platform_workspace_updated",
        {"type": "robot_actor"},
        None,
    )
    assert "updates" not in row
