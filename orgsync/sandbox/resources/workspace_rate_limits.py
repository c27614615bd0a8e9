"""What a workspace overrides of the organization's rate limits (Admin API: workspace rate limits).

SDK: workspaces.rate_limits. Only overrides are stored; what has none inherits, and is never "unlimited".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.resources import rate_limits, workspaces
from orgsync.sandbox.wire import cursors, paging, validate
from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

PUT = (
    "INSERT INTO workspace_rate_limits (workspace_id, rate_limit_id, limiter, value)"
    " VALUES (:workspace_id, :rate_limit_id, :limiter, :value)"
    " ON CONFLICT (workspace_id, rate_limit_id, limiter) DO UPDATE SET value = excluded.value"
)


def list_workspace_rate_limits(ctx: Context, workspace_id: str) -> dict[str, Any]:
    """Groups with an override; with `include_inherited` every group and every value, each with its source."""
    workspaces.retrieve_workspace(ctx, workspace_id)
    inherited = paging.flag(ctx, "include_inherited")
    entries = rate_limits.of_type(ctx, rate_limits.all_entries(ctx))
    placed = [(entry["seq"], _shown(ctx, workspace_id, entry, inherited=inherited)) for entry in entries]
    placed = [(place, row) for place, row in placed if row["limits"]]
    data, next_page = cursors.page(ctx, placed, "group_type", "include_inherited", window=rate_limits.WINDOW)
    return {"data": data, "next_page": next_page}


def update_workspace_rate_limit(ctx: Context, workspace_id: str, rate_limit_id: str) -> Row:
    """Sets the overrides it names, clears those it names with null, and leaves the others."""
    limits = validate.body_of(ctx, validate.RateLimitUpdate).limits
    workspace = workspaces.retrieve_workspace(ctx, workspace_id)
    entry = next((each for each in rate_limits.all_entries(ctx) if each["id"] == rate_limit_id), None)
    if entry is None:
        raise Refusal(ctx.settings.unknown_rate_limit, f"Rate limit not found: {rate_limit_id}")
    if workspaces.is_default(ctx, workspace_id):
        raise Refusal(ctx.settings.default_workspace_limits, "The default workspace has no rate limits of its own")
    workspaces.check_live(ctx, workspace)
    _check_limiters(ctx, entry, [limit.type for limit in limits])
    for limit in limits:
        _put(ctx, workspace_id, rate_limit_id, limit)
    return _shown(ctx, workspace_id, entry, inherited=ctx.settings.rate_limit_answer == "inherited")


def _check_limiters(ctx: Context, entry: Row, types: list[str]) -> None:
    if len(set(types)) < len(types) and ctx.settings.duplicate_limiters == "refused":
        raise invalid("limits: a limiter type may be named once")
    foreign = [kind for kind in types if kind not in entry["limits"]]
    if foreign and ctx.settings.foreign_limiters == "refused":
        raise invalid(f"limits: the organization has no limit of type {foreign[0]} for this group")


def _put(ctx: Context, workspace_id: str, rate_limit_id: str, limit: validate.RateLimitValue) -> None:
    at = {"workspace_id": workspace_id, "rate_limit_id": rate_limit_id, "limiter": limit.type}
    if limit.value is not None:
        ctx.store.run(PUT, **at, value=limit.value)
        return
    ctx.store.run(
        "DELETE FROM workspace_rate_limits WHERE workspace_id = :workspace_id AND rate_limit_id = :rate_limit_id"
        " AND limiter = :limiter",
        **at,
    )


def _shown(ctx: Context, workspace_id: str, entry: Row, *, inherited: bool) -> Row:
    rows = ctx.store.rows(
        "SELECT limiter, value FROM workspace_rate_limits WHERE workspace_id = :w AND rate_limit_id = :r ORDER BY seq",
        w=workspace_id,
        r=entry["id"],
    )
    overrides = {row["limiter"]: row["value"] for row in rows}
    organization = entry["limits"]
    types = [kind for kind in organization if inherited or kind in overrides]
    types += [kind for kind in overrides if kind not in organization]
    limits = [
        {
            "type": kind,
            "value": overrides.get(kind, organization.get(kind)),
            "org_limit": organization.get(kind),
            "source": {"type": "workspace" if kind in overrides else "organization"},
        }
        for kind in types
    ]
    return {
        "type": "workspace_rate_limit",
        "rate_limit_id": entry["id"],
        "workspace_id": workspace_id,
        "limits": limits,
        **rate_limits.shown_group(ctx, entry),
    }
