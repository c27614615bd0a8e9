"""Values and names as a person reads them in a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import MAKING, Action
from orgsync.core.words.address import in_sentence
from orgsync.core.words.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.change import FieldChange, Line, Place, Through

LIMIT = 400
"""Longer names, messages and values lose their middle: a page that one of them fills hides all others."""

FEW = 3

NOTHING = "(none)"


def name(text: str) -> str:
    """A name or a message, fit for a terminal."""
    return inert(text, limit=LIMIT)


def address(text: str) -> str:
    """An address as `--allow` takes it. In quotes where it has spaces: it must not read on as a sentence of ours."""
    return in_sentence(name(text)) if " " in text else name(text)


def colon(shown: str) -> str:
    """What is shown, and a colon. One that it ends with is spelled out: two can be an order to a CI log."""
    return f"{shown[:-1]}\\x3a:" if shown.endswith(":") else f"{shown}:"


def value(data: Any) -> str:
    """A value as JSON, so that "5" and 5 differ; no value is `(none)`."""
    if data is None:
        return NOTHING
    return inert(json.dumps(data, ensure_ascii=False, default=str), limit=LIMIT)


def difference(field: FieldChange, action: Action) -> str:
    """What becomes of a field: `old -> new`, or the one side that says something where a thing begins or ends."""
    if field.before is None and action in MAKING:
        return value(field.after)
    if field.after is None and action in {Action.REMOVE, Action.WITHDRAW}:
        return value(field.before)
    return f"{value(field.before)} -> {value(field.after)}"


def few(names: Sequence[str]) -> str:
    """The first names and how many more: where a line shall not become a list."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more:,} more" if more > 0 else "")


def place(source: Place) -> str:
    """`org.yaml:12`; also through which line for a whole team, or that the line is gone, or that there is none."""
    if source.deleted is not None:
        return f"deleted from {file_line(source.deleted)}"
    if source.undeclared:
        return f"below {file_line(source)}"
    if source.through is None:
        return file_line(source)
    through = source.through
    there = f":{through.line}" if through.file == source.file else file_line(through)
    return f"{file_line(source)}, through {name(through.team)} at {there}"


def file_line(one: Place | Through | Line) -> str:
    """`org.yaml:12`, as programs read it."""
    return f"{colon(name(one.file))}{one.line}"
