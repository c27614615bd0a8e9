"""The words for codes are said once: in the documentation and in rules for code scanning alike."""

from __future__ import annotations

import re
from pathlib import Path

from orgsync.core.model.code_rows import ROWS, SHOWN, meaning
from orgsync.core.model.codes import Code

PAGE = Path(__file__).parents[3] / "docs" / "codes.md"


def test_codes_mean_what_the_documentation_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(code.value, row.level, row.meaning) for code, row in ROWS.items()]
    assert list(ROWS) == list(Code)


def test_a_code_of_another_version_is_no_error() -> None:
    assert meaning("from_the_future") == "See the message."


def test_what_findings_have_as_data_is_what_the_documentation_says() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("## As data")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert {code: tuple(re.findall(r"`(\w+)`", names)) for code, names in rows} == {
        code.value: names for code, names in SHOWN.items()
    }
