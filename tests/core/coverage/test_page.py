"""docs/coverage.md has everything that is deliberately not watched, as kinds declare it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from orgsync.core.coverage.measure import ignored_of
from orgsync.kinds import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"


def test_the_page_has_what_is_ignored() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(/v1/[^`]+)` \| `?([^|`]+)`? \| ([^|]+) \|$", page, re.MULTILINE)
    assert rows == [(one.list, one.what, one.reason) for one in ignored_of(KINDS)]
