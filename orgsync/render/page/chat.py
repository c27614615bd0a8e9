"""Text from files and the API, made inert in any chat or mailbox: no mention, link, HTML or formatting comes of it."""

from __future__ import annotations

import re

from orgsync.core.words.inert import inert
from orgsync.render.page.values import LIMIT

_AT = re.compile(r"(?<![\w.+-])@|@(?=(?:all|channel|everyone|group|here|room|team)\b)", re.IGNORECASE)
"""An `@` that some service takes for a mention. The one inside an e-mail address is none."""

_LINK = re.compile(r"(?<=:)//|(?<=\bwww)\.|(?<=\bgh)-(?=\d)|[#!](?=\d)", re.IGNORECASE)
"""What makes a link of an address, or of the number of an issue."""

_ACTIVE = re.compile(r"[<>`*~]")


def defused(text: str, *, limit: int = LIMIT) -> str:
    """A name or a message for any chat or mailbox: whatever could be more than text there is spelled out (`\\x40`)."""
    shown = inert(text, limit=limit)
    for active in (_AT, _LINK, _ACTIVE):  # spelled out: what comes of plain text, no escape of Markdown would stop
        shown = active.sub(_spelled, shown)
    return shown


def _spelled(found: re.Match[str]) -> str:
    return "".join(f"\\x{ord(char):02x}" for char in found[0])
