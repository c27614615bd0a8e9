"""Durations as they are told."""

from __future__ import annotations

from orgsync.policies.contract.words import excess, spelled
from policies.support import DAY, HOUR, SECOND, problem


def test_a_number_without_a_unit_is_pointed_out() -> None:
    assert problem("max_age: 90") == (
        "expected a duration, found the number 90",
        "add the unit: 90d is in days, 90h in hours, 90w in weeks",
    )


def test_a_length_is_told_in_the_unit_it_was_written_in() -> None:
    assert [spelled(length) for length in (HOUR, 36 * HOUR, DAY, 28 * DAY)] == [
        "1 hour",
        "36 hours",
        "1 day",
        "28 days",
    ]
    assert excess(143 * DAY, 90 * DAY) == ("143 days", "90")
    assert excess(DAY + SECOND, DAY) == ("more than 1 day", "1")
    assert excess(2 * DAY, 36 * HOUR) == ("48 hours", "36")
