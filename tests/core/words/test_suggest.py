"""The nearest known word, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.words.suggest import did_you_mean

ROLES = ["user", "claude_code_user", "developer", "billing", "admin"]
PEOPLE = ["ana@acme.com", "raj@acme.com", "kim@acme.com"]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("develper", ROLES, "developer"),
        ("devleoper", ROLES, "developer"),
        ("Admin", ROLES, "admin"),
        ("users", ROLES, "user"),
        ("owner", ROLES, None),
        ("", ROLES, None),
        ("admin", [], None),
        ("anna@acme.com", PEOPLE, "ana@acme.com"),
        ("ana@acme.co", PEOPLE, "ana@acme.com"),
        ("bob@acme.com", PEOPLE, None),
        ("ana", PEOPLE, None),
        ("workspace:prodution", ["workspace:production", "member:production"], "workspace:production"),
        ("a" * 300, ["a" * 299], None),
    ],
)
def test_suggestion(word: str, known: list[str], meant: str | None) -> None:
    assert did_you_mean(word, known) == meant


@given(word=st.text("abc@", max_size=6), known=st.lists(st.text("abc@", max_size=6)), random=st.randoms())
def test_the_order_of_the_known_words_does_not_matter(word: str, known: list[str], random: object) -> None:
    shuffled = known[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random of its own
    assert did_you_mean(word, known) == did_you_mean(word, shuffled)
