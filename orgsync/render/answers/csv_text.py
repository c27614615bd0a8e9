"""An answer as CSV (RFC 4180): its tables, one row each, for a spreadsheet that must not take a cell for a formula."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any

from orgsync.core.words.inert import inert

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of one (CWE-1236)."""


def render(answer: Answer) -> str:
    """A line of names, then one line a row. With several tables the first column says which one a row is of."""
    several = len(answer.tables) > 1
    columns = [column for table in answer.tables for column in table.columns if not column.nested]
    names = list(dict.fromkeys(column.name for column in columns))
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(["table", *names] if several else names)
    for table in answer.tables:
        for row in table.rows:
            cells = [cell(row.get(name)) for name in names]
            writer.writerow([table.name, *cells] if several else cells)
    return file.getvalue()


def cell(value: Any) -> str:
    """A value as the text of one cell: text that a spreadsheet would compute begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = inert(value if isinstance(value, str) else _joined(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _joined(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
