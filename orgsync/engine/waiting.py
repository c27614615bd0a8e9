"""Pauses of one apply: told to whoever follows it, and over at once when somebody asks to stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    OnWait = Callable[[str, float, float], None]

_SLICE = 0.5
"""Seconds after which a pause looks whether it is still wanted."""


def untold(_why: str, _seconds: float, _longest: float) -> None:
    """Nobody follows."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """`on_wait` is told why, for how many seconds, and for how many at most in all; `stopping` says whether to stop."""

    on_wait: OnWait = untold
    stopping: Callable[[], bool] = lambda: False

    async def __call__(self, why: str, seconds: float, longest: float) -> None:
        """Waits for `seconds`, or until it is to stop."""
        if seconds <= 0 or self.stopping():
            return
        self.on_wait(why, seconds, longest)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0 and not self.stopping():  # noqa: ASYNC110 - a signal sets no event
            await asyncio.sleep(min(left, _SLICE))
