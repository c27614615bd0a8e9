"""GET, POST and DELETE of organization members (Admin API: users; SDK: organization.users)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.feed.recording import actor_of, directory, record
from orgsync.sandbox.feed.switches import switches_of
from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route
from orgsync.sandbox.model.seeding import Name, SeedPart, duplicates
from orgsync.sandbox.wire import emails, headers, paging, validate
from orgsync.sandbox.wire.credentials import person_of
from orgsync.sandbox.wire.errors import forbidden, invalid, not_found
from orgsync.sandbox.wire.roles import ADMIN_ROLES, ROLES, check_assignable, check_filter, check_not_admin
from orgsync.sandbox.wire.switches import Timestamp
from orgsync.sandbox.wire.validate import Email

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.sandbox.model.resource import Label, Tables
    from orgsync.sandbox.model.seeding import Entry, Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

COLUMNS = "'user' AS type, id, email, name, role, added_at"
READ, WRITE = "read:members", "write:members"
SIGN_OUT_BETA = "admin-user-sign-out-2026-10-08"


def list_users(ctx: Context) -> dict[str, Any]:
    """Most recently added first; `email` and `roles[]` filter."""
    listing = paging.Listing(COLUMNS, "users")
    filter_people(ctx, listing)
    data, more = paging.page(ctx, listing, "email", "roles[]")
    return paging.envelope(data, more=more)


def compared(email: str) -> dict[str, str]:
    """The columns by which rows with an address are found."""
    return {"email_person": emails.same_person(email), "email_key": emails.filter_key(email)}


def filter_people(ctx: Context, listing: paging.Listing) -> None:
    """The two filters users and invites share."""
    email, wanted = ctx.call.one("email"), ctx.call.many("roles")
    if email is not None:
        if not emails.is_email(email):
            raise invalid("email: value is not a valid email address")
        listing.only("email_key = :email_key", email_key=emails.filter_key(email))
    if wanted is not None:
        check_filter(ctx, wanted)
        names = {f"role_{index}": role for index, role in enumerate(wanted)}
        listing.only(f"role IN ({', '.join(f':{name}' for name in names)})", **names)


def retrieve_user(ctx: Context, user_id: str) -> Row:
    """One member by id."""
    user = ctx.store.row(f"SELECT {COLUMNS} FROM users WHERE id = :id", id=user_id)  # noqa: S608 - constant
    if user is None:
        raise not_found("User", user_id)
    return user


def update_user(ctx: Context, user_id: str) -> Row:
    """A new organization role."""
    model = validate.ConsoleUserUpdate if ctx.call.console else validate.UserUpdate
    role = validate.body_of(ctx, model).role
    user = retrieve_user(ctx, user_id)
    check_assignable(ctx, role)
    check_not_admin(ctx, user, "changed")
    if ctx.settings.idp_manages_roles and not ctx.call.console:
        raise invalid("Roles are managed by the organization's identity provider")
    if user["role"] == role and ctx.settings.same_role == "refused":
        raise invalid(f"The user has the role {role} already")
    ctx.store.run("UPDATE users SET role = :role WHERE id = :id", role=role, id=user_id)
    if user["role"] != role:
        _record_role(ctx, user, user["role"], role)
    return retrieve_user(ctx, user_id)


def remove_user(ctx: Context, user_id: str) -> dict[str, Any]:
    """The member leaves the organization and all of its workspaces; personal API keys are archived."""
    user = retrieve_user(ctx, user_id)
    if ctx.store.count("SELECT count(*) AS n FROM users") == 1:
        raise invalid("The only member of an organization cannot be removed", "cannot_remove_last_member")
    check_not_admin(ctx, user, "removed")
    if ctx.settings.provisioning == "scim" and not ctx.call.console:
        raise invalid("Membership is managed by the organization's identity provider")
    if ctx.settings.memberships_on_return == "restored":
        ctx.store.run(
            "INSERT INTO former_members SELECT :person, workspace_id, workspace_role FROM members WHERE user_id = :id",
            person=emails.same_person(user["email"]),
            id=user_id,
        )
    ctx.store.run("DELETE FROM members WHERE user_id = :id", id=user_id)
    # Keys that this person made without being their principal keep working.
    ctx.store.run(
        "UPDATE api_keys SET status = 'archived' WHERE principal_type = 'user_actor' AND principal_id = :id", id=user_id
    )
    _record_removal(ctx, user)
    ctx.store.run("DELETE FROM users WHERE id = :id", id=user_id)
    return {"id": user_id, "type": "user_deleted"}


def _record_removal(ctx: Context, user: Row) -> None:
    """Removed by somebody else, or left."""
    records = switches_of(ctx.settings).removal_records
    if records != "role" and actor_of(ctx).get("user_id") == user["id"]:
        record(ctx, "org_user_left", previous_role=user["role"])
    elif records != "role":
        record(ctx, "org_user_deleted", deleted_user_id=user["id"], deleted_user_email=user["email"])
    if records != "deleted":
        _record_role(ctx, user, user["role"], None)


def _record_role(
    ctx: Context, user: Row, before: str | None, after: str | None, actor: dict[str, Any] | None = None
) -> None:
    """A new role; from None: joined, to None: gone."""
    record(
        ctx,
        "claude_user_role_updated",
        actor=actor,
        user_id=user["id"],
        user_email=user["email"],
        previous_role=before,
        current_role=after,
    )


def sign_out_user(ctx: Context, user_id: str) -> Row:
    """Ends a member's sessions. Nothing the sandbox holds changes; the refusals are what there is to meet."""
    headers.check_beta(ctx, SIGN_OUT_BETA)
    validate.body_of(ctx, validate.Nothing)
    if not ctx.enterprise or not ctx.settings.sign_out:
        raise invalid("The organization is not enrolled in this beta", "organization_not_enrolled_in_beta")
    user = retrieve_user(ctx, user_id)
    _check_sign_out(ctx, user)
    return user


