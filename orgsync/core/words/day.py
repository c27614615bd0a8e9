"""Days as people write them: `2026-12-31`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orgsync.core.words.problems import Unsuitable, quoted, shape

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    """A day that was written as one. A number or a moment would be read as some day, and hardly the one meant."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise Unsuitable(f"expected a day (YYYY-MM-DD), found {shape(value)}")
    if not _DAY.fullmatch(value):
        raise Unsuitable(f"{quoted(value)} contains a time", f"write only the day: {value[:10]}")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Unsuitable(f"{quoted(value)} is not a valid day") from error


Day = Annotated[
    date,
    BeforeValidator(_day),
    Field(json_schema_extra={"patternErrorMessage": "This is not a day; write YYYY-MM-DD, such as 2026-12-31."}),
]
"""A field of this type is written `2026-12-31` and is a date in the program."""
