"""Answers without the names of people: e-mail addresses with all but their first letter and their domain taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Answer, Looked, Step, Table
from orgsync.core.model.change import Organization
from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.answers.answer import Column
    from orgsync.errors import OrgsyncError

# An address as people and the API write one, wherever in a text; of what is before the @, which may be in quotes, the
# first letter is shown. Some write the @ in full width.
_PART = r"""[^\s@\uff20<>()\[\],;:"/\\=|]"""
_MAILBOX = re.compile(rf"""(?:({_PART}){_PART}*|"([^"\n])[^"\n]*")[@\uff20](?=[\w\[-])""")


def masked_text(text: str) -> str:
    """The text, with `a…@acme.example` for each address in it."""
    return _MAILBOX.sub(lambda found: f"{found[1] or found[2]}…@", text)


def masked_error(error: OrgsyncError) -> OrgsyncError:
    """The error, with every address in what it says masked. It stays the same error, with the same cause."""
    if error.hint is not None:
        error.hint = masked_text(error.hint)
    if isinstance(error, InputError):
        error.problems = tuple(
            replace(
                one,
                message=masked_text(one.message),
                address=None if one.address is None else masked_text(one.address),
                hint=None if one.hint is None else masked_text(one.hint),
            )
            for one in error.problems
        )
    error.args = tuple(masked_text(one) if isinstance(one, str) else one for one in error.args)
    return error


def masked(answer: Answer) -> Answer:
    """The answer with every e-mail address masked, wherever it stands."""
    whose = answer.organization
    return replace(
        answer,
        title=masked_text(answer.title),
        organization=None if whose is None else Organization(whose.id, masked_text(whose.name)),
        looked=tuple(Looked(masked_text(one.source), one.at) for one in answer.looked),
        steps=tuple(Step(one.mark, masked_text(one.text), masked_text(one.where)) for one in answer.steps),
        fixes=tuple(map(masked_text, answer.fixes)),
        tables=tuple(map(_masked_table, answer.tables)),
        notes=tuple(map(masked_text, answer.notes)),
        facts=_masked(answer.facts),
    )


def _masked_table(table: Table) -> Table:
    return replace(
        table,
        title=masked_text(table.title),
        empty=masked_text(table.empty),
        columns=tuple(replace(column, words=_words_masked(column)) for column in table.columns),
        rows=tuple(_masked(row) for row in table.rows),
    )


def _words_masked(column: Column) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: masked_text(column.shown(row))


def _masked(value: Any) -> Any:
    """The value, inside and out. Two names that are masked alike stay two."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        data: dict[str, Any] = {}
        for key, one in value.items():
            name, number = masked_text(key), 1
            while name in data:
                number += 1
                name = f"{masked_text(key)} ({number})"
            data[name] = _masked(one)
        return data
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value
