"""Usage and cost by any combination of dimensions (Admin API: analytics reports; SDK: analytics.usage, analytics.cost).

Only combinations that have data make a row, ranked by a metric unless ordered by time. The default workspace has its
real id here. Dimensions of products the sandbox does not have are always null, and filters on them match nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.reports import report_query, usage
from orgsync.sandbox.reports.report_query import SECONDS, Filter
from orgsync.sandbox.wire import cursors, headers, paging
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

BETA = "analytics-usage-cost-2026-08-24"
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
OLDEST = timedelta(days=365)
LONGEST = timedelta(days=31)
LONGEST_BY_MINUTE = timedelta(hours=24)
MOST_DIMENSIONS = 5
USAGE_DIMENSIONS = (
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "user_profile_id",
    "workspace_id",
)
# These split the rows of the cost report further, beyond what `limit` counts.
COMPONENTS = ("cost_type", "token_type")
ACTOR_TYPES = ("api_actor", "federated_actor", "service_account_actor", "user_actor")
CATEGORIES = ("dm", "engaged", "monitoring", "proactive", "scheduled")
PRODUCTS = (
    "chat",
    "chat_cowork_unified",
    "claude_code",
    "claude_console",
    "claude_design",
    "claude_in_chrome",
    "claude_tag",
    "cowork",
    "managed_agents_api",
    "message_batches_api",
    "messages_api",
    "office_agent",
)
FILTERS = (
    Filter("actor_ids", "actor_id"),
    Filter("actor_types", "actor_type", ACTOR_TYPES),
    Filter("agent_ids", "agent_id"),
    Filter("api_key_ids", "api_key_id", None, ""),
    Filter("claude_tag_categories", "claude_tag_category", CATEGORIES),
    Filter("claude_tag_user_ids", "claude_tag_user_id"),
    Filter("context_windows", "context_window", report_query.CONTEXT_WINDOWS),
    Filter("deployment_ids", "deployment_id"),
    Filter("environment_ids", "environment_id"),
    Filter("inference_geos", "inference_geo", report_query.INFERENCE_GEOS, "not_available"),
    Filter("models", "model"),
    Filter("organization_ids", "organization_id"),
    Filter("products", "product", PRODUCTS),
    Filter("rbac_group_ids", "rbac_group_id"),
    Filter("service_tiers", "service_tier", report_query.SERVICE_TIERS),
    Filter("session_ids", "session_id"),
    Filter("slack_channel_ids", "slack_channel_id"),
    Filter("speeds", "speed", report_query.SPEEDS),
    Filter("user_profile_ids", "user_profile_id"),
    Filter("workspace_ids", "workspace_id"),
)
PARAMETERS = (
    "starting_at",
    "ending_at",
    "time_bucket_width",
    "group_by[]",
    "order",
    "order_by",
    "exclude_deleted_users",
    *(f"{each.parameter}[]" for each in FILTERS),
)


@dataclass(frozen=True, slots=True)
class _Span:
    """The whole seconds a report covers, and the buckets it is cut into, if it is."""

    start: int
    end: int
    width: str | None

    def bounds(self, bucket: int) -> dict[str, str]:
        """`starting_at` and `ending_at` of a row."""
        end = self.end if self.width is None else bucket + SECONDS[self.width]
        return {"starting_at": report_query.written(bucket), "ending_at": report_query.written(end)}

    def bucket_of(self, event: Row) -> int:
        """The start of the row an event belongs to."""
        return self.start if self.width is None else report_query.snapped(event["seconds"], self.width)


@dataclass(frozen=True, slots=True)
class _Group:
    """The events of one combination of dimensions in one bucket."""

    bucket: int
    key: tuple[str | None, ...]
    events: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Report:
    """What differs between the two reports."""

    dimensions: Sequence[str]
    metrics: dict[str, Callable[[Sequence[Row]], Decimal]]
    rows: Callable[[_Group, Sequence[str]], Iterable[Row]]


def list_usage(ctx: Context) -> dict[str, Any]:
    """GET /analytics/usage: tokens."""
    return _answered(ctx, USAGE)


def list_cost(ctx: Context) -> dict[str, Any]:
    """GET /analytics/cost: fractional cents."""
    return _answered(ctx, COST)


def _answered(ctx: Context, report: _Report) -> dict[str, Any]:
    headers.check_beta(ctx, BETA, status=ctx.settings.missing_beta_header)
    grouped = _grouped(ctx, report)
    span = _span(ctx)
    edition = usage.edition(ctx) if ctx.settings.analytics_cursors == "until_refresh" else ""
    cut = cursors.cut_of(ctx, *PARAMETERS, window=cursors.Window(), edition=edition)
    events = [_with_actor(event) for event in usage.events(ctx, span.start, span.end)]
    groups = _groups(
        report_query.kept(ctx, events, FILTERS), span, [each for each in grouped if each not in COMPONENTS]
    )
    page, next_page = cut.page(enumerate(_ranked(ctx, groups, report)))
    nobody_deleted = paging.flag(ctx, "exclude_deleted_users")
    members = {row["id"] for row in ctx.store.rows("SELECT id FROM users")}
    data = []
    for group in page:
        actor = _actor(group.events[0], members) if "actor" in grouped else None
        if not (nobody_deleted and actor is not None and actor.get("deleted")):
            data += [_shown(row, span, group, actor) for row in report.rows(group, grouped)]
    return {
        "data": data,
        "has_more": next_page is not None,
        "next_page": next_page,
        "data_refreshed_at": moments.written(usage.visible_until(ctx)),
    }


def _grouped(ctx: Context, report: _Report) -> list[str]:
    grouped = report_query.choices(ctx, "group_by", report.dimensions)
    if len(set(grouped) - set(COMPONENTS)) > MOST_DIMENSIONS:
        raise invalid(f"group_by: List should have at most {MOST_DIMENSIONS} items")
    if paging.flag(ctx, "exclude_deleted_users") and "actor" not in grouped:
        raise invalid("exclude_deleted_users: it needs group_by[]=actor")
    by_group = "rbac_group_id" in grouped or ctx.call.many("rbac_group_ids")
    if "claude_tag_user_id" in grouped and by_group:
        raise invalid("group_by: claude_tag_user_id cannot be combined with RBAC groups")
    return grouped


def _span(ctx: Context) -> _Span:
    start, end = report_query.start(ctx), report_query.moment(ctx, "ending_at")
    width = report_query.choice(ctx, "time_bucket_width", SECONDS)
    if start < EARLIEST or ctx.now - start > OLDEST:
        raise invalid("starting_at: it has to be within the last 365 days and not before 2026-01-01T00:00:00Z")
    if end is None:
        if width is not None:
            raise invalid("ending_at: it is required with time_bucket_width")
        end = start + LONGEST if ctx.now - start > LONGEST else max(start, ctx.now)
    elif end <= start:
        raise invalid("ending_at: it has to be after starting_at")
    longest = LONGEST_BY_MINUTE if width == "1m" else LONGEST
    if end - start > longest:
        raise invalid(f"ending_at: the range may span at most {longest.days} days")
    if width is None:
        return _Span(report_query.snapped(start.timestamp(), "1h"), report_query.snapped(end.timestamp(), "1h"), None)
    return _Span(report_query.snapped(start.timestamp(), width), int(end.timestamp()), width)


def _with_actor(event: Row) -> Row:
    """Whom the usage is attributed to: the user, else the service account, else the key."""
    for kind, field in (("user_actor", "user_id"), ("service_account_actor", "service_account_id")):
        if event[field] is not None:
            return event | {"actor_type": kind, "actor_id": event[field], "actor": event[field]}
    return event | {
        "actor_type": "api_actor" if event["api_key_id"] else None,
        "actor_id": event["api_key_id"],
        "actor": event["api_key_id"],
    }


def _actor(event: Row, members: set[str]) -> Row | None:
    if event["actor_type"] == "user_actor":
        return {
            "type": "user_actor",
            "user_id": event["user_id"],
            "email_address": event["user_email"],
            "name": event["user_name"],
            "deleted": event["user_id"] not in members,
        }
    if event["actor_type"] == "service_account_actor":
        return {"type": "service_account_actor", "service_account_id": event["service_account_id"]}
    return {"type": "api_actor", "api_key_id": event["api_key_id"]} if event["actor_type"] else None


def _groups(events: Iterable[Row], span: _Span, grouped: list[str]) -> list[_Group]:
    found: dict[tuple[int, tuple[str | None, ...]], list[Row]] = defaultdict(list)
    for event in events:
        key = tuple(event.get(name) if name in grouped else None for name in USAGE_DIMENSIONS)
        found[span.bucket_of(event), key].append(event)
    return [_Group(bucket, key, members) for (bucket, key), members in found.items()]


def _ranked(ctx: Context, groups: list[_Group], report: _Report) -> list[_Group]:
    metric = next(iter(report.metrics))
    order_by = report_query.choice(ctx, "order_by", (*report.metrics, "time")) or metric
    order = report_query.choice(ctx, "order", ("asc", "desc")) or "desc"
    down = order == "desc"
    groups = sorted(groups, key=lambda group: (group.bucket, report_query.ordered(group.key)))
    if order_by == "time":
        groups.sort(key=lambda group: report.metrics[metric](group.events), reverse=True)
        if report_query.choice(ctx, "time_bucket_width", SECONDS) is None:
            return groups if down else groups[::-1]
        return sorted(groups, key=lambda group: group.bucket, reverse=down)
    return sorted(groups, key=lambda group: report.metrics[order_by](group.events), reverse=down)


def _shown(row: Row, span: _Span, group: _Group, actor: Row | None) -> Row:
    dimensions = dict(zip(USAGE_DIMENSIONS, group.key, strict=True))
    return {**span.bounds(group.bucket), **row, "group": {**dimensions, "actor": actor, **row.get("group", {})}}


def _total(events: Sequence[Row], *fields: str) -> int:
    return sum(event[field] for event in events for field in fields)


def _usage_rows(group: _Group, _: Sequence[str]) -> Iterable[Row]:
    events = group.events
    counted = [field for field, _ in usage.TOKENS.values()]
    yield {
        "usage": {
            "uncached_input_tokens": _total(events, "input_tokens"),
            "cache_creation": {
                "ephemeral_1h_input_tokens": _total(events, "cache_creation_1h_tokens"),
                "ephemeral_5m_input_tokens": _total(events, "cache_creation_5m_tokens"),
            },
            "cache_read_input_tokens": _total(events, "cache_read_tokens"),
            "output_tokens": _total(events, "output_tokens"),
            "server_tool_use": {"web_search_requests": _total(events, "web_search_requests")},
            "total_tokens": _total(events, *counted),
            "requests": _total(events, "requests"),
        }
    }


def _cost_rows(group: _Group, grouped: Sequence[str]) -> Iterable[Row]:
    """One row, or one for each component: `cost_type` splits by kind of cost, `token_type` the tokens further."""
    components: dict[tuple[str | None, str | None], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    by_token = "token_type" in grouped
    for event in group.events:
        for position, field in enumerate(("cost_cents", "list_cost_cents")):
            if by_token and event["cost_type"] == "tokens":
                for counted, share in usage.shares(event, field).items():
                    components["tokens", counted][position] += share
            elif "cost_type" in grouped:
                components[event["cost_type"], None][position] += Decimal(event[field])
            elif not by_token:
                components[None, None][position] += Decimal(event[field])
    split = by_token or "cost_type" in grouped
    for cost_type, token_type in sorted(components, key=report_query.ordered):
        amount, list_amount = components[cost_type, token_type]
        yield {
            "cost": {
                "amount": usage.cents(amount),
                "list_amount": usage.cents(list_amount),
                "currency": "USD",
                "requests": None if split else _total(group.events, "requests"),
            },
            "group": {"cost_type": cost_type, "token_type": token_type},
        }


def _summed(*fields: str) -> Callable[[Sequence[Row]], Decimal]:
    return lambda events: sum((Decimal(event[field]) for event in events for field in fields), Decimal(0))


# The first metric is the one rows are ranked by when the request names none.
USAGE = _Report(
    USAGE_DIMENSIONS,
    {
        "total_tokens": _summed(*(field for field, _ in usage.TOKENS.values())),
        "output_tokens": _summed("output_tokens"),
        "requests": _summed("requests"),
        "uncached_input_tokens": _summed("input_tokens"),
    },
    _usage_rows,
)
COST = _Report(
    (*USAGE_DIMENSIONS, *COMPONENTS),
    {"amount": _summed("cost_cents"), "list_amount": _summed("list_cost_cents")},
    _cost_rows,
)
