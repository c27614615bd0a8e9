"""The rate limits and spend limits of a seed: names resolved, contradictions found, rows for the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.resources import rate_limits, spend_limits, spend_rules
from orgsync.sandbox.seed.checks import BEGINNING, by_time, duplicates, made_ids, moment
from orgsync.sandbox.seed.rows import RateLimitRow
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.sandbox.seed.checks import Names
    from orgsync.sandbox.seed.rows import Seed, SpendLimitRow, WorkspaceRateLimitRow
    from orgsync.sandbox.wire.store import Store

PUT_OVERRIDE = (
    "INSERT INTO workspace_rate_limits (workspace_id, rate_limit_id, limiter, value)"
    " VALUES (:workspace_id, :rate_limit_id, :limiter, :value)"
)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The organization's rate limits with their ids."""

    rows: Sequence[RateLimitRow]
    ids: Sequence[str]
    groups: Sequence[str]

    @classmethod
    def of(cls, seed: Seed, names: Names) -> _Entries:
        rows = seed.rate_limits
        if not rows and seed.settings.organization_type == "console":
            rows = [RateLimitRow.model_validate(row) for row in rate_limits.usual_rows()]
        about = [f"{row.group.type} {row.group.display_name or ''}" for row in rows]
        identifiers = [(row.id, text) for row, text in zip(rows, about, strict=True)]
        groups = [row.group.id or ids.identifier("rlg", text) for row, text in zip(rows, about, strict=True)]
        return cls(rows, made_ids("rlim", names.organization, identifiers), groups)

    def named(self, row: WorkspaceRateLimitRow) -> str | None:
        """The entry an override is for, if it is one."""
        found = [
            entry_id
            for entry, entry_id, group_id in zip(self.rows, self.ids, self.groups, strict=True)
            if (row.rate_limit_id or entry_id) == entry_id
            and (row.model is None or row.model in (entry.models or ()))
            and row.group_type in (None, entry.group.type)
            and (row.group is None or (row.group.id or group_id) == group_id)
            and (row.group is None or row.group.type == entry.group.type)
        ]
        return found[0] if len(found) == 1 else None


def organization(seed: Seed, names: Names) -> Mapping[str, str]:
    """What the state knows about the organization; its age shows on the usage tier's spend limit only."""
    tier = _usage_tier(seed)
    created = seed.organization.created_at or (tier.created_at if tier else None)
    return {
        "id": names.organization,
        "name": seed.organization.name,
        "created_at": moments.written(moments.parsed(created) if created else BEGINNING),
        "usage_tier_id": (tier.id if tier else None) or ids.identifier("spl", names.organization, "usage_tier"),
    }


def fill(store: Store, seed: Seed, names: Names) -> None:
    """Write the rows of all three sections."""
    entries = _Entries.of(seed, names)
    store.run_many(
        rate_limits.INSERT,
        (
            {
                "id": entry_id,
                "group_id": group_id,
                "group_type": row.group.type,
                "display_name": row.group.display_name,
                "limits": json.dumps({limit.type: limit.value for limit in row.limits}),
                "models": json.dumps(row.models),
            }
            for row, entry_id, group_id in zip(entries.rows, entries.ids, entries.groups, strict=True)
        ),
    )
    store.run_many(PUT_OVERRIDE, _overrides(seed, names, entries))
    store.run_many(spend_limits.INSERT, by_time(_spend_limits(seed, names), "created_at"))


def problems(seed: Seed, names: Names) -> Iterator[str]:
    """What contradicts in the three sections."""
    if seed.settings.organization_type == "enterprise" and (seed.rate_limits or seed.workspace_rate_limits):
        yield "rate_limits: Claude Enterprise organizations have none"
    entries = _Entries.of(seed, names)
    yield from duplicates("rate_limits", "id", entries.ids)
    yield from duplicates("rate_limits", "group.id", entries.groups)
    yield from _wrong_entries(seed)
    yield from _wrong_overrides(seed, names, entries)
    identifiers = _spend_limit_ids(seed, names)
    yield from duplicates("spend_limits", "id", identifiers)
    for position, (row, identifier) in enumerate(zip(seed.spend_limits, identifiers, strict=True)):
        if not identifier.startswith("spl_"):
            yield f"spend_limits.{position}.id: {identifier} has to begin with spl_"
        yield from _wrong_spend_limit(f"spend_limits.{position}", row, seed, names)
    targets = [(*_target(row, names), row.period) for row in seed.spend_limits]
    yield from duplicates("spend_limits", "scope", [" ".join(filter(None, target)) for target in targets])


def _wrong_entries(seed: Seed) -> Iterator[str]:
    models: dict[str, int] = {}
    for position, row in enumerate(seed.rate_limits):
        at = f"rate_limits.{position}"
        of_models = row.group.type == "model_group"
        if of_models != (row.models is not None) or of_models != (row.group.display_name is not None):
            yield f"{at}: models and group.display_name belong to a model_group, which has both"
        yield from duplicates(f"{at}.limits", "type", [limit.type for limit in row.limits])
        for model in row.models or ():
            if model in models:
                yield f"{at}.models: {model} is also in rate_limits.{models[model]}"
            models.setdefault(model, position)


