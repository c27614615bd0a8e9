"""What changes mean: each field of each kind says it, and what it says is what the roles and limits are about."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import pytest

from kinds.words import NOTHING_SEEN, WORDS, change_of, pairs, table
from orgsync.core.model.change import Action, Change, FieldChange, Risk
from orgsync.core.words.address import address
from orgsync.kinds import KINDS
from orgsync.kinds.member import Member
from orgsync.kinds.workspace_member import WorkspaceMember

if TYPE_CHECKING:
    from conftest import Golden

    from orgsync.core.model.kind import Kind

BEGIN, END = "<!-- meanings: made by the tests -->", "<!-- /meanings -->"

UNSAID = {
    *(("workspace", path) for path in ("archived", "external_key_id", "user_profile_id")),
    ("service_account", "archived"),
    ("rate_limit", "value"),
}
"""Archived or set once, which is said by the decision; and a rate that rises or falls, which its two values say."""


def meaning(kind: str, path: str, before: Any, after: Any, action: Action = Action.UPDATE) -> str:
    """In words, sorted."""
    change = Change(address(kind, "x"), action, (FieldChange(path, before, after),), id="id_1")
    return " ".join(sorted(KINDS.by_name[kind].meaning_of([change], NOTHING_SEEN)))


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
    made = Change(address("workspace", "x"), Action.CREATE, (FieldChange("data_residency.workspace_geo", None, "us"),))
    assert KINDS.by_name["workspace"].meaning_of([made], NOTHING_SEEN) == frozenset()


def test_an_invite_that_is_sent_again_means_what_both_changes_lead_to() -> None:
    who = address("member", "ana@acme.example")
    withdrawn = Change(who, Action.WITHDRAW, (FieldChange("role", "billing", None),), id="invite_1")
    for role, expected in (("user", "withdraws"), ("developer", "grants withdraws"), ("billing", "")):
        again = Change(who, Action.INVITE, (FieldChange("role", None, role),))
        assert " ".join(sorted(KINDS.by_name["member"].meaning_of([withdrawn, again], NOTHING_SEEN))) == expected


def test_the_table_of_the_documentation_is_what_the_kinds_say(golden: Golden) -> None:
    page = Path(__file__).parents[2] / "docs" / "guards.md"
    head, _mark, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _rows, _mark, tail = rest.partition(END)
    columns = "| kind | field | from → to | meaning | risk | effects |\n|---|---|---|---|---|---|\n"
    golden(page, head + BEGIN + "\n" + columns + "".join(f"{row}\n" for row in table()) + END + tail)


def test_every_field_of_every_kind_is_in_the_table() -> None:
    fields = {(kind, path.split(".")[0]) for kind, path in WORDS}
    assert fields == {(kind.name, field) for kind in KINDS if kind.sections for field in kind.meaning}


def test_every_word_of_a_closed_set_is_in_the_table() -> None:
    for (name, path), words in WORDS.items():
        field = KINDS.by_name[name].spec.model_fields.get(path)
        if field is not None and get_origin(field.annotation) is Literal:
            assert set(get_args(field.annotation)) <= set(words), (name, path)


def test_risk_and_effects_follow_from_the_meaning() -> None:
    for kind, path, before, after in pairs():
        made = change_of(kind, path, before, after)
        serious = {"elevates", "withdraws", "stops"} & set(made.meaning)
        about = (kind.name, path, before, after)
        assert made.risk is (Risk.R1 if serious else Risk.R0), about
        assert not serious or made.effects or (kind.name, path) in UNSAID, about


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
