"""Every way in which one field of one row can be other than its kind declares, made from the declarations alone."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.core.model.recording import ME, ME_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.rows import Row, RowField

    from .world import Change

MISSING: Any = object()
OTHER_TYPES: tuple[Any, ...] = (7, "a future word", {}, {"type": "future"}, [], [7], True, 4000.5)
"""Values of every type that JSON has; those that a field may hold are none of its oddities."""


@dataclass(frozen=True)
class Probe:
    """One field of one row, and what it holds instead. `known`: it may, so that a plan may say so like any other."""

    path: str
    row: int
    field: str
    value: Any
    known: bool

    def __str__(self) -> str:
        shown = "missing" if self.value is MISSING else repr(self.value)
        return f"{self.path} row {self.row + 1}: {self.field} {shown}{' (declared)' if self.known else ''}"

    @property
    def change(self) -> Change:
        """The rows of the list, with this one changed."""

        def changed(path: str, rows: list[Row]) -> list[Row]:
            if path != self.path or len(rows) <= self.row:
                return rows
            rows = copy.deepcopy(rows)
            inside = _inside(rows[self.row], self.field)
            if inside is not None:
                last = self.field.rpartition(".")[2]
                if self.value is MISSING:
                    inside.pop(last, None)
                else:
                    inside[last] = self.value
            return rows

        return changed


def probes(lists: Sequence[tuple[str, tuple[RowField, ...], Sequence[Row]]]) -> Iterator[Probe]:
    """All probes of these lists: path, fields and rows of each."""
    for path, fields, rows in ((ME, ME_FIELDS, ({"id": "x", "name": "y"},)), *lists):
        for number, row in enumerate(rows):
            for field in fields:
                yield from _of_field(path, number, row, field)


def _of_field(path: str, number: int, row: Row, field: RowField) -> Iterator[Probe]:
    inside = _inside(row, field.path)
    if inside is None:
        return
    expected = field.expected_in(inside)
    yield Probe(path, number, field.path, MISSING, not expected or field.optional)
    yield Probe(path, number, field.path, None, not expected or field.null)
    others = [value for value in OTHER_TYPES if not field.holds.fits(value)]
    yield from (Probe(path, number, field.path, value, not expected) for value in others)
    known = (*sorted(field.holds.words), *field.holds.samples)
    yield from (Probe(path, number, field.path, value, known=True) for value in known if field.holds.fits(value))


def _inside(row: Row, path: str) -> Row | None:
    """The object that holds the field of this path: of several in a list, the first."""
    inside: Any = row
    for step in path.split(".")[:-1]:
        inside = inside.get(step) if isinstance(inside, dict) else None
        if isinstance(inside, list):
            inside = inside[0] if inside else None
    return inside if isinstance(inside, dict) else None
