"""The spend limits of a seed: people and workspaces resolved, contradictions found, rows for the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.model.seeding import Name, SeedPart, duplicates
from orgsync.sandbox.resources.spend_limits import rules
from orgsync.sandbox.resources.spend_limits.endpoints import SCOPE_FIELDS, SCOPE_TYPES
from orgsync.sandbox.resources.users import UserRow, user_of
from orgsync.sandbox.resources.workspaces.seed import default_workspace, is_known, unknown_workspace, workspace_of
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.switches import Amount, Currency, Timestamp
from orgsync.sandbox.wire.validate import Period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.seeding import Entry, Seeding


class SpendScopeRow(SeedPart):
    """`scope` of a spend limit; which field identifies it depends on the type."""

    type: Literal["organization", "workspace", "usage_tier", "seat_tier", "rbac_group", "organization_service", "user"]
    workspace_id: str | None = None
    user_id: str | None = None
    seat_tier: str | None = None
    rbac_group_id: str | None = None
    service: str | None = None


class SpendLimitRow(SeedPart):
    """A spend limit, in minor units. By hand: `workspace` is a name, `email` a member; without any, the organization.

    A row for `usage_tier` has to say what the settings say.
    """

    type: Literal["spend_limit"] = "spend_limit"
    id: Name | None = None
    scope: SpendScopeRow | None = None
    workspace: str | None = None
    email: str | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    period: Period = "monthly"
    is_enabled: bool = True
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None


def about(row: SpendLimitRow, seed: Seeding) -> str:
    """What it is for, and how long it counts."""
    return f"{target(row, seed)} {row.period}"


def target(row: SpendLimitRow, seed: Seeding) -> tuple[str, str | None]:
    """The type of its scope, and whose it is."""
    if row.scope is not None:
        field = SCOPE_FIELDS.get(row.scope.type)
        return row.scope.type, getattr(row.scope, field) if field else ""
    if row.workspace is not None:
        return "workspace", workspace_of(seed, None, row.workspace)
    if row.email is not None:
        return "user", user_of(seed, None, row.email)
    return "organization", ""


def profile(seed: Seeding) -> dict[str, str]:
    """The id of the usage tier's limit, which is as old as the organization."""
    tiers = (entry for entry in seed.entries(SpendLimitRow) if target(entry.row, seed)[0] == "usage_tier")
    tier = next(tiers, None)
    made = {} if tier is None or tier.row.created_at is None else {"created_at": tier.row.created_at}
    given = tier.row.id if tier else None
    return {**made, "usage_tier_id": given or ids.identifier("spl", seed.organization, "usage_tier")}


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The limits of a seed, without that of the usage tier: the settings say it."""
    for entry in seed.entries(SpendLimitRow):
        row = entry.row
        kind, scope_id = target(row, seed)
        created = entry.made(row.created_at)
        if kind != "usage_tier":
            yield {
                "id": entry.id,
                "scope_type": kind,
                "scope_id": scope_id,
                "period": row.period,
                "amount": row.amount,
                "is_enabled": int(row.is_enabled),
                "created_at": created,
                "updated_at": moments.written(moments.parsed(row.updated_at) if row.updated_at else created),
            }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts in the section."""
    entries = seed.entries(SpendLimitRow)
    for entry in entries:
        yield from _wrong_spend_limit(entry, seed)
    targets = [(entry.at, (*target(entry.row, seed), entry.row.period)) for entry in entries]
    yield from duplicates("scope", [(at, " ".join(filter(None, words))) for at, words in targets])


def _wrong_spend_limit(entry: Entry[SpendLimitRow], seed: Seeding) -> Iterator[str]:
    at, row, settings = entry.at, entry.row, seed.settings
    kind, _ = target(row, seed)
    if sum(each is not None for each in (row.scope, row.workspace, row.email)) > 1:
        yield f"{at}: scope, workspace and email exclude each other"
    if kind not in SCOPE_TYPES[settings.organization_type]:
        yield f"{at}.scope: {kind} limits do not exist in {settings.organization_type} organizations"
    if row.currency not in (None, settings.currency):
        yield f"{at}.currency: the organization's currency is {settings.currency}"
    if kind == "usage_tier" and row.amount != rules.cap(settings):
        yield f"{at}.amount: the settings give {rules.cap(settings)} (usage_tier, granted_spend_cap, currency)"
    if not row.is_enabled and kind != "organization":
        yield f"{at}.is_enabled: only the organization's limit can be off"
    yield from _wrong_target(at, row, seed)
    if settings.organization_type == "console":
        if row.amount is None and settings.null_amount == "refused":
            yield f"{at}.amount: limits of Claude Console organizations always carry an amount"
        if row.period != "monthly" and settings.other_periods == "refused":
            yield f"{at}.period: limits of Claude Console organizations are monthly"


def _wrong_target(at: str, row: SpendLimitRow, seed: Seeding) -> Iterator[str]:
    kind, scope_id = target(row, seed)
    if kind == "workspace" and scope_id == default_workspace(seed):
        yield f"{at}: the default workspace has no spend limit of its own"
    elif kind == "workspace" and not is_known(seed, scope_id):
        yield f"{at}: {unknown_workspace(seed, scope_id, row.workspace)}"
    elif kind == "user" and seed.find(UserRow, scope_id) is None:
        yield f"{at}: there is no user {scope_id or row.email}"
    elif scope_id is None:
        yield f"{at}.scope.{SCOPE_FIELDS[kind]}: Field required"
