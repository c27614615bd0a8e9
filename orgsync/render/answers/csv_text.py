"""An answer as CSV (RFC 4180): its tables, one row each, for a spreadsheet that must not take a cell for a formula."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Column, Table
from orgsync.core.words.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.answers.answer import Answer

# What spreadsheets take for the beginning of a formula (CWE-1236): also after spaces, in the full-width forms, and
# after what separates cells in other countries, where a comma does not.
_FORMULA = re.compile(r"""(^\s*|[;|\t][\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])""")
_QUOTED = re.compile(r'[",;|\s]')

_STEPS = (Column("check"), Column("text"), Column("where"))


def render(answer: Answer) -> str:
    """A line of names, then one line a row. With several tables the first column says which one a row is of."""
    tables = [table for table in (_steps(answer), *answer.tables) if table is not None]
    columns = [column for table in tables for column in table.columns if not column.nested]
    names = list(dict.fromkeys(column.name for column in columns))
    several = len(tables) > 1
    lines = [_line(["table", *names] if several else names)]
    for table in tables:
        for row in table.rows:
            cells = [cell(row.get(name)) for name in names]
            lines.append(_line([table.name, *cells] if several else cells))
    return "".join(lines)


def cell(value: Any) -> str:
    """A value as the text of one cell: text that a spreadsheet would compute gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _FORMULA.sub(r"\1'", inert(value if isinstance(value, str) else _joined(value)))


def _joined(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _line(cells: Iterable[str]) -> str:
    return f"{','.join(map(_quoted, cells))}\r\n"


def _quoted(text: str) -> str:
    if _QUOTED.search(text) is None:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _steps(answer: Answer) -> Table | None:
    """The checks of a chain and what would change its end, as a table."""
    steps = [{"check": step.mark.name.lower(), "text": step.text, "where": step.where} for step in answer.steps]
    fixes = [{"check": "fix", "text": fix} for fix in answer.fixes]
    return Table("steps", _STEPS, (*steps, *fixes)) if steps or fixes else None
