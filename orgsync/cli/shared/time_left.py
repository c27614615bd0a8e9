"""How long the rest of an apply will take: as long as the limit asks for, or as it took so far, whichever is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.api.limiter import seconds_for
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from collections.abc import Collection

_MINUTE, _HOUR = 60, 3600


@dataclass(slots=True)
class Pace:
    """What is to be done, and how much of it is. Moments are seconds of any clock that `starts` were told by, too.

    `requests` is how many it will take beside the changes, which are one each: the reads before and afterwards.
    """

    changes: int
    requests: int
    per_minute: float | None
    starts: Collection[float]
    begun: float
    settled: int = 0
    sent: int = 0

    def left(self, now: float) -> float | None:
        """Seconds until all is done; None where that cannot be told yet."""
        rest = max(self.changes + self.requests - self.sent, self.changes - self.settled)
        limited = seconds_for(rest, self.per_minute, self.starts, now)
        if limited:
            return limited
        if not self.settled:
            return None
        return (now - self.begun) / self.settled * (self.changes - self.settled)


def about(seconds: float) -> str:
    """`about 40 seconds`, `about 4 minutes`, `about 2 hours`: rounded as a person would say it."""
    size, noun = next(
        (size, noun)
        for size, noun, most in ((10, "second", 90), (_MINUTE, "minute", 90 * _MINUTE), (_HOUR, "hour", float("inf")))
        if seconds <= most
    )
    number = max(1, int(seconds / size + 0.5)) * (size if noun == "second" else 1)
    return f"about {counted(number, noun)}"


def clock(seconds: float) -> str:
    """`0:07`, `12:40`, `2:03:15`."""
    minutes, rest = divmod(max(0, round(seconds)), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
