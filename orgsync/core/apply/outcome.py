"""What `apply` did, as data: one outcome per change, and the report that counts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.errors import PLAN_AGAIN

if TYPE_CHECKING:
    from orgsync.core.model.change import Action, Blocked, Change, ManualStep, Note, Organization
    from orgsync.core.model.things import Live
    from orgsync.core.words.address import Address


class Status(StrEnum):
    """How one change ended."""

    DONE = "done"
    ALREADY = "already"  # live showed it before anything was sent
    FAILED = "failed"
    SKIPPED = "skipped"  # depends on a change that did not succeed
    UNCONFIRMED = "unconfirmed"  # sent, but live does not show it


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended, why, and which request the API's support would ask for.

    `id` is that of the live object which the change made, where the API tells. `next_step` is what a person can do;
    `replan`: live is at no step of the plan any more, so the same plan cannot be given again. `accepted`: live does not
    show it, or not all of it, although the API says that it was done. `rejected`: the API would reject the same
    request again.
    """

    change: Change
    status: Status
    message: str = ""
    request_id: str | None = None
    id: str | None = None
    next_step: str = ""
    replan: bool = False
    accepted: bool = False
    rejected: bool = False

    @property
    def address(self) -> Address:
        return self.change.address

    @property
    def action(self) -> Action:
        return self.change.action

    @property
    def has_own_step(self) -> bool:
        """Whether there is something to do beyond planning again."""
        return self.next_step not in {"", PLAN_AGAIN}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one `apply` did, and what it leaves to people.

    `live` is what was read afterwards; None where nothing was sent, or live could not be read.
    """

    outcomes: tuple[Outcome, ...] = field(repr=False)
    organization: Organization
    waiting: tuple[Note, ...] = field(default=(), repr=False)
    manual: tuple[ManualStep, ...] = field(default=(), repr=False)
    blocked: tuple[Blocked, ...] = field(default=(), repr=False)
    interrupted: bool = False
    live: Live | None = field(default=None, repr=False)

    def having(self, status: Status) -> tuple[Outcome, ...]:
        """The outcomes of one status, in their order."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is status)

    @property
    def done(self) -> int:
        return len(self.having(Status.DONE))

    @property
    def already(self) -> int:
        return len(self.having(Status.ALREADY))

    @property
    def failed(self) -> int:
        return len(self.having(Status.FAILED))

    @property
    def skipped(self) -> int:
        return len(self.having(Status.SKIPPED))

    @property
    def unconfirmed(self) -> int:
        return len(self.having(Status.UNCONFIRMED))

    @property
    def complete(self) -> bool:
        """Every change is so now; what waits, manual steps and what is blocked belong to people and do not count."""
        return not (self.failed or self.skipped or self.unconfirmed)
