"""What a failing check leaves in the Activity Feed where somebody brought it about: which records tell who, and when.

A check that fails by itself (an invite that expired, a limit of the usage tier) has no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orgsync.core.feed.join import Aspect, Certainty, Explanation, Records, Subject, explained
from orgsync.core.feed.rules import EXISTS, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orgsync.core.feed.records import Activity
    from orgsync.core.feed.rules import Explains, Handles
    from orgsync.core.feed.window import Feed
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Pair

WINDOW = timedelta(days=30)
"""How far back the feed is read, where nothing shows when it happened."""

_EARLY = timedelta(minutes=10)
"""How much earlier than the organization shows: clocks differ."""


def _any(_record: Activity) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing in a state that somebody may have brought about, as `Subject` has it.

    `at` is when that was, where the organization shows it. `unlike` is when a journal had it otherwise. `fits` is
    whether the record that is found can be the reason.
    """

    handles: Handles
    rules: tuple[Explains, ...]
    aspect: Aspect
    at: datetime | None = None
    unlike: datetime | None = None
    fits: Callable[[Activity], bool] = _any

    def named(self, feed: Feed) -> Explanation | None:
        """Who brought it about, if the feed says so. That somebody did something else with it, is no answer."""
        by = explained(Subject(self.handles, self.rules, (self.aspect,), feed.until, self.unlike), Records(feed))
        record = next((one for one in feed.records if one.id == by.record), None)
        if record is None or by.certainty not in {Certainty.CERTAIN, Certainty.LIKELY}:
            return None
        creates = any(rule.type == record.type and rule.says is made for rule in self.rules)
        return by if self.fits(record) and not creates else None  # nothing is made in a state that fails a check


def trace_of(kind: Kind, pair: Pair, seen: Observation, aspect: Aspect, **more: Any) -> Trace:
    """The trace of what a pair means."""
    return Trace(kind.handles(pair, seen), kind.activities, aspect, **more)


def absent() -> Aspect:
    """That it is not there, or not any more."""
    return Aspect((EXISTS,), {EXISTS: False})


def shown(found: Found, path: str, *, exists: bool = True) -> Aspect:
    """That a field has the value that the organization shows."""
    return Aspect((path,), {EXISTS: exists, **found.attributes})


def moment(text: str | None) -> datetime | None:
    """The time that a text of the organization or a journal names."""
    return None if text is None else datetime.fromisoformat(text)


def since(traces: Iterable[Trace], now: datetime) -> datetime:
    """From when on the feed has to be read for them."""
    return min(now - WINDOW if one.at is None else one.at - _EARLY for one in traces)


def types(traces: Iterable[Trace]) -> list[str]:
    """The types of records that can tell of them."""
    return sorted({rule.type for one in traces for rule in one.rules})


def named(traces: Sequence[Trace], feed: Feed) -> tuple[Explanation, Activity] | None:
    """Who brought about what several traces may lead to, and the record of it: the last that did something."""
    known = {one.id: one for one in feed.records}
    found = [by for one in traces if (by := one.named(feed)) is not None]
    told = [(by, known[by.record]) for by in found if by.record is not None]
    return max(told, key=lambda one: one[1].at, default=None)
