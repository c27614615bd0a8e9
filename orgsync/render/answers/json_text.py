"""An answer as JSON, for programs: each table under its name, every value as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.schema import FORMAT_VERSION
from orgsync.core.words.inert import inert_json

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer


def data(answer: Answer) -> dict[str, Any]:
    """The answer as data. Raises ValueError where a table has a name that every answer has for something else."""
    whose = answer.organization
    head = {
        "format_version": FORMAT_VERSION,
        "question": answer.question,
        "answer": answer.title,
        "organization": None if whose is None else {"id": whose.id, "name": whose.name},
        "data": [{"source": one.source, "at": one.at} for one in answer.looked],
        "requests": answer.requests,
        "steps": [{"check": step.mark.name.lower(), "text": step.text, "where": step.where} for step in answer.steps],
        "fixes": list(answer.fixes),
    }
    tables = {
        table.name: [{column.name: row.get(column.name) for column in table.columns} for row in table.rows]
        for table in answer.tables
    }
    notes = {"notes": list(answer.notes)}
    whole = {**head, **answer.facts, **tables, **notes}
    if len(whole) < sum(map(len, (head, answer.facts, answer.tables, notes))):
        raise ValueError(f"two parts of the answer of {answer.question} have one name")
    return whole


def render(answer: Answer) -> str:
    """One JSON object, indented."""
    return inert_json(json.dumps(data(answer), ensure_ascii=False, indent=2)) + "\n"
