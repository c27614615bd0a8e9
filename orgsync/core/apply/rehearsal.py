"""What a rehearsal tried and found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.change import Organization


class Fault(StrEnum):
    """One thing that goes wrong at one request. BEFORE: before the request arrived; AFTER: after its write was done."""

    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"
    KILLED_LAG = "killed_lag"
    DROPPED_BEFORE = "dropped_before"
    DROPPED_AFTER = "dropped_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    FAILED_BEFORE = "failed_before"
    FAILED_AFTER = "failed_after"
    OUTAGE = "outage"
    LIMITED = "limited"
    LIMITED_TOLD = "limited_told"
    CONFLICT = "conflict"
    READ_LAG = "read_lag"
    HTML_AFTER = "html_after"
    CUT_OFF_AFTER = "cut_off_after"
    CONSOLE_SAME = "console_same"
    CONSOLE_RENAME = "console_rename"
    CONSOLE_ARCHIVE = "console_archive"
    CONSOLE_REMOVE = "console_remove"
    CONSOLE_ACCEPT = "console_accept"
    CONSOLE_UNRELATED = "console_unrelated"


CONSOLE = frozenset(fault for fault in Fault if fault.startswith("console_"))
"""What a colleague does. It may make the plan stale, and then nothing more may be written."""

WRITES_ONLY = frozenset(
    {
        Fault.KILLED_AFTER,
        Fault.KILLED_LAG,
        Fault.DROPPED_AFTER,
        Fault.TIMEOUT_AFTER,
        Fault.FAILED_AFTER,
        Fault.CONFLICT,
        Fault.READ_LAG,
    }
)
"""What can only happen to a write, or is the same for a read as its counterpart before the request."""


@dataclass(frozen=True, slots=True)
class Point:
    """One request of the undisturbed apply, counted from 1, and what goes wrong there."""

    at: int
    request: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one disturbed apply. `reruns` is how often the command had to be given again.

    `stale`: it ended with the refusal to go on, because a colleague's edit had left the plan. `broken` says every
    promise that was not kept.
    """

    point: Point
    reruns: int
    stale: bool
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What one fault did, over all points it was tried at."""

    fault: Fault
    runs: int
    converged: int
    stale: int
    most_reruns: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a rehearsal found out.

    `points` counts what could be tried, `requests` and `writes` are those of the undisturbed apply. `undisturbed` says
    what was wrong with that one already; nothing else was tried then. `tried` holds only what broke a promise.
    """

    organization: Organization
    plan: str
    changes: int
    requests: int
    writes: int
    points: int
    seed: int
    tallies: tuple[Tally, ...] = ()
    broken: tuple[Tried, ...] = ()
    undisturbed: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """How many disturbed applies there were."""
        return sum(tally.runs for tally in self.tallies)

    @property
    def converged(self) -> int:
        return sum(tally.converged for tally in self.tallies)

    @property
    def stale(self) -> int:
        return sum(tally.stale for tally in self.tallies)

    @property
    def most_reruns(self) -> int:
        return max((tally.most_reruns for tally in self.tallies), default=0)

    @property
    def held(self) -> bool:
        """Whether every promise was kept."""
        return not self.undisturbed and not self.broken


def tallied(tried: Sequence[Tried]) -> tuple[Tally, ...]:
    """The outcomes counted by fault, in the order of the faults."""
    tallies = []
    for fault in Fault:
        mine = [one for one in tried if one.point.fault is fault]
        if mine:
            good = [one for one in mine if not one.broken]
            stale = sum(one.stale for one in good)
            most = max(one.reruns for one in mine)
            tallies.append(Tally(fault, len(mine), len(good) - stale, stale, most))
    return tuple(tallies)
