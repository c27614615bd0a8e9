"""The guards of earlier files, read from those files alone: as they are written, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import ORGANIZATION, document_from
from hypothesis import assume, given
from hypothesis import strategies as some
from properties.organizations import Organization as Generated
from properties.organizations import examples, organizations

from orgsync.core.document.settings import GuardSettings
from orgsync.core.model.change import Organization, Protection, Rules
from orgsync.core.plan.make import rules_of
from orgsync.core.review.base_rules import NEEDED, organization_in, rules_in
from orgsync.errors import InputError
from orgsync.files.yaml.load import Content, load_contents
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.words.source import Document

GUARDS = "guards: {protect: ['member:ana@acme.example'], min_admins: 2, max_removals: {percent: 5, count: 1}}\n"
ACME = Organization(ORGANIZATION["id"], ORGANIZATION["name"])
RULES = Rules(2, 5, 1, protect=(Protection("member:ana@acme.example"),))
BEFORE = "version: 1\norganization: {name: Acme}\nmembers:\n  ana@acme.example: user # a person\n"
AFTER = "workspaces:\n  lab:\n    members: {ana@acme.example: developer}\nteams: {core: [ana@acme.example]}\n"


def read(text: str) -> Document:
    return load_contents([Content("org.yaml", "org.yaml", text.encode())], need=NEEDED)


def test_without_guards_the_usual_ones_hold() -> None:
    assert rules_in(document_from("").data, KINDS) == rules_of(GuardSettings())


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        (
            "{protect: ['seat:x', 'member:a@b.example']}",
            Rules(protect=(Protection("member:a@b.example"), Protection("seat:x"))),
        ),
        ("{protect: [nothing]}", Rules(protect=(Protection("nothing"),))),
        ("{protect: [{address: 'seat:x'}]}", Rules(protect=(Protection("seat:x"),))),
        ("{protect: [{address: 'seat:x', from: any}]}", Rules(protect=(Protection("seat:x", any=True),))),
        ("{protect: [{address: 'member:*', from: storms}]}", Rules(protect=(Protection("member:*", any=True),))),
        ("{max_grants: {count: 3}}", Rules(max_grants=3)),
        ("{credential_of: root}", Rules(credential_of=("root",))),
        ("{credential_of: [b, a@b.example, a]}", Rules(credential_of=("a@b.example", "a", "b"))),
        ("{allow: [{address: nothing}, 7]}", Rules()),
        ("{allow: 7, min_admins: 3}", Rules(min_admins=3)),
        ("{}", Rules()),
    ],
)
def test_an_entry_limits_what_it_says_whether_it_is_accepted_or_not(written: str, rules: Rules) -> None:
    assert rules_in(document_from(f"guards: {written}\n").data, KINDS) == rules


@pytest.mark.parametrize(
    "written",
    [
        *(
            "7",
            "[]",
            "null",
            "{min_admins: -1}",
            "{min_admins: none}",
            "{max_removals: {percent: 101}}",
            "{unknown: 1}",
        ),
        *(
            "{protect: 7}",
            "{protect: [7]}",
            "{protect: ['seat:x', 7]}",
            "{protect: ['seat:x'], unknown: 1}",
            "{protect: {}}",
        ),
        *("{credential_of: 7}", "{credential_of: [[]]}", "{protect: null}", "{max_removals: 5}"),
    ],
)
def test_what_is_no_limit_is_not_guessed(written: str) -> None:
    with pytest.raises(InputError) as caught:
        rules_in(document_from(f"guards: {written}\n").data, KINDS)
    assert caught.value.problems[0].address is not None
    assert caught.value.problems[0].address.startswith("guards")


@pytest.mark.parametrize(
    ("written", "is_this_one"),
    [
        ("{name: Acme Robotics}", True),
        ("{name: acme robotics}", False),
        (f"{{id: {ORGANIZATION['id'].upper()}, name: Before}}", True),
        ("{id: 00000000-0000-0000-0000-000000000000, name: Acme Robotics}", False),
        ("{name: 7}", None),
        ("{}", None),
        ("Acme Robotics", None),
        ("null", None),
    ],
)
def test_an_id_decides_whose_files_they_are(written: str, *, is_this_one: bool | None) -> None:
    named = organization_in(read(f"organization: {written}\n").data)
    told = None if named is None else named.is_(ACME)
    assert told is is_this_one


@examples(200)
@given(
    some.integers(0, len(BEFORE) + len(AFTER)),
    some.integers(0, 3),
    some.text("\n\r \t:#-?!&*<>[]{},|'\"a1", max_size=4),
)
def test_a_small_mistake_elsewhere_never_makes_the_guards_weaker(at: int, gone: int, come: str) -> None:
    """They are read as they were, or not at all; deleting or adding a few letters does not empty them."""
    before, after = BEFORE, AFTER
    if at <= len(BEFORE):
        before = BEFORE[:at] + come + BEFORE[at + gone :]
    else:
        after = AFTER[: at - len(BEFORE)] + come + AFTER[at - len(BEFORE) + gone :]
    text = before + GUARDS + after
    assume(f"\n{GUARDS}" in text)  # else it stands in a comment or in another line, and is none of the guards
    try:
        document = read(text)
        named = organization_in(document.data)
        rules = rules_in(document.data, KINDS)
    except InputError:
        return
    assert rules == RULES or named is None


@examples(5)
@given(organizations())
def test_valid_files_have_the_rules_of_their_settings(organization: Generated) -> None:
    desired = organization.org().desired()
    assert rules_in(desired.document.data, KINDS) == rules_of(desired.settings.guards)
    assert organization_in(desired.document.data) is not None
