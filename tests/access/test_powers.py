"""What roles allow is what the table of facts says, for every combination there is."""

from __future__ import annotations

import itertools

import pytest

from access.facts import PEOPLE, ROLES, VERBS, WORKSPACES, allowed
from orgsync.questions.access.powers import Sort, Verb, account_key_works, contradicts, key_works, powers, role_held

WORDS = [*PEOPLE[:-1], "astronaut"]
LISTED: list[str | None] = [None, *ROLES[1:-1], "astronaut"]


def told(role: str | None, known: tuple[str, ...]) -> str:
    """The word of the table for a role."""
    return "none" if role is None else role if role in known else "not understood"


def test_the_table_speaks_of_what_can_be_done() -> None:
    assert set(VERBS) == set(Verb)
    assert set(WORKSPACES) == set(Sort)


@pytest.mark.parametrize("sort", WORKSPACES)
@pytest.mark.parametrize("role", WORDS)
def test_powers_are_those_of_the_table(role: str, sort: str) -> None:
    for listed, verb in itertools.product(LISTED, VERBS):
        expected = allowed(told(role, PEOPLE), sort, told(listed, ROLES), verb)
        assert powers(role, Sort(sort), listed).of(Verb(verb)) == expected, (listed, verb)


@pytest.mark.parametrize("sort", WORKSPACES)
@pytest.mark.parametrize("role", [*PEOPLE[:7], "astronaut"])
@pytest.mark.parametrize("credential", ["personal_key", "personal_key_everywhere"])
def test_keys_of_people_are_those_of_the_table(role: str, sort: str, credential: str) -> None:
    for listed in LISTED:
        held, expected = (
            role_held(role, Sort(sort), listed),
            allowed(told(role, PEOPLE), sort, told(listed, ROLES), "use_api", credential),
        )
        own = powers(role, Sort(sort), listed)
        assert key_works(own, has_access=held is not None) == expected, listed


@pytest.mark.parametrize("sort", WORKSPACES)
@pytest.mark.parametrize("credential", ["service_account_key", "service_account_key_everywhere"])
def test_keys_of_service_accounts_are_those_of_the_table(sort: str, credential: str) -> None:
    for role in [None, *ROLES[1:5]]:
        word = "implicit" if role is None and sort == "default" else told(role, ROLES)
        expected = allowed("svac_developer", sort, word, "use_api", credential)
        assert account_key_works(role, Sort(sort)) == expected, role


def test_a_contradiction_is_never_a_yes_but_for_what_the_organization_role_gives() -> None:
    for role, sort, listed in itertools.product(WORDS, Sort, LISTED):
        if contradicts(role, sort, listed):
            assert powers(role, sort, listed).may <= {Verb.SEE_COSTS, Verb.CLAUDE_CODE}
