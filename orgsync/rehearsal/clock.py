"""Simulated time: an event loop on which waiting costs nothing, and the client's timing on it."""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from orgsync.api.limiter import Timing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

Result = TypeVar("Result")

EPOCH = 1_800_000_000.0
"""What the simulated wall clock shows at the beginning of simulated time: 2027-01-15T08:00:00Z."""


class _Jump(selectors.SelectSelector):
    """Instead of waiting for a timer, makes its time come."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("every task waits for another one")
        self.elapsed += max(timeout, 0)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on which `asyncio.sleep` takes simulated time only. It may go on where another one ended."""

    def __init__(self, start: float = 0.0) -> None:
        self._jump = _Jump()
        self._jump.elapsed = start
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.elapsed


def simulated(main: Callable[[], Coroutine[Any, Any, Result]], *, start: float = 0.0) -> Result:
    """Run `main` to its end in simulated time."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(start)) as runner:
        return runner.run(main())


def clock() -> float:
    """Seconds of simulated time."""
    return asyncio.get_running_loop().time()


def timing(*, chance: float = 0.0, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> Timing:
    """The running loop's time, and a chance that is none."""
    return Timing(now=clock, sleep=sleep, wall_clock=lambda: EPOCH + clock(), chance=lambda: chance)


def now() -> datetime:
    """The simulated wall clock."""
    return datetime.fromtimestamp(EPOCH + clock(), UTC)