def _wrong_overrides(seed: Seed, names: Names, entries: _Entries) -> Iterator[str]:
    seen: set[tuple[str | None, str | None]] = set()
    for position, row in enumerate(seed.workspace_rate_limits):
        at = f"workspace_rate_limits.{position}"
        workspace, entry = names.workspace_of(row.workspace_id, row.workspace), entries.named(row)
        if workspace not in names.all_workspaces:
            yield f"{at}: {names.unknown_workspace(row.workspace_id, row.workspace)}"
        if workspace == names.default and any(limit.source.type == "workspace" for limit in row.limits):
            yield f"{at}: the default workspace has no rate limits of its own"
        if entry is None:
            yield f"{at}: rate_limit_id, group, model or group_type have to name one rate limit of the organization"
        elif (workspace, entry) in seen:
            yield f"{at}: the workspace has a row for this rate limit already"
        seen.add((workspace, entry))
        yield from duplicates(f"{at}.limits", "type", [limit.type for limit in row.limits])


def _overrides(seed: Seed, names: Names, entries: _Entries) -> Iterator[dict[str, Any]]:
    for row in seed.workspace_rate_limits:
        for limit in row.limits:
            if limit.source.type == "workspace":
                yield {
                    "workspace_id": names.workspace_of(row.workspace_id, row.workspace),
                    "rate_limit_id": entries.named(row),
                    "limiter": limit.type,
                    "value": limit.value,
                }


def _wrong_spend_limit(at: str, row: SpendLimitRow, seed: Seed, names: Names) -> Iterator[str]:
    settings = seed.settings
    kind, _ = _target(row, names)
    if sum(each is not None for each in (row.scope, row.workspace, row.email)) > 1:
        yield f"{at}: scope, workspace and email exclude each other"
    if kind not in spend_limits.SCOPE_TYPES[settings.organization_type]:
        yield f"{at}.scope: {kind} limits do not exist in {settings.organization_type} organizations"
    if row.currency not in (None, settings.currency):
        yield f"{at}.currency: the organization's currency is {settings.currency}"
    if kind == "usage_tier" and row.amount != spend_rules.cap(settings):
        yield f"{at}.amount: the settings give {spend_rules.cap(settings)} (usage_tier, granted_spend_cap, currency)"
    if not row.is_enabled and kind != "organization":
        yield f"{at}.is_enabled: only the organization's limit can be off"
    yield from _wrong_target(at, row, names)
    if settings.organization_type == "console":
        if row.amount is None and settings.null_amount == "refused":
            yield f"{at}.amount: limits of Claude Console organizations always carry an amount"
        if row.period != "monthly" and settings.other_periods == "refused":
            yield f"{at}.period: limits of Claude Console organizations are monthly"


def _wrong_target(at: str, row: SpendLimitRow, names: Names) -> Iterator[str]:
    kind, scope_id = _target(row, names)
    if kind == "workspace" and scope_id == names.default:
        yield f"{at}: the default workspace has no spend limit of its own"
    elif kind == "workspace" and scope_id not in names.all_workspaces:
        yield f"{at}: {names.unknown_workspace(scope_id, row.workspace)}"
    elif kind == "user" and scope_id not in names.users:
        yield f"{at}: there is no user {scope_id or row.email}"
    elif scope_id is None:
        yield f"{at}.scope.{spend_limits.SCOPE_FIELDS[kind]}: Field required"


def _target(row: SpendLimitRow, names: Names) -> tuple[str, str | None]:
    if row.scope is not None:
        field = spend_limits.SCOPE_FIELDS.get(row.scope.type)
        return row.scope.type, getattr(row.scope, field) if field else ""
    if row.workspace is not None:
        return "workspace", names.workspace_of(None, row.workspace)
    if row.email is not None:
        return "user", names.user_of(None, row.email)
    return "organization", ""


def _spend_limit_ids(seed: Seed, names: Names) -> tuple[str, ...]:
    about = [(row.id, f"{_target(row, names)} {row.period}") for row in seed.spend_limits]
    return made_ids("spl", names.organization, about)


def _usage_tier(seed: Seed) -> SpendLimitRow | None:
    tiers = (row for row in seed.spend_limits if row.scope is not None and row.scope.type == "usage_tier")
    return next(tiers, None)


def _spend_limits(seed: Seed, names: Names) -> Iterator[dict[str, Any]]:
    for position, (row, identifier) in enumerate(zip(seed.spend_limits, _spend_limit_ids(seed, names), strict=True)):
        kind, scope_id = _target(row, names)
        created = moment(row.created_at, position)
        if kind != "usage_tier":
            yield {
                "id": identifier,
                "scope_type": kind,
                "scope_id": scope_id,
                "period": row.period,
                "amount": row.amount,
                "is_enabled": int(row.is_enabled),
                "created_at": created,
                "updated_at": moments.written(moments.parsed(row.updated_at) if row.updated_at else created),
            }
