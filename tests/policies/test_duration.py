"""Durations as they are written, and as they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.problems import Unsuitable
from orgsync.policies.duration import LONGEST, duration, excess, spelled
from policies.support import DAY, HOUR, SECOND, problem

HINT = "a whole number and a unit, h, d or w: 12h, 90d, 4w"


@pytest.mark.parametrize(
    ("text", "length"),
    [("1h", HOUR), ("12h", 12 * HOUR), ("90d", 90 * DAY), ("4w", 28 * DAY), ("3650d", LONGEST), ("87600h", LONGEST)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "d",
        "0d",
        "-1d",
        "+1d",
        "1.5d",
        "90 d",
        " 90d",
        "90d\n",
        "90D",
        "90days",
        "3m",
        "1y",
        "1d12h",
        "090d",
        "٣d",
        "1e2d",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(Unsuitable) as caught:
        duration(text)
    assert (str(caught.value), caught.value.hint) == (f'"{text}" is not a duration', HINT)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("90", "expected a duration, found the number 90", "add the unit: 90d is in days, 90h in hours, 90w in weeks"),
        ("-90", "expected a duration, found the number -90", HINT),
        ("true", 'expected a duration, found the truth value "true"', HINT),
        ("[90d]", "expected a duration, found a list", HINT),
        ("three months", '"three months" is not a duration', HINT),
        ("3651d", "3651d is longer than ten years (3650d)", None),
        ("522w", "522w is longer than ten years (3650d)", None),
    ],
)
def test_what_a_person_reads(text: str, message: str, hint: str | None) -> None:
    assert problem(f"max_age: {text}") == (message, hint)


@given(st.text())
def test_no_text_is_a_surprise(text: str) -> None:
    try:
        assert timedelta() < duration(text) <= LONGEST
    except Unsuitable:
        return


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
