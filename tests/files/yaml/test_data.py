"""What a well-formed text means: values, places, aliases, merge keys, limits."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import yaml

from files.yaml.support import data_of, problems_of
from orgsync.core.words.source import Map, Seq, Source
from orgsync.files.yaml import builder as yaml_builder
from orgsync.files.yaml.builder import MAX_ALIAS_VALUES, MAX_PROBLEMS, Budget
from orgsync.files.yaml.errors import MAX_DEPTH

SCALARS: dict[str, Any] = {
    # null and truth, in the spellings of YAML 1.2's core schema only
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nULL": "nULL",
    "true": True,
    "True": True,
    "TRUE": True,
    "tRUE": "tRUE",
    "false": False,
    "False": False,
    "FALSE": False,
    "yes": "yes",
    "No": "No",
    "on": "on",
    "OFF": "OFF",
    "y": "y",
    # whole numbers
    "0": 0,
    "-0": 0,
    "5000": 5000,
    "+12": 12,
    "-12": -12,
    "9" * 40: int("9" * 40),
    "007": "007",
    "0x1F": "0x1F",
    "0o17": "0o17",
    "1_000": "1_000",
    "1,000": "1,000",
    "12:30": "12:30",
    "12:30:45": "12:30:45",
    "\u0661": "\u0661",
    # exact decimals, with the digits that were written
    "1.5": Decimal("1.5"),
    "1.50": Decimal("1.50"),
    "0.1": Decimal("0.1"),
    "-0.5": Decimal("-0.5"),
    ".5": Decimal("0.5"),
    "5.": Decimal(5),
    "1e6": Decimal("1e6"),
    "1.5E+3": Decimal("1.5E+3"),
    "1e-30": Decimal("1e-30"),
    "01.5": "01.5",
    "1.2.3": "1.2.3",
    "e6": "e6",
    ".": ".",
    "-": "-",
    "+": "+",
    "inf": "inf",
    "nan": "nan",
    # everything else is the text that was written
    "2026-12-31": "2026-12-31",
    "2026-12-31T10:00:00Z": "2026-12-31T10:00:00Z",
    "12345678-1234-5678-1234-567812345678": "12345678-1234-5678-1234-567812345678",
    "ana@acme.com": "ana@acme.com",
    "90d": "90d",
    "=": "=",
    '"5000"': "5000",
    "'true'": "true",
    '"~"': "~",
    "''": "",
    '"tab\\there, \\u202e and \\0"': "tab\there, \u202e and \0",
    "|\n  two\n  lines": "two\nlines",
    ">\n  one\n  line": "one line",
    "|\n  5": "5",
}


@pytest.mark.parametrize(("written", "meant"), [case for case in SCALARS.items() if case[0] != "-"], ids=repr)
def test_scalar(written: str, meant: object) -> None:
    value = data_of(f"key: {written}")["key"]
    assert value == meant
    assert type(value) is type(meant)
    assert str(value) == str(meant)


def test_a_key_is_the_text_that_was_written() -> None:
    text = "1: a\n1.50: b\ntrue: c\n2026-12-31: d\n'null': e\n0x1F: f\n'<<': g\n\"1\\n\": h\n? long\n: i\n"
    assert list(data_of(text)) == ["1", "1.50", "true", "2026-12-31", "null", "0x1F", "<<", "1\n", "long"]


def test_keys_and_items_know_their_place() -> None:
    data = data_of("version: 1\n\nteams:\n  \u00e9\U0001f600: x\n  platform: [ana,  raj]\n  'core':\n  - kim\n  -\n")
    teams = data["teams"]
    assert data.sources == {"version": Source("org.yaml", 1, 1), "teams": Source("org.yaml", 3, 1)}
    assert teams.sources["\u00e9\U0001f600"] == Source("org.yaml", 4, 3)
    assert teams.sources["platform"] == Source("org.yaml", 5, 3)
    assert teams["platform"].sources == [Source("org.yaml", 5, 14), Source("org.yaml", 5, 20)]
    assert teams.sources["core"] == Source("org.yaml", 6, 3)
    assert [source.line for source in teams["core"].sources] == [7, 8]


def test_columns_count_characters() -> None:
    data = data_of("{\u00e9: 1, \U0001f600: 2, z: 3}")
    assert [source.column for source in data.sources.values()] == [2, 8, 14]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_any_line_break_ends_a_line(line_break: str) -> None:
    data = data_of(line_break.join(["a: 1", "# note", "b: 2", ""]))
    assert data.sources["b"] == Source("org.yaml", 3, 1)


def test_an_alias_is_a_value_of_its_own() -> None:
    data = data_of("a: &a {x: [1, 2]}\nb: *a\nc: [*a]\n")
    assert data["a"] == data["b"] == data["c"][0]
    assert data["a"] is not data["b"]
    assert data["a"]["x"] is not data["b"]["x"]
    assert type(data["b"]) is Map
    assert type(data["b"]["x"]) is Seq
    assert data["b"].sources == data["a"].sources, "a copied value stands where it was written"
    assert data["b"]["x"].sources == data["a"]["x"].sources
    assert data["c"].sources == [Source("org.yaml", 3, 5)]


def test_an_alias_of_a_scalar_keeps_its_type() -> None:
    assert data_of("a: &a 1.50\nb: *a\nc: &c '1'\nd: *c\n&e e: *c\nf: *e\n") == {
        "a": Decimal("1.50"),
        "b": Decimal("1.50"),
        "c": "1",
        "d": "1",
        "e": "1",
        "f": "e",
    }


def test_an_alias_means_the_latest_anchor_of_its_name() -> None:
    assert data_of("a: &x 1\nb: *x\nc: &x [&x 2]\nd: *x\n") == {"a": 1, "b": 1, "c": [2], "d": 2}


def test_aliases_share_one_budget() -> None:
    budget = Budget(by_alias=3)
    assert not problems_of("a: &a [1, 2]\nb: *a\n", budget)
    assert budget.by_alias == 0
    assert [problem.source for problem in problems_of("a: &a 1\nb: *a\n", budget)] == [Source("org.yaml", 2, 4)]


def test_billion_laughs_end_after_the_budget_and_not_after_a_billion() -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    lines = ["a: &a [lol]"] + [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise(names)]
    budget = Budget()
    problems = problems_of("\n".join(lines), budget)
    assert [problem.message for problem in problems] == [f"aliases add more than {MAX_ALIAS_VALUES:,} values"]
    assert budget.by_alias == -1, "one value too many is where copying stops"


def test_values_share_one_budget() -> None:
    assert not problems_of("a: [1, 2]\n", Budget(values=6))
    assert [problem.source for problem in problems_of("a: [1, 2]\nb: []\n", Budget(values=6))] == [
        Source("org.yaml", 3, 1)
    ]


def test_merge_key_adds_what_is_missing() -> None:
    data = data_of("base: &base {role: user, until: 2026-12-31}\nkim: {role: admin, <<: *base}\n")
    assert data["kim"] == {"role": "admin", "until": "2026-12-31"}
    assert data["kim"].sources == {"role": Source("org.yaml", 2, 7), "until": Source("org.yaml", 1, 26)}


def test_merge_key_of_a_list_takes_the_first_that_has_the_key() -> None:
    data = data_of("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b, {w: 3}]\n  z: 0\n")
    assert data["c"] == {"z": 0, "x": 1, "y": 1, "w": 3}


def test_a_merged_map_can_be_merged_again() -> None:
    data = data_of("a: &a {x: 1}\nb: &b\n  <<: *a\n  inner: {<<: *a, y: 2}\nc: {<<: *b}\n<<: *b\n")
    assert data["c"] == {"inner": {"x": 1, "y": 2}, "x": 1}
    assert data["x"] == 1


def test_the_deepest_nesting_allowed() -> None:
    assert not problems_of("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    assert problems_of("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    inner = "[" * 10 + "]" * 10
    assert not problems_of(f"a: &a {inner}\nb: {'[' * 19}*a{']' * 19}")
    assert problems_of(f"a: &a {inner}\nb: {'[' * 20}*a{']' * 20}")


def test_deep_nesting_of_any_size_is_refused_at_the_limit() -> None:
    for opening in ("[", "{a: ", "- ", "? "):
        assert problems_of(opening * 100_000)[-1].message == "nested deeper than 30 levels"


def test_problems_of_one_file_are_bounded() -> None:
    problems = problems_of("a: 1\n" * (MAX_PROBLEMS * 3))
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].message == "reading stopped here, after 1,000 problems"


def test_text_of_the_file_is_shown_without_what_it_could_do_to_a_terminal() -> None:
    text = '"\\e[31m\\n\\u202e": 1\n' * 2 + f"{'x' * 500}: 1\n" * 2
    first, second = problems_of(text)
    assert '"\\x1b[31m\\n\\u202e"' in first.message
    assert f'"{"x" * 60}..."' in second.message


def test_explicit_directives_and_document_marks_are_read() -> None:
    assert data_of("%YAML 1.2\n---\nyes: no\n...\n") == {"yes": "no"}


def test_an_error_the_parser_gives_no_place_for_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, _text: str) -> None: ...

        def get_event(self) -> None:
            raise yaml.YAMLError("unexplained")

    monkeypatch.setattr(yaml_builder, "Parser", Broken)
    assert [str(problem) for problem in problems_of("a: 1")] == ["org.yaml:1:1: this is not YAML: unexplained"]
