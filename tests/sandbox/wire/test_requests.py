"""What holds for every request: credentials, envelopes, bodies, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import ENTERPRISE, SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

PROD = "/workspaces/wrkspc_prod"
CREDENTIALS = [
    {"secret": "bound", "kind": "workspace_key"},
    {"secret": "sleeping", "status": "inactive"},
    {"secret": "late", "status": "expired"},
    {"secret": "token-of-ceo", "kind": "oauth_token", "email": "ceo@acme.com"},
    {"secret": "token-of-kim", "kind": "oauth_token", "email": "kim@acme.com"},
    {"secret": "key-of-ceo", "kind": "personal_key", "email": "CEO@acme.com"},
    {"secret": "key-of-nobody", "kind": "personal_key", "email": "nobody@acme.com"},
    {"secret": "token-of-service", "kind": "oauth_token"},
    {"secret": "key-without-owner", "kind": "personal_key"},
]
MANY = {"users": [{"id": f"user_{number}", "email": f"u{number}@acme.com"} for number in range(7)]}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-api-key": ADMIN_KEY}, 200),
        ({"authorization": f"Bearer {ADMIN_KEY}"}, 200),
        ({"authorization": f"bearer {ADMIN_KEY}", "x-api-key": "ignored"}, 200),
        ({}, 401),
        ({"authorization": f"Basic {ADMIN_KEY}"}, 401),
        ({"x-api-key": "wrong"}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"x-api-key": ADMIN_KEY, "origin": "https://example.com"}, 401),
        ({"x-api-key": "bound"}, 403),
        ({"x-api-key": "sleeping"}, 401),
        ({"x-api-key": "late"}, 401),
        ({"authorization": "Bearer token-of-ceo"}, 200),
        ({"x-api-key": "token-of-ceo"}, 401),
        ({"authorization": "Bearer token-of-kim"}, 403),
        ({"x-api-key": "key-of-ceo"}, 200),
        ({"x-api-key": "key-of-nobody"}, 401),
        ({"authorization": "Bearer token-of-service"}, 200),
        ({"x-api-key": "key-without-owner"}, 401),
    ],
)
def test_who_may_call(make_org: Callable[..., Org], headers: dict[str, str], status: int) -> None:
    reply = make_org(seeded(credentials=CREDENTIALS)).call("GET", "/users", headers=headers)
    assert reply.status == status, reply.body
    assert ("anthropic-organization-id" in reply.headers) == (status == 200)


def test_a_scoped_key_reaches_what_its_scopes_name(make_org: Callable[..., Org]) -> None:
    reader = {"secret": "reader", "kind": "scoped_key", "scopes": ["read:members"]}
    writer = {"secret": "writer", "kind": "scoped_key", "scopes": ["write:members"]}
    seed = {
        **ENTERPRISE,
        "settings": {"organization_type": "enterprise", "credentials": [reader, writer], "groups": ["g"]},
    }
    org = make_org(seed)

    def as_key(secret: str, method: str, path: str, body: object = None) -> Any:
        reply = org.call(method, path, body, headers={"x-api-key": secret})
        return reply.status if reply.status == 200 else (reply.status, reply.message)

    assert as_key("reader", "GET", "/me") == 200
    assert as_key("reader", "GET", "/users") == 200
    status, message = as_key("reader", "DELETE", "/users/user_kim")
    assert (status, "read:members" in message, "write:members" in message) == (403, True, True)
    assert as_key("writer", "POST", "/users/user_kim", {"role": "managed"})[0] == 403
    invite = {"email": "x@acme.com", "role": "user", "rbac_group_ids": ["g"]}
    assert as_key("writer", "POST", "/invites", invite)[0] == 403
    assert as_key("writer", "GET", "/workspaces")[0] == 403


def test_errors_have_the_envelope_of_the_api(org: Org) -> None:
    reply = org.get("/users/user_nobody")
    assert reply.body == {
        "type": "error",
        "error": {"type": "not_found_error", "message": "User not found: user_nobody"},
        "request_id": reply.headers["request-id"],
    }
    assert reply.headers["content-type"] == "application/json"


def test_every_answer_has_its_own_request_id(org: Org) -> None:
    seen = [org.get(path).headers["request-id"] for path in ("/me", "/me", "/nowhere")]
    assert len(set(seen)) == 3
    assert all(each.startswith("req_") for each in seen)


@pytest.mark.parametrize("path", ["", "/", "/me/", "/nothing", "/users/a/b", "/settings", "/workspaces/wrkspc_prod/x"])
def test_unknown_paths_are_not_found(org: Org, path: str) -> None:
    assert org.get(path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", "/users/user_kim", "DELETE, GET, POST"), ("POST", "/users", "GET"), ("DELETE", "/me", "GET")],
)
def test_unknown_methods_are_405(org: Org, method: str, path: str, allowed: str) -> None:
    reply = org.call(method, path)
    assert (reply.status, reply.headers["allow"]) == (405, allowed)
    assert reply.body["error"]["type"] == "invalid_request_error"


def test_unknown_parameters_are_ignored(org: Org) -> None:
    assert org.get("/users", beta="true", roles="nonsense", whatever="").status == 200


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/invites", {"email": "a@b.co", "role": "user", "seat": 1}, "seat: Extra inputs are not permitted"),
        ("/invites", {"email": "a@b.co"}, "role: Field required"),
        ("/invites", {}, "email: Field required; role: Field required"),
        ("/invites", {"email": "a", "role": "user"}, "email: value is not a valid email address"),
        ("/invites", {"email": 5, "role": "user"}, "email: Input should be a valid string"),
        (f"{PROD}/members", {"user_id": "user_kim"}, "workspace_role: Field required"),
        (f"{PROD}/archive", {"force": True}, "force: Extra inputs are not permitted"),
        (PROD, {"tags": {"a": 1}}, "tags.a: Input should be a valid string"),
        (PROD, [1], "The request body should be a JSON object"),
    ],
)
def test_bodies_are_strict(org: Org, path: str, body: object, message: str) -> None:
    reply = org.post(path, body)
    assert (reply.status, reply.message) == (400, message)


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"role": NaN}', b"[" * 100_000])
def test_what_is_not_json_is_refused(org: Org, content: bytes) -> None:
    reply = org.call("POST", "/users/user_kim", content=content)
    assert (reply.status, reply.body["error"]["type"]) == (400, "invalid_request_error")


def test_a_page_has_twenty_rows_unless_told_otherwise(make_org: Callable[..., Org]) -> None:
    org = make_org({"users": [{"email": f"u{number}@acme.com"} for number in range(1001)]})
    assert len(org.get("/users").ids) == 20
    assert len(org.get("/users", limit="1000").ids) == 1000
    assert org.get("/users", limit="1000").body["has_more"] is True


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "", "x", "1.5", "9" * 5000, "\u0663"])
def test_limits_out_of_range_are_refused(org: Org, limit: str) -> None:
    assert org.get("/users", limit=limit).status == 400


def test_forwards_and_backwards_meet_every_row_once(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    everything = org.get("/users").ids
    for limit in range(1, 9):
        forwards, reply = [], org.get("/users", limit=str(limit))
        forwards += reply.ids
        while reply.body["has_more"]:
            reply = org.get("/users", limit=str(limit), after_id=reply.body["last_id"])
            forwards += reply.ids
        assert forwards == everything
        backwards, reply = [everything[-1]], org.get("/users", limit=str(limit), before_id=everything[-1])
        backwards = reply.ids + backwards
        while reply.body["has_more"]:
            reply = org.get("/users", limit=str(limit), before_id=reply.body["first_id"])
            backwards = reply.ids + backwards
        assert backwards == everything


def test_the_ends_of_a_list(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    nothing = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    everything = org.get("/users").ids
    assert org.get("/users", after_id=everything[-1]).body == nothing
    assert org.get("/users", before_id=everything[0]).body == nothing
    assert org.get("/users", after_id="user_gone").status == 400
    assert org.get("/users", after_id="").status == 400
    assert org.get("/users", limit="7").body["has_more"] is False
    assert org.get("/users", limit="6").body["has_more"] is True


def test_a_list_is_not_a_snapshot(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    first = org.get("/users", limit="3")
    org.app.console("POST", "users", {"email": "newer@acme.com", "role": "user"})
    org.app.console("DELETE", "users/user_3")
    assert org.get("/users", limit="3", after_id=first.body["last_id"]).ids == ["user_2", "user_1", "user_0"]


def test_a_filter_holds_on_every_page(make_org: Callable[..., Org]) -> None:
    users = [{"id": f"user_{n}", "email": f"u{n}@acme.com", "role": ("user", "developer")[n % 2]} for n in range(6)]
    org = make_org({"users": users})
    first = org.get("/users", limit="2", roles__="developer")
    assert first.ids == ["user_5", "user_3"]
    assert org.get("/users", limit="2", roles__="developer", after_id="user_3").ids == ["user_1"]
    assert org.get("/users", limit="2", roles__="developer", after_id="user_4").ids == ["user_3", "user_1"]


def test_members_page_by_user(make_org: Callable[..., Org]) -> None:
    rows = [{"email": user["email"], "workspace": "w"} for user in MANY["users"]]
    org = make_org({**MANY, "workspaces": [{"id": "wrkspc_w", "name": "w"}], "workspace_members": rows})
    first = org.get("/workspaces/wrkspc_w/members", limit="3")
    assert first.ids == ["user_0", "user_1", "user_2"]
    assert (first.body["first_id"], first.body["last_id"]) == ("user_0", "user_2")
    assert org.get("/workspaces/wrkspc_w/members", limit="9", after_id="user_2").ids[0] == "user_3"
    assert org.get("/workspaces/wrkspc_w/members", limit="2", before_id="user_3").ids == ["user_1", "user_2"]


def test_inherited_members_page_like_the_others(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(inherited_members="listed"))
    seen, reply = [], org.get(f"{PROD}/members", limit="1")
    seen += reply.ids
    while reply.body["has_more"]:
        reply = org.get(f"{PROD}/members", limit="1", after_id=reply.body["last_id"])
        seen += reply.ids
    assert seen == ["user_dev", "user_ceo", "user_bill"]
    assert len(SEED["users"]) == 4
