"""Names and messages as Markdown that cannot format, link, mention, embed HTML or break a table.

What comes from files or the API stands in code spans: in one, GitHub looks for no mention, issue, address, emoji or
formula, and Markdown for no markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsync.core.words.inert import escaped, inert
from orgsync.render.page.values import address, difference, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Action, FieldChange, Place

LIMIT = 200
"""Longer names and values lose their middle: a row of a table is read across."""

LONGEST_ROW = 4_000
"""A longer row would take the room of many others."""

# The two characters that mean something inside a code span that stands in a table, whatever precedes them.
_SPELLED = {ord(char): escaped(char) for char in "`|"}

_WORD = re.compile(r"""(?P<before>[("']*)(?P<core>.*?)(?P<after>[)"'.,;:!?]*)""", re.DOTALL)
_PARTS = re.compile(
    r"""(?P<opening>\(?)((?P<name>"[^"]* [^"]*")|`(?P<typed>[^`]+)`)(?P<closing>[),.;:!?]*)(?![^ ])|[^ ]+"""
)
_PUNCTUATION = frozenset(",.;'\"()/%+-…–→?!={}")  # noqa: RUF001 - what our own sentences use

# Plain letters that GitHub makes links of: `www.` hosts, issues as GH-1, and anything that could be a commit.
_LINKED = re.compile(r"www\.|gh-\d|^[0-9a-f]{7,40}$", re.IGNORECASE)


def code(text: str, *, limit: int = LIMIT) -> str:
    """A name or a value, in a code span."""
    shown = inert(text, limit=limit).translate(_SPELLED) or "(empty)"
    # A space at both ends would be taken for padding, and dropped.
    return f"` {shown} `" if shown[0] == shown[-1] == " " else f"`{shown}`"


def named(text: str) -> str:
    """An address, in quotes where it has spaces, as `--allow` takes it."""
    return code(address(text))


def located(source: Place | None) -> str:
    """`org.yaml:12`, or nothing."""
    return "" if source is None else code(place(source))


def field(change: FieldChange, action: Action) -> str:
    """What becomes of one field."""
    return code(f"{change.path}: {difference(change, action)}")


def prose(text: str) -> str:
    """A sentence in which names may occur: its plain words as they are, everything else in code spans.

    What is in quotes and has spaces is one name; what is in backquotes is to be typed as it is.
    """
    return " ".join(_part(found) for found in _PARTS.finditer(inert(text, limit=2 * LIMIT)))


def _part(found: re.Match[str]) -> str:
    if found["typed"] is not None:
        return f"{found['opening']}{code(found['typed'])}{found['closing']}"
    name = found["name"]
    if name is None or all(_is_plain(word) for word in name[1:-1].split(" ")):
        return " ".join(_word(word) for word in found[0].split(" ") if word)
    return f"{found['opening']}{code(name)}{found['closing']}"


def _word(word: str) -> str:
    if word in {">", "->"}:  # between the parts of where something is in the Console, and two values
        return word.replace(">", "&gt;")
    found = _WORD.fullmatch(word)
    core = word if found is None else found["core"]
    if _is_plain(core):
        return word
    return code(word) if found is None else f"{found['before']}{code(core)}{found['after']}"


def _is_plain(word: str) -> bool:
    return all(char.isalnum() or char in _PUNCTUATION for char in word) and not _LINKED.search(word)


def row(cells: Iterable[str]) -> str:
    """One line of a table; lines inside a cell are joined with `<br>` already."""
    return f"| {' | '.join(cells)} |"


def header(columns: Sequence[str]) -> str:
    """The first two lines of a table."""
    return f"{row(columns)}\n{row('---' for _ in columns)}\n"


def lines(parts: Iterable[str]) -> str:
    """Several lines in one cell."""
    return "<br>".join(part for part in parts if part)
