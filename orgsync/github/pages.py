"""A text of several pages as several comments. Promise: pages of two texts never read as one whole."""

from __future__ import annotations

import hashlib
import re

LONGEST_COMMENT = 65_536
"""In characters: GitHub refuses longer ones. A page gets a line more than its text has."""

_END = " -->"
_ID_DIGITS = 16


def comments(text: str, marker: str, page_break: str) -> dict[str, str]:
    """The bodies of the comments that a text becomes, by their markers, in their order. One page stays as it is.

    The first line of each page may be its marker. Where there are several, the second line of each says which of how
    many it is, and of what text: `apply` takes a digest only if every page is there, and all of them are of one text.
    """
    parts = re.split(rf"^{re.escape(page_break)}\n", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    if len(parts) == 1:
        return {marker: text}
    own = re.compile(rf"\A{re.escape(marker.removesuffix(_END))}(?::[0-9/]+)?{_END}\n+")
    texts = [own.sub("", part.strip("\n") + "\n", count=1) for part in parts]
    identity = hashlib.sha256(page_break.join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]
    markers = [marker, *(f"{marker_of_more_pages(marker)}{number}{_END}" for number in range(2, len(texts) + 1))]
    return {
        one: f"{one}\n<!-- orgsync:page:{number}/{len(texts)}:{identity} -->\n\n{part}"
        for number, (one, part) in enumerate(zip(markers, texts, strict=True), 1)
    }


def marker_of_more_pages(marker: str) -> str:
    """What every page but the first begins with, where the first begins with `marker`."""
    return f"{marker.removesuffix(_END)}:"
