"""A number and its noun."""

from __future__ import annotations

import pytest

from orgsync.core.words.plural import counted, plural


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "member", "0 members"),
        (1, "member", "1 member"),
        (2, "re-run", "2 re-runs"),
        (1200, "API key", "1,200 API keys"),
        (1, "apply", "1 apply"),
        (3, "apply", "3 applies"),
        (3, "day", "3 days"),
    ],
)
def test_a_number_of_things(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words
    assert words.endswith(f" {plural(number, noun)}")
