"""`unused_for`: a key that nobody uses is not left lying about. Usage is known by days (UTC), and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from orgsync.core.words.duration import Duration, written_duration
from orgsync.core.words.plural import plural
from orgsync.core.words.problems import Unsuitable
from orgsync.policies.contract.rule import Breach, Rule
from orgsync.policies.contract.words import DAY, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, timedelta

    from orgsync.policies.contract.rule import JudgedKey, Moment, Shown, Usage

LONGEST = 90 * DAY


def judge(keys: Sequence[JudgedKey], limit: timedelta, moment: Moment) -> Iterator[Breach]:
    """Not used today, nor on as many whole days before as the limit says; a warning where nobody can tell."""
    for key in keys:
        age = moment.age(key)
        if age < limit:
            continue
        days = days_unused(key.usage, age, moment.today)
        if days >= days_needed(limit):
            message = f"has been unused for at least {days} {plural(days, 'day')}"
            shown: Shown = {"unused_days": days, "unused_for": written_duration(limit)}
            yield Breach(key, RULE.name, message, shown=shown)
        elif key.usage is None or key.usage.last_used_on is None:
            message = f"cannot be judged: whether it was used in the last {spelled(limit)} is unknown"
            yield Breach(key, RULE.name, message, warning=True, shown={"unused_for": written_duration(limit)})


def days_unused(usage: Usage | None, age: timedelta, today: date) -> int:
    """How many days a key of this age is known not to have been used for."""
    if usage is None:
        return 0
    if usage.last_used_on is None:
        return min(usage.window_days, age // DAY)
    # It may have been used until the last second of that day, so the day itself does not count.
    return (today - usage.last_used_on).days - 1


def days_needed(limit: timedelta) -> int:
    """How many whole days before today the usage has to be read for."""
    return limit // DAY


def known_days(limit: timedelta) -> timedelta:
    """The limit itself. Raises Unsuitable where usage is not known as exactly, or not for as long."""
    if limit % DAY:
        raise Unsuitable("usage is known per day only", f"write {limit // DAY + 1}d")
    if limit > LONGEST:
        raise Unsuitable(f"usage is available for at most {LONGEST // DAY} days")
    return limit


RULE = Rule(
    name="unused_for",
    about="A key is not left unused for this many days, at most 90.",
    parameter=Annotated[Duration, AfterValidator(known_days)],
    judge=judge,
    needs_usage=days_needed,
)
