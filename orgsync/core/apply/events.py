"""What happens while a plan is applied, as data. Text, the progress bar, JSON lines and the journal are its sinks.

The order is that of the work: `planned`; `admitted`, unless it is refused; for each change `sent`, where there is
anything to send, and `settled`; `waiting` at any time; `ended`. Every `at` is RFC 3339, UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from orgsync.core.apply.failure import PlainProblem, failure_of
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action, FieldChange, Plan  # noqa: TC001 - pydantic reads the annotations
from orgsync.core.words.address import Address  # noqa: TC001 - the same

if TYPE_CHECKING:
    from orgsync.errors import OrgsyncError


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan that is to be applied. It may still be refused."""

    event: Literal["planned"] = "planned"
    at: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The organization fits the plan, and no guard refuses it: the first write comes next.

    `ready` is the number of changes to make, `already` the number of those that the organization shows already.
    """

    event: Literal["admitted"] = "admitted"
    at: str
    ready: int
    already: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A write that is sent next. It is in the journal before any other sink is called.

    `number` is the position of the change in the plan, from 1; `id` is the object that it changes.
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
    """How one change ended.

    `number` is its position in the plan, from 1; `id` is the object that it made; `seconds` is how long the write took,
    where one was sent. `replan`: the same plan cannot be applied again. `accepted`: the API reported success, but the
    organization does not show all of it. `again`: the organization was read once more after all writes; this replaces
    the earlier event of the same number.
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
    """A pause of so many seconds before the next try; with all further tries at most `longest` seconds."""

    event: Literal["waiting"] = "waiting"
    at: str
    why: str
    seconds: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The number of changes that ended in each way."""

    done: int = 0
    already: int = 0
    failed: int = 0
    skipped: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last event: the exit code of `orgsync apply`, and the error that stopped it, if there was one.

    `problems` is everything that is wrong with the files, where that stopped it.
    """

    event: Literal["ended"] = "ended"
    at: str
    exit_code: int
    counts: Counts = Counts()
    error: str | None = None
    hint: str | None = None
    problems: tuple[PlainProblem, ...] = ()


Event = Planned | Admitted | Sent | Settled | Waiting | Ended

Sink = Callable[[Event], None]
"""What is called with each event. Only the journal may stop a write, by an error."""


def unheard(_event: Event) -> None:
    """The sink that ignores them."""


@dataclass(slots=True)
class Tally:
    """A sink that counts how changes ended. Where one settled twice, the last time counts."""

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
        """The last event, with the numbers so far."""
        if error is None:
            return Ended(at=at, exit_code=exit_code, counts=self.counts)
        failure = failure_of(error)
        return Ended(
            at=at,
            exit_code=exit_code,
            counts=self.counts,
            error=failure.error,
            hint=failure.hint,
            problems=failure.problems,
        )
