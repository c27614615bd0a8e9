"""Ctrl-C, SIGTERM and SIGHUP while orgsync writes: what is under way is finished, nothing else is begun."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from orgsync.cli.shared.time_left import about
from orgsync.cli.shared.wait_messages import NOTICED

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.events import Event

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupt:
    """A sink of events. Until `admitted` a signal ends the program as always, since nothing was written yet.

    From then on the first signal asks to stop. The second ends the program at once, as always: the journal knows what
    was under way. Once the running loop is closed, signals are what they were before. What `nohup` has a program ignore
    is ignored all along. `ending` is for how many seconds the limit holds the last reads, which come after the writes.
    """

    def __init__(self, say: Callable[[str], None], ending: Callable[[], float]) -> None:
        self._say = say
        self._ending = ending
        self._asked = False
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._heard = tuple(number for number in _SIGNALS if number != signal.SIGHUP or not ignored)

    def asked(self) -> bool:
        """Whether somebody asked to stop."""
        return self._asked

    def __call__(self, event: Event) -> None:
        """Writing begins once the plan is admitted. Called by the task that the running loop was started for."""
        if event.event != "admitted":
            return
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # a Ctrl-C of which the task would hear among its first writes
            raise asyncio.CancelledError
        self._arm()

    def _arm(self) -> None:
        loop = asyncio.get_running_loop()
        for number in self._heard:
            loop.add_signal_handler(number, self._stop)

    def _stop(self) -> None:
        self._asked = True
        loop = asyncio.get_running_loop()
        for number in self._heard:
            loop.remove_signal_handler(number)
        seconds = self._ending()
        late = f" The request limit delays reading the result by {about(seconds)}." if seconds > NOTICED else ""
        self._say(f"Stopping after the writes in progress.{late} Interrupt again to stop immediately.")
