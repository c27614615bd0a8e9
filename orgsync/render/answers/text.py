"""An answer as a person reads it in a terminal: its title, its steps, its tables, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Mark
from orgsync.core.words.plural import counted
from orgsync.render.answers.table_text import write_table
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import name

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer

_STYLES = {Mark.HOLDS: "green", Mark.FAILS: "red", Mark.UNKNOWN: "yellow", Mark.NOTES: "yellow"}


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
        write_table(page, table)
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