def _check_sign_out(ctx: Context, user: Row) -> None:
    """Who may sign out whom (SDK: the sign-out errors' docstrings).

    A scoped key reaches everyone but the primary owner; an OAuth token nobody with administrative rights; other keys
    no owners and no managed members, and no membership admins when a membership admin is behind the key.
    """
    role, kind = user["role"], ctx.caller.kind
    person = person_of(ctx.caller, ctx.store)
    if person is not None and person["id"] == user["id"]:
        raise invalid("The credential belongs to this member", "cannot_sign_out_self")
    if role == "primary_owner":
        raise invalid("The primary owner cannot be signed out", "cannot_sign_out_primary_owner")
    if kind == "scoped_key":
        return
    if kind == "oauth_token":
        if role in ADMIN_ROLES:
            raise forbidden("An OAuth token cannot sign out this member", "cannot_sign_out_privileged_member")
        return
    if role == "owner":
        raise forbidden("This key cannot sign out an owner; a scoped key can", "cannot_sign_out_owner")
    if role == "managed":
        raise forbidden("This key cannot sign out a managed member; a scoped key can", "cannot_sign_out_managed_member")
    if role == "membership_admin" and person is not None and person["role"] == "membership_admin":
        message = "The person behind this key may not sign out membership admins"
        raise forbidden(message, "cannot_sign_out_membership_admin")


def create_user(ctx: Context) -> Row:
    """Somebody was added in the Console, for example by the identity provider."""
    body = validate.body_of(ctx, validate.ConsoleUserCreate)
    check_assignable(ctx, body.role)
    check_new(ctx, body.email)
    user = insert_user(ctx, body.email, body.name or emails.name_of(body.email), body.role)
    synchronized = directory(ctx) if ctx.settings.provisioning == "scim" else None
    if synchronized is not None:
        record(ctx, "scim_user_created", actor=synchronized, user_id=user["id"])
    record_joined(ctx, user, synchronized)
    return user


def record_joined(ctx: Context, user: Row, actor: dict[str, Any] | None) -> None:
    """Somebody became a member."""
    _record_role(ctx, user, None, user["role"], actor)


def member(ctx: Context, email: str) -> Row | None:
    """Who has this address."""
    return ctx.store.row("SELECT id FROM users WHERE email_person = :person", person=emails.same_person(email))


def check_new(ctx: Context, email: str) -> None:
    """Nobody in the organization has this address."""
    if member(ctx, email):
        raise invalid(f"{email} is a member already", "already_member")


