"""The table of error codes, against the official SDK's: code and status belong together there, too."""

from __future__ import annotations

import pytest
from anthropic._error_classes import ERROR_CLASSES

from orgsync.api.codes import CODES, MAY_HAVE_HAPPENED, REPEATABLE, Meaning, known


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_the_status_that_the_sdk_knows_it_with(code: str) -> None:
    statuses = {status for status, known_code in ERROR_CLASSES if known_code == code}
    assert not statuses or CODES[code].status in statuses  # an older SDK does not know the newest


@pytest.mark.parametrize("code", CODES)
def test_a_row_says_what_to_do_and_what_became_of_the_write(code: str) -> None:
    row = CODES[code]
    assert row.hint
    assert (row.became is not None) == (row.meaning in MAY_HAVE_HAPPENED)
    assert (row.shown is not None) == (row.meaning in MAY_HAVE_HAPPENED)


def test_what_may_be_repeated_may_not_be_made() -> None:
    assert Meaning.MADE not in REPEATABLE
    assert Meaning.REFUSED not in REPEATABLE | MAY_HAVE_HAPPENED


@pytest.mark.parametrize(
    ("code", "status", "found"),
    [("already_member", 400, True), ("already_member", 503, False), ("new_in_2027", 400, False), (None, None, False)],
)
def test_code_and_status_are_looked_up_together(code: str | None, status: int | None, found: bool) -> None:
    assert (known(code, status) is not None) == found
