"""Numbers of things in words: `1 member`, `2 members`."""

from __future__ import annotations

import re

_Y_AFTER_A_CONSONANT = re.compile("[^aeiou]y$")


def plural(number: int, noun: str) -> str:
    """The noun as it stands after this number."""
    if number == 1:
        return noun
    return f"{noun[:-1]}ies" if _Y_AFTER_A_CONSONANT.search(noun) else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `1,200 errors`."""
    return f"{number:,} {plural(number, noun)}"
