"""Token buckets: as many requests as allowed at once, refilled evenly over the period (Admin API: rate limits)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import Refusal

if TYPE_CHECKING:
    from orgsync.sandbox.wire.store import Store

MINUTE = 60.0
HOUR = 3600.0


def take(store: Store, bucket: str, allowed: int, period: float, *, tell: bool) -> float:
    """Take one token and say how many are left.

    Where there is none: a refusal with 429 and, where the organization tells, the seconds until there is one.
    """
    now = moments.wall_seconds()
    row = store.row("SELECT tokens, updated FROM buckets WHERE name = :name", name=bucket)
    tokens = float(allowed)
    if row is not None:
        tokens = min(tokens, row["tokens"] + max(0.0, now - row["updated"]) * allowed / period)
    if tokens < 1:
        seconds = math.ceil((1 - tokens) * period / allowed)
        raise Refusal(429, "Too many requests", headers={"retry-after": str(seconds)} if tell else None)
    store.run(
        "INSERT INTO buckets VALUES (:name, :tokens, :now)"
        " ON CONFLICT (name) DO UPDATE SET tokens = excluded.tokens, updated = excluded.updated",
        name=bucket,
        tokens=tokens - 1,
        now=now,
    )
    return tokens - 1
