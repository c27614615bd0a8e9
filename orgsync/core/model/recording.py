"""Reads of the API as data: what was asked, and what was answered. Snapshots and rehearsals are made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import dataclass, field
from typing import Any

from orgsync.core.model.rows import ID, TEXT, Row, RowField

ME = "/v1/organizations/me"
"""Whose credential this is."""

ME_FIELDS = (RowField("id", ID, identity=True), RowField("name", TEXT, identity=True))
"""What is looked at of the answer."""


_ONE_TIME = re.compile(r" \[[^\[\]]*\]$")
"""What a refusal says of the one request, such as its id."""


def lasting(refusal: str) -> str:
    """What a refusal says, without what the next one like it would say otherwise."""
    return _ONE_TIME.sub("", refusal)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The API's word that there is nothing to read: the HTTP status (400, 403 or 404) and what it said."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """One list that was read in full, or one object (a list of one); or how it was refused, and then no rows."""

    path: str
    query: Mapping[str, str]
    rows: tuple[Row, ...] = field(default=(), repr=False)
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that was read in one go, in the order of path and query."""

    reads: tuple[Read, ...] = field(default=(), repr=False)

    def find(self, path: str, query: Mapping[str, str]) -> Read | None:
        """The answer to exactly this question."""
        return next((read for read in self.reads if read.path == path and dict(read.query) == dict(query)), None)


def cut_to(row: Row, paths: Sequence[str]) -> Row:
    """The row with these fields alone (`scope.type`: that much of what is inside); all of it where none are named."""
    if not paths:
        return row
    inner: dict[str, list[str]] = {}
    for path in paths:
        name, _dot, rest = path.partition(".")
        inner.setdefault(name, []).extend([rest] if rest else [])
    return {name: _cut(value, inner[name]) for name, value in row.items() if name in inner}


def _cut(value: Any, fields: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return cut_to(value, fields)
    return [_cut(one, fields) for one in value] if isinstance(value, list) else value
