"""CSV that a spreadsheet opens and computes nothing of, and that programs read back."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from orgsync.core.answers.answer import Answer, Column, Mark, Step, Table
from orgsync.render.answers import csv_text


def read(*rows: dict[str, Any], **more: Any) -> list[list[str]]:
    columns = (Column("a"), Column("b"), Column("c", nested=True))
    written = csv_text.render(
        Answer("keys", "title", tables=(Table("keys", columns, rows), *more.pop("tables", ())), **more)
    )
    assert written.count("\n") == written.count("\r\n")
    return list(csv.reader(StringIO(written, newline=""), strict=True))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u3000", "  "])
def test_no_cell_begins_like_a_formula(sign: str, before: str) -> None:
    ((_a, _b), (cell, empty)) = read({"a": f"{before}{sign}1+1"})
    assert cell.strip("\u00a0\u3000 ").startswith(("'", "\\")), cell
    assert empty == ""


@pytest.mark.parametrize("text", ["a;=1+1", "a; @SUM(1)", "a|=1", 'a";"=1', "x\t=1", "x\r=1", "x\n=1", ";\uff1d1"])
def test_nor_after_what_separates_cells_elsewhere(text: str) -> None:
    (_names, (cell, _b)) = read({"a": text})
    for separator in ";|\t\r\n":
        for part in cell.split(separator)[1:]:
            assert not part.lstrip(' "').startswith(("=", "+", "-", "@", "\uff1d")), cell


def test_values_come_back_as_they_are() -> None:
    rows = (
        {"a": 'said "no", twice', "b": -5},
        {"a": True, "b": None},
        {"a": ["one", "two, three"], "b": 1.5},
        {"a": {"x": 1}, "b": "'quoted", "c": ["not shown"]},
    )
    assert read(*rows)[1:] == [
        ['said "no", twice', "-5"],
        ["true", ""],
        ["one; two, three", "1.5"],
        ['{"x": 1}', "'quoted"],
    ]


def test_several_tables_say_which_one_a_row_is_of() -> None:
    other = Table("people", (Column("b"), Column("d")), ({"b": 1, "d": 2},))
    steps = (Step(Mark.FAILS, "no role", "org.yaml:3"),)
    assert read({"a": 3}, tables=(other,), steps=steps, fixes=("add them",)) == [
        ["table", "check", "text", "where", "a", "b", "d"],
        ["steps", "fails", "no role", "org.yaml:3", "", "", ""],
        ["steps", "fix", "add them", "", "", "", ""],
        ["keys", "", "", "", "3", "", ""],
        ["people", "", "", "", "", "1", "2"],
    ]
