"""Lengths of time: what is one, what was probably meant, and how it is written back."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from orgsync.core.words.duration import LONGEST, PATTERN, Duration, parse_duration, written_duration
from orgsync.core.words.problems import Unsuitable

FORM = "write a number and h, d or w: 12h, 90d, 4w"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1h", timedelta(hours=1)),
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("4w", timedelta(weeks=4)),
        ("3650d", LONGEST),
        ("87600h", LONGEST),
    ],
)
def test_a_number_and_a_unit_is_a_length_of_time(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant
    assert re.search(PATTERN, text)


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ("90D", '"90D" is not a valid duration', 'did you mean "90d"?'),
        (" 90 d", '" 90 d" is not a valid duration', 'did you mean "90d"?'),
        ("090d", '"090d" is not a valid duration', 'did you mean "90d"?'),
        ("0d", '"0d" is not a valid duration', FORM),
        ("-1d", '"-1d" is not a valid duration', FORM),
        ("1.5d", '"1.5d" is not a valid duration', FORM),
        ("3m", '"3m" is not a valid duration', FORM),
        ("P90D", '"P90D" is not a valid duration', FORM),
        ("1d12h", '"1d12h" is not a valid duration', FORM),
        ("90d\n", '"90d\n" is not a valid duration', 'did you mean "90d"?'),
        ("\u0669d", '"\u0669d" is not a valid duration', FORM),
        ("", '"" is not a valid duration', FORM),
        pytest.param("9" * 4000 + "d", f'"{"9" * 80}…" is not a valid duration', FORM, id="4000 digits"),
        ("3651d", "the maximum duration is 3650d", None),
        ("99999w", "the maximum duration is 3650d", None),
        (timedelta(0), "the minimum duration is 1h", FORM),
        (
            90,
            "expected a duration, found the number 90",
            "add the unit: 90d is in days, 90h in hours, 90w in weeks",
        ),
        (Decimal("1.5"), "expected a duration, found the number 1.5", FORM),
        (True, 'expected a duration, found the truth value "true"', FORM),
        (None, "expected a duration, found nothing", FORM),
        (["90d"], "expected a duration, found a list", FORM),
    ],
)
def test_anything_else_is_refused_in_plain_words(value: Any, message: str, hint: str | None) -> None:
    with pytest.raises(Unsuitable) as refused:
        parse_duration(value)
    assert (str(refused.value), refused.value.hint) == (message, hint)


@given(st.integers(1, 3650 * 24))
def test_what_is_written_means_the_same(hours: int) -> None:
    duration = timedelta(hours=hours)
    written = written_duration(duration)
    assert parse_duration(written) == duration
    assert re.search(PATTERN, written)


def test_a_field_is_a_timedelta_here_and_text_in_json() -> None:
    adapter: TypeAdapter[timedelta] = TypeAdapter(Duration)
    assert adapter.dump_python(adapter.validate_python("4w"), mode="json") == "28d"
    schema = adapter.json_schema()
    assert (schema["type"], schema["pattern"]) == ("string", PATTERN)
