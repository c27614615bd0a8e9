"""What a workspace overrides of the organization's rate limits (Admin API: workspace rate limits).

SDK: workspaces.rate_limits. Only overrides are stored; what has none inherits, and is never "unlimited".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from orgsync.sandbox.feed.recording import record
from orgsync.sandbox.model.resource import Fact, Resource
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources import rate_limits
from orgsync.sandbox.resources.rate_limits import GroupRow, RateLimitRow
from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.resources.workspaces.seed import default_workspace, is_known, unknown_workspace, workspace_of
from orgsync.sandbox.wire import cursors, paging, validate
from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Label, Tables
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

PUT = (
    "INSERT INTO workspace_rate_limits (workspace_id, rate_limit_id, limiter, value)"
    " VALUES (:workspace_id, :rate_limit_id, :limiter, :value)"
    " ON CONFLICT (workspace_id, rate_limit_id, limiter) DO UPDATE SET value = excluded.value"
    " WHERE value <> excluded.value"
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
        if _put(ctx, workspace_id, rate_limit_id, limit):
            _record(ctx, workspace_id, entry, limit)
    return _shown(ctx, workspace_id, entry, inherited=ctx.settings.rate_limit_answer == "inherited")


def _check_limiters(ctx: Context, entry: Row, types: list[str]) -> None:
    if len(set(types)) < len(types) and ctx.settings.duplicate_limiters == "refused":
        raise invalid("limits: a limiter type may be named once")
    foreign = [kind for kind in types if kind not in entry["limits"]]
    if foreign and ctx.settings.foreign_limiters == "refused":
        raise invalid(f"limits: the organization has no limit of type {foreign[0]} for this group")


def _record(ctx: Context, workspace_id: str, entry: Row, limit: validate.RateLimitValue) -> None:
    fields = {"workspace_id": workspace_id, "model_group": entry["group_id"], "limiter_type": limit.type}
    if limit.value is None:
        record(ctx, "platform_workspace_rate_limit_deleted", **fields)
    else:
        record(ctx, "platform_workspace_rate_limit_updated", **fields, value=limit.value)


def _put(ctx: Context, workspace_id: str, rate_limit_id: str, limit: validate.RateLimitValue) -> bool:
    """Whether that changed something."""
    at = {"workspace_id": workspace_id, "rate_limit_id": rate_limit_id, "limiter": limit.type}
    if limit.value is not None:
        return ctx.store.run(PUT, **at, value=limit.value) > 0
    gone = ctx.store.run(
        "DELETE FROM workspace_rate_limits WHERE workspace_id = :workspace_id AND rate_limit_id = :rate_limit_id"
        " AND limiter = :limiter",
        **at,
    )
    return gone > 0


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


class SourceRow(SeedPart):
    """`source` of a value in a workspace."""

    type: Literal["workspace", "organization"]


class OverrideRow(SeedPart):
    """One value in a workspace. Values that come from the organization are left to it."""

    type: Name
    value: Annotated[int, Field(ge=0)]
    org_limit: int | None = None
    source: SourceRow = SourceRow(type="workspace")


class WorkspaceRateLimitRow(SeedPart):
    """Overrides of one group in one workspace. By hand: `workspace` is a name, `model` or `group_type` the group."""

    type: Literal["workspace_rate_limit"] = "workspace_rate_limit"
    rate_limit_id: str | None = None
    group: GroupRow | None = None
    model: str | None = None
    group_type: str | None = None
    workspace_id: str | None = None
    workspace: str | None = None
    limits: list[OverrideRow]
    models: list[str] | None = None


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The overrides of a seed."""
    for entry in seed.entries(WorkspaceRateLimitRow):
        row = entry.row
        for limit in row.limits:
            if limit.source.type == "workspace":
                yield {
                    "workspace_id": workspace_of(seed, row.workspace_id, row.workspace),
                    "rate_limit_id": _entry_of(seed, row),
                    "limiter": limit.type,
                    "value": limit.value,
                }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the overrides of a seed."""
    default = default_workspace(seed)
    seen: set[tuple[str | None, str | None]] = set()
    for entry in seed.entries(WorkspaceRateLimitRow):
        at, row = entry.at, entry.row
        workspace, limited = workspace_of(seed, row.workspace_id, row.workspace), _entry_of(seed, row)
        if not is_known(seed, workspace):
            yield f"{at}: {unknown_workspace(seed, row.workspace_id, row.workspace)}"
        if workspace == default and any(limit.source.type == "workspace" for limit in row.limits):
            yield f"{at}: the default workspace has no rate limits of its own"
        if limited is None:
            yield f"{at}: rate_limit_id, group, model or group_type have to name one rate limit of the organization"
        elif (workspace, limited) in seen:
            yield f"{at}: the workspace has a row for this rate limit already"
        seen.add((workspace, limited))
        yield from rate_limits.twice(at, [limit.type for limit in row.limits])


def _entry_of(seed: Seeding, row: WorkspaceRateLimitRow) -> str | None:
    """The entry of the organization that a row is for, if it is for one."""
    found = [
        entry.id
        for entry in seed.entries(RateLimitRow)
        if (row.rate_limit_id or entry.id) == entry.id
        and (row.model is None or row.model in (entry.row.models or ()))
        and row.group_type in (None, entry.row.group.type)
        and (row.group is None or row.group.type == entry.row.group.type)
        and (row.group is None or row.group.id in (None, rate_limits.group_id(entry.row)))
    ]
    return found[0] if len(found) == 1 else None


def facts(tables: Tables, label: Label) -> Iterator[tuple[Fact, str]]:
    """Which limits which workspace has."""
    for row in tables["workspace_rate_limits"]:
        fact = ("rate limit", label(row["workspace_id"]), row["rate_limit_id"], row["limiter"])
        yield fact, str(row["value"])


RATE_LIMITS = "/workspaces/{workspace_id}/rate_limits"

RESOURCE = Resource(
    table="workspace_rate_limits",
    schema="""
CREATE TABLE IF NOT EXISTS workspace_rate_limits (
    seq INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, rate_limit_id TEXT NOT NULL, limiter TEXT NOT NULL,
    value INTEGER NOT NULL, UNIQUE (workspace_id, rate_limit_id, limiter));
""",
    section="workspace_rate_limits",
    shape=WorkspaceRateLimitRow,
    fill=filled,
    problems=problems,
    routes=not_in_enterprise(
        Route("GET", RATE_LIMITS, list_workspace_rate_limits),
        Route("POST", f"{RATE_LIMITS}/{{rate_limit_id}}", update_workspace_rate_limit),
    ),
    by_hand='{"workspace", "model" or "group_type", "limits": [{"type", "value"}]}',
    path=RATE_LIMITS,
    newest_first=False,
    facts=facts,
)
