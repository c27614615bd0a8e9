"""A plan that is too long for one comment, as several. Promise: pages of two plans never read as one whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsync.core.words.digest import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence

BREAK = "<!-- orgsync:page -->"
"""The line between two pages of one text."""

MOST_PAGES = 4
LONGEST_PAGE = 65_536
"""In characters: GitHub refuses longer comments. A page gets two lines more than its text has."""

_BREAK = re.compile(rf"^{re.escape(BREAK)}\n", re.MULTILINE)
_END = " -->"
_ID_DIGITS = 16


def joined(texts: Sequence[str]) -> str:
    """Several pages as the one text that is printed."""
    return f"\n{BREAK}\n".join(text.strip("\n") for text in texts) + "\n"


def paged(text: str, marker: str) -> dict[str, str]:
    """The bodies of the comments that a text becomes, by their markers. One page stays as it is.

    The first line of each page may be its marker. Where there are several, the second line of each says which of how
    many it is, and of what text: `apply` takes a digest only if every page is there, and all of them are of one text.
    """
    own = re.compile(rf"\A{re.escape(marker.removesuffix(_END))}(?::[0-9/]+)?{_END}\n+")
    texts = [own.sub("", part.strip("\n") + "\n", count=1) for part in _BREAK.split(text.replace("\r\n", "\n"))]
    if len(texts) == 1:
        return {marker: text}
    identity = sha256_hex(texts)[:_ID_DIGITS]
    markers = [marker, *(f"{marker_of_more_pages(marker)}{number}{_END}" for number in range(2, len(texts) + 1))]
    return {
        one: f"{one}\n<!-- orgsync:page:{number}/{len(texts)}:{identity} -->\n\n{part}"
        for number, (one, part) in enumerate(zip(markers, texts, strict=True), 1)
    }


def marker_of_more_pages(marker: str) -> str:
    """What every page but the first begins with, where the first begins with `marker`."""
    return f"{marker.removesuffix(_END)}:"
