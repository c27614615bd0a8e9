"""What a person sees on stderr while orgsync reads and writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.status import Status

    from orgsync.cli.options import Options
    from orgsync.core.outcome import Outcome


class Progress:
    """A line that counts requests on a terminal; plain lines, one for each step, elsewhere; nothing with `--quiet`."""

    def __init__(self, options: Options, title: str, *, changes: int = 0) -> None:
        self._options = options
        self._title = title
        self._changes = changes
        self._requests = 0
        self._settled = 0
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._options.quiet:
            return self
        if sys.stderr.isatty():
            from rich.console import Console

            console = Console(stderr=True, no_color=not self._options.color)
            self._status = console.status(self._text())
            self._status.__enter__()
        else:
            self._options.say(f"{self._title} …")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def requested(self, _method: str, _path: str) -> None:
        """One more request was sent."""
        self._requests += 1
        if self._status is not None:
            self._status.update(self._text())

    def applying(self, changes: int) -> None:
        """Reading is over; so many changes are to be made."""
        self._title, self._changes = "Applying", changes
        if self._status is not None:
            self._status.update(self._text())

    def settled(self, outcome: Outcome) -> None:
        """One change ended."""
        from orgsync.render.outcome import line

        self._settled += 1
        self._options.say(line(outcome, width=self._options.width, color=self._options.color).rstrip("\n"))
        if self._status is not None:
            self._status.update(self._text())

    def _text(self) -> str:
        done = f", {self._settled} of {self._changes} changes" if self._changes else ""
        return f"{self._title}: {self._requests} requests{done}"
