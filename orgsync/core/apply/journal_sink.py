"""The first sink of the events of an apply: it keeps the journal, and what it cannot record is not sent.

The engine tells it before all others, and waits: when it returns from `sent`, the intent is on the disk. An error of
its own stops that write. So the journal is worth what it would be if the engine wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.apply.events import Sent, Settled
from orgsync.core.apply.journal import Conclusion
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action

if TYPE_CHECKING:
    from orgsync.core.apply.events import Event
    from orgsync.core.apply.journal import Journal

_CONCLUSIONS = {
    Status.DONE: Conclusion.DONE,
    Status.ALREADY: Conclusion.FAILED,  # rejected, because it was so: not what this run did
    Status.FAILED: Conclusion.FAILED,
    Status.UNCONFIRMED: Conclusion.UNKNOWN,
}


class JournalSink:
    """Records the writes of one run. Raises OrgsyncError where a line could not be written."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._open: dict[int, int] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Sent):
            self._open[event.number] = self._journal.intend(event)
        elif isinstance(event, Settled) and event.number in self._open:
            self._conclude(self._open.pop(event.number), event)

    def _conclude(self, sequence: int, event: Settled) -> None:
        self._journal.conclude(
            sequence,
            Conclusion.DONE if event.accepted else _CONCLUSIONS[event.status],
            request_id=event.request_id,
            message=f"{event.message}; next step: {event.next_step}" if event.next_step else event.message,
            made=event.id if event.action is Action.CREATE else None,
        )
