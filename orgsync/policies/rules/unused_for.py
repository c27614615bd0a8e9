"""`unused_for`: a key that nobody uses is not left lying about. Usage is known by days (UTC), and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from orgsync.core.words.duration import Duration
from orgsync.core.words.plural import plural
from orgsync.core.words.problems import Unsuitable
from orgsync.policies.contract.rule import Breach, Rule
from orgsync.policies.contract.words import DAY, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from orgsync.policies.contract.rule import JudgedKey, Moment

LONGEST = 90 * DAY


def judge(keys: Sequence[JudgedKey], limit: timedelta, moment: Moment) -> Iterator[Breach]:
    """Not used today, nor on as many whole days before as the limit says; a warning where nobody can tell."""
    for key in keys:
        if moment.age(key) < limit:
            continue
        days = _days_unused(key, moment)
        if days >= days_needed(limit):
            yield Breach(key, RULE.name, f"has been unused for at least {days} {plural(days, 'day')}")
        elif key.usage is None or key.usage.last_used_on is None:
            message = f"cannot be judged: whether it was used in the last {spelled(limit)} is unknown"
            yield Breach(key, RULE.name, message, warning=True)


def _days_unused(key: JudgedKey, moment: Moment) -> int:
    """How many days the key is known not to have been used for."""
    if key.usage is None:
        return 0
    if key.usage.last_used_on is None:
        return min(key.usage.window_days, moment.age(key) // DAY)
    # It may have been used until the last second of that day, so the day itself does not count.
    return (moment.today - key.usage.last_used_on).days - 1


def days_needed(limit: timedelta) -> int:
    """How many whole days before today the usage has to be read for."""
    return limit // DAY


def _known_days(limit: timedelta) -> timedelta:
    if limit % DAY:
        raise Unsuitable("usage is known per day only", f"write {limit // DAY + 1}d")
    if limit > LONGEST:
        raise Unsuitable(f"usage is available for at most {LONGEST // DAY} days")
    return limit


RULE = Rule(
    name="unused_for",
    about="A key is not left unused for this many days, at most 90.",
    parameter=Annotated[Duration, AfterValidator(_known_days)],
    judge=judge,
    needs_usage=days_needed,
)
