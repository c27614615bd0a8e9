"""What the person who is named in an edit of the Console may do, where the organization is told to ask for it.

Organization admins may do everything that the Console offers. Workspace admins have full control over the settings and
members of their workspace, and developers make keys in theirs (Workspaces: roles and permissions); what no source says
of a role is refused. The Console of the sandbox has no playground, and shows neither traces nor costs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.resources.members import MemberSwitches
from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.wire import emails
from orgsync.sandbox.wire.errors import forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.sandbox.model.route import Route
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

_ADMINS = frozenset({"admin", "owner", "primary_owner"})
_BILLING = "billing"
_CLAUDE_CODE = "Claude Code"
_ADMIN = frozenset({"workspace_admin"})
_MAKES_KEYS = frozenset({"workspace_admin", "workspace_developer", "workspace_restricted_developer"})
_INSIDE = tuple(f"/workspaces/{{workspace_id}}/{part}" for part in ("members", "rate_limits"))


def check_colleague(ctx: Context, route: Route, parameters: Mapping[str, str]) -> None:
    """Refuses what the roles of the person do not allow. Whoever is not named is an admin."""
    call = ctx.call
    asked = call.console and call.colleague is not None and call.method != "GET"
    if not asked or ctx.switches(MemberSwitches).console_rights == "anybody":
        return
    person = emails.same_person(str(call.colleague))
    user = ctx.store.row("SELECT id, role FROM users WHERE email_person = :person", person=person)
    if user is None or not _may(ctx, user, route, parameters):
        raise forbidden("Your role does not allow this")


def _may(ctx: Context, user: Row, route: Route, parameters: Mapping[str, str]) -> bool:
    if (route.method, route.template) == ("POST", "/api_keys"):
        return _may_make_keys(ctx, user, _scope(ctx).get("workspace_id"))
    if user["role"] in _ADMINS:
        return True
    if route.template.startswith(_INSIDE):
        return _holds(ctx, user, parameters["workspace_id"], _ADMIN)
    if (route.method, route.template) in {("POST", "/workspaces/{workspace_id}"), ("POST", "/spend_limits")}:
        return _holds(ctx, user, parameters.get("workspace_id") or _scope(ctx).get("workspace_id"), _ADMIN)
    return False


def _may_make_keys(ctx: Context, user: Row, workspace_id: Any) -> bool:
    """Keys are made by hand everywhere but in the workspace of Claude Code."""
    if workspace_id is None:
        return bool(user["role"] in _ADMINS)
    if _is_of_claude_code(ctx, workspace_id):
        return False
    if user["role"] in _ADMINS or (user["role"] == "developer" and workspaces.is_default(ctx, workspace_id)):
        return True
    return _holds(ctx, user, workspace_id, _MAKES_KEYS)


def _holds(ctx: Context, user: Row, workspace_id: Any, roles: frozenset[str]) -> bool:
    """Whether the person was given one of these roles; a billing member counts as raised to admin, or not at all."""
    member = ctx.store.row(
        "SELECT workspace_role FROM members WHERE workspace_id = :w AND user_id = :u",
        w=str(workspace_id),
        u=user["id"],
    )
    if member is None:
        return False
    if user["role"] == _BILLING and (member["workspace_role"] not in _ADMIN or _is_of_claude_code(ctx, workspace_id)):
        return False
    return member["workspace_role"] in roles


def _is_of_claude_code(ctx: Context, workspace_id: Any) -> bool:
    row = ctx.store.row("SELECT name FROM workspaces WHERE id = :id", id=str(workspace_id))
    return row is not None and row["name"] == _CLAUDE_CODE


def _scope(ctx: Context) -> Mapping[str, Any]:
    """The scope that the body of a request names."""
    try:
        body = json.loads(ctx.call.content or b"{}")
    except ValueError:
        return {}
    scope = body.get("scope") if isinstance(body, dict) else None
    return scope if isinstance(scope, dict) else {}
