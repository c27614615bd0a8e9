"""Workspaces and their members: every rule of the Admin API that is not a switch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.org import SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

PROD, OLD, DEFAULT = "/workspaces/wrkspc_prod", "/workspaces/wrkspc_old", "/workspaces/wrkspc_default"


def test_a_new_workspace_has_defaults(org: Org) -> None:
    made = org.post("/workspaces", {"name": "new"}).body
    assert re.fullmatch(r"wrkspc_01[1-9A-HJ-NP-Za-km-z]{22}", made["id"])
    assert re.fullmatch(r"#[0-9A-F]{6}", made["display_color"])
    assert made["data_residency"] == {
        "workspace_geo": "us",
        "allowed_inference_geos": "unrestricted",
        "default_inference_geo": "global",
    }
    assert (made["archived_at"], made["external_key_id"], made["user_profile_id"], made["tags"]) == (
        None,
        None,
        None,
        {},
    )
    assert org.get(f"/workspaces/{made['id']}").body == made


def test_null_in_a_new_workspace_means_the_default(org: Org) -> None:
    fields = ["data_residency", "display_color", "external_key_id", "tags", "user_profile_id"]
    assert org.post("/workspaces", {"name": "new", **dict.fromkeys(fields)}).status == 200
    residency = {"workspace_geo": None, "allowed_inference_geos": None, "default_inference_geo": None}
    assert org.post("/workspaces", {"name": "new", "data_residency": residency}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 256},
        {"name": "x", "display_color": "red"},
        {"name": "x", "tags": {"anthropic-team": "a"}},
        {"name": "x", "tags": {"a": None}},
        {"name": "x", "data_residency": {"workspace_geo": "eu"}},
        {"name": "x", "data_residency": {"allowed_inference_geos": ["eu"]}},
        {"name": "x", "data_residency": {"allowed_inference_geos": "us"}},
        {"name": "x", "data_residency": {"allowed_inference_geos": ["us"]}},
        {"name": "x", "data_residency": {"allowed_inference_geos": ["us"], "default_inference_geo": "global"}},
        {"name": "x", "external_key_id": "ekey_a"},
        {"name": "x", "user_profile_id": "uprof_a"},
    ],
)
def test_impossible_workspaces_are_refused(org: Org, body: dict[str, Any]) -> None:
    assert org.post("/workspaces", body).status == 400
    assert len(org.get("/workspaces").ids) == 1


def test_omitted_fields_stay(org: Org) -> None:
    before = org.get(PROD).body
    after = org.post(PROD, {"display_color": "#abcdef"}).body
    assert after == before | {"display_color": "#abcdef"}
    residency = {"allowed_inference_geos": ["global"]}
    assert org.post(PROD, {"data_residency": residency}).body["data_residency"]["default_inference_geo"] == "global"
    assert org.post(PROD, {"data_residency": {"default_inference_geo": "us"}}).status == 400


@pytest.mark.parametrize("field", ["name", "display_color", "external_key_id", "user_profile_id"])
def test_fields_that_cannot_be_null_in_an_update(org: Org, field: str) -> None:
    assert org.post(PROD, {field: None}).message.startswith(f"{field}: ")


def test_where_data_is_stored_cannot_be_changed(org: Org) -> None:
    reply = org.post(PROD, {"data_residency": {"workspace_geo": "us"}})
    assert reply.message == "data_residency.workspace_geo: Extra inputs are not permitted"
    assert org.post(PROD, {"default_inference_geo": "us"}).message == (
        "default_inference_geo: Extra inputs are not permitted"
    )


def test_tags_are_merged_and_null_deletes(org: Org) -> None:
    assert org.post(PROD, {"tags": {"a": "1"}}).body["tags"] == {"env": "prod", "a": "1"}
    assert org.post(PROD, {"tags": {"env": None, "never": None}}).body["tags"] == {"a": "1"}
    assert org.post(PROD, {"tags": {"anthropic": "1"}}).message == "tags: Keys may not begin with 'anthropic'"


def test_archiving_is_final(org: Org) -> None:
    archived = org.post(f"{PROD}/archive").body
    assert archived["archived_at"] == "2026-11-01T10:00:00Z"
    assert org.post(f"{PROD}/archive").body == archived
    assert org.get(PROD).body == archived
    assert org.get("/workspaces").ids == []
    assert org.get("/workspaces", include_archived="true").ids == ["wrkspc_old", "wrkspc_prod"]
    assert org.post(PROD, {"name": "again"}).status == 400
    assert org.delete(f"{PROD}/members/user_dev").status == 400
    assert org.get(f"{PROD}/members").ids == ["user_dev"]
    assert org.app.console("POST", f"{PROD}/unarchive").status == 404


def test_archived_workspaces_leave_room(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(workspace_limit=1))
    assert org.post("/workspaces", {"name": "second"}).status == 400
    org.post(f"{PROD}/archive")
    assert org.post("/workspaces", {"name": "second"}).status == 200


def test_there_may_be_a_hundred_workspaces(make_org: Callable[..., Org]) -> None:
    org = make_org({"workspaces": [{"name": f"w{number}"} for number in range(99)]})
    assert org.post("/workspaces", {"name": "hundredth"}).status == 200
    reply = org.post("/workspaces", {"name": "one too many"})
    assert reply.status == 400
    assert "details" not in reply.body["error"]


def test_the_default_workspace_is_listed_on_request(org: Org) -> None:
    assert org.get("/workspaces").ids == ["wrkspc_prod"]
    assert org.get("/workspaces", include_default="true").ids == ["wrkspc_prod", "wrkspc_default"]
    assert org.get("/workspaces", ids__="wrkspc_default").ids == []
    assert org.get(DEFAULT).body["name"] == "Default"


def test_the_default_workspace_keeps_name_and_place(org: Org) -> None:
    assert org.post(DEFAULT, {"name": "mine"}).status == 400
    assert org.post(DEFAULT, {"user_profile_id": "uprof_a"}).status == 400
    assert org.post(f"{DEFAULT}/archive").status == 400
    assert org.post(DEFAULT, {"tags": {"a": "b"}, "name": "Default"}).body["tags"] == {"a": "b"}
    assert org.get(f"{DEFAULT}/members").body == {"data": [], "has_more": False, "first_id": None, "last_id": None}
    for method, path, body in [
        ("POST", "members", {"user_id": "user_kim", "workspace_role": "workspace_user"}),
        ("POST", "members/user_kim", {"workspace_role": "workspace_user"}),
        ("DELETE", "members/user_kim", None),
    ]:
        assert org.call(method, f"{DEFAULT}/{path}", body).status == 400
    assert org.get(f"{DEFAULT}/members/user_ceo").status == 404


def test_ids_select_and_leave_out_what_cannot_be_listed(org: Org) -> None:
    wanted = [("ids[]", each) for each in ("wrkspc_prod", "wrkspc_old", "wrkspc_unknown")]
    assert org.call("GET", "/workspaces", query=wanted).ids == ["wrkspc_prod"]
    everything = [*wanted, ("include_archived", "true")]
    assert org.call("GET", "/workspaces", query=everything).ids == ["wrkspc_old", "wrkspc_prod"]
    assert org.call("GET", "/workspaces", query=[("ids[]", str(number)) for number in range(101)]).status == 400
    assert org.get("/workspaces", include_archived="yes").status == 400


def test_unknown_workspaces_are_not_found(org: Org) -> None:
    unknown = "/workspaces/wrkspc_unknown"
    member = {"user_id": "user_kim", "workspace_role": "workspace_user"}
    assert [org.get(unknown).status, org.get(f"{unknown}/members").status] == [404, 404]
    assert org.post(unknown, {"name": "x"}).status == 404
    assert org.post(f"{unknown}/archive").status == 404
    assert org.post(f"{unknown}/members", member).status == 404


def test_a_key_is_attached_once(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(external_keys={"ekey_a": {}, "ekey_b": {}}))
    assert org.post(PROD, {"external_key_id": "ekey_unknown"}).status == 404
    assert org.post(PROD, {"external_key_id": "ekey_a"}).body["external_key_id"] == "ekey_a"
    assert org.post(PROD, {"external_key_id": "ekey_a"}).status == 200
    assert org.post(PROD, {"external_key_id": "ekey_b"}).status == 400


def test_an_attached_key_is_not_validated_again(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(external_keys={"ekey_a": {}}))
    org.post(PROD, {"external_key_id": "ekey_a"})
    org.app.console("POST", "settings", {"external_keys": {"ekey_a": {"validation": "failed"}}})
    assert org.post(PROD, {"external_key_id": "ekey_a"}).status == 200


def test_key_and_workspace_share_their_profile(make_org: Callable[..., Org]) -> None:
    settings: dict[str, Any] = {
        "external_keys": {"ekey_a": {"user_profile_id": "uprof_a"}, "ekey_gone": {"user_profile_id": "uprof_gone"}},
        "user_profiles": {"uprof_a": "active", "uprof_b": "active", "uprof_gone": "inactive"},
    }
    org = make_org(seeded(**settings))
    both = {"external_key_id": "ekey_a", "user_profile_id": "uprof_a"}
    made = org.post("/workspaces", {"name": "both", **both}).body
    assert (made["external_key_id"], made["user_profile_id"]) == ("ekey_a", "uprof_a")
    assert org.post(f"/workspaces/{made['id']}", {"user_profile_id": "uprof_a"}).status == 200
    assert org.post(f"/workspaces/{made['id']}", {"user_profile_id": "uprof_b"}).status == 400
    gone = org.post(PROD, {"external_key_id": "ekey_gone"})
    assert gone.body["error"]["details"] == {"error_code": "user_profile_not_found"}


def test_a_policy_can_require_a_key(make_org: Callable[..., Org]) -> None:
    policy = {"external_key_required": True, "allowed_external_keys": ["ekey_a"]}
    org = make_org(seeded(external_keys={"ekey_a": {}, "ekey_b": {}}, workspace_policy=policy))
    assert org.post("/workspaces", {"name": "x", "external_key_id": "ekey_a"}).status == 200
    for body in ({"name": "x"}, {"name": "x", "external_key_id": "ekey_b"}):
        details = org.post("/workspaces", body).body["error"]["details"]
        assert details == {"error_code": "workspace_policy_violation", "field": "external_key_id"}


def test_members_are_added_changed_and_removed(org: Org) -> None:
    member = {"type": "workspace_member", "user_id": "user_kim", "workspace_id": "wrkspc_prod"}
    added = org.post(f"{PROD}/members", {"user_id": "user_kim", "workspace_role": "workspace_user"})
    assert added.body == member | {"workspace_role": "workspace_user"}
    changed = org.post(f"{PROD}/members/user_kim", {"workspace_role": "workspace_admin"})
    assert changed.body == member | {"workspace_role": "workspace_admin"}
    assert org.get(f"{PROD}/members/user_kim").body == changed.body
    assert org.get(f"{PROD}/members").ids == ["user_dev", "user_kim"]
    assert org.delete(f"{PROD}/members/user_kim").body == {
        "type": "workspace_member_deleted",
        "user_id": "user_kim",
        "workspace_id": "wrkspc_prod",
    }
    assert org.get(f"{PROD}/members/user_kim").status == 404
    for nobody in ("user_kim", "user_unknown"):
        assert org.post(f"{PROD}/members/{nobody}", {"workspace_role": "workspace_user"}).status == 404


def test_workspace_billing_cannot_be_given(org: Org) -> None:
    billing = {"workspace_role": "workspace_billing"}
    assert org.post(f"{PROD}/members", {"user_id": "user_kim", **billing}).message.startswith("workspace_role: ")
    assert org.post(f"{PROD}/members/user_dev", billing).status == 400


def test_admins_cannot_be_lowered_or_removed_in_a_workspace(org: Org) -> None:
    assert org.get(f"{PROD}/members/user_ceo").status == 404
    assert org.post(f"{PROD}/members/user_ceo", {"workspace_role": "workspace_user"}).status == 400
    assert org.post(f"{PROD}/members", {"user_id": "user_ceo", "workspace_role": "workspace_user"}).status == 400
    assert org.post(f"{PROD}/members/user_ceo", {"workspace_role": "workspace_admin"}).status == 200
    assert org.delete(f"{PROD}/members/user_ceo").status == 400


def test_billing_members_can_be_raised_and_put_back(org: Org) -> None:
    path = f"{PROD}/members/user_bill"
    assert org.post(path, {"workspace_role": "workspace_user"}).status == 400
    assert org.post(path, {"workspace_role": "workspace_admin"}).status == 200
    assert org.get(path).body["workspace_role"] == "workspace_admin"
    assert org.delete(path).status == 400
    assert org.post(path, {"workspace_role": "workspace_billing"}).status == 200
    assert org.get(path).status == 404


def test_after_demotion_only_what_was_given_remains(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(inherited_members="listed"))
    org.app.console("POST", "users/user_dev", {"role": "admin"})
    org.app.console("POST", "users/user_ceo", {"role": "user"})
    roles = {row["user_id"]: row["workspace_role"] for row in org.get(f"{PROD}/members").body["data"]}
    assert roles == {"user_dev": "workspace_admin", "user_bill": "workspace_billing"}
    assert org.get(f"{PROD}/members/user_bill").body["workspace_role"] == "workspace_billing"
    org.app.console("POST", "users/user_dev", {"role": "user"})
    assert org.get(f"{PROD}/members/user_dev").body["workspace_role"] == "workspace_developer"


def test_names_may_be_taken_twice(org: Org) -> None:
    assert org.post("/workspaces", {"name": "prod"}).status == 200
    assert [row["name"] for row in org.get("/workspaces").body["data"]] == ["prod", "prod"]
    assert SEED["workspaces"][1]["name"] == "prod"
