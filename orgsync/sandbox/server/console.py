"""What colleagues do in the Console and the API cannot: add people, make keys, use models, turn switches.

Everything else a colleague does is the API's own call with `Call.console` set, which lifts its refusals about admins
and identity providers. Nothing un-archives a workspace, here or there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.reports import usage
from orgsync.sandbox.resources import api_keys, invites, workspaces
from orgsync.sandbox.resources.users import insert_user, retrieve_user
from orgsync.sandbox.wire import emails, validate
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import SandboxError, invalid
from orgsync.sandbox.wire.roles import check_assignable
from orgsync.sandbox.wire.switches import settings_of

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row


def create_user(ctx: Context) -> Row:
    """POST /users: somebody was added, for example by the identity provider."""
    body = validate.body_of(ctx, validate.ConsoleUserCreate)
    check_assignable(ctx, body.role)
    person = emails.same_person(body.email)
    if ctx.store.row("SELECT 1 FROM users WHERE email_person = :person", person=person):
        raise invalid(f"{body.email} is a member already", "already_member")
    return insert_user(ctx, body.email, body.name or emails.name_of(body.email), body.role)


def create_api_key(ctx: Context) -> Row:
    """POST /api_keys: somebody made a key. Its secret is not part of the sandbox."""
    body = validate.body_of(ctx, validate.ConsoleKeyCreate)
    if body.scope.type == "workspace":
        workspaces.check_live(ctx, workspaces.retrieve_workspace(ctx, body.scope.workspace_id))
    elif body.principal is None:
        raise invalid("scope: only a key with a principal can belong to the organization")
    if body.principal is not None and body.principal.type == "user_actor":
        retrieve_user(ctx, body.principal.user_id)
    if body.expires_at is not None and moments.parsed(body.expires_at) <= ctx.now:
        raise invalid("expires_at: it has passed already")
    return api_keys.create_api_key(ctx, body)


def add_usage(ctx: Context) -> dict[str, Any]:
    """POST /usage: something was used. Reports show it once its moment has come."""
    event = validate.body_of(ctx, validate.UsageEvent)
    try:
        seconds, resolved = usage.resolved(event, usage.Known.of_store(ctx))
    except usage.WrongEvent as error:
        raise invalid(str(error)) from error
    ctx.store.run(usage.INSERT, seconds=seconds, event=json.dumps(resolved))
    return {"at": event.at, **resolved}


def expire_invite(ctx: Context, invite_id: str) -> Row:
    """POST /invites/{invite_id} with `{"status": "expired"}`: its 21 days are over at once."""
    validate.body_of(ctx, validate.ConsoleInviteUpdate)
    _check_pending(ctx, invite_id)
    ctx.store.run(
        "UPDATE invites SET expires_at = :at, expires = :seconds WHERE id = :id",
        at=ctx.written_now,
        seconds=ctx.now.timestamp(),
        id=invite_id,
    )
    return invites.find_invite(ctx, invite_id)


def accept_invite(ctx: Context, invite_id: str) -> Row:
    """POST /invites/{invite_id}/accept: the invited person joins; the answer is the new user."""
    validate.body_of(ctx, validate.Nothing)
    invite = _check_pending(ctx, invite_id)
    person = emails.same_person(invite["email"])
    if ctx.store.row("SELECT 1 FROM users WHERE email_person = :person", person=person):
        raise invalid(f"{invite['email']} is a member already", "already_member")
    ctx.store.run(
        "UPDATE invites SET status = 'accepted', accepted_at = :now WHERE id = :id", now=ctx.written_now, id=invite_id
    )
    return insert_user(ctx, invite["email"], emails.name_of(invite["email"]), invite["role"])


def change_settings(ctx: Context) -> dict[str, Any]:
    """POST /settings: turn switches; the ones not named stay."""
    try:
        given = json.loads(ctx.call.content or b"{}")
        settings = settings_of(ctx.settings.model_dump(exclude_unset=True) | given)
    except (TypeError, ValueError) as error:
        raise invalid(f"The request body is not a JSON object: {error}") from error
    except SandboxError as error:
        raise invalid(str(error)) from error
    changed = settings.model_dump(exclude_unset=True)
    ctx.store.set_meta("settings", changed)
    return changed


def _check_pending(ctx: Context, invite_id: str) -> Row:
    invite = invites.find_invite(ctx, invite_id)
    if invite["status"] != "pending":
        raise invalid(f"The invite is {invite['status']}, not pending")
    return invite
