"""Roles that guides, other products or the Console have, and the API lacks: the nearest one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import desired_from

from orgsync.errors import InputError
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind

ORGANIZATION = "members: {a@acme.example: ROLE}\n"
WORKSPACE = "workspaces: {w: {members: {a@acme.example: ROLE}}}\n"
SERVICE = "service_accounts: {bot: {role: ROLE}}\n"


@pytest.mark.parametrize(
    ("text", "role", "hint"),
    [
        (ORGANIZATION, "viewer", 'use "user", the nearest role, which allows playground'),
        (ORGANIZATION, "Member", 'use "user", the nearest role, which allows playground'),
        (
            ORGANIZATION,
            "owner",
            'use "admin", the nearest role, which allows administration, billing, claude code, costs, keys, playground',
        ),
        (WORKSPACE, "viewer", 'use "user", the nearest role, which allows playground'),
        (
            WORKSPACE,
            "owner",
            'use "admin", the nearest role, which allows administration, costs, keys, playground, traces',
        ),
        (WORKSPACE, "limited_developer", 'use "restricted_developer", the nearest role, which allows keys, playground'),
        (
            WORKSPACE,
            "billing",
            'delete the line: people whose organization role is "billing" have it in every workspace',
        ),
        (SERVICE, "owner", 'use "admin", the nearest role, which allows administration, requests'),
        (ORGANIZATION, "develper", 'did you mean "developer"?'),
        (ORGANIZATION, "wizard", None),
    ],
)
def test_the_nearest_role_is_named_with_what_it_may_do(text: str, role: str, hint: str | None) -> None:
    with pytest.raises(InputError) as raised:
        desired_from(text.replace("ROLE", role))
    [problem] = raised.value.problems
    assert problem.hint == hint
    assert problem.message.startswith(f'"{role}" is not one of ')


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_only_what_is_not_offered_is_known_from_elsewhere(kind: Kind) -> None:
    for field, words in kind.spec.known_elsewhere.items():
        assert not set(words) & set(getattr(kind.spec.model_fields[field].annotation, "__args__", ()))
