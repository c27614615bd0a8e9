"""What time it is, for events."""

from __future__ import annotations

from datetime import UTC, datetime

from orgsync.core.words.timestamp import written_moment


def timestamp_now() -> str:
    """The time of the machine, RFC 3339, UTC."""
    return written_moment(datetime.now(UTC))
