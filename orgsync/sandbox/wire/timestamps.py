"""Times as the Admin API writes them (RFC 3339, UTC, `Z`), and the two clocks of the sandbox."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """`2026-11-01T10:00:00Z`; microseconds appear only when there are some, as in the API."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """The moment a timestamp with an offset names; anything else is a ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a timestamp needs its offset, for example 2026-11-01T10:00:00Z")
    return moment.astimezone(UTC)


def from_seconds(seconds: float) -> datetime:
    """The moment that many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def present() -> datetime:
    """The organization's clock when nobody fixed it."""
    return datetime.now(UTC)


def wall_seconds() -> float:
    """Seconds for limiter and read lag: they are about traffic, so a fixed organization clock must not stop them."""
    return time.time()
