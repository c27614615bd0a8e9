"""Names are data: none of them can command a terminal or a CI log, or hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.words.inert import inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("blank\u3164\u2800\u00a0", "blank\\u3164\\u2800\\xa0"),
        ("variation\ufe0f", "variation\\ufe0f"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone\ud800", "lone\\ud800"),
        ("::error::no", ":\\x3aerror:\\x3ano"),
        (":::::", ":\\x3a\\x3a\\x3a\\x3a"),
        ("##[group]", "#\\x23[group]"),
        ("##VSO[task]", "#\\x23VSO[task]"),
    ],
)
def test_what_does_not_show_itself_is_spelled_out(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    "text", ["", "Ana Müller", "生産 環境", "🙂", "naïve é", "a:b, c#d [bold]", "C:\\path", "## x"]
)
def test_what_shows_itself_stays(text: str) -> None:
    assert inert(text) == text


def test_long_text_loses_its_middle_and_tells_its_length() -> None:
    assert inert("a" * 60 + "b" * 60, limit=20) == "aaaaaaaaaa … (120 characters) … bbbbbbbbbb"
    assert inert("a" * 20, limit=20) == "a" * 20


def test_both_ends_of_long_text_are_inert() -> None:
    assert inert("\x1b" + "a" * 60 + "\x07", limit=4) == "\\x1ba … (62 characters) … a\\x07"


@given(st.text(st.characters()), st.none() | st.integers(2, 50))
def test_all_text_becomes_inert(text: str, limit: int | None) -> None:
    shown = inert(text, limit=limit)
    assert shown.isprintable()
    assert "::" not in shown
    assert inert(shown) == shown
