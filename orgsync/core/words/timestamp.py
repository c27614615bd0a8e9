"""Moments as the API writes them: RFC 3339 in UTC, with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def written_moment(moment: datetime) -> str:
    """`2026-11-22T10:00:00Z`: to the second, as in everything orgsync writes down itself."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def written_exactly(moment: datetime) -> str:
    """The same, with its fraction of a second where it has one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
