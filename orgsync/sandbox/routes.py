"""Every endpoint of the sandbox, once: method, path, handler, and what a caller needs for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import compile_path

from orgsync.sandbox import console, invites, members, users, workspaces
from orgsync.sandbox.context import PREFIX
from orgsync.sandbox.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Pattern

    from orgsync.sandbox.context import Call, Context


def retrieve_organization(ctx: Context) -> dict[str, Any]:
    """GET /me (Admin API: organization)."""
    return {"id": ctx.organization["id"], "name": ctx.organization["name"], "type": "organization"}


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `scope` is what a scoped key needs; `item` marks reads that may lag."""

    method: str
    template: str
    handler: Callable[..., Any]
    scope: str | None = None
    item: bool = False
    console_only: bool = False

    @property
    def workspace(self) -> bool:
        """Workspaces and everything in them do not exist in Claude Enterprise organizations."""
        return self.template.startswith("/workspaces")


READ, WRITE = "read:members", "write:members"
WORKSPACE = "/workspaces/{workspace_id}"
MEMBER = f"{WORKSPACE}/members/{{user_id}}"

ROUTES = (
    Route("GET", "/me", retrieve_organization),
    Route("GET", "/users", users.list_users, READ),
    Route("GET", "/users/{user_id}", users.retrieve_user, READ, item=True),
    Route("POST", "/users/{user_id}", users.update_user, WRITE),
    Route("DELETE", "/users/{user_id}", users.remove_user, WRITE),
    Route("POST", "/users/{user_id}/sign_out", users.sign_out_user, WRITE),
    Route("GET", "/invites", invites.list_invites, READ),
    Route("POST", "/invites", invites.create_invite, WRITE),
    Route("GET", "/invites/{invite_id}", invites.retrieve_invite, READ, item=True),
    Route("DELETE", "/invites/{invite_id}", invites.delete_invite, WRITE),
    Route("GET", "/workspaces", workspaces.list_workspaces),
    Route("POST", "/workspaces", workspaces.create_workspace),
    Route("GET", WORKSPACE, workspaces.retrieve_workspace, item=True),
    Route("POST", WORKSPACE, workspaces.update_workspace),
    Route("POST", f"{WORKSPACE}/archive", workspaces.archive_workspace),
    Route("GET", f"{WORKSPACE}/members", members.list_members),
    Route("POST", f"{WORKSPACE}/members", members.add_member),
    Route("GET", MEMBER, members.retrieve_member, item=True),
    Route("POST", MEMBER, members.update_member),
    Route("DELETE", MEMBER, members.remove_member),
    Route("POST", "/users", console.create_user, console_only=True),
    Route("POST", "/invites/{invite_id}", console.expire_invite, console_only=True),
    Route("POST", "/invites/{invite_id}/accept", console.accept_invite, console_only=True),
    Route("POST", "/settings", console.change_settings, console_only=True),
)
ID_PREFIXES = {"user_id": "user_", "invite_id": "invite_", "workspace_id": "wrkspc_"}


def _compiled() -> dict[str, tuple[Pattern[str], dict[str, Route], dict[str, Route]]]:
    table: dict[str, tuple[Pattern[str], dict[str, Route], dict[str, Route]]] = {}
    for route in ROUTES:
        pattern = compile_path(PREFIX + route.template)[0]
        _, by_api, by_console = table.setdefault(route.template, (pattern, {}, {}))
        by_console[route.method] = route
        if not route.console_only:
            by_api[route.method] = route
    return table


PATHS = tuple(_compiled().values())


def find(call: Call) -> tuple[Route, dict[str, str]]:
    """The endpoint of a request and its path parameters; 404 for unknown paths, 405 for unknown methods on known ones.

    Paths that only the Console has do not exist for the API.
    """
    for pattern, by_api, by_console in PATHS:
        routes = by_console if call.console else by_api
        match = pattern.match(call.path)
        if match is None or not routes:
            continue
        if call.method not in routes:
            raise Refusal(405, "Method Not Allowed", headers={"allow": ", ".join(sorted(routes))})
        return routes[call.method], match.groupdict()
    raise Refusal(404, f"Not found: {call.path}")


def check_ids(ctx: Context, parameters: dict[str, str]) -> None:
    """Ids that cannot be ids: unknown by default, a bad request when the organization says so."""
    for name, value in parameters.items():
        if not value.startswith(ID_PREFIXES[name]):
            raise Refusal(ctx.settings.malformed_id, f"{name}: {value} is not found")
