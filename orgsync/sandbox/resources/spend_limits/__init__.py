"""Spend limits of the organization, of workspaces and of members, and the cap of the usage tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route
from orgsync.sandbox.resources.spend_limits import endpoints, rules, seed

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
            tiers = {str(cap * 10 ** rules.minor_digits(row["currency"])): name for name, cap in rules.TIERS.items()}
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
    shape=seed.SpendLimitRow,
    about=seed.about,
    prefix="spl",
    parameter="spend_limit_id",
    fill=seed.filled,
    made_at="created_at",
    problems=seed.problems,
    profile=seed.profile,
    routes=(
        Route("GET", "/spend_limits", endpoints.list_spend_limits, READ),
        Route("POST", "/spend_limits", endpoints.set_spend_limit, WRITE),
        # Before the path of one limit, which would match it, too.
        Route("GET", "/spend_limits/effective", endpoints.list_effective, READ),
        Route("GET", "/spend_limits/{spend_limit_id}", endpoints.retrieve_spend_limit, READ, item=True),
        Route("DELETE", "/spend_limits/{spend_limit_id}", endpoints.delete_spend_limit, WRITE),
    ),
    by_hand='{"workspace", "amount"}; without workspace the organization\'s',
    path="/spend_limits",
    assumed=assumed,
    facts=facts,
    edits={"remove": to_mentioned(lambda row: Edit("DELETE", f"/spend_limits/{row['id']}"))},
)
