"""Which keys a policy is about."""

from __future__ import annotations

from typing import Any

import pytest

from policies.support import a_key, policy, problem

ORGANIZATION_WIDE: dict[str, Any] = {"workspace": None, "workspace_tags": {}}


@pytest.mark.parametrize(
    ("match", "facts", "covers"),
    [
        ("{}", {}, True),
        ("{workspaces: [production]}", {}, True),
        ("{workspaces: [Production]}", {}, False),
        ("{workspaces: [staging, 'prod*']}", {}, True),
        ("{workspaces: ['prod']}", {}, False),
        ("{workspaces: ['chat-?']}", {"workspace": "chat-2"}, True),
        ("{workspaces: [Default]}", {"workspace": "Default"}, True),
        ("{names: ['chat*']}", {}, True),
        ("{names: ['Chat*']}", {}, False),
        ("{names: ['etl[1]']}", {"name": "etl[1]"}, True),
        ("{names: ['etl[1]']}", {"name": "etl1"}, True),
        ("{names: ['*']}", {"name": "two\nlines"}, True),
        ("{tags: {env: prod}}", {}, True),
        ("{tags: {env: 'p*'}}", {}, True),
        ("{tags: {env: staging}}", {}, False),
        ("{tags: {ENV: prod}}", {}, False),
        ("{tags: {env: prod, team: '*'}}", {}, False),
        ("{tags: {env: prod, team: '*'}}", {"workspace_tags": {"env": "prod", "team": ""}}, True),
        ("{workspaces: [production], names: [other]}", {}, False),
        ("{}", ORGANIZATION_WIDE, True),
        ("{workspaces: ['*']}", ORGANIZATION_WIDE, True),
        ("{workspaces: [production, '*']}", ORGANIZATION_WIDE, True),
        ("{workspaces: ['**']}", ORGANIZATION_WIDE, False),
        ("{workspaces: [production]}", ORGANIZATION_WIDE, False),
        ("{names: [chatbot]}", ORGANIZATION_WIDE, True),
        ("{tags: {env: '*'}}", ORGANIZATION_WIDE, False),
    ],
)
def test_what_is_written_has_to_match(match: str, facts: dict[str, Any], covers: bool) -> None:
    assert policy(f"{{match: {match}, max_active: 0}}").match.covers(a_key(**facts)) is covers


RENAMED: dict[str, Any] = {
    "other_workspaces": ("live-2",),
    "other_names": ("robot",),
    "other_tags": ({"env": "test"},),
}


@pytest.mark.parametrize(
    ("match", "covers"),
    [
        ("{workspaces: [live-2]}", True),
        ("{workspaces: ['live-?']}", True),
        ("{workspaces: [production]}", True),
        ("{workspaces: [staging]}", False),
        ("{names: [robot]}", True),
        ("{names: [chatbot]}", True),
        ("{names: [bot]}", False),
        ("{tags: {env: prod}}", True),
        ("{tags: {env: test}}", True),
        ("{tags: {env: staging}}", False),
        ("{workspaces: [live-2], names: [chatbot], tags: {env: test}}", True),
        ("{workspaces: [live-2], names: [bot], tags: {env: test}}", False),
    ],
)
def test_what_is_being_renamed_is_matched_by_either_name(match: str, covers: bool) -> None:
    assert policy(f"{{match: {match}, max_active: 0}}").match.covers(a_key(**RENAMED)) is covers


def test_what_of_an_organization_wide_key_the_files_declare_elsewhere_is_matched_there_too() -> None:
    key = a_key(**ORGANIZATION_WIDE, other_workspaces=("production",))
    for workspaces, covers in (("production", True), ("'*'", True), ("staging", False)):
        assert policy(f"{{match: {{workspaces: [{workspaces}]}}, max_active: 0}}").match.covers(key) is covers


@pytest.mark.parametrize(
    ("match", "message", "hint"),
    [
        ("{workspaces: []}", "must not be empty", None),
        ("{names: ['']}", "must not be empty", None),
        (
            "{workspaces: production}",
            'expected a list, found the text "production"',
            'write a list of one as ["production"]',
        ),
        ("{workspace: [production]}", 'unknown key "workspace"', 'did you mean "workspaces"?'),
        ("{tags: [env]}", "expected a map, found a list", None),
        ("null", "expected a map, found nothing", "known keys: workspaces, names, tags"),
    ],
)
def test_a_match_that_cannot_be_meant(match: str, message: str, hint: str | None) -> None:
    assert problem(f"{{match: {match}, max_active: 0}}") == (message, hint)


def test_a_hostile_glob_takes_no_time() -> None:
    hostile = policy(f"{{match: {{names: ['{'*a' * 200}b']}}, max_active: 0}}")
    assert not hostile.match.covers(a_key(name="a" * 500))
