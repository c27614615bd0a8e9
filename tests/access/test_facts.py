"""The table of facts is whole: each row says something, names its source, and is about words that exist."""

from __future__ import annotations

import csv
import itertools

import pytest

from access.facts import (
    ABSENT,
    ACCOUNTS,
    ANSWERS,
    COLUMNS,
    CONDITIONS,
    CREDENTIALS,
    PEOPLE,
    ROLES,
    TABLE,
    VERBS,
    WORKSPACES,
    allowed,
    facts,
)

KNOWN = (
    {*PEOPLE, *ABSENT, *ACCOUNTS, "-"},
    set(WORKSPACES),
    {*ROLES, "implicit"},
    set(CREDENTIALS),
    set(CONDITIONS),
    set(VERBS),
)

PAGES = ("Workspaces", "Service accounts", "Admin API", "Claude Console roles and permissions", "Creating and managing")


def test_rows_are_about_words_that_exist() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [*COLUMNS, "allowed", "source"]
    for row in rows[1:]:
        assert len(row) == len(rows[0]), row
        for name, cell, known in zip(COLUMNS, row, KNOWN, strict=False):
            assert cell == "*" or set(cell.split("|")) <= known, (name, row)
        assert row[6] in ANSWERS, row


def test_each_row_names_its_source() -> None:
    for one in facts():
        assert one.source.startswith(PAGES) or (one.source.startswith("no source") and one.allowed == "unknown"), one


def test_each_row_counts_for_something() -> None:
    rows = facts()
    for number, one in enumerate(rows):
        choices = (sorted(known if "*" in words else words) for words, known in zip(one.cases, KNOWN, strict=True))
        mine = itertools.product(*choices)
        assert any(not any(before.fits(case) for before in rows[:number]) for case in mine), one


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        (("billing", "ordinary", "admin", "manage_members"), "yes"),
        (("billing", "ordinary", "none", "manage_members"), "no"),
        (("billing", "ordinary", "none", "see_costs"), "yes"),
        (("user", "ordinary", "restricted_developer", "see_traces"), "no"),
        (("developer", "ordinary", "restricted_developer", "see_traces"), "unknown"),
        (("claude_code_user", "claude_code", "none", "claude_code"), "yes"),
        (("claude_code_user", "ordinary", "none", "playground"), "no"),
        (("billing", "claude_code", "none", "claude_code"), "no"),
        (("developer", "default", "none", "create_keys"), "yes"),
        (("admin", "default", "none", "manage_limits"), "no"),
        (("admin", "archived", "none", "create_keys"), "no"),
        (("admin", "claude_code", "none", "create_keys"), "no"),
        (("left", "ordinary", "none", "use_api", "personal_key"), "no"),
        (("left", "ordinary", "none", "use_api", "workspace_key"), "yes"),
        (("svac_developer", "default", "implicit", "use_api", "service_account_token"), "unknown"),
        (("svac_developer", "ordinary", "none", "use_api", "service_account_token"), "no"),
        (("managed", "ordinary", "developer", "create_keys"), "unknown"),
        (("owner", "ordinary", "none", "create_keys"), "yes"),
    ],
    ids=str,
)
def test_rows_that_contradict_the_simple_rule(case: tuple[str, ...], answer: str) -> None:
    assert allowed(*case) == answer
