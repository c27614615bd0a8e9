"""Invites: made, listed, withdrawn, never changed (Admin API: invites; SDK: organization.invites)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.resources.users import filter_people
from orgsync.sandbox.wire import emails, limiter, paging, validate
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import forbidden, invalid, not_found
from orgsync.sandbox.wire.roles import check_assignable, missing_scope

if TYPE_CHECKING:
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
    email = body.email.casefold() if ctx.settings.email_case == "folded" else body.email
    invite_id = ctx.new_id("invite", email)
    expires = ctx.now + LIFETIME
    ctx.store.run(
        "INSERT INTO invites (id, email, email_person, email_key, role, status, invited_at, expires_at, expires,"
        " accepted_at, rbac_group_ids) VALUES (:id, :email, :person, :key, :role, 'pending', :now, :expires_at,"
        " :expires, NULL, :groups)",
        id=invite_id,
        email=email,
        person=emails.same_person(email),
        key=emails.filter_key(email),
        role=body.role,
        now=ctx.written_now,
        expires_at=moments.written(expires),
        expires=expires.timestamp(),
        groups=json.dumps(body.rbac_group_ids),
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
    ctx.store.run("UPDATE invites SET status = 'deleted' WHERE id = :id", id=invite_id)
    return {"id": invite_id, "type": "invite_deleted"}


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
