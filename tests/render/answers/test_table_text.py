"""Tables in a terminal: they fit, no name or id is broken, and nothing of a row is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from orgsync.core.answers.answer import Answer, Column, Table
from orgsync.render.answers import text

COLUMNS = (
    Column("age", "age", right=True),
    Column("key", "key", grows=True),
    Column("owner", "owner"),
    Column("policies", "breaks", grows=True, detail=True),
    Column("status", "status", detail=True),
    Column("id", "id", detail=True),
    Column("unseen"),
)
LONG = {
    "age": 1234,
    "key": "data science (experiments) / the nightly evaluation of everything",
    "owner": "maximiliana.oberhausen-westerwald@subsidiary.acme.example",
    "policies": ["rotate-every-90-days", "no-keys-in-default", "owner-is-a-member"],
    "status": "inactive",
    "id": "apikey_01Rj2N8SVvo6BePZj99NhmiT",
}
SHORT = {
    "age": 3,
    "key": "lab/ci",
    "owner": "a@b.example",
    "policies": [],
    "status": "active",
    "id": "apikey_01Rj2N8SVv",
}
WIDE = {**SHORT, "key": "研究所/夜間ジョブ", "owner": "用户@例え.example"}


def shown(*rows: dict[str, Any], width: int, group: str | None = None) -> list[str]:
    page = text.render(Answer("keys", "Keys", tables=(Table("keys", COLUMNS, rows, group=group),)), width=width)
    return page.splitlines()[2:-2]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 140, 200])
@pytest.mark.parametrize("rows", [(SHORT,), (LONG,), (SHORT, LONG, WIDE)], ids=["short", "long", "both"])
def test_it_fits_and_shows_everything_unbroken(width: int, rows: tuple[dict[str, Any], ...]) -> None:
    lines = shown(*rows, width=width)
    assert max(map(cell_len, lines)) <= width
    page = " ".join(lines)
    for row in rows:
        for name in ("owner", "id", "status"):
            if cell_len(row[name]) <= min(width - 10, 44):
                assert row[name] in page
        for word in (*row["key"].split(), *row["policies"]):
            assert word in page


def test_details_go_under_the_row_as_few_as_need_be() -> None:
    assert shown(SHORT, width=80) == [
        "age  key     owner        breaks  status  id",
        "  3  lab/ci  a@b.example  -       active  apikey_01Rj2N8SVv",
    ]
    assert shown(SHORT, width=45) == [
        "age  key     owner        breaks  status",
        "  3  lab/ci  a@b.example  -       active",
        "     id apikey_01Rj2N8SVv",
    ]
    assert shown(SHORT, width=30) == [
        "age  key     owner",
        "  3  lab/ci  a@b.example",
        "     status active",
        "     id apikey_01Rj2N8SVv",
    ]


def test_what_is_too_wide_for_a_table_becomes_a_paragraph() -> None:
    assert shown(LONG, SHORT, width=60) == [
        "data science (experiments) / the nightly evaluation of",
        "everything",
        "  age 1,234",
        "  owner",
        "  maximiliana.oberhausen-westerwald@subsidiary.acme.example",
        "  breaks rotate-every-90-days, no-keys-in-default,",
        "  owner-is-a-member",
        "  status inactive; id apikey_01Rj2N8SVvo6BePZj99NhmiT",
        "lab/ci",
        "  age 3; owner a@b.example; status active",
        "  id apikey_01Rj2N8SVv",
    ]


def test_wide_letters_keep_the_columns_apart() -> None:
    lines = shown(SHORT, WIDE, width=80)
    starts = {cell_len(line[: line.index(found[0])]) for line in lines[1:] if (found := re.search(r"\S+@\S+", line))}
    assert len(starts) == 1


def test_groups_stand_under_headings_and_share_their_columns() -> None:
    assert shown(SHORT, {**SHORT, "key": "a much longer name"}, width=80, group="status") == [
        "age  key                 owner        breaks  status  id",
        "",
        "active",
        "  3  lab/ci              a@b.example  -       active  apikey_01Rj2N8SVv",
        "  3  a much longer name  a@b.example  -       active  apikey_01Rj2N8SVv",
    ]
