"""Spend limits of the organization, of workspaces and of members, and the cap of the usage tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route
from orgsync.sandbox.model.seeding import by_time
from orgsync.sandbox.resources.spend_limits.endpoints import (
    delete_spend_limit,
    list_effective,
    list_spend_limits,
    retrieve_spend_limit,
    set_spend_limit,
)
from orgsync.sandbox.resources.spend_limits.rules import TIERS, minor_digits
from orgsync.sandbox.resources.spend_limits.seed import SpendLimitRow, about, filled, problems, profile
from orgsync.sandbox.wire.context import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Answered, Label, Tables


def facts(tables: Tables, label: Label) -> Iterator[tuple[Fact, str]]:
    """Which limits there are, and whether they count."""
    for row in tables["spend_limits"]:
        scope = label(row["scope_id"]) if row["scope_id"] else row["scope_type"]
        yield ("spend limit", scope, row["period"]), f"{row['amount']}{'' if row['is_enabled'] else ' (off)'}"


def assumed(answered: Answered) -> dict[str, Any]:
    """The currency, and the cap of the usage tier, which the sandbox shows by its settings."""
    if answered.refused:
        return {"spend_limits_early_access": False}
    settings: dict[str, Any] = {"usage_tier": "custom"}  # the one that has no cap to show
    for row in answered.rows:
        settings["currency"] = row["currency"]
        if row["scope"]["type"] == "usage_tier":
            tiers = {str(cap * 10 ** minor_digits(row["currency"])): name for name, cap in TIERS.items()}
            known = tiers.get(row["amount"])
            settings |= {"usage_tier": known} if known else {"granted_spend_cap": row["amount"]}
    return settings


READ, WRITE = "read:spend_limits", "write:spend_limits"

RESOURCE = Resource(
    table="spend_limits",
    schema="""
CREATE TABLE IF NOT EXISTS spend_limits (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, scope_type TEXT NOT NULL, scope_id TEXT NOT NULL,
    period TEXT NOT NULL, amount TEXT, is_enabled INTEGER NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, UNIQUE (scope_type, scope_id, period));
""",
    section="spend_limits",
    row=SpendLimitRow,
    about=about,
    prefix="spl",
    parameter="spend_limit_id",
    fill=lambda seed: by_time(filled(seed), "created_at"),
    problems=problems,
    profile=profile,
    routes=(
        Route("GET", "/spend_limits", list_spend_limits, READ),
        Route("POST", "/spend_limits", set_spend_limit, WRITE),
        # Before the path of one limit, which would match it, too.
        Route("GET", "/spend_limits/effective", list_effective, READ),
        Route("GET", "/spend_limits/{spend_limit_id}", retrieve_spend_limit, READ, item=True),
        Route("DELETE", "/spend_limits/{spend_limit_id}", delete_spend_limit, WRITE),
    ),
    by_hand='{"workspace", "amount"}; without workspace the organization\'s',
    path="/spend_limits",
    assumed=assumed,
    facts=facts,
    edits={"remove": to_mentioned(lambda row: Edit("DELETE", f"{PREFIX}/spend_limits/{row['id']}"))},
)
