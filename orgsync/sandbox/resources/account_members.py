"""Which service accounts are in which workspace (Admin API: service accounts; SDK: workspaces.service_accounts).

Only OAuth tokens reach them. Every live account is in the default workspace as a `workspace_user` without a row of its
own; lists leave that out, and so they do archived accounts. The same by account is not emulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.feed.recording import record, record_updates, updated
from orgsync.sandbox.model.resource import Fact, Resource
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import SeedPart
from orgsync.sandbox.resources.service_accounts import WINDOW, ServiceAccountRow, retrieve_account
from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.resources.workspaces.seed import is_known, unknown_workspace, workspace_of
from orgsync.sandbox.wire import credentials, cursors, validate
from orgsync.sandbox.wire.errors import invalid, not_found
from orgsync.sandbox.wire.validate import AddableRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Label, Tables
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

COLUMNS = "'service_account_workspace_member' AS type, service_account_id, workspace_id, workspace_role"


class AccountMemberAdd(validate.Body):
    """POST /workspaces/{workspace_id}/service_accounts."""

    service_account_id: str
    workspace_role: AddableRole


class AccountMemberUpdate(validate.Body):
    """POST /workspaces/{workspace_id}/service_accounts/{service_account_id}."""

    workspace_role: AddableRole


def list_account_members(ctx: Context, workspace_id: str) -> dict[str, Any]:
    """The accounts that were added, newest first."""
    _check_workspace(ctx, workspace_id)
    rows = ctx.store.rows(
        f"SELECT seq, {COLUMNS}, created_by_actor_id FROM account_members AS m WHERE workspace_id = :w AND EXISTS"  # noqa: S608 - constants
        " (SELECT 1 FROM service_accounts AS a WHERE a.id = m.service_account_id AND a.archived_at IS NULL)"
        " ORDER BY seq DESC",
        w=workspace_id,
    )
    placed = [(-row.pop("seq"), {**row, "implicit": False}) for row in rows]
    data, next_page = cursors.page(ctx, placed, window=WINDOW)
    return {"data": data, "next_page": next_page}


def retrieve_account_member(ctx: Context, workspace_id: str, service_account_id: str) -> Row:
    """One account; in the default workspace each live one."""
    _check_workspace(ctx, workspace_id)
    if retrieve_account(ctx, service_account_id)["archived_at"] is not None:
        raise not_found("Service account", service_account_id)
    row = _row(ctx, workspace_id, service_account_id)
    if row is not None:
        return {**row, "implicit": False}
    if not workspaces.is_default(ctx, workspace_id):
        raise not_found("Workspace member", service_account_id)
    member = {"service_account_id": service_account_id, "workspace_id": workspace_id}
    inherent = {"type": "service_account_workspace_member", **member, "workspace_role": "workspace_user"}
    return {**inherent, "created_by_actor_id": None, "implicit": True}


def add_account_member(ctx: Context, workspace_id: str) -> Row:
    """Gives an account a role in a workspace; one that is there already gets this one."""
    body = validate.body_of(ctx, AccountMemberAdd)
    return _put(ctx, workspace_id, body.service_account_id, body.workspace_role)


def update_account_member(ctx: Context, workspace_id: str, service_account_id: str) -> Row:
    """A new role for an account that was added."""
    role = validate.body_of(ctx, AccountMemberUpdate).workspace_role
    _check_workspace(ctx, workspace_id)
    if _row(ctx, workspace_id, service_account_id) is None:
        raise not_found("Workspace member", service_account_id)
    return _put(ctx, workspace_id, service_account_id, role)


def remove_account_member(ctx: Context, workspace_id: str, service_account_id: str) -> dict[str, Any]:
    """Takes the role away that was given; where none was, nothing changes."""
    _check_workspace(ctx, workspace_id)
    gone = ctx.store.run(
        "DELETE FROM account_members WHERE workspace_id = :w AND service_account_id = :a",
        w=workspace_id,
        a=service_account_id,
    )
    if gone:
        event = "platform_service_account_workspace_member_removed"
        record(ctx, event, workspace_id=workspace_id, service_account_id=service_account_id)
    member = {"service_account_id": service_account_id, "workspace_id": workspace_id}
    return {"type": "service_account_workspace_member_deleted", **member}


def _put(ctx: Context, workspace_id: str, service_account_id: str, role: str) -> Row:
    _check_workspace(ctx, workspace_id)
    if retrieve_account(ctx, service_account_id)["archived_at"] is not None:
        raise invalid("The service account is archived")
    before, person = _row(ctx, workspace_id, service_account_id), credentials.person_of(ctx.caller, ctx.store)
    ctx.store.run(
        "INSERT INTO account_members (workspace_id, service_account_id, workspace_role, created_by_actor_id)"
        " VALUES (:w, :a, :role, :actor)"
        " ON CONFLICT (workspace_id, service_account_id) DO UPDATE SET workspace_role = excluded.workspace_role",
        w=workspace_id,
        a=service_account_id,
        role=role,
        actor=None if person is None else person["id"],
    )
    place: dict[str, Any] = {"workspace_id": workspace_id, "service_account_id": service_account_id}
    if before is None:
        record(ctx, "platform_service_account_workspace_member_added", **place)
    else:
        updates = updated(before, {"workspace_role": role}, "workspace_role")
        record_updates(ctx, "platform_service_account_workspace_member_updated", updates, **place)
    return retrieve_account_member(ctx, workspace_id, service_account_id)


def _check_workspace(ctx: Context, workspace_id: str) -> None:
    workspace = workspaces.retrieve_workspace(ctx, workspace_id)
    if workspace["archived_at"] is not None:
        raise invalid("The workspace is archived")


def _row(ctx: Context, workspace_id: str, service_account_id: str) -> Row | None:
    return ctx.store.row(
        f"SELECT {COLUMNS}, created_by_actor_id FROM account_members"  # noqa: S608 - constants
        " WHERE workspace_id = :w AND service_account_id = :a",
        w=workspace_id,
        a=service_account_id,
    )


class AccountMemberRow(SeedPart):
    """A service account in a workspace; both by id, or by name."""

    type: Literal["service_account_workspace_member"] = "service_account_workspace_member"
    service_account_id: str | None = None
    service_account: str | None = None
    workspace_id: str | None = None
    workspace: str | None = None
    workspace_role: AddableRole = "workspace_user"
    created_by_actor_id: str | None = None
    implicit: Literal[False] = False


def _account_of(seed: Seeding, row: AccountMemberRow) -> str | None:
    if row.service_account_id is not None:
        return row.service_account_id
    ids = seed.named(ServiceAccountRow, row.service_account or "")
    return ids[0] if ids else None


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The memberships of a seed."""
    for entry in seed.entries(AccountMemberRow):
        row = entry.row
        yield {
            "workspace_id": workspace_of(seed, row.workspace_id, row.workspace),
            "service_account_id": _account_of(seed, row),
            "workspace_role": row.workspace_role,
            "created_by_actor_id": row.created_by_actor_id,
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the memberships of a seed."""
    seen: set[tuple[str, str]] = set()
    for entry in seed.entries(AccountMemberRow):
        at, row = entry.at, entry.row
        account, workspace = _account_of(seed, row), workspace_of(seed, row.workspace_id, row.workspace)
        if seed.find(ServiceAccountRow, account) is None:
            named = row.service_account_id or row.service_account
            yield f"{at}: there is no service account {named or '(service_account_id or service_account is missing)'}"
        if not is_known(seed, workspace):
            yield f"{at}: {unknown_workspace(seed, row.workspace_id, row.workspace)}"
        if account is not None and workspace is not None:
            if (workspace, account) in seen:
                yield f"{at}: the service account is in the workspace already"
            seen.add((workspace, account))


def facts(tables: Tables, label: Label) -> Iterator[tuple[Fact, str]]:
    """Which account has which role in which workspace."""
    names = {str(row["id"]): str(row["name"]) for row in tables["service_accounts"]}
    for row in tables["account_members"]:
        identity = str(row["service_account_id"])
        yield (
            ("workspace role of a service account", label(row["workspace_id"]), names.get(identity, identity)),
            row["workspace_role"],
        )


MEMBERS = "/workspaces/{workspace_id}/service_accounts"
MEMBER = f"{MEMBERS}/{{service_account_id}}"

RESOURCE = Resource(
    table="account_members",
    schema="""
CREATE TABLE IF NOT EXISTS account_members (
    seq INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, service_account_id TEXT NOT NULL, workspace_role TEXT NOT NULL,
    created_by_actor_id TEXT, UNIQUE (workspace_id, service_account_id));
""",
    section="account_members",
    shape=AccountMemberRow,
    fill=filled,
    problems=problems,
    routes=not_in_enterprise(
        Route("GET", MEMBERS, list_account_members, org_admin=True),
        Route("POST", MEMBERS, add_account_member, org_admin=True),
        Route("GET", MEMBER, retrieve_account_member, org_admin=True, item=True),
        Route("POST", MEMBER, update_account_member, org_admin=True),
        Route("DELETE", MEMBER, remove_account_member, org_admin=True),
    ),
    by_hand='{"service_account", "workspace", "workspace_role"}',
    facts=facts,
)
