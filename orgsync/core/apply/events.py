"""What happens while a plan is applied, as data. Text, the progress bar, JSON lines and the journal are its sinks.

The order is that of the work: `planned`; `admitted`, unless it is refused; for each change `sent`, where there is
anything to send, and `settled`; `waiting` at any time; `ended`. Every `at` is RFC 3339, UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action, FieldChange, Plan  # noqa: TC001 - pydantic reads the annotations
from orgsync.core.words.address import Address  # noqa: TC001 - the same

if TYPE_CHECKING:
    from orgsync.errors import OrgsyncError


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be applied, also where it is refused afterwards."""

    event: Literal["planned"] = "planned"
    at: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Live is as the plan says and no guard refuses: the first write comes next.

    `ready` counts the changes that are to be made, `already` those that live shows without it.
    """

    event: Literal["admitted"] = "admitted"
    at: str
    ready: int
    already: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One write, told right before it is sent. The journal has recorded it when any other sink is told.

    `number` is that of the change in the plan, counted from 1; `id` the live object that the change is bound to.
    """

    event: Literal["sent"] = "sent"
    at: str
    number: int
    address: Address
    action: Action
    fields: tuple[FieldChange, ...]
    method: str
    path: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How one change ended: `number`, `address` and `action` say which.

    `id` is that of the live object which the change made, `seconds` how long the write took, where there was one.
    `replan`: the same plan cannot be given again. `accepted`: live does not show all of it, although the API says that
    it was done. `again`: live was read once more afterwards, and this replaces what was told before.
    """

    event: Literal["settled"] = "settled"
    at: str
    number: int
    address: Address
    action: Action
    status: Status
    message: str = ""
    next_step: str = ""
    request_id: str | None = None
    id: str | None = None
    seconds: float | None = None
    replan: bool = False
    accepted: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing happens for so many seconds, and with further tries for no more than `longest`."""

    event: Literal["waiting"] = "waiting"
    at: str
    why: str
    seconds: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many changes ended in each way."""

    done: int = 0
    already: int = 0
    failed: int = 0
    skipped: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it all ended, as the exit code of `orgsync apply` says it; `error` is why nothing was done, or not all."""

    event: Literal["ended"] = "ended"
    at: str
    exit_code: int
    counts: Counts = Counts()
    error: str | None = None
    hint: str | None = None


Event = Planned | Admitted | Sent | Settled | Waiting | Ended

Sink = Callable[[Event], None]
"""Who is told of events, one after the other. It must not change what happens; only the journal may stop a write."""


def unheard(_event: Event) -> None:
    """The sink of whoever is not interested."""


@dataclass(slots=True)
class Tally:
    """A sink that counts how changes ended; of one that settled twice, how it did the last time."""

    _last: dict[int, Status] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Settled):
            self._last[event.number] = event.status

    @property
    def counts(self) -> Counts:
        """The numbers so far."""
        counted = Counter(self._last.values())
        return Counts(**{status.value: counted[status] for status in Status})

    def ended(self, at: str, exit_code: int, error: OrgsyncError | None = None) -> Ended:
        """The last event, with what was counted until now."""
        told, hint = (None, None) if error is None else (str(error), error.hint)
        return Ended(at=at, exit_code=exit_code, counts=self.counts, error=told, hint=hint)
