"""What one client reads at most: a server without end ends the command, and not the machine. Why so: decision 0032."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 2**20


class Bound(Enum):
    """One part of a budget; its value is the option that raises it."""

    ANSWER = "--max-answer-mib"
    READ = "--max-read-mib"
    PAGES = "--max-pages"
    REQUEST = "--request-timeout"
    READING = "--read-timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most so much of everything. Raises ValueError for what is no positive number.

    `answer_mib` is the size of one answer after decompression, `read_mib` that of all answers to reads. `pages` are of
    one list. `request_seconds` is the time of one request, from its first byte to the last one of its answer.
    `read_seconds` counts while at least one read is with the API: not while the client waits for its own rate limit.
    """

    answer_mib: float = 8
    read_mib: float = 128
    pages: int = 250
    request_seconds: float = 120
    read_seconds: float = 3600

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < (value := getattr(self, field.name)) < float("inf"):
                raise ValueError(f"{field.name} must be a positive number, not {value}")

    def exceeded(self, bound: Bound) -> str:
        """What to say where this part of it was not enough."""
        return {
            Bound.ANSWER: f"the answer is larger than {self.answer_mib:,.9g} MiB",
            Bound.READ: f"all answers together are larger than {self.read_mib:,.9g} MiB",
            Bound.PAGES: f"the list has more than {_counted(self.pages, 'page')}",
            Bound.REQUEST: f"there was no whole answer within {_counted(self.request_seconds, 'second')}",
            Bound.READING: f"waiting for answers took more than {_counted(self.read_seconds, 'second')} in all",
        }[bound]


def _counted(number: float, noun: str) -> str:
    return f"{number:,.9g} {noun}{'' if number == 1 else 's'}"


class Stopwatch:
    """Counts the seconds in which somebody waits; those in which several wait count once."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting = 0
        self._since = self._before = 0.0

    @property
    def seconds(self) -> float:
        """How many it were so far."""
        return self._before + (self._now() - self._since if self._waiting else 0.0)

    def __enter__(self) -> Self:
        if not self._waiting:
            self._since = self._now()
        self._waiting += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self._waiting -= 1
        if not self._waiting:
            self._before += self._now() - self._since


class Spent:
    """What the reads of one client have used up of its budget."""

    def __init__(self, budget: Budget, now: Callable[[], float]) -> None:
        self.budget = budget
        self.bytes_left = round(budget.read_mib * MIB)
        self.stopwatch = Stopwatch(now)

    @property
    def seconds_left(self) -> float:
        """How long reads may still take; 0 or less where the time is over."""
        return self.budget.read_seconds - self.stopwatch.seconds
