"""One apply under way: what it works with, and what became of each change so far."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import by_address
from orgsync.core.apply.events import Settled
from orgsync.core.apply.outcome import Outcome, Status
from orgsync.core.model.change import Action
from orgsync.engine.clock import timestamp_now
from orgsync.engine.rejections import Rejections
from orgsync.errors import OrgsyncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.ceiling import ChangeState, LiveIndex
    from orgsync.core.apply.events import Sink
    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.request import Reader, Writer
    from orgsync.core.model.things import Found, Ids, Live
    from orgsync.core.words.address import Address
    from orgsync.engine.waiting import Pauses


@dataclass(slots=True)
class ApplyRun:
    """`index` is what live showed last, `standings` how each change stood against it, `ids` what is known by address.

    `departed` has why something that is there by now is neither as it was nor as planned. Times are seconds of the
    loop's clock.
    """

    plan: Plan
    standings: list[ChangeState]
    reader: Reader
    writer: Writer
    kinds: Kinds
    ids: Ids
    index: LiveIndex
    journal: Sink
    on_event: Sink
    stopping: Callable[[], bool]
    pause: Pauses
    patience: float
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    lanes: dict[tuple[str, Action], asyncio.Lock] = field(default_factory=dict)
    finished: dict[Address, asyncio.Event] = field(default_factory=dict)
    began: dict[int, float] = field(default_factory=dict)
    failed: set[Address] = field(default_factory=set)
    departed: dict[Address, str] = field(default_factory=dict)
    live: Live | None = None
    groups: dict[Address, list[int]] = field(init=False)
    """The positions of the changes of each address."""
    rejections: Rejections = field(init=False)

    def __post_init__(self) -> None:
        """Sorts the changes by address."""
        self.groups = by_address(self.plan.changes)
        self.rejections = Rejections(self.plan, self.reader, self.ids, self.kinds)

    def begun(self, address: Address) -> bool:
        """Whether the last change of an address was sent, or has ended."""
        last = self.groups[address][-1]
        return last in self.began or last in self.outcomes

    def found(self, change: Change) -> Found | None:
        """What a change is about, as live showed it last."""
        return self.index.about(self.kinds.of(change.address), (change,))

    def remember(self, change: Change) -> None:
        """Whatever refers to something that exists already will need its id."""
        kind, found = self.kinds.of(change.address), self.found(change)
        if found is not None:
            self.ids.setdefault((kind.name, kind.key(change.address.segments)), found.id)

    def settle(self, position: int, outcome: Outcome) -> None:
        """Tells the sinks how a change ended. What the journal cannot record is not known to have ended."""
        try:
            self.journal(self._settled(position, outcome))
        except OrgsyncError as error:
            message = f"the outcome could not be recorded: {error}"
            outcome = replace(outcome, status=Status.UNCONFIRMED, message=message)
        if outcome.status in {Status.FAILED, Status.SKIPPED, Status.UNCONFIRMED}:
            self.failed.add(outcome.address)
        self.outcomes[position] = outcome
        self.on_event(self._settled(position, outcome))

    def correct(self, position: int, outcome: Outcome) -> None:
        """What live shows afterwards is not what was told."""
        self.outcomes[position] = outcome
        self.on_event(replace(self._settled(position, outcome), again=True))

    def _settled(self, position: int, outcome: Outcome) -> Settled:
        kind = self.kinds.of(outcome.address)
        began = self.began.get(position)
        creates = outcome.action is Action.CREATE
        return Settled(
            at=timestamp_now(),
            number=position + 1,
            address=outcome.address,
            action=outcome.action,
            status=outcome.status,
            message=outcome.message,
            next_step=outcome.next_step,
            request_id=outcome.request_id,
            id=self.ids.get((kind.name, kind.key(outcome.address.segments))) if creates else outcome.id,
            seconds=None if began is None else round(asyncio.get_running_loop().time() - began, 3),
            replan=outcome.replan,
            accepted=outcome.accepted,
        )
