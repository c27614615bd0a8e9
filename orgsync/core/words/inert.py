"""Text from files and the API, made inert: it can neither command a terminal or a CI log, nor hide in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Printable by their Unicode category, yet nothing is to be seen: two names could differ by one of these alone.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# GitHub takes `::error::` at the start of any line for an order; `##[` and `##vso[` are older spellings of the same.
_ORDER = re.compile(r"(?<=:):|(?<=#)#(?=\[|vso\[)", re.IGNORECASE)

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def inert(text: str, *, limit: int | None = None) -> str:
    """`text` with all that does not simply show itself spelled out: `\\n`, `\\x1b`, `\\u202e`.

    Printable Unicode and the space stay. With a `limit`, a longer text loses its middle and says how long it was.
    """
    if limit is not None and len(text) > limit:
        half = limit // 2
        return f"{inert(text[:half])} … ({len(text):,} characters) … {inert(text[-half:])}"
    return spelled_out(text, _escape)


def spelled_out(text: str, spell: Callable[[str], str]) -> str:
    """`text` with each character that must not reach a terminal or a CI log replaced by what `spell` makes of it."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else spell(char) for char in text)
    if not text.isascii():
        text = _UNSEEN.sub(lambda found: spell(found[0]), text)
    return _ORDER.sub(lambda found: spell(found[0]), text)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return _SHORT.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
