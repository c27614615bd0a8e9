"""An answer as a person reads it in a terminal: its title, its steps, its tables, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from orgsync.core.answers.answer import Mark
from orgsync.core.words.plural import counted
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.answers.answer import Answer, Table
    from orgsync.render.page.terminal import Part

_STYLES = {Mark.HOLDS: "green", Mark.FAILS: "red", Mark.UNKNOWN: "yellow", Mark.NOTES: "yellow"}

_GAP = "  "
_WIDEST = 44
"""A column that does not grow is cut for the eye beyond this many cells: its text then runs into the next line."""


def render(answer: Answer, *, width: int = 80, color: bool = False) -> str:
    """The whole answer, no wider than `width` where its words allow it."""
    page = Page(width=width, color=color)
    page.write((name(answer.title), "bold"))
    for step in answer.steps:
        where = f" ({name(step.where)})" if step.where else ""
        page.write(f"{name(step.text)}{where}", lead=("  ", (step.mark.value, _STYLES[step.mark]), " "))
    for fix in answer.fixes:
        page.write(name(fix), lead=("  ", "fix: "))
    for table in answer.tables:
        _write_table(page, table, width)
    if answer.notes:
        page.blank()
    for note in answer.notes:
        page.write(name(note), lead=(("!", "yellow"), " "))
    page.blank()
    page.write((_footer(answer), "dim"))
    return page.text()


def _footer(answer: Answer) -> str:
    looked = [f"{name(one.source)} as of {one.at}" if one.at else name(one.source) for one in answer.looked]
    return f"{', '.join(looked) or 'no data'}; {counted(answer.requests, 'request')}"


def _write_table(page: Page, table: Table, width: int) -> None:
    if not table.rows and not table.empty and not table.title:
        return
    page.blank()
    if table.title:
        page.write((name(table.title), "bold"))
    if not table.rows:
        if table.empty:
            page.write(name(table.empty))
        return
    columns = [column for column in table.columns if column.title]
    cells = [[name(column.show(row.get(column.name))) for column in columns] for row in table.rows]
    titles = [column.title for column in columns]
    rights = [column.right for column in columns]
    widths = [min(max(map(cell_len, column)), _WIDEST) for column in zip(titles, *cells, strict=True)]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > width and not any(one.grows for one in columns[-1:]):
        _write_records(page, titles, cells)
        return
    page.write(("".join(_line(titles, widths, rights)), "dim"))
    for row in cells:
        lead, last = _line(row, widths, rights)
        page.write(last, lead=(lead,)) if columns[-1].grows else page.write(f"{lead}{last}")


def _line(row: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> tuple[str, str]:
    """The cells side by side but the last one, and that."""
    parts = [_padded(text, width, right) for text, width, right in zip(row, widths, rights, strict=True)]
    return _GAP.join((*parts[:-1], "")), parts[-1].rstrip() if not rights[-1] else parts[-1]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * max(width - cell_len(text), 0)
    return f"{space}{text}" if right else f"{text}{space}"


def _write_records(page: Page, titles: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """What is too wide for a table: one paragraph a row, its first cell as the heading."""
    for row in cells:
        page.write((row[0], "bold"))
        rest: list[Part] = [
            f"{title} {text}" for title, text in zip(titles[1:], row[1:], strict=True) if text not in {"", "-"}
        ]
        page.write(", ".join(str(part) for part in rest), lead=("  ",))
