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

_CONTINUED = ", continued"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table. `rows` are written out already, and `title` and `intro` are Markdown of our own.

    `rank` says who is shown when there is no room for all: the lowest first. `noun` is what a row is, for counting, and
    `sizes` how many of them each row stands for: one, where it is empty. The first `must` rows are never left out.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[str]
    noun: str
    rank: int
    folded: bool = True
    intro: str = ""
    sizes: Sequence[int] = ()
    must: int = 0

    def number(self, start: int) -> int:
        """How many the rows from this one on stand for."""
        return sum(self.sizes[start:]) if self.sizes else len(self.rows) - start


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
    """Head, sections and foot, with an empty line between any two of them; as much of the sections as fits."""
    whole = _joined(head, [Part(section, 0, len(section.rows)) for section in sections], foot)
    if limit is None or limit.measure(whole) <= limit.most:
        return whole
    room = limit.most - _bare(head, sections, foot, limit)
    return _last(head, sections, foot, dict.fromkeys(range(len(sections)), (0, 0)), room, limit)


def pages(
    head: Callable[[int, int], Sequence[str]],
    sections: Sequence[Section],
    foot: Sequence[str],
    limit: Limit,
    most: int,
) -> list[str] | None:
    """As few pages as hold all that must be shown, the last one with the foot; None where `most` do not hold it.

    `head` is told which page of how many it is for.
    """
    whole = _joined(head(1, 1), [Part(section, 0, len(section.rows)) for section in sections], foot)
    if limit.measure(whole) <= limit.most:
        return [whole]
    room = limit.most - max(_bare(head(number, most), sections, foot, limit) for number in (1, most))
    filled = _filled(sections, room, limit)
    if filled is None or len(filled) > most:
        return None
    *full, (last, left) = filled
    number = len(filled)
    written = [
        _joined(head(index, number), [Part(sections[one], *span) for one, span in spans.items()], ())
        for index, (spans, _left) in enumerate(full, start=1)
    ]
    return [*written, _last(head(number, number), sections, foot, last, left, limit)]


Spans = dict[int, tuple[int, int]]
"""From which row to which each section is shown, by its place among them."""


def _filled(sections: Sequence[Section], room: int, limit: Limit) -> list[tuple[Spans, int]] | None:
    """What must be shown of each section, page by page, and the room left there; None where a row fits on no page."""
    filled: list[tuple[Spans, int]] = [({}, room)]
    for number, section in enumerate(sections):
        for index in range(section.must):
            spans, left = filled[-1]
            size = limit.measure(section.rows[index]) + 1
            if size > left and spans:
                spans, left = {}, room
                filled.append((spans, left))
            if size > left:
                return None
            spans[number] = (spans.get(number, (index, index))[0], index + 1)
            filled[-1] = (spans, left - size)
    return filled


def _last(
    head: Sequence[str], sections: Sequence[Section], foot: Sequence[str], spans: Spans, room: int, limit: Limit
) -> str:
    """The page on which everything ends: what must be shown there, and of all else what fits, the rest counted."""
    begun = [spans.get(number, (section.must, section.must)) for number, section in enumerate(sections)]
    fitting = _fitting(sections, [stop for _start, stop in begun], room, limit.measure)
    parts = [
        Part(section, start, stop, section.number(stop))
        for section, (start, _stop), stop in zip(sections, begun, fitting, strict=True)
        if start < len(section.rows) or not section.rows
    ]
    notice = (_notice(limit.link),) if any(part.left for part in parts) else ()
    return _joined(head, parts, (*notice, *foot))


def _bare(head: Sequence[str], sections: Sequence[Section], foot: Sequence[str], limit: Limit) -> int:
    """How much everything takes but the rows."""
    parts = [Part(section, 0, 0, max(section.number(0), 1)) for section in sections]
    frames = sum(limit.measure(f"{header(section.header)}{_CONTINUED}") for section in sections)
    return limit.measure(_joined(head, parts, (_notice(limit.link), *foot))) + frames


def more(number: int, noun: str) -> str:
    """`and 4,213 more changes`."""
    return f"and {counted(number, f'more {noun}')}"


def everything(link: str | None) -> str:
    """Where the whole of a page is."""
    where = "`orgsync plan --format json` prints" if link is None else f"[The full plan]({link}) has"
    return f"{where} everything."


def _notice(link: str | None) -> str:
    return f"**Shortened** to GitHub's limit. {everything(link)}"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a section that are shown on one page, and how many are shown on none."""

    section: Section
    start: int
    stop: int
    left: int = 0


def _joined(head: Sequence[str], parts: Sequence[Part], foot: Sequence[str]) -> str:
    return "\n\n".join(block for block in (*head, *map(_block, parts), *foot) if block) + "\n"


def _block(part: Part) -> str:
    section = part.section
    rows = "\n".join(section.rows[part.start : part.stop])
    title = section.title if part.start == 0 else f"{section.title}{_CONTINUED}"
    foldable = section.folded or len(section.rows) > LONG
    fold = f"<details{'' if section.folded else ' open'}>\n<summary>{title}</summary>"
    blocks = (
        fold if foldable else f"#### {title}",
        section.intro if part.start == 0 else "",
        f"{header(section.header)}{rows}" if rows else "",
        more(part.left, section.noun) if part.left else "",
        "</details>" if foldable else "",
    )
    return "\n\n".join(block for block in blocks if block)


def _fitting(sections: Sequence[Section], begun: Sequence[int], room: int, measure: Callable[[str], int]) -> list[int]:
    """Up to which row of each section fits: at first none takes more than half of the room that others left."""
    shown = list(begun)
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
