"""A seed becomes the same state every time, or every problem in it is named at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from sandbox.org import NOW, SEED, Org

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BY_HAND: dict[str, Any] = {
    "users": [{"email": "Ana@acme.com", "role": "admin"}, {"email": "raj.patel@acme.com"}],
    "invites": [{"email": "new@acme.com"}, {"email": "late@acme.com", "status": "expired"}],
    "workspaces": [{"name": "prod"}, {"name": "test"}],
    "workspace_members": [{"email": "RAJ.patel@acme.com", "workspace": "test", "workspace_role": "workspace_admin"}],
}


def everything(org: Org) -> list[Any]:
    workspaces = org.get("/workspaces", include_default="true")
    members = [org.get(f"/workspaces/{each}/members").body for each in workspaces.ids]
    return [org.get("/me").body, org.get("/users").body, org.get("/invites").body, workspaces.body, members]


def test_the_same_seed_gives_the_same_organization(make_org: Callable[..., Org]) -> None:
    assert everything(make_org(BY_HAND)) == everything(make_org(BY_HAND))


def test_the_same_history_gives_the_same_ids(make_org: Callable[..., Org]) -> None:
    def history(org: Org) -> list[Any]:
        made = [org.post("/workspaces", {"name": "x"}) for _ in range(2)]
        made.append(org.post("/invites", {"email": "x@acme.com", "role": "user"}))
        return [(each.body, each.headers["request-id"]) for each in made] + [org.app.accept("x@acme.com")]

    first, second = history(make_org(BY_HAND)), history(make_org(BY_HAND))
    assert first == second
    assert first[0][0]["id"] != first[1][0]["id"]


def test_ids_follow_what_a_row_is_about(make_org: Callable[..., Org]) -> None:
    upside_down = {**BY_HAND, "users": BY_HAND["users"][::-1], "workspaces": BY_HAND["workspaces"][::-1]}
    first, second = make_org(BY_HAND), make_org(upside_down)
    assert sorted(first.get("/users").ids) == sorted(second.get("/users").ids)
    assert first.get("/users").ids == second.get("/users").ids[::-1]


def test_what_is_left_out_is_filled_in(make_org: Callable[..., Org]) -> None:
    org = make_org(BY_HAND)
    raj, ana = org.get("/users").body["data"]
    assert (raj["name"], raj["role"], ana["name"], ana["email"]) == ("Raj Patel", "user", "Ana", "Ana@acme.com")
    expired, pending = org.get("/invites").body["data"][::-1]
    assert (expired["status"], pending["status"]) == ("expired", "pending")
    assert pending["invited_at"] == "2026-11-01T10:00:00Z"
    assert [row["name"] for row in org.get("/workspaces", include_default="true").body["data"]] == [
        "test",
        "prod",
        "Default",
    ]


def test_an_accepted_invite_without_a_time_was_accepted_at_once(make_org: Callable[..., Org]) -> None:
    invite = make_org({"invites": [{"email": "a@b.co", "status": "accepted"}]}).get("/invites").body["data"][0]
    assert invite["accepted_at"] == invite["invited_at"]


def test_rows_of_the_api_come_back_as_they_were(make_org: Callable[..., Org], org: Org) -> None:
    me, users, _, workspaces, members = everything(org)
    rows = {
        "organization": me,
        "users": users["data"],
        "workspaces": workspaces["data"],
        "workspace_members": [row for page in members for row in page["data"]],
    }
    assert everything(make_org(rows)) == everything(org)


def test_an_empty_seed_is_an_organization(make_org: Callable[..., Org]) -> None:
    org = make_org({})
    assert org.get("/users").ids == []
    assert [row["name"] for row in org.get("/workspaces", include_default="true").body["data"]] == ["Default"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"user": []}, "user: Extra inputs are not permitted"),
        ({"users": [{"mail": "a@b.co"}]}, "users.0.mail: Extra inputs are not permitted"),
        ({"users": [{"email": "nobody"}]}, "users.0.email: value is not a valid email address"),
        ({"users": [{"email": "a@b.co", "role": "boss"}]}, "users.0.role: Input should be"),
        ({"users": [{"email": "a@b.co", "role": "owner"}]}, "users.0.role: owner does not exist in console"),
        (
            {"users": [{"email": "a@b.co", "added_at": "2026-01-01T00:00:00"}]},
            "users.0.added_at: Value error, a timest",
        ),
        ({"users": [{"email": "a@b.co", "added_at": "soon"}]}, "users.0.added_at: Value error, Invalid isoformat"),
        ({"users": [{"email": "a@b.co"}, {"email": "A@b.co"}]}, "users.1.email: a@b.co is also users.0"),
        ({"workspaces": [{"id": "wrkspc_x", "name": "a"}] * 2}, "workspaces.1.id: wrkspc_x is also workspaces.0"),
        ({"users": [{"id": "x", "email": "a@b.co"}]}, "users.0.id: x must begin with user_"),
        ({"invites": [{"email": "a@b.co"}, {"email": "A@b.co"}]}, "invites.1.email: A@b.co has a pending invite"),
        ({"users": [{"email": "a@b.co"}], "invites": [{"email": "A@b.co"}]}, "invites.0.email: A@b.co is a member"),
        (
            {"invites": [{"email": "a@b.co", "status": "expired", "expires_at": "2027-01-01T00:00:00Z"}]},
            "invites.0.expires_at: an expired invite cannot end in the future",
        ),
        ({"invites": [{"email": "a@b.co", "accepted_at": "2026-01-01T00:00:00Z"}]}, "invites.0.accepted_at: only acc"),
        (
            {
                "invites": [
                    {"email": "a@b.co", "invited_at": "2026-01-02T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"}
                ]
            },
            "invites.0.expires_at: it is not after invited_at",
        ),
        ({"workspaces": [{"name": "Default"}, {"name": "Default"}]}, "only one can be named Default"),
        ({"workspaces": [{"name": "Default", "archived_at": "2026-01-01T00:00:00Z"}]}, "workspaces.0.archived_at: the"),
        ({"workspaces": [{"name": "a", "display_color": "blue"}]}, "workspaces.0.display_color: String should match"),
        (
            {"workspace_members": [{"email": "a@b.co", "workspace": "x"}]},
            "workspace_members.0: there is no user a@b.co",
        ),
        ({"workspace_members": [{}]}, "workspace_members.0: there is no workspace (workspace_id or workspace is"),
        (
            {
                "settings": {"organization_type": "enterprise"},
                "users": [{"email": f"{name}@b.co", "role": "primary_owner"} for name in "ab"],
            },
            "users: an organization has one primary_owner",
        ),
        ({"settings": {"tags_update": "both"}}, "settings.tags_update: Input should be 'merge' or 'replace'"),
        ({"settings": {"spend": True}}, "settings.spend: Extra inputs are not permitted"),
        ({"settings": {"clock": "noon"}}, "settings.clock: "),
        ({"settings": {"organization_type": "enterprise"}, "workspaces": [{"name": "a"}]}, "Enterprise"),
    ],
)
def test_problems_are_named(rows: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with=rows)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ({"user_id": "user_nobody", "workspace_id": "wrkspc_prod"}, "there is no user user_nobody"),
        ({"user_id": "user_kim", "workspace": "nowhere"}, "there is no workspace nowhere"),
        ({"user_id": "user_kim", "workspace": "twice"}, "more than one workspace is named twice"),
        ({"user_id": "user_kim", "workspace": "Default"}, "the default workspace has no members of its own"),
        ({"user_id": "user_dev", "workspace": "prod"}, "the user is a member of the workspace already"),
        (
            {"user_id": "user_kim", "workspace": "prod", "workspace_role": "workspace_billing"},
            "workspace_billing comes",
        ),
        ({"user_id": "user_kim", "workspace": "prod", "workspace_role": "boss"}, "Input should be"),
    ],
)
def test_memberships_are_checked(member: dict[str, Any], problem: str) -> None:
    workspaces = [*SEED["workspaces"], {"name": "twice"}, {"name": "twice"}]
    rows: dict[str, Any] = {**SEED, "workspaces": workspaces, "workspace_members": [*SEED["workspace_members"], member]}
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with=rows)
    assert "workspace_members.1" in str(caught.value)
    assert problem in str(caught.value)


def test_all_problems_are_named_at_once() -> None:
    rows: dict[str, Any] = {
        "users": [{"email": "a@b.co"}, {"email": "a@b.co"}],
        "invites": [{"email": "a@b.co"}],
        "workspace_members": [{"email": "x@b.co", "workspace": "y"}],
    }
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with=rows)
    assert str(caught.value).count("\n") == 4


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "state"
    seed.create(path, {"organization": {"name": "First"}})
    with pytest.raises(SandboxError, match="the file already exists"):
        seed.create(path, {})
    seed.create(path, {"organization": {"name": "Second"}}, replace=True)
    app = open_app(path)
    assert app.console("GET", "me").body["name"] == "Second"
    app.close()


def test_a_wrong_seed_leaves_nothing_behind(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [{"users": [{}]}, {"workspaces": [{"name": "Default"}, {"name": "Default"}]}]
    for rows in wrong:
        with pytest.raises(SandboxError):
            seed.create(tmp_path / "state", rows)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SandboxError, match="the folder does not exist"):
        seed.create(tmp_path / "nowhere" / "state", {})


def test_the_present_needs_an_offset() -> None:
    with pytest.raises(SandboxError, match="the time has no offset"):
        open_app(":memory:", now=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake this is about


def test_only_new_organizations_are_seeded(tmp_path: Path) -> None:
    seed.create(tmp_path / "state", {})
    with pytest.raises(SandboxError, match="only an in-memory sandbox"):
        open_app(tmp_path / "state", seed_with={})
