"""Invites: made, listed, withdrawn, never changed (Admin API: invites; SDK: organization.invites)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from orgsync.sandbox.feed.recording import in_browser, record
from orgsync.sandbox.model.resource import Edit, Fact, Resource, mentioned, to_mentioned
from orgsync.sandbox.model.route import Route
from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources import users
from orgsync.sandbox.resources.users import READ, WRITE, Role, UserRow, compared, filter_people, insert_user
from orgsync.sandbox.wire import emails, limiter, paging, validate
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import forbidden, invalid, not_found
from orgsync.sandbox.wire.roles import check_assignable, missing_scope
from orgsync.sandbox.wire.switches import Timestamp
from orgsync.sandbox.wire.validate import Email

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orgsync.sandbox.model.resource import Label, Rows, Tables, Write
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

# Set by the server, not configurable.
LIFETIME = timedelta(days=21)
LISTED_STATUSES = ("pending", "accepted", "expired")
GROUPS_SCOPE = "write:rbac_groups"

STATUS = "CASE WHEN status = 'pending' AND expires <= :now THEN 'expired' ELSE status END"
COLUMNS = f"'invite' AS type, id, email, role, {STATUS} AS status, invited_at, expires_at, accepted_at, rbac_group_ids"


def list_invites(ctx: Context) -> dict[str, Any]:
    """Most recent first; withdrawn ones never."""
    listing = paging.Listing(COLUMNS, "invites", values={"now": ctx.now.timestamp()})
    filter_people(ctx, listing)
    statuses = ctx.call.many("statuses") or list(LISTED_STATUSES)
    for status in statuses:
        if status not in LISTED_STATUSES:
            raise invalid("statuses: Input should be 'pending', 'accepted' or 'expired'")
    names = {f"status_{index}": status for index, status in enumerate(statuses)}
    listing.only(f"{STATUS} IN ({', '.join(f':{name}' for name in names)})", **names)
    data, more = paging.page(ctx, listing, "email", "roles[]", "statuses[]")
    return paging.envelope([_shown(row) for row in data], more=more)


def retrieve_invite(ctx: Context, invite_id: str) -> Row:
    """One invite by id; a withdrawn one reads `deleted`."""
    invite = find_invite(ctx, invite_id)
    if invite["status"] == "deleted" and ctx.settings.withdrawn_invite == "gone":
        raise not_found("Invite", invite_id)
    return invite


def create_invite(ctx: Context) -> Row:
    """A pending invite; the e-mail goes nowhere."""
    body = validate.body_of(ctx, validate.ConsoleInviteCreate if ctx.call.console else validate.InviteCreate)
    check_assignable(ctx, body.role)
    _check_allowed(ctx, body.email)
    _check_room(ctx)
    _check_groups(ctx, body.rbac_group_ids)
    if ctx.settings.invites_per_hour is not None and not ctx.call.console:
        tell = ctx.settings.retry_after == "seconds"
        limiter.take(ctx.store, "invites", ctx.settings.invites_per_hour, limiter.HOUR, tell=tell)
    email = emails.same_person(body.email) if ctx.settings.email_case == "folded" else body.email
    invite_id = ctx.new_id("invite", email)
    expires = ctx.now + LIFETIME
    ctx.store.insert(
        "invites",
        id=invite_id,
        email=email,
        **compared(email),
        role=body.role,
        status="pending",
        invited_at=ctx.written_now,
        expires_at=moments.written(expires),
        expires=expires.timestamp(),
        accepted_at=None,
        rbac_group_ids=json.dumps(body.rbac_group_ids),
    )
    record(
        ctx,
        "org_user_invite_sent",
        invited_email=body.email,
        invited_role=body.role,
        invited_seat_tier=None,
        invited_rbac_group_ids=body.rbac_group_ids or None,
    )
    return find_invite(ctx, invite_id)


def delete_invite(ctx: Context, invite_id: str) -> dict[str, Any]:
    """Withdraw a pending invite; accepted and expired ones cannot be withdrawn any more."""
    status = find_invite(ctx, invite_id)["status"]
    if status == "deleted":
        if ctx.settings.withdraw_twice == 404:
            raise not_found("Invite", invite_id)
    elif status != "pending":
        raise invalid(f"Only pending invites can be deleted; this one is {status}")
    if status != "deleted":
        record(ctx, "org_user_invite_deleted", invite_id=invite_id)
    ctx.store.run("UPDATE invites SET status = 'deleted' WHERE id = :id", id=invite_id)
    return {"id": invite_id, "type": "invite_deleted"}


def expire_invite(ctx: Context, invite_id: str) -> Row:
    """In the Console, `{"status": "expired"}`: its 21 days are over at once."""
    validate.body_of(ctx, validate.ConsoleInviteUpdate)
    _check_pending(ctx, invite_id)
    ctx.store.run(
        "UPDATE invites SET expires_at = :at, expires = :seconds WHERE id = :id",
        at=ctx.written_now,
        seconds=ctx.now.timestamp(),
        id=invite_id,
    )
    return find_invite(ctx, invite_id)


def accept_invite(ctx: Context, invite_id: str) -> Row:
    """The invited person joins; the answer is the new user."""
    validate.body_of(ctx, validate.Nothing)
    invite = _check_pending(ctx, invite_id)
    users.check_new(ctx, invite["email"])
    ctx.store.run(
        "UPDATE invites SET status = 'accepted', accepted_at = :now WHERE id = :id", now=ctx.written_now, id=invite_id
    )
    user = insert_user(ctx, invite["email"], emails.name_of(invite["email"]), invite["role"])
    person = in_browser(user)
    record(ctx, "org_user_invite_accepted", actor=person, invite_id=invite_id)
    users.record_joined(ctx, user, person)
    return user


def find_invite(ctx: Context, invite_id: str) -> Row:
    """The invite, whatever its status."""
    row = ctx.store.row(
        f"SELECT {COLUMNS} FROM invites WHERE id = :id",  # noqa: S608 - constants
        id=invite_id,
        now=ctx.now.timestamp(),
    )
    if row is None:
        raise not_found("Invite", invite_id)
    return _shown(row)


def pending_invite(ctx: Context, email: str) -> Row | None:
    """The one pending invite an address may have."""
    return ctx.store.row(
        "SELECT id FROM invites WHERE email_person = :person AND status = 'pending' AND expires > :now",
        person=emails.same_person(email),
        now=ctx.now.timestamp(),
    )


def _check_pending(ctx: Context, invite_id: str) -> Row:
    invite = find_invite(ctx, invite_id)
    if invite["status"] != "pending":
        raise invalid(f"The invite is {invite['status']}, not pending")
    return invite


def _shown(row: Row) -> Row:
    row["rbac_group_ids"] = json.loads(row["rbac_group_ids"])
    return row


def _check_allowed(ctx: Context, email: str) -> None:
    settings, domain = ctx.settings, emails.domain_of(email)
    if settings.provisioning != "manual":
        raise invalid("Members join through the organization's identity provider; invites cannot be created")
    person = emails.same_person(email)
    member = ctx.store.row("SELECT id FROM users WHERE email_person = :person", person=person)
    if member is not None:
        raise invalid(f"{email} belongs to the member {member['id']}", "already_member")
    pending = pending_invite(ctx, email)
    if pending is not None:
        raise invalid(f"A pending invite for {email} exists: {pending['id']}", "invite_already_exists")
    if settings.reinvite == "refused" and ctx.store.row("SELECT 1 FROM invites WHERE email_person = :p", p=person):
        raise invalid(f"{email} was invited before")
    if settings.verified_domains is not None and domain not in map(str.casefold, settings.verified_domains):
        code = "cannot_invite_emails_with_unverified_domains"
        raise invalid(f"The domain {domain} is not verified for the parent organization", code)
    if settings.allowed_domains is not None and domain not in map(str.casefold, settings.allowed_domains):
        raise invalid(f"The domain {domain} is not on the list of allowed domains", "email_domain_not_allowed")


def _check_room(ctx: Context) -> None:
    limit, seats = ctx.settings.member_limit, ctx.settings.seats
    if limit is None and seats is None:
        return
    taken = ctx.store.count(
        "SELECT (SELECT count(*) FROM users)"
        " + (SELECT count(*) FROM invites WHERE status = 'pending' AND expires > :now) AS n",
        now=ctx.now.timestamp(),
    )
    if limit is not None and taken >= limit:
        raise invalid(f"The organization may have {limit} members, invites included", "org_member_limit_exceeded")
    if seats is not None and taken >= seats:
        raise invalid("No seat is free")


def _check_groups(ctx: Context, groups: list[str]) -> None:
    if not groups:
        return
    if not ctx.enterprise:
        raise invalid("rbac_group_ids: only Claude Enterprise organizations have RBAC groups")
    if ctx.caller.kind == "scoped_key" and GROUPS_SCOPE not in ctx.caller.scopes:
        raise forbidden(missing_scope(ctx.caller.scopes, GROUPS_SCOPE))
    settings = ctx.settings
    for group in groups:
        if group in settings.owner_groups:
            raise invalid(f"The group {group} grants owner access", "rbac_group_grants_owner_access")
        if group in settings.unconfirmed_groups:
            message = f"Whether the group {group} grants owner access could not be found out"
            raise invalid(message, "rbac_group_owner_access_unconfirmed")
        if group not in settings.groups:
            raise invalid(f"rbac_group_ids: there is no group {group}")


class InviteRow(SeedPart):
    """An invite. Without times it was sent when the sandbox was made, or long ago if it has expired."""

    type: Literal["invite"] = "invite"
    id: Name | None = None
    email: Email
    role: Role = "user"
    status: Literal["pending", "accepted", "expired", "deleted"] = "pending"
    invited_at: Timestamp | None = None
    expires_at: Timestamp | None = None
    accepted_at: Timestamp | None = None
    rbac_group_ids: list[str] = Field(default_factory=list)


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The invites of a seed."""
    for entry in seed.entries(InviteRow):
        row = entry.row
        invited, expires = _times(row, seed.now)
        accepted = moments.parsed(row.accepted_at) if row.accepted_at else None
        if row.status == "accepted" and accepted is None:
            accepted = invited
        yield {
            "id": entry.id,
            "email": row.email,
            **compared(row.email),
            "role": row.role,
            # Expiry is not stored: it is read off `expires_at` whenever somebody looks.
            "status": "pending" if row.status == "expired" else row.status,
            "invited_at": invited,
            "expires_at": moments.written(expires),
            "expires": expires.timestamp(),
            "accepted_at": moments.written(accepted) if accepted else None,
            "rbac_group_ids": json.dumps(row.rbac_group_ids),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the invites of a seed."""
    entries = seed.entries(InviteRow)
    yield from users.wrong_roles(seed, entries)
    pending: set[str] = set()
    for entry in entries:
        at, row, person = entry.at, entry.row, emails.same_person(entry.row.email)
        invited, expires = _times(row, seed.now)
        if expires <= invited:
            yield f"{at}.expires_at: it is not after invited_at"
        if row.status == "expired" and expires > seed.now:
            yield f"{at}.expires_at: an expired invite cannot end in the future"
        if row.status != "accepted" and row.accepted_at is not None:
            yield f"{at}.accepted_at: only accepted invites have one"
        if row.status != "pending" or expires <= seed.now:
            continue
        if seed.named(UserRow, person):
            yield f"{at}.email: {row.email} is a member already"
        if person in pending:
            yield f"{at}.email: {row.email} has a pending invite already"
        pending.add(person)


def _times(row: InviteRow, now: datetime) -> tuple[datetime, datetime]:
    """When it was sent and when it ends; what is missing follows from what is there, then from its status."""
    if row.invited_at is not None:
        invited = moments.parsed(row.invited_at)
    elif row.expires_at is not None:
        invited = moments.parsed(row.expires_at) - LIFETIME
    else:
        invited = now - LIFETIME if row.status == "expired" else now
    return invited, moments.parsed(row.expires_at) if row.expires_at else invited + LIFETIME


def facts(tables: Tables, _label: Label) -> Iterator[tuple[Fact, str]]:
    """Who is invited, and as what."""
    for row in tables["invites"]:
        if row["status"] != "deleted":
            yield ("invite", row["email_person"]), f"{row['status']} as {row['role']}"


def _accepted(write: Write, rows: Rows) -> Edit | None:
    """The person whom a write is about joins."""
    pending = [row for row in rows if row["status"] == "pending"]
    row = mentioned(write, pending) or next((row for row in pending if f'"{row["email"]}"' in write[2]), None)
    return None if row is None else Edit("POST", f"/invites/{row['id']}/accept")


RESOURCE = Resource(
    table="invites",
    schema="""
CREATE TABLE IF NOT EXISTS invites (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL, email_person TEXT NOT NULL,
    email_key TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL, invited_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, expires REAL NOT NULL, accepted_at TEXT, rbac_group_ids TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS invites_by_person ON invites (email_person);
CREATE INDEX IF NOT EXISTS invites_by_key ON invites (email_key);
CREATE INDEX IF NOT EXISTS invites_pending ON invites (expires) WHERE status = 'pending';
""",
    section="invites",
    shape=InviteRow,
    about=lambda row, _seed: emails.same_person(row.email),
    prefix="invite",
    parameter="invite_id",
    fill=filled,
    made_at="invited_at",
    problems=problems,
    routes=(
        Route("GET", "/invites", list_invites, READ),
        Route("POST", "/invites", create_invite, WRITE, e_mails="email"),
        Route("GET", "/invites/{invite_id}", retrieve_invite, READ, item=True),
        Route("DELETE", "/invites/{invite_id}", delete_invite, WRITE),
        Route("POST", "/invites/{invite_id}", expire_invite, console_only=True),
        Route("POST", "/invites/{invite_id}/accept", accept_invite, console_only=True),
    ),
    console=(
        ('POST /invites {"email", "role": "admin"}', "invite with every role"),
        ('POST /invites/ID {"status": "expired"}', "let an invite expire now"),
        ("POST /invites/ID/accept", "accept it"),
    ),
    path="/invites",
    facts=facts,
    edits={
        "remove": to_mentioned(lambda row: Edit("DELETE", f"/invites/{row['id']}")),
        "accept": _accepted,
    },
)
