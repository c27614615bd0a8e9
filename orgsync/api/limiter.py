"""One limiter for all requests of a process. Promise: never a 429 of its own making, and no wait that is not needed.

The server's counter is not documented: a fixed window, a sliding one or a bucket, of 100 a minute (admin-api §4, §16
row 25). So it holds in ANY 60 seconds: at most 90 starts; see docs/decisions/0002-http-and-retries.md.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

MINUTE = 60.1
"""Seconds. A little long: clocks differ, and even so a second burst must not fall into the minute of the first."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time and chance come from, so that tests bring their own. All in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    wall_clock: Callable[[], float] = time.time
    """Since 1970; only to understand a `retry-after` that is a date."""
    chance: Callable[[], float] = random.random
    """From 0 to below 1; spreads retries that would otherwise meet again."""


def seconds_for(requests: int, per_minute: float | None, starts: Iterable[float], now: float) -> float:
    """How long the limit alone makes so many further requests take, after these starts."""
    if per_minute is None or requests < 1:
        return 0.0
    most, period = _allowed(per_minute)
    recent = list(starts)[-most:]
    rounds, place = divmod(requests - 1, most)
    position = place - (most - len(recent))
    # The last of these requests follows the first round's at its place, which follows what was started before it.
    due = now if position < 0 else max(now, recent[position] + period)
    return due - now + rounds * period


class Limiter:
    """At most `per_minute` starts in any 60 seconds, the first ones at once; and a gate all wait at after a 429.

    `per_minute` None means unlimited (the gate still holds); 0.5 is one in two minutes, 1.9 one a minute. Limiters that
    are given the same `starts` count as one: what the first one started is known to those after it.
    """

    def __init__(self, per_minute: float | None, timing: Timing, starts: deque[float] | None = None) -> None:
        if per_minute is not None and not 0 < per_minute < float("inf"):
            raise ValueError(f"requests per minute must be a positive number, not {per_minute}")
        self._timing = timing
        # The starts that still count. Full, the oldest one is what the next start has to be a period away from.
        self._starts: deque[float] = deque() if starts is None else starts
        self._most, self._period = (0, MINUTE) if per_minute is None else _allowed(per_minute)
        self._opens = float("-inf")
        self._turn = asyncio.Lock()

    async def start(self) -> float:
        """Wait until one more request may be sent, and count it: when that is. First come, first served."""
        async with self._turn:
            while (now := self._timing.now()) < (due := self._due()):
                await self._timing.sleep(due - now)  # the gate may close meanwhile, so look again
            self._starts.append(now)
            while len(self._starts) > self._most:
                self._starts.popleft()
            return now

    def give_back(self, started: float) -> None:
        """Nothing was sent at that time after all: another request may be."""
        if started in self._starts:
            self._starts.remove(started)

    def hold(self, seconds: float) -> None:
        """Nobody starts for this long. Several holds at a time do not add up: the last to end counts."""
        self._opens = max(self._opens, self._timing.now() + seconds)

    def _due(self) -> float:
        limited = self._most and len(self._starts) >= self._most
        return max(self._opens, self._starts[-self._most] + self._period) if limited else self._opens


def _allowed(per_minute: float) -> tuple[int, float]:
    """How many starts any period may hold, and the length of the period."""
    return max(1, int(per_minute)), MINUTE / min(1.0, per_minute)
