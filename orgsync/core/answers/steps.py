"""A chain of checks as a table, for formats that have nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Column, Table

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer

_COLUMNS = (Column("check"), Column("text"), Column("where"))


def with_steps_as_table(answer: Answer) -> Answer:
    """The answer, its steps as the first of its tables; as it is where it has none."""
    if not answer.steps:
        return answer
    rows = tuple({"check": one.mark.name.lower(), "text": one.text, "where": one.where} for one in answer.steps)
    return replace(answer, tables=(Table("steps", _COLUMNS, rows), *answer.tables))
