"""An answer as a person reads it in a terminal: its title, its steps, its tables, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Mark
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
    page.write((name(answer.basis), "dim"))
    return page.text()
