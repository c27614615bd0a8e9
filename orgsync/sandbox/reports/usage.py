"""What was used, event by event: the rows every report is computed from.

One event has one kind of cost. What its tokens cost is spread over the token types by the ratios of usual list prices,
so that reports by token type add up to the event's cost exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire import emails
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.context import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row
    from orgsync.sandbox.wire.validate import UsageEvent

# Token types as reports name them, the field of an event that counts them, and their price relative to input.
TOKENS: Mapping[str, tuple[str, Decimal]] = {
    "uncached_input_tokens": ("input_tokens", Decimal(1)),
    "cache_creation.ephemeral_5m_input_tokens": ("cache_creation_5m_tokens", Decimal("1.25")),
    "cache_creation.ephemeral_1h_input_tokens": ("cache_creation_1h_tokens", Decimal(2)),
    "cache_read_input_tokens": ("cache_read_tokens", Decimal("0.1")),
    "output_tokens": ("output_tokens", Decimal(5)),
}
SMALLEST_SHARE = Decimal("0.000001")
COPIED = (
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_5m_tokens",
    "cache_creation_1h_tokens",
    "web_search_requests",
    "requests",
    "cost_cents",
    "cost_type",
    "context_window",
    "inference_geo",
    "service_tier",
    "speed",
)


class WrongEvent(Exception):
    """An event contradicts itself or names something that does not exist. The message begins with the field."""


@dataclass(frozen=True, slots=True)
class Known:
    """What events can name, by id and by name."""

    users: Mapping[str, Row]
    workspaces: Mapping[str, Sequence[str]]
    keys: Mapping[str, Sequence[Row]]

    @classmethod
    def of(cls, users: Iterable[Row], workspaces: Iterable[Row], keys: Iterable[Row]) -> Known:
        """From rows of the store; an organization without workspaces has no default one."""
        by_workspace: dict[str, list[str]] = {}
        for row in workspaces:
            for name in (row["id"], row["name"]):
                by_workspace.setdefault(name, []).append(row["id"])
        by_key: dict[str, list[Row]] = {}
        for row in keys:
            for name in (row["id"], row["name"]):
                by_key.setdefault(name, []).append(row)
        people = list(users)
        by_id = {row["id"]: row for row in people}
        return cls(by_id | {emails.same_person(row["email"]): row for row in people}, by_workspace, by_key)

    @classmethod
    def of_store(cls, ctx: Context) -> Known:
        """What the organization has now."""
        rows = ctx.store.rows
        workspaces = [] if ctx.enterprise else rows("SELECT id, name FROM workspaces")
        return cls.of(rows("SELECT id, email, name FROM users"), workspaces, rows("SELECT * FROM api_keys"))


def resolved(event: UsageEvent, known: Known) -> tuple[float, Row]:
    """The moment of an event in seconds, and what the store keeps of it. Raises WrongEvent."""
    key = _one(known.keys, event.api_key, "api_key")
    user = _user(event, key, known)
    if event.email is not None and key is not None:
        raise WrongEvent("email: usage with an API key is attributed to the key's principal")
    if (
        event.cost_type == "tokens"
        and Decimal(event.cost_cents)
        and not any(getattr(event, of) for of, _ in TOKENS.values())
    ):
        raise WrongEvent("cost_cents: tokens that cost something have to be counted")
    service_account = key is not None and key["principal_type"] == "service_account_actor"
    content = {field: getattr(event, field) for field in COPIED} | {
        "api_key_id": key["id"] if key else None,
        "workspace_id": _workspace(event, key, known),
        "user_id": user["id"] if user else None,
        "user_email": user["email"] if user else None,
        "user_name": user["name"] if user else None,
        "service_account_id": key["principal_id"] if key and service_account else None,
        "list_cost_cents": event.list_cost_cents or event.cost_cents,
        "product": event.product or _product(event),
    }
    return moments.parsed(event.at).timestamp(), content


def visible_until(ctx: Context) -> datetime:
    """Up to when reports know: what comes later has not happened, or has not been counted yet."""
    return ctx.now - timedelta(minutes=ctx.settings.report_delay_minutes)


def events(ctx: Context, start: float, end: float) -> list[Row]:
    """What reports know of the time from `start` to before `end`, oldest first, each with its `seconds`."""
    rows = ctx.store.rows(
        "SELECT seconds, event FROM usage WHERE seconds >= :start AND seconds < :end AND seconds <= :known"
        " ORDER BY seconds, seq",
        start=start,
        end=end,
        known=visible_until(ctx).timestamp(),
    )
    return [json.loads(row["event"]) | {"seconds": row["seconds"]} for row in rows]


def edition(ctx: Context) -> str:
    """Changes whenever there are new data."""
    return str(ctx.store.count("SELECT coalesce(max(seq), 0) AS n FROM usage"))


def shares(event: Row, field: str) -> dict[str, Decimal]:
    """The cost of an event's tokens by token type. It adds up exactly: the last type takes what is left over."""
    weights = {kind: event[counted] * ratio for kind, (counted, ratio) in TOKENS.items() if event[counted]}
    total, left = sum(weights.values(), Decimal(0)), Decimal(event[field])
    cost = left
    result = {}
    for kind in list(weights)[:-1]:
        result[kind] = (cost * weights[kind] / total).quantize(SMALLEST_SHARE, ROUND_DOWN)
        left -= result[kind]
    return result | dict.fromkeys(list(weights)[-1:], left)


def cents(amount: Decimal) -> str:
    """Fractional cents as reports write them: digits, no exponent, no needless zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _one(table: Mapping[str, Sequence[Any]], name: str | None, field: str) -> Any:
    if name is None:
        return None
    found = table.get(name, ())
    if len(found) != 1:
        raise WrongEvent(f"{field}: {'nothing' if not found else 'more than one'} is named {name}")
    return found[0]


def _user(event: UsageEvent, key: Row | None, known: Known) -> Row | None:
    if key is not None and key["principal_type"] == "user_actor":
        return known.users.get(key["principal_id"])
    if event.email is None:
        return None
    user = known.users.get(emails.same_person(event.email))
    if user is None:
        raise WrongEvent(f"email: there is no user {event.email}")
    return user


def _workspace(event: UsageEvent, key: Row | None, known: Known) -> str | None:
    bound = key["workspace_id"] if key is not None else None
    if event.workspace is None:
        default = known.workspaces.get(DEFAULT_WORKSPACE, (None,))[0]
        return bound or default
    workspace: str = _one(known.workspaces, event.workspace, "workspace")
    if bound is not None and bound != workspace:
        raise WrongEvent(f"workspace: the API key {event.api_key} is in another workspace")
    return workspace


def _product(event: UsageEvent) -> str | None:
    if event.cost_type == "code_execution":
        return None
    if event.service_tier == "batch":
        return "message_batches_api"
    return "messages_api" if event.api_key is not None else "claude_console"
