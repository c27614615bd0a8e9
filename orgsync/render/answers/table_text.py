"""A table as a person reads it in a terminal: side by side as far as that fits, and the details on a second line.

A word is never broken to make a table fit: rather, each row becomes a paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len

from orgsync.core.answers.answer import NONE
from orgsync.render.page.terminal import folded
from orgsync.render.page.values import name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orgsync.core.answers.answer import Column, Table
    from orgsync.render.page.terminal import Page

_GAP = "  "
_NARROWEST = 12
"""A column is wrapped to no fewer cells than this."""
_LONGEST_WORD = 44
"""A longer one, which nobody copies by hand, may be broken."""


def write_table(page: Page, table: Table) -> None:
    """The table with its title; or what stands for it where it has no row."""
    if not table.rows and not table.empty:
        return
    page.blank()
    if table.title:
        page.write((name(table.title), "bold"))
    if not table.rows:
        page.write(name(table.empty))
        return
    columns = [column for column in table.columns if column.title]
    groups = [
        (head, [[name(column.shown(row)) for column in columns] for row in rows]) for head, rows in table.grouped()
    ]
    layout = _fitting(columns, [cells for _head, rows in groups for cells in rows], page.width)
    if layout is not None:
        _write_side_by_side(page, layout, [column.title for column in columns], style="dim")
    for head, rows in groups:
        if head is not None:
            page.blank()
            page.write((name(head), "bold"))
        for cells in rows:
            if layout is None:
                _write_paragraph(page, columns, cells)
            else:
                _write_side_by_side(page, layout, cells)
                _write_details(page, layout, columns, cells)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns stand side by side, each with its width, and which stand on a line of their own."""

    widths: Mapping[int, int]
    right: frozenset[int]
    details: tuple[int, ...] = ()


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> _Layout | None:
    """How the columns fit into the width; None: they do not."""
    every = range(len(columns))
    right = frozenset(index for index in every if columns[index].right)
    texts = [[column.title, *(cells[index] for cells in rows)] for index, column in enumerate(columns)]
    natural = [max(map(cell_len, text)) for text in texts]
    details = tuple(index for index in every if columns[index].detail)
    for under in (details[kept:] for kept in range(len(details), -1, -1)):
        widths = {index: natural[index] for index in every if index not in under}
        if _total(widths) <= width:
            return _Layout(widths, right, under)  # as few under as need be
    floors = {index: natural[index] if index in right else _floor(texts[index], natural[index]) for index in widths}
    for group in ([index for index in widths if columns[index].grows], list(widths)):
        while _total(widths) > width:
            widest = max(group, key=lambda index: widths[index] - floors[index], default=None)
            if widest is None or widths[widest] <= floors[widest]:
                break
            widths[widest] -= 1
    return _Layout(widths, right, details) if _total(widths) <= width else None


def _floor(texts: Sequence[str], natural: int) -> int:
    longest = max((cell_len(word) for text in texts for word in text.split()), default=0)
    return min(natural, max(_NARROWEST, min(longest, _LONGEST_WORD)))


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _write_side_by_side(page: Page, layout: _Layout, cells: Sequence[str], style: str = "") -> None:
    """One row, in as many lines as its highest cell has."""
    columns = [folded(cells[index], width) for index, width in layout.widths.items()]
    for line in zip_longest(*columns, fillvalue=""):
        parts = [
            _padded(text, width, right=index in layout.right)
            for text, (index, width) in zip(line, layout.widths.items(), strict=True)
        ]
        page.write((_GAP.join(parts).rstrip(), style))


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * max(width - cell_len(text), 0)
    return f"{space}{text}" if right else f"{text}{space}"


def _write_details(page: Page, layout: _Layout, columns: Sequence[Column], cells: Sequence[str]) -> None:
    indent = next(iter(layout.widths.values())) + len(_GAP)
    for line in _packed(_told(columns, cells, layout.details), page.width - indent):
        page.write((line, "dim"), lead=(" " * indent,))


def _write_paragraph(page: Page, columns: Sequence[Column], cells: Sequence[str]) -> None:
    """One row of a table that is too wide: its first text as the heading, and the rest beneath."""
    first = next((index for index, column in enumerate(columns) if not column.right), 0)
    page.write((cells[first], "bold"))
    told = _told(columns, cells, [index for index in range(len(columns)) if index != first])
    for line in _packed(told, page.width - len(_GAP)):
        page.write(line, lead=(_GAP,))


def _told(columns: Sequence[Column], cells: Sequence[str], indexes: Sequence[int]) -> list[str]:
    return [f"{columns[index].title} {cells[index]}" for index in indexes if cells[index] not in {"", NONE}]


def _packed(parts: Sequence[str], room: int) -> list[str]:
    """The parts in as few lines as hold them one after the other, none of them broken if a line can hold it."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(lines[-1]) + cell_len(part) + len("; ") <= room:
            lines[-1] = f"{lines[-1]}; {part}"
        else:
            lines.append(part)
    return lines
