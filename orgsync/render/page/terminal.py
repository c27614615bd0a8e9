"""A page of terminal text: wrapped with hanging indents, never wider than asked, styled only on request."""

from __future__ import annotations

from functools import cache
from io import StringIO
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

Part = str | tuple[str, str]
"""Text, or text and its style. It has to be inert already; rich never reads it as markup."""

NARROWEST = 20
"""Below this a wrapped plan is not readable any more, so a narrower page is not honoured."""


class Page:
    """Collects lines, top to bottom."""

    def __init__(self, *, width: int, color: bool) -> None:
        self._width = max(width, NARROWEST)
        self._color = color
        self._lines: list[str] = []
        self._console = _console(self._width)

    @property
    def width(self) -> int:
        """How many cells a line has."""
        return self._width

    def blank(self) -> None:
        """An empty line, unless there is one already or nothing above it."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def write(self, *parts: Part, lead: tuple[Part, ...] = (), label: Part = "") -> None:
        """A paragraph. `lead` and `label` stand before its first line; the lines after it are indented as far.

        A label that leaves too little room beside it gets lines of its own, and the text follows under it.
        """
        indent = cell_len(_plain((*lead, label)))
        text = _plain(parts)
        if indent + cell_len(text) <= self._width:
            # Nearly every line; rich's wrapping is many times slower than all else that is done to a line.
            self._append(*lead, label, *parts)
            return
        if label and self._cramped(text, self._width - indent):
            self.write(_plain((label,)).rstrip(), lead=lead)
            self.write(*parts, lead=(" " * (cell_len(_plain(lead)) + 2),))
            return
        first: tuple[Part, ...] = (*lead, label)
        for line in self._wrapped(parts, self._width - indent):
            self._append(*first, *line)
            first = (" " * indent,)

    def text(self) -> str:
        """Everything written so far."""
        return "".join(f"{line}\n" for line in self._lines)

    def _cramped(self, text: str, room: int) -> bool:
        """True if an address would be broken, or a paragraph would become a narrow column."""
        return room < self._width // 2 or any(cell_len(word) > room for word in text.split())

    def _wrapped(self, parts: Iterable[Part], room: int) -> Iterable[list[Part]]:
        for line in Text.assemble(*parts).wrap(self._console, room, overflow="fold"):
            line.rstrip()
            yield [
                (segment.text, str(segment.style)) if segment.style else segment.text
                for segment in line.render(self._console)
            ]

    def _append(self, *parts: Part) -> None:
        plain = _plain(parts).rstrip(" ")
        self._lines.append(_styled(parts, len(plain)) if self._color else plain)


def folded(text: str, room: int) -> list[str]:
    """The text in lines of so many cells: broken at spaces, and inside a word only where that is longer."""
    if cell_len(text) <= room:
        return [text]
    return [line.plain.rstrip() for line in Text(text).wrap(_console(room), room, overflow="fold")]


@cache
def _console(width: int) -> Console:
    """What wraps. An empty environment: how the same plan looks must not depend on the machine that shows it."""
    return Console(file=StringIO(), width=width, legacy_windows=False, force_jupyter=False, _environ={})


def _styled(parts: Iterable[Part], length: int) -> str:
    """The first `length` characters of the parts, with their styles as escape sequences."""
    styled = ""
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        styled += _style(style).render(text[:length], color_system=ColorSystem.STANDARD)
        length = max(length - len(text), 0)
    return styled


@cache
def _style(style: str) -> Style:
    return Style.parse(style)


def _plain(parts: Iterable[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)
