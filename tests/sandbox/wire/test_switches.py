"""Every switch in both positions: what the organization answers by default, and what once it is turned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from stories import every_third

from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.seed.shape import settings_of_resources
from orgsync.sandbox.wire.switches import ADMIN_KEY, Part, Settings
from sandbox.org import ENTERPRISE, NOW, Org, seeded

from .account_switches import ACCOUNTS
from .feed_switches import FEED_SWITCHES
from .limit_switches import LIMITS
from .privacy_switches import PRIVACY
from .switching import Switch, field, listed, status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROD, OLD, DEFAULT = "/workspaces/wrkspc_prod", "/workspaces/wrkspc_old", "/workspaces/wrkspc_default"
INVITE = {"email": "New@acme.com", "role": "user"}
KIM = {"user_id": "user_kim", "workspace_role": "workspace_user"}
DEV = {"user_id": "user_dev", "workspace_role": "workspace_user"}
WITH_GROUP = {**INVITE, "rbac_group_ids": ["rbac_group_a"]}
ALONE = {"users": [{"email": "only@acme.com", "role": "user"}]}
WORKSPACE_KEY = {"secret": "bound", "kind": "workspace_key"}


def with_headers(headers: Mapping[str, str]) -> Callable[[Org], int]:
    return lambda org: org.call("GET", "/me", headers=headers).status


def withdrawn(method: str) -> Callable[[Org], int]:
    """What happens to an invite that was withdrawn already."""

    def probe(org: Org) -> int:
        invite = org.post("/invites", INVITE).body["id"]
        assert org.delete(f"/invites/{invite}").status == 200
        return org.call(method, f"/invites/{invite}").status

    return probe


def reinvited(org: Org) -> int:
    withdrawn("GET")(org)
    return org.post("/invites", INVITE).status


def read_after_write(org: Org) -> str:
    org.post("/users/user_kim", {"role": "developer"})
    return str(org.get("/users/user_kim").body["role"])


def is_member_after_return(org: Org) -> bool:
    org.delete("/users/user_dev")
    user = org.app.console("POST", "/users", {"email": "dev@acme.com", "role": "user"}).body
    return org.get(f"{PROD}/members").ids == [user["id"]]


def in_2020(org: Org) -> bool:
    org.get("/me")
    return bool(org.app.log()[0]["time"].startswith("2020-"))


def retry_after(org: Org) -> bool:
    assert org.get("/me").status == 200
    reply = org.get("/me")
    assert reply.status == 429
    return "retry-after" in reply.headers


def two_invites(org: Org) -> list[int]:
    return [org.post("/invites", {"email": f"{name}@acme.com", "role": "user"}).status for name in ("a", "b")]


def signed_out(org: Org) -> int:
    headers = {"x-api-key": ADMIN_KEY, "anthropic-beta": "other, admin-user-sign-out-2026-10-08"}
    return org.call("POST", "/users/user_kim/sign_out", headers=headers).status


def geo_after_null(org: Org) -> str:
    org.post(PROD, {"data_residency": {"default_inference_geo": "us"}})
    return str(org.post(PROD, {"data_residency": None}).body["data_residency"]["default_inference_geo"])


def members_with_kim(org: Org) -> list[str]:
    org.post(f"{PROD}/members", KIM)
    return org.get(f"{PROD}/members").ids


def problems_named(org: Org) -> int:
    return len(org.post("/invites", {"mail": "x", "role": 3}).message.split("; "))


NAMED_AGAIN = {"name": "prod"}
TABLE = [
    Switch("organization_type", "enterprise", status("GET", "/workspaces"), 200, 403, ALONE),
    Switch("clock", "2020-01-01T00:00:00Z", in_2020, False, True),
    Switch("credentials", [{"secret": "mine"}], with_headers({"x-api-key": "mine"}), 401, 200),
    Switch(
        "foreign_credential", 401, with_headers({"x-api-key": "bound"}), 403, 401, seeded(credentials=[WORKSPACE_KEY])
    ),
    Switch("version_header", "required", with_headers({"x-api-key": ADMIN_KEY}), 200, 400),
    Switch("organization_on_hold", True, status("GET", "/me"), 200, 400),
    Switch(
        "appeal_url",
        "https://example.com",
        lambda org: org.get("/me").body["error"]["details"].get("appeal_url"),
        None,
        "https://example.com",
        seeded(organization_on_hold=True),
    ),
    Switch("egress_restricted", True, status("DELETE", "/users/user_kim"), 200, 403),
    Switch("requests_per_minute", 2, status("GET", "/me", times=3), 200, 429),
    Switch("invites_per_hour", 1, two_invites, [200, 200], [200, 429]),
    Switch("retry_after", "absent", retry_after, True, False, seeded(requests_per_minute=1)),
    Switch("read_lag_seconds", 60.0, read_after_write, "developer", "user"),
    Switch("read_lag_reads", 1, read_after_write, "developer", "user"),
    Switch("problems", "first", problems_named, 3, 1),
    Switch("unknown_parameters", "refused", lambda org: org.get("/users", roles="admin").status, 200, 400),
    Switch("empty_update", "refused", status("POST", PROD, {}), 200, 400),
    Switch("malformed_id", 400, status("GET", "/users/nobody"), 404, 400),
    Switch(
        "both_cursors",
        "after_wins",
        listed("/users", after_id="user_dev", before_id="user_dev"),
        400,
        ["user_bill", "user_ceo"],
    ),
    Switch("unknown_cursor", "empty", listed("/users", after_id="user_gone"), 400, []),
    Switch("limit_out_of_range", "clamped", listed("/users", limit="0"), 400, ["user_kim"]),
    Switch("change_admin", 403, status("DELETE", "/users/user_ceo"), 400, 403),
    Switch("same_role", "refused", status("POST", "/users/user_kim", {"role": "user"}), 200, 400),
    Switch("idp_manages_roles", True, status("POST", "/users/user_kim", {"role": "developer"}), 200, 400),
    Switch("provisioning", "jit", status("POST", "/invites", INVITE), 200, 400),
    Switch("provisioning", "jit", status("DELETE", "/users/user_kim"), 200, 200),
    Switch("provisioning", "scim", status("DELETE", "/users/user_kim"), 200, 400),
    Switch("memberships_on_return", "restored", is_member_after_return, False, True),
    Switch("sign_out", False, signed_out, 200, 400, ENTERPRISE),
    Switch(
        "groups",
        ["rbac_group_a"],
        field("POST", "/invites", WITH_GROUP, "rbac_group_ids"),
        400,
        ["rbac_group_a"],
        ENTERPRISE,
    ),
    Switch(
        "owner_groups",
        ["rbac_group_a"],
        status("POST", "/invites", WITH_GROUP),
        200,
        400,
        seeded(ENTERPRISE, groups=["rbac_group_a"]),
    ),
    Switch(
        "unconfirmed_groups",
        ["rbac_group_a"],
        status("POST", "/invites", WITH_GROUP),
        200,
        400,
        seeded(ENTERPRISE, groups=["rbac_group_a"]),
    ),
    Switch("verified_domains", ["other.com"], status("POST", "/invites", INVITE), 200, 400),
    Switch("verified_domains", ["ACME.com"], status("POST", "/invites", INVITE), 200, 200),
    Switch("allowed_domains", ["other.com"], status("POST", "/invites", INVITE), 200, 400),
    Switch("member_limit", 4, status("POST", "/invites", INVITE), 200, 400),
    Switch("member_limit", 5, status("POST", "/invites", INVITE), 200, 200),
    Switch("seats", 4, status("POST", "/invites", INVITE), 200, 400),
    Switch("reinvite", "refused", reinvited, 200, 400),
    Switch("withdrawn_invite", "gone", withdrawn("GET"), 200, 404),
    Switch("withdraw_twice", 200, withdrawn("DELETE"), 404, 200),
    Switch("email_case", "folded", field("POST", "/invites", INVITE, "email"), "New@acme.com", "new@acme.com"),
    Switch("workspace_limit", 1, status("POST", "/workspaces", {"name": "second"}), 200, 400),
    Switch("workspace_names", "unique", status("POST", "/workspaces", NAMED_AGAIN), 200, 400),
    Switch("workspace_names", "unique", status("POST", "/workspaces", {"name": "old"}), 200, 200),
    Switch("workspace_name_length", 3, status("POST", "/workspaces", {"name": "four"}), 200, 400),
    Switch("workspace_name_spaces", "stripped", field("POST", "/workspaces", {"name": " a "}, "name"), " a ", "a"),
    Switch(
        "workspace_order",
        "oldest_first",
        listed("/workspaces", include_archived="true"),
        ["wrkspc_old", "wrkspc_prod"],
        ["wrkspc_prod", "wrkspc_old"],
    ),
    Switch(
        "tags_update",
        "replace",
        field("POST", PROD, {"tags": {"a": "b", "c": None}}, "tags"),
        {"env": "prod", "a": "b"},
        {"a": "b"},
    ),
    Switch("tags_null", "cleared", field("POST", PROD, {"tags": None}, "tags"), {"env": "prod"}, {}),
    Switch("tag_limit", 1, status("POST", PROD, {"tags": {"a": "b"}}), 200, 400),
    Switch("tag_length", 3, status("POST", "/workspaces", {"name": "a", "tags": {"a": "four"}}), 200, 400),
    Switch("empty_tag_values", "refused", status("POST", "/workspaces", {"name": "a", "tags": {"a": ""}}), 200, 400),
    Switch("residency_null", "reset", geo_after_null, "us", "global"),
    Switch(
        "empty_allowed_geos",
        "accepted",
        status("POST", PROD, {"data_residency": {"allowed_inference_geos": []}}),
        400,
        200,
    ),
    Switch("archive_twice", 400, status("POST", f"{PROD}/archive", times=2), 200, 400),
    Switch("archived_writes", "accepted", status("POST", OLD, {"display_color": "#000000"}), 400, 200),
    Switch("archived_writes", "accepted", status("POST", f"{OLD}/members", KIM), 400, 200),
    Switch("default_workspace_update", "refused", status("POST", DEFAULT, {"display_color": "#000000"}), 200, 400),
    Switch("default_workspace_members", "refused", listed(f"{DEFAULT}/members"), [], 400),
    Switch(
        "external_keys",
        {"ekey_a": {}},
        field("POST", PROD, {"external_key_id": "ekey_a"}, "external_key_id"),
        400,
        "ekey_a",
    ),
    Switch(
        "user_profiles",
        {"uprof_a": "active"},
        field("POST", PROD, {"user_profile_id": "uprof_a"}, "user_profile_id"),
        400,
        "uprof_a",
    ),
    Switch("workspace_policy", {"external_key_required": True}, status("POST", "/workspaces", {"name": "a"}), 200, 400),
    Switch("workspace_member_limit", 1, status("POST", f"{PROD}/members", KIM), 200, 400),
    Switch(
        "inherited_members", "listed", listed(f"{PROD}/members"), ["user_dev"], ["user_dev", "user_ceo", "user_bill"]
    ),
    Switch(
        "add_existing_member", "upsert", field("POST", f"{PROD}/members", DEV, "workspace_role"), 400, "workspace_user"
    ),
    Switch("add_stranger", 400, status("POST", f"{PROD}/members", {**KIM, "user_id": "user_nobody"}), 404, 400),
    Switch("remove_stranger", 200, status("DELETE", f"{PROD}/members/user_kim"), 404, 200),
    Switch(
        "assign_billing",
        "accepted",
        field("POST", f"{PROD}/members/user_dev", {"workspace_role": "workspace_billing"}, "workspace_role"),
        400,
        "workspace_billing",
    ),
    Switch("member_order", "newest_first", members_with_kim, ["user_dev", "user_kim"], ["user_kim", "user_dev"]),
    *PRIVACY,
    *LIMITS,
    Switch(
        "console_rights",
        "by_role",
        lambda org: org.app.console("POST", f"{PROD}/archive", by="dev@acme.com").status,
        200,
        403,
    ),
    *ACCOUNTS,
    *FEED_SWITCHES,
]

SWITCHES = settings_of_resources(RESOURCES)
"""All rows, those that a resource brings itself among them."""


@pytest.mark.parametrize("switch", every_third(TABLE, lambda switch: f"{switch.name}={switch.value}"))
def test_the_switch_changes_the_answer(make_org: Callable[..., Org], switch: Switch) -> None:
    now = None if switch.name == "clock" else NOW
    assert switch.probe(make_org(switch.seed, now=now)) == switch.default
    assert switch.probe(make_org(seeded(switch.seed, **{switch.name: switch.value}), now=now)) == switch.turned


def test_no_switch_is_forgotten() -> None:
    assert {switch.name for switch in TABLE} == set(SWITCHES.model_fields)


def test_every_switch_says_what_it_answers_and_where_the_question_comes_from() -> None:
    for name, row in SWITCHES.model_fields.items():
        assert row.description, name
        assert isinstance(row.json_schema_extra, dict)
        assert row.json_schema_extra["source"], name


def test_switches_do_not_change_in_place() -> None:
    with pytest.raises(ValidationError):
        Settings().tags_update = "replace"  # type: ignore[misc]


def table() -> list[str]:
    """The switches as docs/sandbox.md lists them."""
    rows = []
    for name, row in SWITCHES.model_fields.items():
        assert isinstance(row.json_schema_extra, dict)
        default = row.default.model_dump() if isinstance(row.default, Part) else row.default
        rows.append(f"| `{name}` | `{json.dumps(default)}` | {row.description} | {row.json_schema_extra['source']} |")
    return rows


def test_the_documentation_lists_every_switch() -> None:
    page = Path(__file__).parents[3] / "docs" / "sandbox.md"
    _, _, listed = page.read_text(encoding="utf-8").partition("|---|---|---|---|\n| `organization_type`")
    assert f"| `organization_type`{listed}".splitlines() == table()
