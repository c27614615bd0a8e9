"""Spend limits: listed, read, set by (scope, period), deleted (Admin API: spend limits; SDK: spend_limits).

Console organizations have `organization` and `workspace` limits and a read-only `usage_tier` row that follows from the
settings; Claude Enterprise organizations set `user` limits. What a colleague sets in the Console needs no early access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.feed.recording import record
from orgsync.sandbox.feed.switches import switches_of
from orgsync.sandbox.resources.spend_limits import rules
from orgsync.sandbox.wire import cursors, headers, ids, limiter, validate
from orgsync.sandbox.wire.errors import Refusal, forbidden, invalid, not_found

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

BETA = "spend-limit-reads-2026-09-26"
NOT_ENABLED = "spend_limits_admin_api_writes_not_enabled"
# Admin API: spend limits. The order is the one an Enterprise organization's list is grouped by.
SCOPE_TYPES = {
    "console": ("organization", "workspace", "usage_tier"),
    "enterprise": ("organization", "seat_tier", "rbac_group", "organization_service", "user"),
}
SETTABLE = {"console": ("organization", "workspace"), "enterprise": ("user",)}
MOST_SCOPE_TYPES = 100
# What identifies the scope, for the types of which there can be several.
SCOPE_FIELDS = {
    "workspace": "workspace_id",
    "user": "user_id",
    "seat_tier": "seat_tier",
    "rbac_group": "rbac_group_id",
    "organization_service": "service",
}
GROUP_SIZE = 1 << 40


def list_spend_limits(ctx: Context) -> dict[str, Any]:
    """Console: newest first, the usage tier's cap included. Enterprise: grouped by scope type."""
    headers.check_beta(ctx, BETA, status=ctx.settings.missing_beta_header)
    _take_turn(ctx)
    if not _enabled(ctx):
        if ctx.settings.spend_limits_list_refusal == 400:
            raise invalid("This endpoint is not available to this organization", "organization_type_not_supported")
        raise forbidden("The organization cannot list spend limits with the Admin API", NOT_ENABLED)
    _check_filters(ctx)
    rows = ctx.store.rows("SELECT * FROM spend_limits ORDER BY seq")
    kept = [row for row in [*_usage_tier(ctx), *rows] if _wanted(ctx, row)]
    placed = sorted(((_place(ctx, row), _shown(ctx, row)) for row in kept), key=lambda entry: entry[0])
    data, next_page = cursors.page(ctx, placed, "scope_type[]", "workspace_id")
    return {"data": data, "next_page": next_page}


def retrieve_spend_limit(ctx: Context, spend_limit_id: str) -> Row:
    """One limit by id. It needs the early access too, whatever the error's name says."""
    _take_turn(ctx)
    _check_enabled(ctx)
    return _shown(ctx, _find(ctx, spend_limit_id))


def set_spend_limit(ctx: Context) -> Row:
    """Upsert on (scope, period): a limit that exists is overwritten in place."""
    _take_turn(ctx)
    _check_enabled(ctx)
    body = validate.body_of(ctx, validate.SpendLimitSet)
    kind, scope_id = body.scope.type, body.scope.identity
    if kind not in SETTABLE[ctx.settings.organization_type]:
        raise invalid(f"scope: A limit with the scope type {kind} cannot be set in this organization")
    period = rules.period_of(ctx, body)
    rules.check_target(ctx, kind, scope_id)
    rules.check_amount(ctx, kind, body.amount)
    held = _held(ctx, kind, scope_id, period)
    if held is None or held["amount"] != body.amount:
        _record(ctx, kind, scope_id, deleted=held, amount=body.amount)
    if held is not None and ctx.settings.spend_limit_upsert == "new_id":
        ctx.store.run("DELETE FROM spend_limits WHERE id = :id", id=held["id"])
        held = None
    if held is not None:
        ctx.store.run(
            "UPDATE spend_limits SET amount = :amount, updated_at = :now WHERE id = :id",
            amount=body.amount,
            now=ctx.written_now,
            id=held["id"],
        )
        return _shown(ctx, _find(ctx, held["id"]))
    spend_limit_id = ctx.new_id("spl", f"{kind} {scope_id} {period}")
    ctx.store.insert(
        "spend_limits",
        id=spend_limit_id,
        scope_type=kind,
        scope_id=scope_id,
        period=period,
        amount=body.amount,
        is_enabled=1,
        created_at=ctx.written_now,
        updated_at=ctx.written_now,
    )
    return _shown(ctx, _find(ctx, spend_limit_id))


def delete_spend_limit(ctx: Context, spend_limit_id: str) -> dict[str, Any]:
    """The limit is gone; what is above it applies."""
    _take_turn(ctx)
    _check_enabled(ctx)
    row = _find(ctx, spend_limit_id)
    if row["scope_type"] == "usage_tier":
        raise Refusal(ctx.settings.delete_usage_tier, "The usage tier's spend limit cannot be deleted")
    if row["scope_type"] not in SETTABLE[ctx.settings.organization_type]:
        raise invalid(f"A limit with the scope type {row['scope_type']} cannot be deleted in this organization")
    ctx.store.run("DELETE FROM spend_limits WHERE id = :id", id=spend_limit_id)
    _record(ctx, row["scope_type"], row["scope_id"], deleted=row)
    return {"id": spend_limit_id, "type": "spend_limit_deleted"}


