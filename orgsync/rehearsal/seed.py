"""Rows that the API answered become the seed of a sandbox: the same organization, with the same ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orgsync.core.model.recording import ME
from orgsync.sandbox.resources.privacy import ExternalMember, HumanReview, Privacy
from orgsync.sandbox.resources.spend_rules import TIERS, minor_digits
from orgsync.sandbox.seed import rows as seed_rows
from orgsync.sandbox.wire.error_details import SAFEGUARDS, TRANSCRIPTS
from orgsync.sandbox.wire.switches import Settings
from orgsync.sandbox.wire.validate import Creator, ResidencyCreate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from orgsync.core.model.change import Plan
    from orgsync.core.model.recording import Recording
    from orgsync.core.model.rows import Row

TOKEN = "token-of-rehearsals"  # noqa: S105 - it is one nowhere else
INTERNAL = "internal"
_PREFIX = "/v1/organizations"
_LISTS: dict[str, tuple[str, type[BaseModel]]] = {
    f"{_PREFIX}/users": ("users", seed_rows.UserRow),
    f"{_PREFIX}/invites": ("invites", seed_rows.InviteRow),
    f"{_PREFIX}/workspaces": ("workspaces", seed_rows.WorkspaceRow),
    f"{_PREFIX}/api_keys": ("api_keys", seed_rows.ApiKeyRow),
    f"{_PREFIX}/rate_limits": ("rate_limits", seed_rows.RateLimitRow),
    f"{_PREFIX}/spend_limits": ("spend_limits", seed_rows.SpendLimitRow),
}
_INSIDE = re.compile(rf"{_PREFIX}/workspaces/(?P<id>[^/]+)/(?P<list>members|rate_limits)")
_INSIDE_LISTS: dict[str, tuple[str, type[BaseModel]]] = {
    "members": ("workspace_members", seed_rows.MemberRow),
    "rate_limits": ("workspace_rate_limits", seed_rows.WorkspaceRateLimitRow),
}


def seed_of(recording: Recording, plan: Plan, now: datetime) -> dict[str, Any]:
    """The seed. What was not read is empty; fields that the sandbox does not know are left out.

    What the plan refers to and no list shows, such as an encryption key, is taken to be there and in order.
    """
    seed: dict[str, Any] = {"settings": {"clock": now.isoformat()}}
    for read in recording.reads:
        inside = _INSIDE.fullmatch(read.path)
        if read.path == ME:
            seed["organization"] = {"id": read.rows[0]["id"], "name": read.rows[0]["name"]}
        elif inside is not None:
            section, model = _INSIDE_LISTS[inside["list"]]
            # Whose rows these are, the path says; a snapshot keeps it nowhere else.
            mine = [{"workspace_id": inside["id"], **row} for row in read.rows]
            seed.setdefault(section, []).extend(_known(mine, model))
        elif read.path in _LISTS:
            section, model = _LISTS[read.path]
            # Lists show the newest first, and a seed is filled in its order where times are equal.
            rows = read.rows if section == "rate_limits" else read.rows[::-1]
            seed[section] = _known(rows, model)
            if section == "spend_limits":
                seed["settings"] |= _money(rows) if read.refusal is None else {"spend_limits_early_access": False}
    workspaces = seed.get("workspaces", [])
    seed["settings"] |= _room(workspaces) | _taken_for_granted(plan) | _storages(plan, workspaces)
    # What an Admin key cannot set may be in the plan: it was made with a credential that can.
    seed["settings"]["credentials"] = [{"secret": TOKEN, "kind": "oauth_token"}]
    return seed


def _known(rows: Iterable[Row], model: type[BaseModel]) -> list[dict[str, Any]]:
    """The rows without what the sandbox has no place for: answers may grow fields at any time."""
    return [_known_fields(row, model) for row in rows]


def _known_fields(row: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {name: _value(value, _PARTS.get((model, name))) for name, value in row.items() if name in model.model_fields}


def _value(value: Any, model: type[BaseModel] | None) -> Any:
    if model is None or not isinstance(value, dict | list):
        return value
    return _known_fields(value, model) if isinstance(value, dict) else _known(value, model)


_PARTS: dict[tuple[type[BaseModel], str], type[BaseModel]] = {
    (seed_rows.WorkspaceRow, "data_residency"): ResidencyCreate,
    (seed_rows.WorkspaceRow, "inference_data_privacy"): Privacy,
    (Privacy, "human_review"): HumanReview,
    (Privacy, "safeguards_storage"): ExternalMember,
    (Privacy, "transcripts_storage"): ExternalMember,
    (seed_rows.ApiKeyRow, "created_by"): Creator,
    (seed_rows.RateLimitRow, "group"): seed_rows.GroupRow,
    (seed_rows.RateLimitRow, "limits"): seed_rows.LimiterRow,
    (seed_rows.WorkspaceRateLimitRow, "group"): seed_rows.GroupRow,
    (seed_rows.WorkspaceRateLimitRow, "limits"): seed_rows.OverrideRow,
    (seed_rows.OverrideRow, "source"): seed_rows.SourceRow,
    (seed_rows.SpendLimitRow, "scope"): seed_rows.SpendScopeRow,
}


def _money(limits: Iterable[Row]) -> dict[str, Any]:
    """The currency, and the cap of the usage tier, which the sandbox shows by its settings."""
    settings: dict[str, Any] = {"usage_tier": "custom"}  # the one that has no cap to show
    for row in limits:
        settings["currency"] = row["currency"]
        if row["scope"]["type"] == "usage_tier":
            tiers = {str(cap * 10 ** minor_digits(row["currency"])): name for name, cap in TIERS.items()}
            known = tiers.get(row["amount"])
            settings |= {"usage_tier": known} if known else {"granted_spend_cap": row["amount"]}
    return settings


def _taken_for_granted(plan: Plan) -> dict[str, Any]:
    """The encryption keys and user profiles that changes attach."""
    keys: dict[str, Any] = {}
    profiles: dict[str, str] = {}
    for change in plan.changes:
        after = {field.path: field.after for field in change.fields}
        profile, key = after.get("user_profile_id"), after.get("external_key_id")
        if profile is not None:
            profiles[profile] = "active"
        if key is not None:
            keys[key] = {"user_profile_id": profile}
    return {"external_keys": keys or None, "user_profiles": profiles}


def _storages(plan: Plan, workspaces: Iterable[Row]) -> dict[str, Any]:
    """The external storage that changes attach, with the user profile of the workspace it is attached to."""
    profiles = {row["name"]: row.get("user_profile_id") for row in workspaces}
    storages: dict[str, Any] = {}
    for change in plan.changes:
        after = {field.path: field.after for field in change.fields}
        profile = after.get("user_profile_id") or profiles.get(change.address.segments[0])
        for path in (SAFEGUARDS, TRANSCRIPTS):
            if after.get(path, INTERNAL) != INTERNAL:
                storages[after[path]] = {"user_profile_id": profile}
    return {"external_storages": storages or None}


def _room(workspaces: Iterable[Row]) -> dict[str, Any]:
    """An organization that has more workspaces than is usual was granted more."""
    live = sum(row["archived_at"] is None for row in workspaces)
    usual = Settings().workspace_limit
    return {"workspace_limit": None} if usual is not None and live > usual else {}
