"""How much a key was used, by a report of the API: whatever a number in it is, a traceback does not come of it."""

from __future__ import annotations

from datetime import date

import pytest

from orgsync.kinds.api_key.live import Use, use_in

DAY = "2026-11-20T00:00:00Z"


@pytest.mark.parametrize(
    ("number", "tokens"),
    [(7, 7), (0.5, 1), (-3, 3), (float("nan"), 1), (float("inf"), 1), (float("-inf"), 1), (10**400, 10**400)],
)
def test_any_number_of_a_sort_that_is_new_is_use(number: float, tokens: int) -> None:
    bucket = {"starting_at": DAY, "results": [{"api_key_id": "apikey_1", "new_in_2027": {"tokens": number}}]}
    assert use_in([bucket]) == {"apikey_1": Use(date(2026, 11, 20), tokens)}


def test_what_is_zero_is_none() -> None:
    bucket = {"starting_at": DAY, "results": [{"api_key_id": "apikey_1", "new_in_2027": 0.0, "model": "m"}]}
    assert use_in([bucket]) == {}
