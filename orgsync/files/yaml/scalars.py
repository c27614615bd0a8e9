"""What a plain scalar means: YAML 1.2's core rules, with exact decimals and nothing that surprises."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

MAX_DIGITS = 40
MAX_EXPONENT = 30

NULLS = frozenset({"", "~", "null", "Null", "NULL"})

_WORDS: dict[str, Any] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STARTS_A_NUMBER = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class NumberError(ValueError):
    """A plain scalar that reads as a number nobody can have meant."""


class PlainScalars(dict[str, Any]):
    """Values by the text that was written; each distinct text is understood, and kept in memory, once."""

    def __init__(self) -> None:
        super().__init__(_WORDS)

    def __missing__(self, text: str) -> Any:
        value = self[text] = _number_or_text(text)
        return value


def _number_or_text(text: str) -> int | Decimal | str:
    """Dates, times, versions, `yes`, `007`, `0x1F` and `1_000` are text: nobody agrees on what else they are."""
    if text[0] not in _STARTS_A_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        _check_digits(text)
        return int(text)
    if number := _DECIMAL.fullmatch(text):
        _check_digits(text)
        if abs(int(number[1] or 0)) > MAX_EXPONENT:
            raise NumberError(f"a number with an exponent beyond {MAX_EXPONENT} is not allowed")
        return Decimal(text)
    if _NOT_FINITE.fullmatch(text):
        raise NumberError("a number that is not finite is not allowed")
    return text


def _check_digits(text: str) -> None:
    if sum(character.isdigit() for character in text) > MAX_DIGITS:
        raise NumberError(f"a number of more than {MAX_DIGITS} digits is not allowed")
