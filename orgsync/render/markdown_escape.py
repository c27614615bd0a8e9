"""Text from files and the API, made inert in Markdown: no mention, link, HTML, formatting or table cell comes of it."""

from __future__ import annotations

import re

from orgsync.render.escape import inert
from orgsync.render.values import LIMIT

_AT = re.compile(r"(?<![\w.+-])@|@(?=(?:all|channel|everyone|group|here|room|team)\b)", re.IGNORECASE)
"""An `@` that some service takes for a mention. The one inside an e-mail address is none."""

_LINK = re.compile(r"(?<=:)//|(?<=\bwww)\.|(?<=\bgh)-(?=\d)|[#!](?=\d)", re.IGNORECASE)
"""What makes a link of an address, or of the number of an issue."""

_ACTIVE = re.compile(r"[<>`*~\[\]|]")
_PUNCTUATION = re.compile(r"([\\_&$])")


def defused(text: str, *, limit: int = LIMIT) -> str:
    """A name or a message for any chat, mail or page: whatever could be more than text is spelled out (`\\x40`)."""
    shown = inert(text, limit=limit)
    for pattern in (_AT, _LINK, _ACTIVE):
        shown = pattern.sub(_spelled, shown)
    return shown


def code(text: str) -> str:
    """A code span, whole in a table too. Backticks stay; the pipe, which would end a cell, is spelled out."""
    shown = inert(text, limit=LIMIT).replace("|", "\\x7c")
    if not shown.strip():
        return f"` {shown}\u00b7 `" if shown else "`\u00b7`"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def plain(text: str) -> str:
    """Ordinary text that stays what it is."""
    return _PUNCTUATION.sub(r"\\\1", defused(text))


def _spelled(found: re.Match[str]) -> str:
    return "".join(f"\\x{ord(char):02x}" for char in found[0])
