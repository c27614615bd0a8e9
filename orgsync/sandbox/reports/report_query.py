"""What the parameters of reports mean: moments, choices, dimensions, filters (Admin API: reports, both kinds)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

SECONDS = {"1d": 86_400, "1h": 3_600, "1m": 60}
CONTEXT_WINDOWS = ("0-200k", "200k-1M")
INFERENCE_GEOS = ("global", "not_available", "us")
SERVICE_TIERS = ("batch", "flex", "flex_discount", "priority", "priority_on_demand", "standard")
SPEEDS = ("fast", "standard")


@dataclass(frozen=True, slots=True)
class Filter:
    """A repeatable parameter that keeps what it names. `absent` is the word for what has no value."""

    parameter: str
    dimension: str
    accepted: Sequence[str] | None = None
    absent: str | None = None


def moment(ctx: Context, name: str) -> datetime | None:
    """A timestamp with its offset."""
    text = ctx.call.one(name)
    if text is None:
        return None
    try:
        return moments.parsed(text)
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name}: Input should be a valid datetime with its offset") from error


def start(ctx: Context) -> datetime:
    """`starting_at`, which every report needs."""
    moment_given = moment(ctx, "starting_at")
    if moment_given is None:
        raise invalid("starting_at: Field required")
    return moment_given


def choice(ctx: Context, name: str, accepted: Iterable[str]) -> str | None:
    """A parameter with a closed set of values."""
    value = ctx.call.one(name)
    if value is not None:
        _check(name, value, accepted)
    return value


def choices(ctx: Context, name: str, accepted: Iterable[str] | None = None) -> list[str]:
    """A repeatable parameter, with a closed set of values unless there is none."""
    values = ctx.call.many(name) or []
    if accepted is not None:
        for value in values:
            _check(name, value, accepted)
    return values


def kept(ctx: Context, events: Iterable[Row], filters: Iterable[Filter]) -> list[Row]:
    """The events all filters of the request keep."""
    wanted = [(each, set(values)) for each in filters if (values := choices(ctx, each.parameter, each.accepted))]
    return [
        event
        for event in events
        if all(
            (each.absent if (value := event.get(each.dimension)) is None else value) in values
            for each, values in wanted
        )
    ]


def snapped(seconds: float, width: str) -> int:
    """The start of the bucket a moment is in."""
    return math.floor(seconds) // SECONDS[width] * SECONDS[width]


def written(seconds: float) -> str:
    """A bound of a bucket."""
    return moments.written(moments.from_seconds(seconds))


def ordered(key: Iterable[Any]) -> tuple[tuple[bool, str], ...]:
    """Groups in a lasting order: by their values as text, null first."""
    return tuple((value is not None, str(value)) for value in key)


def _check(name: str, value: str, accepted: Iterable[str]) -> None:
    if value not in accepted:
        raise invalid(f"{name}: Input should be one of {', '.join(map(repr, accepted))}")
