"""What a spend limit may say: its period, its amount, what it is for, and how it relates to the limits around it.

Source: Admin API: spend limits. A workspace's limit is at most the organization's, which is at most the usage tier's
cap; that the API checks this is an open question, so a switch turns it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.wire.errors import Refusal, invalid, not_found

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.switches import Settings
    from orgsync.sandbox.wire.validate import SpendLimitSet

# Monthly caps of the self-serve tiers, in whole units of the currency (Admin API: rate limits).
TIERS = {"start": 500, "build": 1_000, "scale": 200_000}
# ISO 4217: how many digits the minor unit has where it is not two.
NO_MINOR_UNIT = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
)
THREE_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def cap(settings: Settings) -> str | None:
    """The usage tier's monthly cap in minor units, or a higher one Anthropic granted; tier `custom` has none."""
    if settings.granted_spend_cap is not None:
        return settings.granted_spend_cap
    if settings.usage_tier not in TIERS:
        return None
    return str(TIERS[settings.usage_tier] * 10 ** minor_digits(settings.currency))


def minor_digits(currency: str) -> int:
    """Digits of the minor unit: cents for most, none for JPY, three for KWD."""
    if currency in NO_MINOR_UNIT:
        return 0
    return 3 if currency in THREE_DIGITS else 2


def period_of(ctx: Context, body: SpendLimitSet) -> str:
    """The period a limit is set for; in the Console every limit is monthly."""
    settings = ctx.settings
    if body.period is None:
        if settings.omitted_period == "refused":
            raise invalid("period: Field required")
        return "monthly"
    if body.period != "monthly" and not ctx.enterprise and settings.other_periods == "refused":
        raise invalid("period: Limits of Claude Console organizations are monthly")
    return body.period


def check_target(ctx: Context, kind: str, scope_id: str) -> None:
    """What a limit is for exists and can have one."""
    settings = ctx.settings
    if kind == "user" and ctx.store.row("SELECT 1 FROM users WHERE id = :id", id=scope_id) is None:
        raise not_found("User", scope_id)
    if kind != "workspace":
        return
    if ctx.store.row("SELECT 1 FROM workspaces WHERE id = :id", id=scope_id) is None:
        raise Refusal(settings.unknown_limit_workspace, f"Workspace not found: {scope_id}")
    if workspaces.is_default(ctx, scope_id):
        raise Refusal(settings.default_workspace_limits, "The default workspace has no spend limit of its own")
    workspaces.check_live(ctx, workspaces.retrieve_workspace(ctx, scope_id))


def check_amount(ctx: Context, kind: str, amount: str | None) -> None:
    """Console limits always carry an amount, which stays within the limits around it."""
    if ctx.enterprise:
        return
    if amount is None:
        if ctx.settings.null_amount == "refused":
            raise invalid("amount: Limits of Claude Console organizations always carry an amount")
        return
    if ctx.settings.spend_limit_relations == "unchecked":
        return
    ceiling, whose = _ceiling(ctx, kind)
    if ceiling is not None and int(amount) > ceiling:
        raise invalid(f"amount: {amount} is more than the {whose} of {ceiling}")
    if kind == "organization":
        _check_above_workspaces(ctx, int(amount))


def _ceiling(ctx: Context, kind: str) -> tuple[int | None, str]:
    if kind == "workspace":
        row = ctx.store.row(
            "SELECT amount FROM spend_limits WHERE scope_type = 'organization' AND period = 'monthly'"
            " AND amount IS NOT NULL"
        )
        if row is not None:
            return int(row["amount"]), "organization's limit"
    tier = cap(ctx.settings)
    return None if tier is None else int(tier), "usage tier's cap"


def _check_above_workspaces(ctx: Context, amount: int) -> None:
    rows = ctx.store.rows(
        "SELECT scope_id, amount FROM spend_limits JOIN workspaces ON workspaces.id = scope_id"
        " WHERE scope_type = 'workspace' AND amount IS NOT NULL AND archived_at IS NULL"
    )
    for row in rows:
        if int(row["amount"]) > amount:
            raise invalid(f"amount: {amount} is less than the limit of the workspace {row['scope_id']}")
