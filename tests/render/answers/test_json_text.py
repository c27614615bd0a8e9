"""JSON of answers: nothing of one part takes the place of another."""

from __future__ import annotations

import pytest

from orgsync.core.answers.answer import Answer, Column, Table
from orgsync.render.answers import json_text


@pytest.mark.parametrize("names", [("notes",), ("requests",), ("as_of",), ("keys", "keys")])
def test_no_two_parts_have_one_name(names: tuple[str, ...]) -> None:
    tables = tuple(Table(name, (Column("a"),), ({"a": 1},)) for name in names)
    with pytest.raises(ValueError, match="have one name"):
        json_text.data(Answer("keys", "title", tables=tables, facts={"as_of": "now"}))


def test_every_row_has_every_column() -> None:
    table = Table("keys", (Column("a"), Column("b")), ({"a": 1}, {"b": 2, "c": 3}))
    assert json_text.data(Answer("keys", "title", tables=(table,)))["keys"] == [
        {"a": 1, "b": None},
        {"a": None, "b": 2},
    ]