def insert_user(ctx: Context, email: str, name: str, role: str) -> Row:
    """A new member, as accepting an invite or an identity provider makes one."""
    user_id = ctx.new_id("user", email)
    ctx.store.insert(
        "users", id=user_id, email=email, **compared(email), name=name, role=role, added_at=ctx.written_now
    )
    if ctx.settings.memberships_on_return == "restored":
        _restore_memberships(ctx, email, user_id)
    return retrieve_user(ctx, user_id)


def _restore_memberships(ctx: Context, email: str, user_id: str) -> None:
    person = emails.same_person(email)
    ctx.store.run(
        "INSERT INTO members (workspace_id, user_id, workspace_role)"
        " SELECT workspace_id, :user_id, workspace_role FROM former_members WHERE email_person = :person",
        user_id=user_id,
        person=person,
    )
    ctx.store.run("DELETE FROM former_members WHERE email_person = :person", person=person)


Role = Literal[
    "admin", "billing", "claude_code_user", "developer", "managed", "membership_admin", "owner", "primary_owner", "user"
]


class UserRow(SeedPart):
    """A member of the organization."""

    type: Literal["user"] = "user"
    id: Name | None = None
    email: Email
    name: Name | None = None
    role: Role = "user"
    added_at: Timestamp | None = None


def user_of(seed: Seeding, user_id: str | None, email: str | None) -> str | None:
    """Whom a row of a seed names."""
    named = seed.named(UserRow, emails.same_person(email or ""))
    return user_id or (named[-1] if named else None)


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The members of a seed."""
    for entry in seed.entries(UserRow):
        row = entry.row
        yield {
            "id": entry.id,
            "email": row.email,
            **compared(row.email),
            "name": row.name or emails.name_of(row.email),
            "role": row.role,
            "added_at": entry.made(row.added_at),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the members of a seed."""
    entries = seed.entries(UserRow)
    yield from duplicates("email", [(entry.at, emails.same_person(entry.row.email)) for entry in entries])
    yield from wrong_roles(seed, entries)
    if sum(entry.row.role == "primary_owner" for entry in entries) > 1:
        yield "users: an organization has one primary_owner"


def wrong_roles(seed: Seeding, entries: Sequence[Entry[Any]]) -> Iterator[str]:
    """Roles that this sort of organization does not have."""
    kind = seed.settings.organization_type
    for entry in entries:
        if entry.row.role not in ROLES[kind]:
            yield f"{entry.at}.role: {entry.row.role} does not exist in {kind} organizations"


def facts(tables: Tables, _label: Label) -> Iterator[tuple[Fact, str]]:
    """Who has which role in the organization."""
    for row in tables["users"]:
        yield ("organization role", row["email_person"]), row["role"]


STRANGER = "colleague@rehearsal.example"

RESOURCE = Resource(
    table="users",
    schema="""
CREATE TABLE IF NOT EXISTS users (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL, email_person TEXT NOT NULL UNIQUE,
    email_key TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, added_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS users_by_key ON users (email_key);
CREATE TABLE IF NOT EXISTS former_members (
    email_person TEXT NOT NULL, workspace_id TEXT NOT NULL, workspace_role TEXT NOT NULL);
""",
    section="users",
    shape=UserRow,
    about=lambda row, _seed: emails.same_person(row.email),
    prefix="user",
    parameter="user_id",
    fill=filled,
    made_at="added_at",
    problems=problems,
    routes=(
        Route("GET", "/users", list_users, READ),
        Route("GET", "/users/{user_id}", retrieve_user, READ, item=True),
        Route("POST", "/users/{user_id}", update_user, WRITE),
        Route("DELETE", "/users/{user_id}", remove_user, WRITE),
        Route("POST", "/users/{user_id}/sign_out", sign_out_user, WRITE),
        Route("POST", "/users", create_user, console_only=True),
    ),
    console=(
        ('POST /users {"email", "role", "name"}', "add a user"),
        ('POST /users/ID {"role": "admin"}', "give every role, also to admins"),
        ("DELETE /users/ID", "remove admins, too"),
    ),
    path="/users",
    facts=facts,
    edits={
        "remove": to_mentioned(lambda row: Edit("DELETE", f"/users/{row['id']}")),
        "unrelated": lambda _write, _rows: Edit("POST", "/users", {"email": STRANGER, "role": "user"}),
    },
)
