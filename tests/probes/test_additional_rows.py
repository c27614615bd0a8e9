"""Rows of sorts that nobody knows yet, beside those that everybody knows; and lists that are not offered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from acme import actions, codes
from stories import every_third

from orgsync.core.model.codes import Code
from orgsync.errors import EXIT_INPUT, EXIT_UNREADABLE, ApiError, UsageError

from .test_probes import seen_and_planned, usual, world_of
from .world import MODES, PROD, World, matching_files

if TYPE_CHECKING:
    from orgsync.core.model.rows import Row

_USERS, _INVITES, _KEYS = "/users", "/invites", "/api_keys"
_MEMBERS, _SPEND, _GROUPS = f"/{PROD}/members", "/spend_limits", "/organizations/rate_limits"
_ORGANIZATION = {"type": "organization"}
_IN_PROD = {"type": "workspace", "workspace_id": PROD}


@dataclass(frozen=True)
class Extra:
    """A row more in a list, and what a plan says of it: nothing, or these findings."""

    path: str
    row: Row
    findings: tuple[str, ...] = ()


def _user(**fields: Any) -> Row:
    return {"id": "user_extra", "type": "user", "name": "A", "added_at": "2026-10-01T00:00:00Z", **fields}


def _invite(**fields: Any) -> Row:
    times = {"invited_at": "2026-11-20T09:00:00Z", "expires_at": "2026-12-11T09:00:00Z"}
    return {"id": "invite_extra", "type": "invite", "role": "user", **times, **fields}


def _key(**fields: Any) -> Row:
    rest = {"created_at": "2026-10-01T00:00:00Z", "expires_at": None, "principal": None, "created_by": None}
    return {
        "id": "apikey_extra",
        "type": "api_key",
        "name": "n",
        "status": "active",
        "scope": _IN_PROD,
        **rest,
        **fields,
    }


def _limit(**fields: Any) -> Row:
    return {"id": "spl_extra", "amount": "100", "currency": "USD", "period": "monthly", "scope": _IN_PROD, **fields}


EXTRAS: dict[str, Extra] = {
    "a user of an unknown role": Extra(
        _USERS, _user(email="aud@acme.example", role="auditor"), ("unknown_value member:aud@acme.example",)
    ),
    "a user of an admin-like role": Extra(
        _USERS, _user(email="sup@acme.example", role="super_admin"), ("unknown_value member:sup@acme.example",)
    ),
    "a robot without e-mail": Extra(
        _USERS, {"id": "user_extra", "type": "service_user", "role": "developer"}, ("unreadable_row member:*",)
    ),
    "a user whose e-mail is null": Extra(_USERS, _user(email=None, role="user"), ("unreadable_row member:*",)),
    "a user without id": Extra(_USERS, {"email": "x@acme.example", "role": "user"}, ("unreadable_row member:*",)),
    "one e-mail twice": Extra(
        _USERS, _user(email="DEV@acme.example", role="user"), ("undecided member:dev@acme.example",)
    ),
    "an invite of an unknown role": Extra(
        _INVITES,
        _invite(email="aud@acme.example", role="auditor", status="pending"),
        ("unknown_value member:aud@acme.example",),
    ),
    "an invite of an unknown status": Extra(
        _INVITES, _invite(email="x@acme.example", status="awaiting_approval"), ("unknown_value member:x@acme.example",)
    ),
    "a second invite, of an unknown status": Extra(
        _INVITES, _invite(email="mia@acme.example", status="bounced"), ("unknown_value member:mia@acme.example",)
    ),
    "an invite link": Extra(
        _INVITES, {"id": "invite_extra", "type": "invite_link", "status": "pending"}, ("unreadable_row member:*",)
    ),
    "a billing row of a billing member": Extra(_MEMBERS, {"user_id": "bill", "workspace_role": "workspace_billing"}),
    "an owner of a workspace": Extra(
        _MEMBERS,
        {"user_id": "ceo", "workspace_role": "workspace_owner"},
        ("unknown_value workspace_member:prod/ceo@acme.example",),
    ),
    "a group among members": Extra(
        _MEMBERS,
        {"type": "workspace_group", "group_id": "g", "workspace_role": "workspace_user"},
        ("unreadable_row workspace_member:prod/*",),
    ),
    "a workspace of which little is shown": Extra(
        "/workspaces", {"id": "wrkspc_extra", "name": "min"}, ("unknown_value workspace:min",)
    ),
    "a key of another scope": Extra(
        _KEYS, _key(scope={"type": "project", "project_id": "p"}), ("unreadable_row api_key:*",)
    ),
    "a key that is suspended": Extra(_KEYS, _key(status="suspended"), ("unknown_value api_key:prod/n",)),
    "a twin of a declared key, which is deleted": Extra(
        _KEYS, _key(name="ci", status="deleted"), ("unknown_value api_key:prod/ci (apikey_extra)",)
    ),
    "an Admin key": Extra(
        _KEYS, {"id": "apikey_extra", "type": "admin_api_key", "name": "adm"}, ("unreadable_row api_key:*",)
    ),
    "a limit of an unknown scope": Extra(_SPEND, _limit(scope={"type": "project"}), ("unreadable_row spend_limit:*",)),
    "a limit of a week": Extra(_SPEND, _limit(period="weekly", amount=None)),
    "a limit of an hour": Extra(_SPEND, _limit(period="hourly"), ("unreadable_row spend_limit:*",)),
    "a limit of a seat tier without number": Extra(
        _SPEND, _limit(scope={"type": "seat_tier", "seat_tier": "s"}, amount=None)
    ),
    "a second limit of a workspace": Extra(
        _SPEND, _limit(scope={**_IN_PROD, "model_group": "opus"}), ("undecided spend_limit:workspace/prod",)
    ),
    "a group of an unknown type": Extra(
        _GROUPS, {"id": "rlim_x", "group": {"id": "rlg_x", "type": "agents"}, "models": None, "limits": []}
    ),
}


def with_row(mode: str, extra: Extra) -> tuple[list[str], list[str], list[str]]:
    """Changes, steps, and the findings and blocked things that are not there without the row."""
    files = matching_files(mode)
    before = usual(files)
    world, desired = world_of(files)
    row = {**extra.row}
    if "user_id" in row:
        row["user_id"] = world.user_id(f"{row['user_id']}@acme.example")
    world.change = lambda path, rows: [row, *rows] if path.endswith(extra.path) else rows
    plan = seen_and_planned(world, desired)[1]
    new = [*(note for note in plan.findings if note not in before.findings), *plan.blocked]
    return actions(plan), codes([step for step in plan.manual if step not in before.manual]), codes(new)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", every_third(EXTRAS))
def test_a_row_more_is_left_alone_and_reported(mode: str, name: str) -> None:
    extra = EXTRAS[name]
    changes, steps, findings = with_row(mode, extra)
    assert changes == []
    assert steps == []
    told = (
        [f"{code} {re.sub(r'^member:DEV', 'member:dev', where)}" for code, where in map(str.split, findings)]
        if (extra.path == _USERS)
        else findings
    )
    assert sorted(one for one in told if not one.startswith("undeclared")) == sorted(extra.findings)


def test_what_is_known_is_planned_beside_what_is_not() -> None:
    """One odd thing does not blind the rest."""
    world = World("members: {kim@acme.example: developer, dev@acme.example: user}")
    world.change = lambda path, rows: [
        {**row, "role": "auditor"} if row.get("email") == "dev@acme.example" and path.endswith("/users") else row
        for row in rows
    ]
    plan = world.plan()
    assert actions(plan) == ["update member:kim@acme.example"]
    assert "unknown_value member:dev@acme.example" in codes(plan.findings)
    note = next(note for note in plan.findings if note.code is Code.UNKNOWN_VALUE)
    assert note.message == (
        'role is "auditor", which this orgsync does not know: nothing is planned about it; '
        "update orgsync: a newer version may understand it"
    )


def test_rows_that_cannot_be_told_apart_stop_what_is_made_and_removed_and_nothing_else() -> None:
    world = World(
        "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        "members: {ceo@acme.example: admin, cto@acme.example: admin, "
        "kim@acme.example: developer, new@acme.example: user}"
    )
    assert sorted(actions(world.plan())) == [
        "invite member:new@acme.example",
        "remove member:bill@acme.example",
        "remove member:dev@acme.example",
        "update member:kim@acme.example",
        "withdraw member:mia@acme.example",
    ]
    world.change = lambda path, rows: [{"id": "user_x"}, *rows] if path.endswith("/users") else rows
    plan = world.plan()
    assert actions(plan) == ["update member:kim@acme.example"]
    assert "unreadable_row member:*" in codes(plan.findings)


def test_a_list_in_which_no_row_can_be_told_from_the_others_ends_the_run() -> None:
    world = World("members: {kim@acme.example: developer}")
    world.change = lambda path, rows: [{"id": row["id"]} for row in rows] if path.endswith("/users") else rows
    with pytest.raises(ApiError, match=r"no row of /v1/organizations/users can be identified: email is missing"):
        world.plan()


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize(
    ("path", "where", "left"),
    [
        ("*/invites", "member:*", ["update workspace:prod"]),
        ("*/members", "workspace_member:prod/*", ["update member:kim@acme.example", "update workspace:prod"]),
        ("*/api_keys", "api_key:*", ["update member:kim@acme.example", "update workspace:prod"]),
    ],
)
def test_a_list_that_is_not_offered_is_reported_and_the_rest_goes_on(
    path: str, where: str, left: list[str], status: int
) -> None:
    world = World(
        "members: {kim@acme.example: developer}\n"
        "workspaces: {prod: {tags: {a: b}, members: {kim@acme.example: admin}, api_keys: {ci: inactive, none: active}}}"
    )
    rest = [one for one in actions(world.plan()) if not one.endswith(("kim@acme.example", "prod", "prod/ci"))]
    assert rest == []
    world.app.set_faults([{"fault": "status_before", "path": path, "status": status, "times": 99, "method": "GET"}])
    plan = world.plan()
    shown = [one for one in actions(plan) if not one.startswith(("update workspace_member", "update api_key"))]
    assert shown == left
    assert f"not_offered {where}" in codes(plan.findings)
    assert world.plan().findings == plan.findings, "the same input gives the same bytes"
    kind = where.partition(":")[0]
    assert not any(f" {kind}:" in one for one in actions(plan))
    assert not any(step.address.startswith(f"{kind}:") for step in plan.manual)


@pytest.mark.parametrize("path", ["*/users", "*/workspaces", "*/me"])
def test_without_people_or_workspaces_nothing_is_planned(path: str) -> None:
    world = World("members: {kim@acme.example: developer}\nworkspaces: {prod: {tags: {a: b}}}")
    world.app.set_faults([{"fault": "status_before", "path": path, "status": 403, "times": 99}])
    with pytest.raises((ApiError, UsageError)) as raised:
        world.plan()
    assert raised.value.exit_code == (EXIT_INPUT if path == "*/me" else EXIT_UNREADABLE)
