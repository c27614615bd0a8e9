"""The organization's rate limits: one entry for each group, read-only (Admin API: rate limits; SDK: rate_limits).

An entry's own id differs between organizations and is what workspace overrides name; its group's id is the same
everywhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire import cursors, headers
from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

GROUP_TYPES = ("model_group", "batch", "token_count", "files", "skills", "web_search")
# Without `limit` all entries come in one page.
WINDOW = cursors.Window(default=None)
INSERT = (
    "INSERT INTO rate_limits (id, group_id, group_type, display_name, limits, models)"
    " VALUES (:id, :group_id, :group_type, :display_name, :limits, :models)"
)
# What an organization has whose seed says nothing about rate limits.
USUAL: tuple[Mapping[str, Any], ...] = (
    {
        "group": {"type": "model_group", "display_name": "Claude Opus"},
        "limits": {
            "requests_per_minute": 2000,
            "input_tokens_per_minute_cache_aware": 1_000_000,
            "output_tokens_per_minute": 200_000,
        },
        "models": ["claude-opus-5", "claude-opus-5-5"],
    },
    {
        "group": {"type": "model_group", "display_name": "Claude Sonnet"},
        "limits": {
            "requests_per_minute": 4000,
            "input_tokens_per_minute_cache_aware": 2_000_000,
            "output_tokens_per_minute": 400_000,
        },
        "models": ["claude-sonnet-5", "claude-sonnet-5-5"],
    },
    {
        "group": {"type": "model_group", "display_name": "Claude Haiku"},
        "limits": {
            "requests_per_minute": 4000,
            "input_tokens_per_minute_cache_aware": 4_000_000,
            "output_tokens_per_minute": 800_000,
        },
        "models": ["claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-haiku-5-5"],
    },
    {
        "group": {"type": "batch"},
        "limits": {"requests_per_minute": 4000, "enqueued_batch_requests": 500_000},
    },
    {"group": {"type": "token_count"}, "limits": {"requests_per_minute": 8000}},
    {"group": {"type": "files"}, "limits": {"requests_per_minute": 100}},
    {"group": {"type": "skills"}, "limits": {"requests_per_minute": 100}},
    {"group": {"type": "web_search"}, "limits": {"tool_uses_per_second": 30}},
)


def usual_rows() -> list[dict[str, Any]]:
    """The usual entries, as the rows of a seed."""
    return [
        {**entry, "limits": [{"type": kind, "value": value} for kind, value in entry["limits"].items()]}
        for entry in USUAL
    ]


def list_rate_limits(ctx: Context) -> dict[str, Any]:
    """One entry for each group; with `model` only the one this model is in."""
    entries = of_type(ctx, all_entries(ctx))
    model = ctx.call.one("model")
    if model is not None:
        entries = [entry for entry in entries if model in (entry["models"] or ())]
        if not entries and not any(model in (entry["models"] or ()) for entry in all_entries(ctx)):
            raise Refusal(404, f"The model {model} is not found or has no rate limits")
    placed = [(entry["seq"], _shown(ctx, entry)) for entry in entries]
    data, next_page = cursors.page(ctx, placed, "group_type", "model", window=WINDOW)
    return {"data": data, "next_page": next_page}


def all_entries(ctx: Context) -> list[Row]:
    """Every entry of the organization, in their lasting order, with `limits` by type."""
    rows = ctx.store.rows("SELECT * FROM rate_limits ORDER BY seq")
    return [row | {"limits": json.loads(row["limits"]), "models": json.loads(row["models"])} for row in rows]


def of_type(ctx: Context, entries: Iterable[Row]) -> list[Row]:
    """The entries the `group_type` filter keeps."""
    wanted = ctx.call.one("group_type")
    if wanted is not None and wanted not in GROUP_TYPES:
        raise invalid(
            "group_type: Input should be 'batch', 'files', 'model_group', 'skills', 'token_count' or 'web_search'"
        )
    return [entry for entry in entries if wanted in (None, entry["group_type"])]


def shown_group(ctx: Context, entry: Row) -> dict[str, Any]:
    """`group` and `models`, and what version 2023-06-01 has besides; only model groups have a name and models."""
    group = {"id": entry["group_id"], "type": entry["group_type"]}
    if entry["group_type"] == "model_group":
        group["display_name"] = entry["display_name"]
    shown = {"group": group, "models": entry["models"]}
    return shown | {"group_type": entry["group_type"]} if headers.is_old(ctx.call) else shown


def _shown(ctx: Context, entry: Row) -> Row:
    limits = [{"type": kind, "value": value} for kind, value in entry["limits"].items()]
    return {"type": "rate_limit", "id": entry["id"], "limits": limits, **shown_group(ctx, entry)}
