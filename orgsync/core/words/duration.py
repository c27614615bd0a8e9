"""Lengths of time as people write them: `12h`, `90d`, `4w`. Months are left out: nobody agrees on their length."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from orgsync.core.words.json_schema import matching
from orgsync.core.words.problems import Unsuitable, quoted, shape

LONGEST = timedelta(days=3650)
PATTERN = "^[1-9][0-9]{0,4}[hdw]$"

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_EXACT = re.compile(r"([1-9][0-9]{0,4})([hdw])")  # at most five digits: int() of a hostile text can take long
_NEAR = re.compile(r"0*([1-9][0-9]{0,4})\s*([hdw])", re.IGNORECASE)
_FORM = "write a number and h, d or w: 12h, 90d, 4w"


def parse_duration(value: Any) -> timedelta:
    """The time that a text like `90d` names; a timedelta is taken as it is. Raises Unsuitable."""
    if isinstance(value, timedelta):
        return _bounded(value)
    if not isinstance(value, str):
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        hint = f"add the unit: {value}d is in days, {value}h in hours, {value}w in weeks" if is_number else _FORM
        raise Unsuitable(f"expected a duration, found {shape(value)}", hint)
    written = _EXACT.fullmatch(value)
    if written is None:
        near = _NEAR.fullmatch(value.strip())
        hint = _FORM if near is None else f'did you mean "{near[1]}{near[2].lower()}"?'
        raise Unsuitable(f"{quoted(value)} is not a valid duration", hint)
    return _bounded(int(written[1]) * _UNITS[written[2]])


def written_duration(duration: timedelta) -> str:
    """The shortest way to write it; `4w` comes back as `28d`, so that a table of durations compares at a glance."""
    hours = duration // _UNITS["h"]
    days, rest = divmod(hours, 24)
    return f"{hours}h" if rest else f"{days}d"


def _bounded(duration: timedelta) -> timedelta:
    if duration < _UNITS["h"]:
        raise Unsuitable("the minimum duration is 1h", _FORM)
    if duration > LONGEST:
        raise Unsuitable(f"the maximum duration is {written_duration(LONGEST)}")
    return duration


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(written_duration, return_type=str),
    WithJsonSchema({"type": "string", **matching(PATTERN, f"This is not a duration; {_FORM}.")}),
]
"""A field of this type is written `90d` and is a timedelta in the program."""
