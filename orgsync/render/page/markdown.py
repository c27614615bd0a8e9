"""A page of Markdown made of sections, cut where it must be: at whole rows, with every table and every fold closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.words.plural import counted
from orgsync.render.page.markdown_text import header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


LONG = 20
"""An open section with more rows than this can be folded away by who has read it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table. `rows` are written out already, and `title` and `intro` are Markdown of our own.

    `rank` says who is shown when there is no room for all: the lowest first. `noun` is what a row is, for counting.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[str]
    noun: str
    rank: int
    folded: bool = True
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a page may be, how that is measured, and where the whole of it is."""

    most: int
    measure: Callable[[str], int]
    link: str | None = None


def utf16_length(text: str) -> int:
    """The UTF-16 units of a text: never fewer than its characters, whichever of the two GitHub counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_length(text: str) -> int:
    """The bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))


def page(head: Sequence[str], sections: Sequence[Section], foot: Sequence[str], limit: Limit | None = None) -> str:
    """Head, sections and foot, with an empty line between any two of them."""
    shown = [len(section.rows) for section in sections]
    notice: tuple[str, ...] = ()
    if limit is not None and limit.measure(_joined(head, sections, shown, foot)) > limit.most:
        notice = (_notice(limit.link),)
        bare = _joined(head, sections, [0] * len(sections), (*notice, *foot))
        frames = sum(limit.measure(header(section.header)) for section in sections)
        shown = _fitting(sections, limit.most - limit.measure(bare) - frames, limit.measure)
    return _joined(head, sections, shown, (*notice, *foot))


def more(number: int, noun: str) -> str:
    """`and 4,213 more changes`."""
    return f"and {counted(number, f'more {noun}')}"


def _notice(link: str | None) -> str:
    where = "`orgsync plan --format markdown` prints" if link is None else f"[The full plan]({link}) has"
    return f"**Truncated** at GitHub's limit. {where} everything."


def _joined(head: Sequence[str], sections: Sequence[Section], shown: Sequence[int], foot: Sequence[str]) -> str:
    blocks = (*head, *(_block(section, number) for section, number in zip(sections, shown, strict=True)), *foot)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(section: Section, number: int) -> str:
    rows = "\n".join(section.rows[:number])
    left = len(section.rows) - number
    foldable = section.folded or len(section.rows) > LONG
    fold = f"<details{'' if section.folded else ' open'}>\n<summary>{section.title}</summary>"
    parts = (
        fold if foldable else f"#### {section.title}",
        section.intro,
        f"{header(section.header)}{rows}" if rows else "",
        more(left, section.noun) if left else "",
        "</details>" if foldable else "",
    )
    return "\n\n".join(part for part in parts if part)


def _fitting(sections: Sequence[Section], room: int, measure: Callable[[str], int]) -> list[int]:
    """How many rows of each section fit: at first none takes more than half of the room that those before it left."""
    shown = [0] * len(sections)
    order = sorted(range(len(sections)), key=lambda index: sections[index].rank)
    for share in (2, 1):
        for index in order:
            rows, allowed = sections[index].rows, room // share
            while shown[index] < len(rows):
                size = measure(rows[shown[index]]) + 1
                if size > allowed:
                    break
                allowed, room = allowed - size, room - size
                shown[index] += 1
    return shown
