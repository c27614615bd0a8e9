"""Who is in a workspace (Admin API: workspace members; SDK: organization.workspaces.members).

Organization admins and billing members hold a role in every workspace without a row of their own. While they do, their
role cannot be lowered or removed; a billing member may be raised to workspace admin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.feed.recording import record, record_updates, updated
from orgsync.sandbox.model.resource import Fact, Resource
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import SeedPart
from orgsync.sandbox.resources.users import UserRow, user_of
from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.resources.workspaces.seed import default_workspace, is_known, unknown_workspace, workspace_of
from orgsync.sandbox.wire import paging, validate
from orgsync.sandbox.wire.errors import Refusal, invalid, not_found
from orgsync.sandbox.wire.roles import INHERITED
from orgsync.sandbox.wire.switches import Part
from orgsync.sandbox.wire.switches import row as switch
from orgsync.sandbox.wire.validate import WorkspaceRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Label, Tables
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row


class MemberSwitches(Part):
    """What colleagues may do in the Console."""

    console_rights: Literal["anybody", "by_role"] = switch(
        "anybody",
        "by_role: who is named by `--as` gets 403 for what their roles do not allow, or of which no source says it",
        "Claude Console roles and permissions; Workspaces: roles",
    )


COLUMNS = "'workspace_member' AS type, user_id, workspace_id, workspace_role"
ADDED = """
    SELECT m.seq AS seq, m.user_id AS user_id, m.workspace_id AS workspace_id, CASE
        WHEN u.role IN ('admin', 'owner', 'primary_owner') THEN 'workspace_admin'
        WHEN u.role = 'billing' AND m.workspace_role <> 'workspace_admin' THEN 'workspace_billing'
        ELSE m.workspace_role END AS workspace_role
    FROM members AS m JOIN users AS u ON u.id = m.user_id WHERE m.workspace_id = :workspace"""
# Inherited members have no moment of being added; they come after everyone who was.
INHERITED_ONLY = """
    SELECT u.seq + (1 << 40), u.id, :workspace, CASE u.role
        WHEN 'billing' THEN 'workspace_billing' ELSE 'workspace_admin' END
    FROM users AS u WHERE u.role IN ('admin', 'owner', 'primary_owner', 'billing') AND NOT EXISTS (
        SELECT 1 FROM members AS m WHERE m.workspace_id = :workspace AND m.user_id = u.id)"""
WITH_INHERITED = f"{ADDED} UNION ALL {INHERITED_ONLY}"


def list_members(ctx: Context, workspace_id: str) -> dict[str, Any]:
    """Members in the order they were added; the default workspace has none of its own."""
    workspaces.retrieve_workspace(ctx, workspace_id)
    if workspaces.is_default(ctx, workspace_id):
        if ctx.settings.default_workspace_members == "refused":
            raise invalid("The default workspace has no members of its own")
        return paging.envelope([], more=False)
    listing = paging.Listing(
        COLUMNS,
        f"({_source(ctx)})",
        newest_first=ctx.settings.member_order == "newest_first",
        identity="user_id",
        values={"workspace": workspace_id},
    )
    data, more = paging.page(ctx, listing)
    return paging.envelope(data, more=more, identity="user_id")


def retrieve_member(ctx: Context, workspace_id: str, user_id: str) -> Row:
    """One member by workspace and user."""
    workspaces.retrieve_workspace(ctx, workspace_id)
    member = _find(ctx, workspace_id, user_id)
    if member is None:
        raise not_found("Workspace member", user_id)
    return member


def add_member(ctx: Context, workspace_id: str) -> Row:
    """Gives a member of the organization a role in a workspace."""
    body = validate.body_of(ctx, validate.MemberAdd)
    _check_writable(ctx, workspace_id)
    user = ctx.store.row("SELECT id, role FROM users WHERE id = :id", id=body.user_id)
    if user is None:
        raise Refusal(ctx.settings.add_stranger, f"User not found: {body.user_id}")
    _check_inherited(user, body.workspace_role)
    held = _row(ctx, workspace_id, body.user_id)
    if held is not None and ctx.settings.add_existing_member == "refused":
        raise invalid(f"The user {body.user_id} is a member of the workspace already")
    _put(ctx, workspace_id, body.user_id, body.workspace_role)
    if held is None:
        record(ctx, "platform_workspace_member_added", workspace_id=workspace_id, user_id=body.user_id)
    else:
        _record_role(ctx, workspace_id, body.user_id, _role(user, held), body.workspace_role)
    return _member(workspace_id, body.user_id, body.workspace_role)


def update_member(ctx: Context, workspace_id: str, user_id: str) -> Row:
    """A new role for a member."""
    role = validate.body_of(ctx, validate.MemberUpdate).workspace_role
    _check_writable(ctx, workspace_id)
    user = _user(ctx, user_id)
    inherited = INHERITED.get(user["role"])
    held = _row(ctx, workspace_id, user_id)
    if inherited is None and held is None:
        raise not_found("Workspace member", user_id)
    _check_inherited(user, role)
    if role == "workspace_billing" and inherited is None and ctx.settings.assign_billing == "refused":
        raise invalid("workspace_role: workspace_billing is inherited and cannot be assigned")
    if inherited is None or role != inherited:
        _put(ctx, workspace_id, user_id, role)
    elif role == "workspace_billing":
        # Back to what the organization role gives: the raise is what goes.
        ctx.store.run("DELETE FROM members WHERE workspace_id = :w AND user_id = :u", w=workspace_id, u=user_id)
    _record_role(ctx, workspace_id, user_id, _role(user, held), role)
    return _member(workspace_id, user_id, role)


def remove_member(ctx: Context, workspace_id: str, user_id: str) -> dict[str, Any]:
    """Takes the role away that was given in this workspace."""
    _check_writable(ctx, workspace_id)
    user = ctx.store.row("SELECT role FROM users WHERE id = :id", id=user_id)
    if user is not None and user["role"] in INHERITED:
        raise invalid("The member's role comes from the organization and cannot be removed here")
    gone = ctx.store.run("DELETE FROM members WHERE workspace_id = :w AND user_id = :u", w=workspace_id, u=user_id)
    if not gone and ctx.settings.remove_stranger == 404:
        raise not_found("Workspace member", user_id)
    if gone:
        record(ctx, "platform_workspace_member_removed", workspace_id=workspace_id, user_id=user_id)
    return {"type": "workspace_member_deleted", "user_id": user_id, "workspace_id": workspace_id}


def _role(user: Row, held: Row | None) -> str | None:
    """The role that somebody has in a workspace: what the organization role gives, unless a row gives more."""
    inherited = INHERITED.get(user["role"])
    given = None if held is None else str(held["workspace_role"])
    return given if inherited is None or given == "workspace_admin" else inherited


def _record_role(ctx: Context, workspace_id: str, user_id: str, before: str | None, after: str) -> None:
    updates = updated({"workspace_role": before}, {"workspace_role": after}, "workspace_role")
    record_updates(ctx, "platform_workspace_member_updated", updates, workspace_id=workspace_id, user_id=user_id)


def _member(workspace_id: str, user_id: str, role: str) -> Row:
    return {"type": "workspace_member", "user_id": user_id, "workspace_id": workspace_id, "workspace_role": role}


def _source(ctx: Context) -> str:
    return WITH_INHERITED if ctx.settings.inherited_members == "listed" else ADDED


def _find(ctx: Context, workspace_id: str, user_id: str) -> Row | None:
    if workspaces.is_default(ctx, workspace_id):
        return None
    return ctx.store.row(
        f"SELECT {COLUMNS} FROM ({_source(ctx)}) WHERE user_id = :user",  # noqa: S608 - constants
        workspace=workspace_id,
        user=user_id,
    )


def _row(ctx: Context, workspace_id: str, user_id: str) -> Row | None:
    return ctx.store.row(
        "SELECT workspace_role FROM members WHERE workspace_id = :w AND user_id = :u", w=workspace_id, u=user_id
    )


def _user(ctx: Context, user_id: str) -> Row:
    user = ctx.store.row("SELECT id, role FROM users WHERE id = :id", id=user_id)
    if user is None:
        raise not_found("Workspace member", user_id)
    return user


def _check_writable(ctx: Context, workspace_id: str) -> None:
    workspace = workspaces.retrieve_workspace(ctx, workspace_id)
    if workspaces.is_default(ctx, workspace_id):
        raise invalid("Access to the default workspace follows the organization role")
    workspaces.check_live(ctx, workspace)


def _check_inherited(user: Row, role: str) -> None:
    inherited = INHERITED.get(user["role"])
    raised = inherited == "workspace_billing" and role == "workspace_admin"
    if inherited is not None and role != inherited and not raised:
        raise invalid(f"The user's organization role gives {inherited} here, which cannot be changed")


def _put(ctx: Context, workspace_id: str, user_id: str, role: str) -> None:
    if _row(ctx, workspace_id, user_id) is None:
        _check_room(ctx, workspace_id)
    ctx.store.run(
        "INSERT INTO members (workspace_id, user_id, workspace_role) VALUES (:w, :u, :role)"
        " ON CONFLICT (workspace_id, user_id) DO UPDATE SET workspace_role = excluded.workspace_role",
        w=workspace_id,
        u=user_id,
        role=role,
    )


def _check_room(ctx: Context, workspace_id: str) -> None:
    limit = ctx.settings.workspace_member_limit
    members = ctx.store.count("SELECT count(*) AS n FROM members WHERE workspace_id = :w", w=workspace_id)
    if limit is not None and members >= limit:
        raise invalid(f"The workspace may have {limit} members", "workspace_member_limit_exceeded")


class MemberRow(SeedPart):
    """A membership; people and workspaces by id, or by e-mail and name."""

    type: Literal["workspace_member"] = "workspace_member"
    user_id: str | None = None
    email: str | None = None
    workspace_id: str | None = None
    workspace: str | None = None
    workspace_role: WorkspaceRole = "workspace_user"


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The memberships of a seed."""
    for entry in seed.entries(MemberRow):
        row = entry.row
        yield {
            "workspace_id": workspace_of(seed, row.workspace_id, row.workspace),
            "user_id": user_of(seed, row.user_id, row.email),
            "workspace_role": row.workspace_role,
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the memberships of a seed."""
    default = default_workspace(seed)
    seen: set[tuple[str, str]] = set()
    for entry in seed.entries(MemberRow):
        at, row = entry.at, entry.row
        user_id, workspace = user_of(seed, row.user_id, row.email), workspace_of(seed, row.workspace_id, row.workspace)
        user = seed.find(UserRow, user_id)
        if user is None:
            yield f"{at}: there is no user {row.user_id or row.email or '(user_id or email is missing)'}"
        elif row.workspace_role == "workspace_billing" and user.row.role != "billing":
            yield f"{at}.workspace_role: workspace_billing comes with the organization role billing only"
        if workspace == default:
            yield f"{at}: the default workspace has no members of its own"
        elif not is_known(seed, workspace):
            yield f"{at}: {unknown_workspace(seed, row.workspace_id, row.workspace)}"
        if user_id is not None and workspace is not None:
            if (workspace, user_id) in seen:
                yield f"{at}: the user is a member of the workspace already"
            seen.add((workspace, user_id))


def facts(tables: Tables, label: Label) -> Iterator[tuple[Fact, str]]:
    """Who has which role in which workspace."""
    people: dict[str, str] = {row["id"]: row["email_person"] for row in tables["users"]}
    for row in tables["members"]:
        person = people.get(str(row["user_id"]), str(row["user_id"]))
        yield ("workspace role", label(row["workspace_id"]), person), row["workspace_role"]


MEMBERS = "/workspaces/{workspace_id}/members"
MEMBER = f"{MEMBERS}/{{user_id}}"

RESOURCE = Resource(
    table="members",
    schema="""
CREATE TABLE IF NOT EXISTS members (
    seq INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, workspace_role TEXT NOT NULL,
    UNIQUE (workspace_id, user_id));
CREATE INDEX IF NOT EXISTS members_in_order ON members (workspace_id, seq);
CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id);
""",
    section="workspace_members",
    shape=MemberRow,
    fill=filled,
    problems=problems,
    switches=MemberSwitches,
    routes=not_in_enterprise(
        Route("GET", MEMBERS, list_members),
        Route("POST", MEMBERS, add_member),
        Route("GET", MEMBER, retrieve_member, item=True),
        Route("POST", MEMBER, update_member),
        Route("DELETE", MEMBER, remove_member),
    ),
    by_hand='{"email", "workspace", "workspace_role"}',
    path=MEMBERS,
    newest_first=False,
    facts=facts,
)
