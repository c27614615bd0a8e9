"""Who is told what goes on during a flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.apply.events import Waiting, unheard
from orgsync.engine.apply_plan import present_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.events import Event, Sink


def _uncounted(_method: str, _path: str) -> None:
    """Nobody counts requests."""


def _unsaid(_text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Watch:
    """`on_event` is told of events, `on_request` of each request before it is sent, `say` of what is neither."""

    on_event: Sink = unheard
    on_request: Callable[[str, str], None] = _uncounted
    say: Callable[[str], None] = _unsaid

    def waits(self, why: str, seconds: float, longest: float) -> None:
        """Tells of a wait, as an event."""
        self.on_event(Waiting(at=present_moment(), why=why, seconds=seconds, longest=longest))


UNWATCHED = Watch()


def every(*sinks: Sink) -> Sink:
    """One sink that tells several, in this order."""

    def tell(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return tell
