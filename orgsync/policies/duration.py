"""Lengths of time as a person writes and reads them: `90d` in the files, `90 days` in a message."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from orgsync.core.problems import Unsuitable, quoted, shape

if TYPE_CHECKING:
    from datetime import date

    from orgsync.policies.contract import Terms

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
LONGEST = 3650 * DAY
_UNITS = {"h": HOUR, "d": DAY, "w": WEEK}
_FORM = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_HINT = "a whole number and a unit, h, d or w: 12h, 90d, 4w"


def duration(value: Any) -> timedelta:
    """The length a person wrote. Raises Unsuitable for anything that is not exactly one number and one unit."""
    if not isinstance(value, str):
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        hint = f"add the unit: {value}d is in days, {value}h in hours, {value}w in weeks" if is_number else _HINT
        raise Unsuitable(f"expected a duration, found {shape(value)}", hint)
    form = _FORM.fullmatch(value)
    if form is None:
        raise Unsuitable(f"{quoted(value)} is not a duration", _HINT)
    length = int(form[1]) * _UNITS[form[2]]
    if length > LONGEST:
        raise Unsuitable(f"{value} is longer than ten years ({LONGEST // DAY}d)")
    return length


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_FORM.pattern}$", "examples": ["90d", "12h", "4w"]}),
]
"""A length of time in the files."""


def counted(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def spelled(length: timedelta) -> str:
    """A length as a person wrote it, in words."""
    unit, noun = _unit(length)
    return counted(length // unit, noun)


def excess(length: timedelta, limit: timedelta) -> tuple[str, str]:
    """A length beyond its limit, and the limit, in the limit's unit: `("143 days", "90")`."""
    unit, noun = _unit(limit)
    whole, allowed = length // unit, limit // unit
    told = counted(whole, noun) if whole > allowed else f"more than {counted(allowed, noun)}"
    return told, str(allowed)


def upcoming(day: date, today: date) -> str:
    """A day that is to come, and how far it is: `in 9 days (2026-12-01)`."""
    ahead = (day - today).days
    when = f"in {counted(ahead, 'day')}" if ahead else "today"
    return f"{when} ({day.isoformat()})"


def leaves_time(limit: timedelta, terms: Terms) -> None:
    """Raises Unsuitable for a warning that would begin with the key itself."""
    if terms.warn_before is not None and terms.warn_before >= limit:
        raise Unsuitable(f"warn_before: {spelled(terms.warn_before)} are not shorter than {spelled(limit)}")


def _unit(length: timedelta) -> tuple[timedelta, str]:
    return (HOUR, "hour") if length % DAY else (DAY, "day")
