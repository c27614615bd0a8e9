"""Lengths of time and days in words, as messages about keys say them: `90 days`, `in 9 days (2026-12-01)`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from orgsync.core.words.plural import plural
from orgsync.core.words.problems import Unsuitable

if TYPE_CHECKING:
    from datetime import date

    from orgsync.policies.contract.rule import Terms

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def spelled(length: timedelta) -> str:
    """A length as a person wrote it, in words."""
    unit, noun = _unit(length)
    return _counted(length // unit, noun)


def excess(length: timedelta, limit: timedelta) -> tuple[str, str]:
    """A length beyond its limit, and the limit, in the limit's unit: `("143 days", "90")`."""
    unit, noun = _unit(limit)
    whole, allowed = length // unit, limit // unit
    told = _counted(whole, noun) if whole > allowed else f"more than {_counted(allowed, noun)}"
    return told, str(allowed)


def upcoming(day: date, today: date) -> str:
    """A day that is to come, and how far it is: `in 9 days (2026-12-01)`."""
    ahead = (day - today).days
    when = f"in {_counted(ahead, 'day')}" if ahead else "today"
    return f"{when} ({day.isoformat()})"


def leaves_time(limit: timedelta, terms: Terms) -> None:
    """Raises Unsuitable for a warning that would begin with the key itself."""
    if terms.warn_before is not None and terms.warn_before >= limit:
        raise Unsuitable(f"warn_before: {spelled(terms.warn_before)} must be shorter than {spelled(limit)}")


def _unit(length: timedelta) -> tuple[timedelta, str]:
    return (HOUR, "hour") if length % DAY else (DAY, "day")


def _counted(number: int, noun: str) -> str:
    return f"{number} {plural(number, noun)}"
