"""API keys: which are listed, how their status moves, what archives them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import ENTERPRISE, NOW, SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

IN_PROD = {"type": "workspace", "workspace_id": "wrkspc_prod"}
OF_KIM = {"type": "user_actor", "user_id": "user_kim"}


def status_of(org: Org, name: str) -> str:
    return str(org.get(f"/api_keys/apikey_{name}").body["status"])


def move(org: Org, name: str, status: str) -> int:
    return org.post(f"/api_keys/apikey_{name}", {"status": status}).status


def made(org: Org, **fields: Any) -> Any:
    answer = org.app.console("POST", "/api_keys", {"name": "new", "scope": IN_PROD, **fields})
    return answer.body if answer.status == 200 else answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["late", "old", "off", "kim", "ci"]),
        ({"status": "active"}, ["kim", "ci"]),
        ({"status": "expired"}, ["late"]),
        ({"workspace_id": "wrkspc_prod"}, ["off", "ci"]),
        ({"workspace_id": "wrkspc_default"}, ["late"]),
        ({"workspace_id": "wrkspc_nowhere"}, []),
        ({"created_by_user_id": "user_dev"}, ["late", "ci"]),
        ({"created_by_user_id": "user_dev", "status": "active"}, ["ci"]),
    ],
)
def test_filters_narrow_the_list(org: Org, query: dict[str, str], names: list[str]) -> None:
    assert org.get("/api_keys", **query).ids == [f"apikey_{name}" for name in names]


def test_an_unknown_status_is_refused(org: Org) -> None:
    assert org.get("/api_keys", status="deleted").status == 400


def test_the_list_goes_forwards_and_backwards(org: Org) -> None:
    everything = org.get("/api_keys").ids
    first = org.get("/api_keys", limit="2")
    assert (first.ids, first.body["has_more"]) == (everything[:2], True)
    assert org.get("/api_keys", limit="9", after_id=first.body["last_id"]).ids == everything[2:]
    assert org.get("/api_keys", limit="9", before_id=everything[2]).ids == everything[:2]


def test_a_key_has_the_fields_of_the_api(org: Org) -> None:
    key = org.get("/api_keys/apikey_kim").body
    hint = key.pop("partial_key_hint")
    assert key == {
        "type": "api_key",
        "id": "apikey_kim",
        "name": "kim",
        "status": "active",
        "created_at": "2025-01-01T00:01:00Z",
        "expires_at": None,
        "created_by": None,
        "principal": OF_KIM,
        "scope": {"type": "organization"},
    }
    assert hint.startswith("sk-ant-api03-")
    assert len(hint) == len("sk-ant-api03-R2D...igAA")


@pytest.mark.parametrize(
    ("name", "workspace"), [("ci", "wrkspc_prod"), ("late", None), ("kim", None), ("old", "wrkspc_old")]
)
def test_the_old_version_says_the_workspace_once_more(org: Org, name: str, workspace: str | None) -> None:
    path = f"/api_keys/apikey_{name}"
    old = org.call("GET", path, headers={"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01"}).body
    new = org.call("GET", path, headers={"x-api-key": ADMIN_KEY, "anthropic-version": "2026-10-21"}).body
    assert old == {**new, "workspace_id": workspace}
    assert org.get(path).body == new


@pytest.mark.parametrize(
    ("name", "to", "status"),
    [
        ("ci", "inactive", 200),
        ("off", "active", 200),
        ("ci", "active", 200),
        ("ci", "archived", 200),
        ("off", "archived", 200),
        ("late", "archived", 200),
        ("late", "active", 400),
        ("late", "inactive", 400),
        ("old", "active", 400),
        ("old", "inactive", 400),
        ("ci", "expired", 400),
    ],
)
def test_how_a_status_moves(org: Org, name: str, to: str, status: int) -> None:
    before = status_of(org, name)
    assert move(org, name, to) == status
    assert status_of(org, name) == (to if status == 200 else before)


def test_an_expired_key_can_be_renamed(org: Org) -> None:
    reply = org.post("/api_keys/apikey_late", {"name": "later"})
    assert (reply.body["name"], reply.body["status"]) == ("later", "expired")
    assert org.post("/api_keys/apikey_old", {"name": "older"}).status == 400


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x" * 501}, {"expires_at": None}, {"scope": IN_PROD}])
def test_updates_are_strict(org: Org, body: dict[str, Any]) -> None:
    assert org.post("/api_keys/apikey_ci", body).status == 400
    assert org.post("/api_keys/apikey_ci", {"name": "x" * 500}).status == 200


def test_the_api_makes_and_deletes_no_keys(org: Org) -> None:
    assert org.post("/api_keys", {"name": "new", "scope": IN_PROD}).status == 405
    assert org.delete("/api_keys/apikey_ci").status == 405
    assert org.get("/api_keys/apikey_gone").status == 404


def test_only_active_keys_count_for_the_limits(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(org_api_key_limit=2, workspace_api_key_limit=1))
    assert move(org, "ci", "active") == 200
    assert move(org, "off", "active") == 400
    assert made(org) == "The organization may have 2 active API keys"
    assert move(org, "kim", "inactive") == 200
    assert made(org) == "The workspace may have 1 active API keys"
    assert move(org, "ci", "inactive") == 200
    assert move(org, "off", "active") == 200


def test_a_key_expires_by_the_clock(make_org: Callable[..., Org]) -> None:
    seed = {"api_keys": [{"id": "apikey_a", "name": "a", "expires_at": "2026-12-01T00:00:00Z"}]}
    before, after = make_org(seed), make_org(seed, now=NOW + timedelta(days=30))
    assert (status_of(before, "a"), status_of(after, "a")) == ("active", "expired")
    assert before.get("/api_keys", status="expired").ids == []
    assert after.get("/api_keys", status="expired").ids == ["apikey_a"]
    assert after.get("/api_keys", status="active").ids == []


def test_archiving_a_workspace_archives_its_keys(org: Org) -> None:
    assert org.post("/workspaces/wrkspc_prod/archive").status == 200
    assert [status_of(org, name) for name in ("ci", "off", "kim", "late")] == [
        "archived",
        "archived",
        "active",
        "expired",
    ]
    assert org.get("/api_keys", workspace_id="wrkspc_prod").ids == ["apikey_off", "apikey_ci"]


def test_who_leaves_takes_personal_keys_along(org: Org) -> None:
    assert org.delete("/users/user_dev").status == org.delete("/users/user_kim").status == 200
    assert (status_of(org, "ci"), status_of(org, "kim")) == ("active", "archived")
    assert org.get("/api_keys", created_by_user_id="user_dev").ids == ["apikey_late", "apikey_ci"]


def test_single_reads_may_lag_while_the_list_is_fresh(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(read_lag_reads=2))
    assert move(org, "ci", "inactive") == 200
    assert org.delete("/spend_limits/spl_org").status == 200
    assert [row["status"] for row in org.get("/api_keys", workspace_id="wrkspc_prod").body["data"]] == ["inactive"] * 2
    assert (status_of(org, "ci"), org.get("/spend_limits/spl_org").status) == ("active", 200)
    assert (status_of(org, "ci"), org.get("/spend_limits/spl_org").status) == ("inactive", 404)


def test_the_console_makes_keys(org: Org) -> None:
    key = made(org, principal=OF_KIM, created_by={"id": "user_ceo", "type": "user"}, expires_at="2026-12-01T00:00:00Z")
    assert key["status"] == "active"
    assert (key["created_at"], key["expires_at"]) == ("2026-11-01T10:00:00Z", "2026-12-01T00:00:00Z")
    assert org.get("/api_keys", workspace_id="wrkspc_prod").ids[0] == key["id"]
    personal = made(org, scope={"type": "organization"}, principal=OF_KIM)
    assert personal["scope"] == {"type": "organization"}
    service = {"type": "service_account_actor", "service_account_id": "svac_a"}
    assert made(org, principal=service)["principal"] == service


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"scope": {"type": "organization"}}, "only a key with a principal"),
        ({"scope": {**IN_PROD, "workspace_id": "wrkspc_no"}}, "Workspace not found"),
        ({"scope": {**IN_PROD, "workspace_id": "wrkspc_old"}}, "archived"),
        ({"principal": {**OF_KIM, "user_id": "user_no"}}, "User not found"),
        ({"expires_at": "2026-11-01T10:00:00Z"}, "has passed already"),
        ({"scope": {"type": "planet"}}, "scope: Input tag 'planet'"),
        ({"secret": "x"}, "secret: Extra inputs"),
    ],
)
def test_the_console_checks_what_it_makes(org: Org, fields: dict[str, Any], problem: str) -> None:
    assert problem in made(org, **fields)


def test_a_listed_admin_key_can_only_be_read(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(admin_keys="listed"))
    key = org.get("/api_keys").body["data"][-1]
    assert (key["name"], key["scope"]) == ("Admin key", {"type": "organization"})
    assert key["partial_key_hint"].startswith("sk-ant-admin01-")
    assert org.get(f"/api_keys/{key['id']}").body == key
    assert org.post(f"/api_keys/{key['id']}", {"name": "x"}).status == 400
    assert org.get("/api_keys", limit="1", before_id=key["id"]).ids == ["apikey_ci"]


def test_enterprises_have_no_keys(make_org: Callable[..., Org]) -> None:
    org = make_org(ENTERPRISE)
    assert org.get("/api_keys").status == org.get("/rate_limits").status == org.get("/cost_report").status == 403


def test_a_seed_names_people_and_workspaces(make_org: Callable[..., Org]) -> None:
    keys = {each["name"]: each for each in make_org().get("/api_keys").body["data"]}
    assert keys["ci"]["created_by"] == {"id": "user_dev", "type": "user"}
    assert keys["ci"]["scope"] == IN_PROD
    assert keys["late"]["scope"] == {"type": "workspace", "workspace_id": "wrkspc_default"}
    assert keys["late"]["expires_at"] == "2026-11-01T10:00:00Z"


def test_rows_of_the_api_make_the_same_keys(make_org: Callable[..., Org], org: Org) -> None:
    rows = org.get("/api_keys").body["data"]
    assert make_org({**SEED, "api_keys": rows}).get("/api_keys").body["data"] == rows


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"name": "a", "workspace": "nowhere"}, "api_keys.0: there is no workspace nowhere"),
        ({"name": "a", "workspace": "old"}, "api_keys.0.status: the keys of an archived workspace"),
        ({"name": "a", "scope": {"type": "organization"}}, "api_keys.0.scope: only a key with a principal"),
        ({"name": "a", "principal_email": "x@acme.com"}, "api_keys.0.principal_email: there is no user x@acme.com"),
        ({"name": "a", "created_by_email": "x@acme.com"}, "api_keys.0.created_by_email: there is no user"),
        ({"name": "a", "principal": {**OF_KIM, "user_id": "user_x"}}, "api_keys.0.principal: there is no user user_x"),
        ({"name": "a", "status": "expired", "expires_at": "2027-01-01T00:00:00Z"}, "api_keys.0.expires_at: an expired"),
        ({"name": "a", "id": "key_a"}, "api_keys.0.id: key_a must begin with apikey_"),
        ({"name": "a", "secret": "x"}, "api_keys.0.secret: Extra inputs are not permitted"),
        ({}, "api_keys.0.name: Field required"),
    ],
)
def test_seeds_are_checked(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with={**SEED, "usage": [], "api_keys": [row]})
    assert problem in str(caught.value)


def test_seeds_of_enterprises_have_no_keys() -> None:
    with pytest.raises(SandboxError, match="api_keys: Claude Enterprise organizations have none"):
        open_app(":memory:", now=NOW, seed_with={**ENTERPRISE, "api_keys": [{"name": "a"}]})
