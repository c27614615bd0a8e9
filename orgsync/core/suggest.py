"""The nearest known word for one that is unknown, so that an error can ask "did you mean ...?"."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEAR = 0.7
_LONGEST = 200  # comparing is quadratic, and the word comes from an untrusted file
_PARTS = re.compile(r"[@/:]")


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None when nothing is near; whatever order `known` comes in."""
    if not word or len(word) > _LONGEST:
        return None
    matchers = [SequenceMatcher(b=part, autojunk=False) for part in _PARTS.split(word.casefold())]
    best = min(((-_likeness(matchers, other), other) for other in set(known)), default=(0.0, ""))
    return best[1] if -best[0] >= _NEAR else None


def _likeness(matchers: list[SequenceMatcher[str]], other: str) -> float:
    """How alike the least alike parts are: two e-mails are not near because they share a long domain."""
    parts = _PARTS.split(other.casefold()) if len(other) <= _LONGEST else []
    if len(parts) != len(matchers):
        return 0.0
    return min(_ratio(matcher, part) for matcher, part in zip(matchers, parts, strict=True))


def _ratio(matcher: SequenceMatcher[str], part: str) -> float:
    matcher.set_seq1(part)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
        return 0.0
    return matcher.ratio()
