"""What belongs to a change: as far as it goes, in circles too."""

from __future__ import annotations

import pytest

from orgsync.core.plan.dependencies import reached

LEADS = {"a": ("b",), "b": ("c", "d"), "d": ("b",), "e": ("a",)}


@pytest.mark.parametrize(
    ("start", "expected"),
    [("", ""), ("a", "abcd"), ("c", "c"), ("d", "bcd"), ("e", "abcde"), ("ce", "abcde"), ("x", "x")],
)
def test_everything_is_reached_and_nothing_else(start: str, expected: str) -> None:
    assert "".join(sorted(reached(start, LEADS))) == expected
