"""An answer as GitHub-flavoured Markdown, in which nothing from outside can format, link or mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import NONE, Mark
from orgsync.render.page.markdown_text import code, header, prose, row

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer, Table

_BEGINS = re.compile(r"[-+*>#=_|]|[0-9]+[.)]")
"""What could begin a list, a heading, a quotation, a rule or a table at the start of a line."""

_MARKS = {Mark.HOLDS: "holds", Mark.FAILS: "**fails**", Mark.UNKNOWN: "not known", Mark.NOTES: "note"}


def render(answer: Answer) -> str:
    """The whole answer."""
    blocks = [f"### {prose(answer.title)}"]
    if answer.steps:
        lines = [f"- {_MARKS[step.mark]}: {prose(step.text)}{_where(step.where)}" for step in answer.steps]
        blocks.append("\n".join(lines))
    blocks.extend(f"Fix: {prose(fix)}" for fix in answer.fixes)
    for table in answer.tables:
        blocks.extend(_table(table))
    if answer.notes:
        blocks.append("\n".join(f"- {_line(note)}" for note in answer.notes))
    blocks.append(_line(answer.basis))
    return "\n\n".join(blocks) + "\n"


def _line(text: str) -> str:
    """A sentence at the start of a line, where its first word could begin something else than a paragraph."""
    first, space, rest = text.strip().partition(" ")
    return f"{code(first)}{space}{prose(rest)}" if _BEGINS.match(first) else prose(text)


def _where(where: str) -> str:
    return f" ({code(where)})" if where else ""


def _table(table: Table) -> list[str]:
    blocks = [f"**{prose(table.title)}**"] if table.title and (table.rows or table.empty) else []
    if not table.rows:
        return [*blocks, _line(table.empty)] if table.empty else blocks
    columns = [column for column in table.columns if column.title]
    for group, rows in table.grouped():
        if group is not None:
            blocks.append(f"**{prose(group)}**")
        lines = [header([column.title for column in columns]).rstrip("\n")]
        for one in rows:
            shown = [column.shown(one) for column in columns]
            lines.append(row(["" if text == NONE else code(text) for text in shown]))
        blocks.append("\n".join(lines))
    return blocks
