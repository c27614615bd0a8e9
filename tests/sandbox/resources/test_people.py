"""Users and invites: every rule of the Admin API that is not a switch."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import ENTERPRISE, NOW, SEED, Org

if TYPE_CHECKING:
    from collections.abc import Callable

INVITE = {"email": "new@acme.com", "role": "developer"}
DAY = timedelta(days=1)


def invites(*rows: dict[str, Any]) -> dict[str, Any]:
    return {**SEED, "invites": list(rows)}


def test_the_organization_tells_its_name(org: Org) -> None:
    reply = org.get("/me")
    assert reply.body == {"id": SEED["organization"]["id"], "name": "Acme", "type": "organization"}
    assert reply.headers["anthropic-organization-id"] == reply.body["id"]


def test_users_come_most_recently_added_first(org: Org) -> None:
    assert org.get("/users").ids == ["user_kim", "user_dev", "user_bill", "user_ceo"]
    org.app.console("POST", "/users", {"email": "late@acme.com", "role": "user"})
    assert org.get("/users", limit="1").body["data"][0]["email"] == "late@acme.com"


@pytest.mark.parametrize("wanted", ["kim@acme.com", "KIM@Acme.com", "kim+tag@acme.com"])
def test_the_email_filter_tolerates_variants_of_an_address(org: Org, wanted: str) -> None:
    assert org.get("/users", email=wanted).ids == ["user_kim"]
    assert org.get("/users", email="ki@acme.com").ids == []


def test_the_email_filter_finds_a_tagged_address_by_the_plain_one(make_org: Callable[..., Org]) -> None:
    org = make_org(invites({"email": "jane+x@acme.com"}))
    assert len(org.get("/invites", email="Jane@acme.com").ids) == 1


def test_roles_are_joined_by_or(org: Org) -> None:
    reply = org.call("GET", "/users", query=[("roles[]", "admin"), ("roles[]", "user")])
    assert reply.ids == ["user_kim", "user_ceo"]
    assert org.get("/users", roles__="managed").status == 400


def test_an_unknown_user_is_not_found(org: Org) -> None:
    for method in ("GET", "DELETE"):
        assert org.call(method, "/users/user_nobody").status == 404
    assert org.post("/users/user_nobody", {"role": "user"}).status == 404


def test_a_role_is_changed_and_shown_at_once(org: Org) -> None:
    assert org.post("/users/user_kim", {"role": "billing"}).body["role"] == "billing"
    assert org.get("/users/user_kim").body["role"] == "billing"


@pytest.mark.parametrize("role", ["admin", "owner", "managed", "boss", None, 3])
def test_roles_that_cannot_be_given_are_refused(org: Org, role: object) -> None:
    assert org.post("/users/user_kim", {"role": role}).status == 400
    assert org.post("/invites", {"email": "new@acme.com", "role": role}).status == 400


def test_enterprise_organizations_give_other_roles(make_org: Callable[..., Org]) -> None:
    org = make_org(ENTERPRISE)
    assert org.post("/users/user_kim", {"role": "managed"}).status == 200
    assert org.post("/users/user_kim", {"role": "developer"}).status == 400
    assert org.post("/users/user_keeper", {"role": "user"}).status == 400


def test_admins_are_left_to_the_console(org: Org) -> None:
    assert org.post("/users/user_ceo", {"role": "user"}).status == 400
    assert org.delete("/users/user_ceo").status == 400
    assert "details" not in org.delete("/users/user_ceo").body["error"]
    assert org.app.console("POST", "/users/user_kim", {"role": "admin"}).status == 200
    assert org.app.console("DELETE", "/users/user_ceo").status == 200


def test_a_removed_user_leaves_every_workspace(org: Org) -> None:
    assert org.delete("/users/user_dev").body == {"id": "user_dev", "type": "user_deleted"}
    assert org.get("/workspaces/wrkspc_prod/members").ids == []
    assert org.get("/users/user_dev").status == 404
    assert org.delete("/users/user_dev").status == 404


def test_a_removed_user_can_be_invited_again_and_gets_nothing_back(org: Org) -> None:
    org.delete("/users/user_dev")
    assert org.post("/invites", {"email": "dev@acme.com", "role": "user"}).status == 200
    user = org.app.accept("DEV@acme.com")
    assert user["id"] != "user_dev"
    assert org.get("/workspaces/wrkspc_prod/members").ids == []


def test_sign_out_needs_its_beta_header(make_org: Callable[..., Org]) -> None:
    assert "admin-user-sign-out-2026-10-08" in make_org(ENTERPRISE).post("/users/user_kim/sign_out").message


def test_an_invite_lasts_21_days(org: Org) -> None:
    invite = org.post("/invites", INVITE).body
    assert invite == {
        "type": "invite",
        "id": invite["id"],
        "email": "new@acme.com",
        "role": "developer",
        "status": "pending",
        "invited_at": "2026-11-01T10:00:00Z",
        "expires_at": "2026-11-22T10:00:00Z",
        "accepted_at": None,
        "rbac_group_ids": [],
    }


def test_expiry_is_read_off_the_clock(make_org: Callable[..., Org]) -> None:
    row = {"id": "invite_a", "email": "new@acme.com", "invited_at": "2026-11-01T10:00:00Z"}
    before = make_org(invites(row), now=NOW + 21 * DAY - timedelta(seconds=1))
    assert before.get("/invites/invite_a").body["status"] == "pending"
    after = make_org(invites(row), now=NOW + 21 * DAY)
    assert after.get("/invites/invite_a").body["status"] == "expired"
    assert after.get("/invites", statuses__="expired").ids == ["invite_a"]
    assert after.get("/invites", statuses__="pending").ids == []
    assert after.delete("/invites/invite_a").status == 400
    assert after.post("/invites", INVITE).status == 200


def test_accepting_makes_the_user(org: Org) -> None:
    org.post("/invites", {"email": "Ana.Lopez+x@acme.com", "role": "billing"})
    user = org.app.accept("ana.lopez+x@acme.com")
    assert (user["name"], user["role"], user["email"]) == ("Ana Lopez", "billing", "Ana.Lopez+x@acme.com")
    invite = org.get("/invites").body["data"][0]
    assert (invite["status"], invite["accepted_at"]) == ("accepted", "2026-11-01T10:00:00Z")
    assert org.delete(f"/invites/{invite['id']}").status == 400
    assert org.post("/invites", INVITE | {"email": "ana.lopez+X@acme.com"}).body["error"]["details"] == {
        "error_code": "already_member"
    }


def test_a_withdrawn_invite_is_not_listed(org: Org) -> None:
    invite = org.post("/invites", INVITE).body["id"]
    assert org.delete(f"/invites/{invite}").body == {"id": invite, "type": "invite_deleted"}
    assert org.get("/invites").ids == []
    assert org.get(f"/invites/{invite}").body["status"] == "deleted"
    assert org.get("/invites", statuses__="deleted").status == 400


def test_errors_about_invites_name_who_is_in_the_way(org: Org) -> None:
    assert "user_kim" in org.post("/invites", {"email": "kim@acme.com", "role": "user"}).message
    invite = org.post("/invites", INVITE).body["id"]
    assert invite in org.post("/invites", INVITE | {"email": "NEW@acme.com"}).message


def test_invites_come_most_recent_first(make_org: Callable[..., Org]) -> None:
    org = make_org(
        invites(
            {"id": "invite_new", "email": "a@acme.com", "invited_at": "2026-10-30T00:00:00Z"},
            {"id": "invite_old", "email": "b@acme.com", "invited_at": "2026-10-20T00:00:00Z"},
            {"id": "invite_gone", "email": "c@acme.com", "status": "deleted"},
            {"id": "invite_expired", "email": "d@acme.com", "status": "expired"},
            {"id": "invite_done", "email": "kim@acme.com", "status": "accepted", "accepted_at": "2026-10-02T00:00:00Z"},
        )
    )
    assert org.get("/invites").ids == ["invite_done", "invite_new", "invite_old", "invite_expired"]
    assert org.get("/invites", roles__="user", email="B@acme.com").ids == ["invite_old"]


def test_invites_have_no_update(org: Org) -> None:
    invite = org.post("/invites", INVITE).body["id"]
    assert org.post(f"/invites/{invite}", {"status": "expired"}).status == 405
    assert org.post(f"/invites/{invite}/accept").status == 404


def test_groups_are_for_enterprises(org: Org) -> None:
    assert org.post("/invites", INVITE | {"rbac_group_ids": ["rbac_group_a"]}).status == 400
    too_many = [f"rbac_group_{number}" for number in range(101)]
    assert "rbac_group_ids" in org.post("/invites", INVITE | {"rbac_group_ids": too_many}).message


def test_the_console_does_more_than_the_api(org: Org) -> None:
    console = org.app.console
    assert console("POST", "users", {"email": "direct@acme.com", "role": "admin"}).body["role"] == "admin"
    assert console("POST", "users", {"email": "DIRECT@acme.com", "role": "user"}).status == 400
    assert console("POST", "/v1/organizations/users", {"email": "x@acme.com", "role": "owner"}).status == 400
    invite = console("POST", "invites", {"email": "boss@acme.com", "role": "admin"}).body
    expired = console("POST", f"invites/{invite['id']}", {"status": "expired"}).body
    assert (expired["status"], expired["expires_at"]) == ("expired", "2026-11-01T10:00:00Z")
    assert console("POST", f"invites/{invite['id']}/accept").status == 400
    assert console("GET", "users?limit=1").body["has_more"] is True
    assert console("POST", "settings", {"tags_update": "replace"}).body == {"tags_update": "replace"}
    assert console("POST", "settings", {"tags_update": "x"}).status == 400
    assert console("POST", "settings", ["x"]).status == 400


def test_someone_added_while_invited_cannot_accept(org: Org) -> None:
    invite = org.post("/invites", INVITE).body["id"]
    org.app.console("POST", "users", {"email": "new@acme.com", "role": "user"})
    assert org.app.console("POST", f"invites/{invite}/accept").status == 400
    with pytest.raises(SandboxError, match="a member already"):
        org.app.accept("new@acme.com")


def test_an_unknown_invite_is_not_found(org: Org) -> None:
    assert [org.call(method, "/invites/invite_unknown").status for method in ("GET", "DELETE")] == [404, 404]


@pytest.mark.parametrize(
    ("credential", "user", "status"),
    [
        ("scoped", "user_owner", 200),
        ("scoped", "user_managed", 200),
        ("scoped", "user_first", 400),
        ("token-of-owner", "user_kim", 200),
        ("token-of-owner", "user_managed", 200),
        ("key-of-keeper", "user_kim", 200),
        ("key-of-keeper", "user_keeper", 400),
        (ADMIN_KEY, "user_keeper", 200),
        (ADMIN_KEY, "user_nobody", 404),
    ],
)
def test_who_may_sign_out_whom(make_org: Callable[..., Org], credential: str, user: str, status: int) -> None:
    headers = {"authorization": f"Bearer {credential}", "anthropic-beta": "admin-user-sign-out-2026-10-08"}
    reply = make_org(ENTERPRISE).call("POST", f"/users/{user}/sign_out", headers=headers)
    assert reply.status == status
    assert status != 200 or reply.body["id"] == user
