"""What changes mean: each field of each kind says it, and what it says is what the roles and limits are about."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any, get_args

import pytest

from orgsync.core.model.change import Action, Change, FieldChange
from orgsync.core.words.address import address
from orgsync.kinds import KINDS
from orgsync.kinds.member import Member
from orgsync.kinds.workspace_member import WorkspaceMember

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind


def meaning(kind: str, path: str, before: Any, after: Any, action: Action = Action.UPDATE) -> str:
    """In words, sorted."""
    change = Change(address(kind, "x"), action, (FieldChange(path, before, after),))
    return " ".join(sorted(KINDS.by_name[kind].meaning_of(change)))


@pytest.mark.parametrize(
    ("kind", "path", "before", "after", "expected"),
    [
        ("member", "role", None, "user", "grants"),
        ("member", "role", None, "billing", "elevates grants"),
        ("member", "role", "user", "developer", "grants"),
        ("member", "role", "user", "claude_code_user", "grants"),
        ("member", "role", "claude_code_user", "user", "withdraws"),
        ("member", "role", "claude_code_user", "developer", "grants"),
        ("member", "role", "developer", "user", "withdraws"),
        ("member", "role", "developer", "billing", "elevates withdraws"),
        ("member", "role", "billing", "developer", "grants withdraws"),
        ("member", "role", "user", None, "withdraws"),
        ("workspace_member", "role", None, "user", "grants"),
        ("workspace_member", "role", "user", "admin", "elevates grants"),
        ("workspace_member", "role", "developer", "restricted_developer", "withdraws"),
        ("workspace_member", "role", "admin", "developer", "withdraws"),
        ("workspace_member", "role", "billing", "admin", "elevates grants"),
        ("api_key", "status", "inactive", "active", "elevates"),
        ("api_key", "status", "active", "inactive", "stops"),
        ("api_key", "status", "active", "archived", "stops withdraws"),
        ("api_key", "status", "expired", "archived", ""),
        ("api_key", "name", "a", "b", ""),
        ("spend_limit", "monthly", "10.00 USD", "20.00 USD", "elevates"),
        ("spend_limit", "monthly", "10.00 USD", None, "elevates"),
        ("spend_limit", "monthly", "9.00 USD", "10.00 USD", "elevates"),
        ("spend_limit", "monthly", "20.00 USD", "10.00 USD", "stops withdraws"),
        ("spend_limit", "monthly", None, "10.00 USD", "stops withdraws"),
        ("rate_limit", "value", None, 10, "withdraws"),
        ("rate_limit", "value", 10, 20, "elevates"),
        ("rate_limit", "value", 9, 10, "elevates"),
        ("rate_limit", "value", 10, None, "elevates"),
        ("rate_limit", "value", 10, 0, "stops withdraws"),
        ("workspace", "archived", False, True, "stops withdraws"),
        ("workspace", "color", "#000000", "#ffffff", ""),
        ("workspace", "tags.env", "test", None, ""),
        ("workspace", "name", "a", "b", ""),
        ("workspace", "data_residency.allowed_inference_geos", "unrestricted", ["us"], "elevates withdraws"),
        ("workspace", "inference_data_privacy.human_review", "enabled", "disabled", "elevates withdraws"),
        ("workspace", "external_key_id", None, "key", "elevates withdraws"),
    ],
)
def test_a_change_means(kind: str, path: str, before: Any, after: Any, expected: str) -> None:
    assert meaning(kind, path, before, after) == expected


def test_a_new_workspace_is_neutral() -> None:
    assert meaning("workspace", "data_residency.workspace_geo", None, "us", Action.CREATE) == ""


@pytest.mark.parametrize("spec", [Member, WorkspaceMember])
def test_every_pair_of_roles_means_something_and_its_reverse_the_reverse(spec: Any) -> None:
    kind = next(kind.name for kind in KINDS if kind.spec is spec)
    for before, after in permutations([None, *get_args(spec.model_fields["role"].annotation)], 2):
        there, back = meaning(kind, "role", before, after).split(), meaning(kind, "role", after, before).split()
        assert there, (before, after)
        assert ("withdraws" in there) == bool({"grants", "elevates"} & set(back)), (before, after)


@pytest.mark.parametrize(("kind", "path"), [("member", "role"), ("workspace_member", "role"), ("api_key", "status")])
def test_a_word_that_is_not_known_has_no_meaning(kind: str, path: str) -> None:
    with pytest.raises(KeyError):
        meaning(kind, path, "from the future", "active" if kind == "api_key" else "user")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.meaning], ids=lambda kind: kind.name)
def test_a_field_without_a_statement_is_refused(kind: Kind) -> None:
    for silent in kind.spec.model_fields.keys() - kind.spec.directives:
        rest = {field: means for field, means in kind.meaning.items() if field != silent}
        with pytest.raises(TypeError, match=f"does not say what a change of {silent} means"):
            replace(kind, meaning=rest)
