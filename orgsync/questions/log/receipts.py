"""What the journals of `apply` tell: each write once, however many copies of a journal there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orgsync.core.apply.journal import Conclusion, Intent, Result
from orgsync.core.model.change import Action
from orgsync.questions.log.event import PAST, Certainty, Event, Origin, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.apply.journal import Link

SOURCE = "receipt"

_SURER = {None: 0, Conclusion.UNKNOWN: 1, Conclusion.DONE: 2, Conclusion.FAILED: 2}


@dataclass(slots=True)
class _Operation:
    intent: Intent
    result: Result | None = None

    def learn(self, result: Result | None) -> None:
        """Keeps the result that says more: one copy of a journal may end before the other."""
        status, known = (None if one is None else one.status for one in (result, self.result))
        if _SURER[status] > _SURER[known]:
            self.result = result


@dataclass(slots=True)
class Receipts:
    """The operations of several journals. `disagreeing` counts those of which two copies tell different things."""

    operations: dict[str, _Operation] = field(default_factory=dict)
    disagreeing: int = 0

    def take(self, links: Sequence[Link]) -> None:
        """Adds what one journal tells. The hash of a line says which line it is: it covers all lines before it."""
        here: dict[int, _Operation] = {}
        for link in links:
            if isinstance(link.entry, Intent):
                here[link.entry.sequence] = self.operations.setdefault(link.hash, _Operation(link.entry))
            elif isinstance(link.entry, Result) and link.entry.sequence in here:
                here[link.entry.sequence].learn(link.entry)

    def settle(self) -> None:
        """Counts the writes that two lines tell of, as after an edit of one copy."""
        intents = [one.intent for one in self.operations.values()]
        self.disagreeing = len(intents) - len({(one.organization, one.run, one.sequence) for one in intents})


def receipts_of(journals: Iterable[Sequence[Link]]) -> Receipts:
    """Everything that the journals tell."""
    found = Receipts()
    for links in journals:
        found.take(links)
    found.settle()
    return found


def events_of(receipts: Receipts) -> tuple[Event, ...]:
    """One event for each write, in the order of their journals."""
    return tuple(_event(one.intent, one.result) for one in receipts.operations.values())


def _event(intent: Intent, result: Result | None) -> Event:
    outcome = Outcome.UNKNOWN if result is None else Outcome(result.status.value)
    return Event(
        at=intent.at,
        origin=Origin.APPLY,
        address=intent.address,
        verb=_verb(intent.action, outcome),
        fields=intent.fields,
        who=intent.actor,
        certainty=Certainty.UNKNOWN if intent.actor is None else Certainty.STATED,
        sources=(SOURCE,),
        remark=result.message if result is not None else "",
        outcome=outcome,
        action=intent.action,
        organization=intent.organization,
        live=intent.id or (result.made if result is not None else None),
        run=intent.run,
        plan=intent.plan,
        request_id=result.request_id if result is not None else None,
    )


def _verb(action: Action, outcome: Outcome) -> str:
    if outcome is Outcome.FAILED:
        return f"could not be {PAST[action]}"
    if outcome is Outcome.UNKNOWN:
        return f"it is unknown whether it was {PAST[action]}"
    return "" if action is Action.UPDATE else PAST[action]
