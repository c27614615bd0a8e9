"""Organization and workspace roles: which exist where, which the API may give, which reach into every workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

# Admin API: roles, organization roles. The order is the one messages list them in.
ROLES = {
    "console": ("user", "claude_code_user", "developer", "billing", "admin"),
    "enterprise": ("user", "managed", "membership_admin", "owner", "primary_owner"),
}
ASSIGNABLE = {"console": ("user", "claude_code_user", "developer", "billing"), "enterprise": ("user", "managed")}
ADMIN_ROLES = ("admin", "membership_admin", "owner", "primary_owner")
# Admin API: workspace roles. These people hold the role in every workspace without being added.
INHERITED = {
    "admin": "workspace_admin",
    "owner": "workspace_admin",
    "primary_owner": "workspace_admin",
    "billing": "workspace_billing",
}


def check_assignable(ctx: Context, role: str) -> None:
    """The API gives ordinary roles only; the Console gives every role the organization type has."""
    table = ROLES if ctx.call.console else ASSIGNABLE
    accepted = table[ctx.settings.organization_type]
    if role not in accepted:
        raise invalid(f"role: Input should be {_choice(accepted)}")
    if role == "managed" and ctx.caller.kind == "scoped_key" and "write:rbac_groups" not in ctx.caller.scopes:
        raise Refusal(403, missing_scope(ctx.caller.scopes, "write:rbac_groups"))


def check_filter(ctx: Context, roles: list[str] | None) -> None:
    """`roles[]` of a list: other values than the organization type has are refused."""
    accepted = ROLES[ctx.settings.organization_type]
    for role in roles or ():
        if role not in accepted:
            raise invalid(f"roles: Input should be {_choice(accepted)}")


def check_not_admin(ctx: Context, user: Row, verb: str) -> None:
    """Admins are changed and removed in the Console only (Admin API: users, semantics)."""
    if user["role"] in ADMIN_ROLES and not ctx.call.console:
        raise Refusal(ctx.settings.change_admin, f"A member with the role {user['role']} cannot be {verb} by the API")


def missing_scope(held: list[str], needed: str) -> str:
    """The message of a 403 for a scoped key: it lists held and needed scopes (Admin API: credentials)."""
    return f"The API key has the scopes [{', '.join(held)}]; this request needs [{needed}]"


def _choice(values: tuple[str, ...]) -> str:
    quoted = [f"'{value}'" for value in values]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
