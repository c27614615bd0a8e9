"""Answers without the names of people: e-mail addresses with all but their first letter and their domain taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Answer, Step, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.answers.answer import Column

# An address as people and the API write one, wherever in a text; what is before the @ is shown as its first letter.
_MAILBOX = re.compile(r"""([^\s@<>()\[\],;:"/\\=|])[^\s@<>()\[\],;:"/\\=|]*@(?=[\w-])""")


def masked_text(text: str) -> str:
    """The text, with `a…@acme.example` for each address in it."""
    return _MAILBOX.sub(r"\1…@", text)


def masked(answer: Answer) -> Answer:
    """The answer with every e-mail address masked, wherever it stands."""
    return replace(
        answer,
        title=masked_text(answer.title),
        steps=tuple(Step(one.mark, masked_text(one.text), one.where) for one in answer.steps),
        fixes=tuple(map(masked_text, answer.fixes)),
        tables=tuple(map(_masked_table, answer.tables)),
        notes=tuple(map(masked_text, answer.notes)),
        facts=_masked(answer.facts),
    )


def _masked_table(table: Table) -> Table:
    columns = tuple(replace(column, words=_words_masked(column)) for column in table.columns)
    return replace(
        table,
        title=masked_text(table.title),
        empty=masked_text(table.empty),
        columns=columns,
        rows=tuple(_masked(row) for row in table.rows),
    )


def _words_masked(column: Column) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: masked_text(column.shown(row))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {masked_text(key): _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value
