"""The usage and cost reports of Console organizations in time buckets (Admin API: legacy Console reports).

Buckets come oldest first and empty ones are there, too. The default workspace reads null, like every dimension that is
not grouped by.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.reports import report_query, usage
from orgsync.sandbox.reports.report_query import SECONDS, Filter
from orgsync.sandbox.wire import cursors
from orgsync.sandbox.wire.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

WINDOWS = {"1d": cursors.Window(7, 31), "1h": cursors.Window(24, 168), "1m": cursors.Window(60, 1440)}
DIMENSIONS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
FILTERS = (
    Filter("account_ids", "account_id"),
    Filter("api_key_ids", "api_key_id"),
    Filter("context_window", "context_window", report_query.CONTEXT_WINDOWS),
    Filter("inference_geos", "inference_geo", report_query.INFERENCE_GEOS, "not_available"),
    Filter("models", "model"),
    Filter("service_account_ids", "service_account_id"),
    Filter("service_tiers", "service_tier", report_query.SERVICE_TIERS),
    Filter("speeds", "speed", report_query.SPEEDS),
    Filter("workspace_ids", "workspace_id"),
)
BOUNDS = ("starting_at", "ending_at", "bucket_width", "group_by[]")
COST_DIMENSIONS = ("workspace_id", "description")
# What a description says, field by field.
DESCRIBED = ("cost_type", "token_type", "context_window", "inference_geo", "model", "service_tier")
NOT_MESSAGES = ("code_execution", "session_usage")
NOT_BILLED = ("priority", "priority_on_demand")
TOKEN_NAMES = {
    "uncached_input_tokens": "Input Tokens",
    "cache_creation.ephemeral_5m_input_tokens": "Input Tokens, Cache Write (5m)",
    "cache_creation.ephemeral_1h_input_tokens": "Input Tokens, Cache Write (1h)",
    "cache_read_input_tokens": "Input Tokens, Cache Hit",
    "output_tokens": "Output Tokens",
}
OTHER_NAMES = {
    "web_search": "Web Search Usage",
    "code_execution": "Code Execution Usage",
    "session_usage": "Session Usage",
}


def usage_report(ctx: Context) -> dict[str, Any]:
    """GET /usage_report/messages: tokens, by bucket and group. Code execution is not part of it."""
    width = report_query.choice(ctx, "bucket_width", SECONDS) or "1d"
    grouped = report_query.choices(ctx, "group_by", DIMENSIONS)

    def results(events: list[Row]) -> list[Row]:
        messages = [_with_account(event) for event in events if event["cost_type"] not in NOT_MESSAGES]
        return _usage_results(ctx, report_query.kept(ctx, messages, FILTERS), grouped)

    return _report(ctx, width, results, *(f"{each.parameter}[]" for each in FILTERS))


def cost_report(ctx: Context) -> dict[str, Any]:
    """GET /cost_report: fractional cents, by day and group. The Priority Tier is not part of it."""
    width = report_query.choice(ctx, "bucket_width", ("1d",)) or "1d"
    grouped = report_query.choices(ctx, "group_by", COST_DIMENSIONS)

    def results(events: list[Row]) -> list[Row]:
        return _cost_results(ctx, [event for event in events if event["service_tier"] not in NOT_BILLED], grouped)

    return _report(ctx, width, results)


def _report(ctx: Context, width: str, results: Callable[[list[Row]], list[Row]], *parameters: str) -> dict[str, Any]:
    cut = cursors.cut_of(ctx, *BOUNDS, *parameters, window=WINDOWS[width])
    first = report_query.snapped(report_query.start(ctx).timestamp(), width)
    ending = report_query.moment(ctx, "ending_at")
    if ending is not None and ending.timestamp() <= report_query.start(ctx).timestamp():
        raise invalid("ending_at: it has to be after starting_at")
    if cut.after is not None and cut.after >= first:
        first = cut.after + SECONDS[width]

    def buckets() -> Iterator[tuple[int, int]]:
        start = first
        # Without an end the bucket that is filling is the last one.
        while start <= ctx.now.timestamp() and (ending is None or start + SECONDS[width] <= ending.timestamp()):
            yield start, start
            start += SECONDS[width]

    starts, next_page = cut.page(buckets())
    known: dict[int, list[Row]] = {start: [] for start in starts}
    if starts:
        for event in usage.events(ctx, starts[0], starts[-1] + SECONDS[width]):
            known[report_query.snapped(event["seconds"], width)].append(event)
    data = [
        {
            "starting_at": report_query.written(start),
            "ending_at": report_query.written(start + SECONDS[width]),
            "results": results(events),
        }
        for start, events in known.items()
    ]
    return {"data": data, "has_more": next_page is not None, "next_page": next_page}


def _with_account(event: Row) -> Row:
    # Only what was used without an API key is an OAuth request, which an account stands behind.
    return event | {"account_id": event["user_id"] if event["api_key_id"] is None else None}


def _dimension(event: Row, name: str, default: str) -> str | None:
    value: str | None = event[name]
    if name == "inference_geo" and value is None:
        return "not_available"
    if name == "workspace_id" and value == default:
        return None
    return value


def _default(ctx: Context) -> str:
    row = ctx.store.row("SELECT id FROM workspaces WHERE is_default = 1")
    return "" if row is None else str(row["id"])


def _usage_results(ctx: Context, events: list[Row], grouped: list[str]) -> list[Row]:
    groups: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    default = _default(ctx)
    for event in events:
        key = tuple(_dimension(event, name, default) if name in grouped else None for name in DIMENSIONS)
        groups[key].append(event)
    return [_usage_result(key, groups[key], grouped) for key in sorted(groups, key=report_query.ordered)]


def _usage_result(key: tuple[str | None, ...], events: list[Row], grouped: list[str]) -> Row:
    def total(field: str) -> int:
        return sum(event[field] for event in events)

    dimensions = dict(zip(DIMENSIONS, key, strict=True))
    if "speed" not in grouped:
        del dimensions["speed"]
    return {
        "uncached_input_tokens": total("input_tokens"),
        "cache_creation": {
            "ephemeral_1h_input_tokens": total("cache_creation_1h_tokens"),
            "ephemeral_5m_input_tokens": total("cache_creation_5m_tokens"),
        },
        "cache_read_input_tokens": total("cache_read_tokens"),
        "output_tokens": total("output_tokens"),
        "server_tool_use": {"web_search_requests": total("web_search_requests")},
        **dimensions,
    }


def _cost_results(ctx: Context, events: list[Row], grouped: list[str]) -> list[Row]:
    amounts: dict[tuple[str | None, ...], Decimal] = defaultdict(Decimal)
    default = _default(ctx)
    for event in events:
        workspace = _dimension(event, "workspace_id", default) if "workspace_id" in grouped else None
        for described, amount in _components(event, described="description" in grouped):
            amounts[workspace, *described] += amount
    return [_cost_result(key, amounts[key]) for key in sorted(amounts, key=report_query.ordered)]


def _components(event: Row, *, described: bool) -> Iterator[tuple[tuple[str | None, ...], Decimal]]:
    """An event's cost by the parts a description names: one in all, or one for each type of token."""
    if not described:
        yield (None,) * len(DESCRIBED), Decimal(event["cost_cents"])
        return
    parts: dict[str | None, Decimal] = {}
    if event["cost_type"] == "tokens":
        parts.update(usage.shares(event, "cost_cents").items())
    else:
        parts[None] = Decimal(event["cost_cents"])
    for token_type, amount in parts.items():
        fields = event | {"token_type": token_type, "inference_geo": event["inference_geo"] or "not_available"}
        yield tuple(fields[name] for name in DESCRIBED), amount


def _cost_result(key: tuple[str | None, ...], amount: Decimal) -> Row:
    workspace, *described = key
    fields = dict(zip(DESCRIBED, described, strict=True))
    description = None
    if fields["cost_type"] is not None:
        token_type = fields["token_type"]
        words = OTHER_NAMES.get(fields["cost_type"]) or f"Usage - {TOKEN_NAMES[token_type or '']}"
        description = f"{fields['model']} {words}" if fields["model"] else words
    return {
        "amount": usage.cents(amount),
        "currency": "USD",
        "description": description,
        "workspace_id": workspace,
        **fields,
    }
