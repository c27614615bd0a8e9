"""The nearest known word for one that is unknown, so that an error can ask "did you mean ...?"."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_NEAR = 0.7
_LONGEST = 200  # comparing is quadratic, and the word comes from an untrusted file
_PARTS = re.compile(r"[@/:]")


def nearest(roles: Mapping[str, str], powers: Mapping[str, Collection[str]]) -> dict[str, str]:
    """For each role that the API lacks, the nearest one that it has, with what that one may do."""
    return {
        role: f'use "{ours}", the nearest role, which allows {", ".join(sorted(powers[ours]))}'
        for role, ours in roles.items()
    }


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None when nothing is near; whatever order `known` comes in."""
    if not word or len(word) > _LONGEST:
        return None
    # The matcher keeps what it found out about its second text, here the word's, through all comparisons.
    parts = [(part, SequenceMatcher(b=part, autojunk=False)) for part in _PARTS.split(word.casefold())]
    best = min(((-_likeness(parts, other), other) for other in set(known)), default=(0.0, ""))
    return best[1] if -best[0] >= _NEAR else None


def _likeness(parts: list[tuple[str, SequenceMatcher[str]]], other: str) -> float:
    """How alike the least alike parts are: two e-mails are not near because they share a long domain."""
    others = _PARTS.split(other.casefold()) if len(other) <= _LONGEST else []
    if len(others) != len(parts):
        return 0.0
    least = 1.0
    for (part, matcher), other_part in zip(parts, others, strict=True):
        if part != other_part:
            least = min(least, _ratio(matcher, other_part))
        if least == 0.0:
            break
    return least


def _ratio(matcher: SequenceMatcher[str], other_part: str) -> float:
    """The matcher's ratio, or 0 as soon as it is known to be too small: there may be 10,000 known words."""
    matcher.set_seq1(other_part)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
        return 0.0
    return matcher.ratio()