def _record(ctx: Context, kind: str, scope_id: str, *, deleted: Row | None, amount: str | None = None) -> None:
    """The feed has no update: another amount is a limit that goes and one that comes. Its ids are its own."""
    if kind not in SETTABLE["console"] or (
        switches_of(ctx.settings).spend_limit_records == "console_only" and not ctx.call.console
    ):
        return
    prefix = "platform" if kind == "organization" else "workspace"
    of: dict[str, Any] = {} if kind == "organization" else {"workspace_id": scope_id}
    if deleted is not None:
        identity = ids.uuid_of("spend limit", deleted["id"])
        record(ctx, f"{prefix}_spend_limit_deleted", **of, spend_limit_id=identity)
    if amount is not None:
        of |= {"limit_usd": int(amount), "limit_action": "notify_and_pause"}
        record(ctx, f"{prefix}_spend_limit_created", **of)


def list_effective(ctx: Context) -> dict[str, Any]:
    """What applies to each member: a report Console organizations do not have, and the sandbox not for the others."""
    _take_turn(ctx)
    if ctx.enterprise:
        raise Refusal(501, "The sandbox does not emulate effective spend limits")
    raise invalid("Claude Console organizations have no effective spend limits", "organization_type_not_supported")


def _take_turn(ctx: Context) -> None:
    settings = ctx.settings
    if settings.spend_limit_requests_per_minute is not None and not ctx.call.console:
        tell = settings.retry_after == "seconds"
        limiter.take(ctx.store, "spend_limits", settings.spend_limit_requests_per_minute, limiter.MINUTE, tell=tell)


def _enabled(ctx: Context) -> bool:
    return ctx.enterprise or ctx.call.console or ctx.settings.spend_limits_early_access


def _check_enabled(ctx: Context) -> None:
    if not _enabled(ctx):
        message = "The organization cannot retrieve, set or delete spend limits with the Admin API"
        raise forbidden(message, NOT_ENABLED)


def _wanted(ctx: Context, row: Row) -> bool:
    types, workspace = ctx.call.many("scope_type"), ctx.call.one("workspace_id")
    if types is not None and row["scope_type"] not in types:
        return False
    return workspace is None or (row["scope_type"] == "workspace" and row["scope_id"] == workspace)


def _check_filters(ctx: Context) -> None:
    types = ctx.call.many("scope_type") or []
    known = SCOPE_TYPES[ctx.settings.organization_type]
    if len(types) > MOST_SCOPE_TYPES:
        raise invalid(f"scope_type: List should have at most {MOST_SCOPE_TYPES} items")
    for kind in types:
        if kind not in known:
            raise invalid(f"scope_type: {kind} does not apply to this organization")
    if ctx.enterprise and ctx.call.one("workspace_id") is not None:
        raise invalid("workspace_id: Claude Enterprise organizations have no workspaces")


def _place(ctx: Context, row: Row) -> int:
    if not ctx.enterprise:
        return -int(row["seq"])
    return SCOPE_TYPES["enterprise"].index(row["scope_type"]) * GROUP_SIZE + int(row["seq"])


def _usage_tier(ctx: Context) -> list[Row]:
    """The cap of the organization's tier, as old as the organization and so the last of the list."""
    amount = rules.cap(ctx.settings)
    if ctx.enterprise or amount is None:
        return []
    created = ctx.organization["created_at"]
    return [
        {
            "seq": 0,
            "id": ctx.organization["usage_tier_id"],
            "scope_type": "usage_tier",
            "scope_id": "",
            "period": "monthly",
            "amount": amount,
            "is_enabled": 1,
            "created_at": created,
            "updated_at": created,
        }
    ]


def _held(ctx: Context, kind: str, scope_id: str, period: str) -> Row | None:
    return ctx.store.row(
        "SELECT id, amount FROM spend_limits WHERE scope_type = :kind AND scope_id = :scope_id AND period = :period",
        kind=kind,
        scope_id=scope_id,
        period=period,
    )


def _find(ctx: Context, spend_limit_id: str) -> Row:
    row = ctx.store.row("SELECT * FROM spend_limits WHERE id = :id", id=spend_limit_id)
    found = [each for each in [*_usage_tier(ctx), row] if each is not None and each["id"] == spend_limit_id]
    if not found:
        raise not_found("Spend limit", spend_limit_id)
    return found[0]


def _shown(ctx: Context, row: Row) -> Row:
    scope = {"type": row["scope_type"]}
    if row["scope_type"] in SCOPE_FIELDS:
        scope[SCOPE_FIELDS[row["scope_type"]]] = row["scope_id"]
    return {
        "type": "spend_limit",
        "id": row["id"],
        "scope": scope,
        "amount": row["amount"],
        "currency": ctx.settings.currency,
        "period": row["period"],
        "is_enabled": bool(row["is_enabled"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
