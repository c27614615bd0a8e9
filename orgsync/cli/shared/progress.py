"""What a person sees on stderr while orgsync reads and writes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from orgsync.cli.shared.wait_messages import Waits
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.status import Status

    from orgsync.cli.shared.options import Options
    from orgsync.cli.shared.time_left import Pace
    from orgsync.core.apply.events import Event, Settled
    from orgsync.flows.watch import Watch

LONG = 20.0
"""Seconds that somebody who sees no bar is told of before they begin."""


class Progress:
    """On a terminal a line that counts requests, or a bar with the time left where changes are made.

    Elsewhere plain lines, one for each step; nothing with `--quiet`. `requests` is how many it takes beside `changes`.
    """

    def __init__(self, options: Options, title: str, *, changes: int = 0, requests: int = 0) -> None:
        self._options = options
        self._title = title
        self._requests = 0
        self._pace = _pace(options, changes, requests) if changes else None
        self._waits = Waits(time.monotonic)
        self._status: Status | None = None
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        if self._options.quiet:
            return self
        if not sys.stderr.isatty():
            self._options.say(f"{self._title} …{self._foreseen()}")
            return self
        from rich.console import Console

        console = Console(stderr=True, no_color=not self._options.color)
        if self._pace is None:
            self._status = console.status(self._text())
            self._status.__enter__()
        else:
            from orgsync.cli.shared.progress_bar import bar

            self._bar = bar(self._title, self._pace, console, time.monotonic)
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status is not None:
            self._status.stop()
        if self._bar is not None:
            self._bar.stop()
        self._status = self._bar = None

    @property
    def watch(self) -> Watch:
        """For a flow, so that all of it is seen here."""
        from orgsync.flows.watch import Watch

        return Watch(self, self.requested, self._options.say)

    def requested(self, _method: str, _path: str) -> None:
        """One more request was sent."""
        self._requests += 1
        if self._pace is not None:
            self._pace.sent += 1
        if self._status is not None:
            self._status.update(self._text())

    def waits(self, why: str, seconds: float, longest: float) -> None:
        """Nothing happens for so many seconds, and with further tries for no more than `longest`."""
        told = self._waits.begin(why, seconds, longest)
        if self._status is not None:
            self._status.update(self._text())
        elif told is not None:
            self.say(told)

    def __call__(self, event: Event) -> None:
        """A sink of events: tells of waits, and how each change ended; what corrects that is for the report to say."""
        from orgsync.core.apply.events import Settled, Waiting

        if isinstance(event, Waiting):
            self.waits(event.why, event.seconds, event.longest)
        elif isinstance(event, Settled) and not event.again:
            self._settled(event)

    def _settled(self, event: Settled) -> None:
        from orgsync.render.outcome import line

        if self._pace is not None:
            self._pace.settled += 1
        self.say(line(event, width=self._options.width, color=self._options.color).rstrip("\n"))
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])

    def say(self, text: str) -> None:
        """Tells the person something, above the bar where there is one."""
        if self._bar is None:
            self._options.say(text)
            return
        from rich.text import Text

        self._bar.console.print(Text.from_ansi(text), soft_wrap=True)

    def _text(self) -> str:
        return f"{self._title}: {counted(self._requests, 'request')}{self._waits.current}"

    def _foreseen(self) -> str:
        """How long it will take, where that is long and known before the first request."""
        if self._pace is None:
            return ""
        from orgsync.cli.shared.time_left import about

        seconds = self._pace.left(self._pace.begun)
        if seconds is None or seconds <= LONG:
            return ""
        return f" {about(seconds)} at {self._pace.per_minute:g} requests a minute"


def _pace(options: Options, changes: int, requests: int) -> Pace:
    from orgsync.cli.shared.time_left import Pace

    return Pace(changes, requests, options.request_limit, options.starts, time.monotonic())
