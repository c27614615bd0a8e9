"""Every endpoint of the sandbox, once: method, path, handler, and what a caller needs for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import compile_path

from orgsync.sandbox.reports import analytics, legacy_reports
from orgsync.sandbox.resources import (
    api_keys,
    invites,
    members,
    rate_limits,
    spend_limits,
    users,
    workspace_rate_limits,
    workspaces,
)
from orgsync.sandbox.server import console
from orgsync.sandbox.wire.context import PREFIX
from orgsync.sandbox.wire.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Pattern

    from orgsync.sandbox.wire.context import Call, Context


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
    def of_the_console(self) -> bool:
        """Workspaces, API keys, rate limits and the legacy reports do not exist in Claude Enterprise organizations."""
        return self.template.startswith(CONSOLE_RESOURCES)


CONSOLE_RESOURCES = ("/workspaces", "/api_keys", "/rate_limits", "/usage_report", "/cost_report")
READ, WRITE = "read:members", "write:members"
READ_LIMITS, WRITE_LIMITS = "read:spend_limits", "write:spend_limits"
WORKSPACE = "/workspaces/{workspace_id}"
MEMBER = f"{WORKSPACE}/members/{{user_id}}"
RATE_LIMIT = f"{WORKSPACE}/rate_limits/{{rate_limit_id}}"
API_KEY = "/api_keys/{api_key_id}"
SPEND_LIMIT = "/spend_limits/{spend_limit_id}"

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
    Route("GET", f"{WORKSPACE}/rate_limits", workspace_rate_limits.list_workspace_rate_limits),
    Route("POST", RATE_LIMIT, workspace_rate_limits.update_workspace_rate_limit),
    Route("GET", "/rate_limits", rate_limits.list_rate_limits),
    Route("GET", "/api_keys", api_keys.list_api_keys),
    Route("GET", API_KEY, api_keys.retrieve_api_key, item=True),
    Route("POST", API_KEY, api_keys.update_api_key),
    Route("GET", "/spend_limits", spend_limits.list_spend_limits, READ_LIMITS),
    Route("POST", "/spend_limits", spend_limits.set_spend_limit, WRITE_LIMITS),
    # Before the path of one limit, which would match it, too.
    Route("GET", "/spend_limits/effective", spend_limits.list_effective, READ_LIMITS),
    Route("GET", SPEND_LIMIT, spend_limits.retrieve_spend_limit, READ_LIMITS, item=True),
    Route("DELETE", SPEND_LIMIT, spend_limits.delete_spend_limit, WRITE_LIMITS),
    Route("GET", "/usage_report/messages", legacy_reports.usage_report),
    Route("GET", "/cost_report", legacy_reports.cost_report),
    Route("GET", "/analytics/usage", analytics.list_usage, "read:analytics"),
    Route("GET", "/analytics/cost", analytics.list_cost, "read:analytics"),
    Route("POST", "/users", console.create_user, console_only=True),
    Route("POST", "/usage", console.add_usage, console_only=True),
    Route("POST", "/api_keys", console.create_api_key, console_only=True),
    Route("POST", "/invites/{invite_id}", console.expire_invite, console_only=True),
    Route("POST", "/invites/{invite_id}/accept", console.accept_invite, console_only=True),
    Route("POST", "/settings", console.change_settings, console_only=True),
)
# The id of a rate limit is opaque.
ID_PREFIXES = {
    "user_id": "user_",
    "invite_id": "invite_",
    "workspace_id": "wrkspc_",
    "api_key_id": "apikey_",
    "spend_limit_id": "spl_",
    "rate_limit_id": "",
}


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
