"""The organization's rate limits: one entry for each group, read-only (Admin API: rate limits; SDK: rate_limits).

An entry's own id differs between organizations and is what workspace overrides name; its group's id is the same
everywhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field

from orgsync.sandbox.model.resource import Resource
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import Name, SeedPart, duplicates
from orgsync.sandbox.wire import cursors, headers, ids
from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row
    from orgsync.sandbox.wire.switches import Settings

GroupType = Literal["model_group", "batch", "token_count", "files", "skills", "web_search"]
GROUP_TYPES = get_args(GroupType)
# Without `limit` all entries come in one page.
WINDOW = cursors.Window(default=None)
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


class GroupRow(SeedPart):
    """`group` of a rate limit; its id is the same in every organization."""

    id: Name | None = None
    type: GroupType
    display_name: Name | None = None


class LimiterRow(SeedPart):
    """One value of a rate limit of the organization, where types are an open set."""

    type: Name
    value: Annotated[int, Field(ge=0)]


class RateLimitRow(SeedPart):
    """A rate limit of the organization. A seed without any gets the usual ones."""

    type: Literal["rate_limit"] = "rate_limit"
    id: Name | None = None
    group: GroupRow
    limits: list[LimiterRow]
    models: list[Name] | None = None


def implied(given: Sequence[RateLimitRow], settings: Settings) -> list[RateLimitRow]:
    """The usual entries, where a seed says nothing of them."""
    if given or settings.organization_type != "console":
        return []
    limits = [[{"type": kind, "value": value} for kind, value in entry["limits"].items()] for entry in USUAL]
    rows = zip(USUAL, limits, strict=True)
    return [RateLimitRow.model_validate({**entry, "limits": values}) for entry, values in rows]


def group_id(row: RateLimitRow) -> str:
    """The id of the group of an entry of a seed."""
    return row.group.id or ids.identifier("rlg", _about(row))


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The entries of a seed."""
    for entry in seed.entries(RateLimitRow):
        row = entry.row
        yield {
            "id": entry.id,
            "group_id": group_id(row),
            "group_type": row.group.type,
            "display_name": row.group.display_name,
            "limits": json.dumps({limit.type: limit.value for limit in row.limits}),
            "models": json.dumps(row.models),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the entries of a seed."""
    entries = seed.entries(RateLimitRow)
    yield from duplicates("group.id", [(entry.at, group_id(entry.row)) for entry in entries])
    models: dict[str, str] = {}
    for entry in entries:
        at, row = entry.at, entry.row
        of_models = row.group.type == "model_group"
        if of_models != (row.models is not None) or of_models != (row.group.display_name is not None):
            yield f"{at}: models and group.display_name belong to a model_group, which has both"
        yield from twice(at, [limit.type for limit in row.limits])
        for model in row.models or ():
            if model in models:
                yield f"{at}.models: {model} is also in {models[model]}"
            models.setdefault(model, at)


def twice(at: str, limiters: Sequence[str]) -> Iterator[str]:
    """Limiters that one row names twice."""
    return duplicates("type", [(f"{at}.limits.{number}", limiter) for number, limiter in enumerate(limiters)])


def _about(row: RateLimitRow) -> str:
    return f"{row.group.type} {row.group.display_name or ''}"


RESOURCE = Resource(
    table="rate_limits",
    schema="""
CREATE TABLE IF NOT EXISTS rate_limits (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_id TEXT NOT NULL UNIQUE, group_type TEXT NOT NULL,
    display_name TEXT, limits TEXT NOT NULL, models TEXT NOT NULL);
""",
    section="rate_limits",
    shape=RateLimitRow,
    about=lambda row, _seed: _about(row),
    prefix="rlim",  # of ids made here; those of the API are opaque
    fill=filled,
    implied=implied,
    problems=problems,
    routes=not_in_enterprise(Route("GET", "/rate_limits", list_rate_limits)),
    remark="Without rate_limits the organization has default ones.",
    path="/rate_limits",
    newest_first=False,
)
