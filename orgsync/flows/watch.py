"""Who follows a flow while it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.apply.events import Waiting, unheard
from orgsync.engine.clock import timestamp_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.events import Event, Sink


def _uncounted(_method: str, _path: str) -> None:
    """Ignores it."""


def _unsaid(_text: str) -> None:
    """Ignores it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """`on_event` gets events, `on_request` each request before it is sent, `say` every other message."""

    on_event: Sink = unheard
    on_request: Callable[[str, str], None] = _uncounted
    say: Callable[[str], None] = _unsaid

    def waits(self, why: str, seconds: float, longest: float) -> None:
        """Emits the event of a pause."""
        self.on_event(Waiting(at=timestamp_now(), why=why, seconds=seconds, longest=longest))


UNWATCHED = Watch()


def every(*sinks: Sink) -> Sink:
    """One sink that calls several, in this order."""

    def call_all(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return call_all
