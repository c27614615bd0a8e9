"""Text from files and the API, made inert wherever it is shown: it can neither command the place, nor hide in it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Printable by their Unicode category, yet nothing is to be seen: two names could differ by one of these alone.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

# GitHub takes `::error::` at the start of any line for an order; `##[` and `##vso[` are older spellings of the same.
_ORDER = re.compile(r"(?<=:):|(?<=#)#(?=\[|vso\[)", re.IGNORECASE)

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# An `@` that some service takes for a mention. The one inside an e-mail address is none.
_AT = re.compile(r"(?<![\w.+-])@|@(?=(?:all|channel|everyone|group|here|room|team)\b)", re.IGNORECASE)

# What makes a link of an address, or of the number of an issue.
_LINK = re.compile(r"(?<=:)//|(?<=\bwww)\.|(?<=\bgh)-(?=\d)|[#!](?=\d)", re.IGNORECASE)

_MARKUP = re.compile(r"[<>`*~]")


def inert(text: str, *, limit: int | None = None) -> str:
    """For a terminal or a CI log: all that does not simply show itself is spelled out: `\\n`, `\\x1b`, `\\u202e`.

    Printable Unicode and the space stay. With a `limit`, a longer text loses its middle and says how long it was.
    """
    if limit is not None and len(text) > limit:
        half = limit // 2
        return f"{inert(text[:half])} … ({len(text):,} characters) … {inert(text[-half:])}"
    return _spelled_out(text, escaped)


def inert_json(text: str) -> str:
    """For a terminal or a CI log, too, and the same data: JSON can escape whatever has to be. Its lines stay."""
    return "\n".join(_spelled_out(line, _json_escaped) for line in text.split("\n"))


def inert_chat(text: str, *, limit: int) -> str:
    """For any chat or mailbox: no mention, link, HTML or formatting comes of it."""
    shown = inert(text, limit=limit)
    for active in (_AT, _LINK, _MARKUP):  # spelled out: what comes of plain text, no escape of Markdown would stop
        shown = active.sub(lambda found: "".join(map(escaped, found[0])), shown)
    return shown


def shell_word(text: str) -> str:
    """For a shell: one word of a command. An address of three lines stays one command."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(_shell_escaped(char) for char in text)}'"


def command_data(text: str) -> str:
    """For the message of a workflow command of GitHub, lines included. What stands in them has to be inert already."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """For a property of a workflow command: one ends at a comma and all of them at a colon."""
    return command_data(inert(text)).replace(":", "%3A").replace(",", "%2C")


def escaped(char: str) -> str:
    """One character, spelled out: `\\n`, `\\x1b`, `\\u202e`."""
    code = ord(char)
    if code < 0x100:
        return _SHORT.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _spelled_out(text: str, spell: Callable[[str], str]) -> str:
    """`text` with each character that must not reach a terminal or a CI log replaced by what `spell` makes of it."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else spell(char) for char in text)
    if not text.isascii():
        text = UNSEEN.sub(lambda found: spell(found[0]), text)
    return _ORDER.sub(lambda found: spell(found[0]), text)


def _json_escaped(char: str) -> str:
    """One beyond U+FFFF is written as the two halves that UTF-16 has for it."""
    halves = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{halves[index : index + 4]}" for index in range(0, len(halves), 4))


def _shell_escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if char != "\n" and ord(char) < 0x100 else escaped(char)
