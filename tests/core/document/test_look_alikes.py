"""Nothing gets a twin without a word: names that look the same are told before the second thing is made."""

from __future__ import annotations

import json
import unicodedata

import pytest
from acme import ADMINS, Org, actions
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.model.change import Level
from orgsync.core.words.spelling import look_of, visibly

PAIRS = {
    "case": ("Prod", "prod"),
    "space at the end": ("prod", "prod "),
    "space at the begin": ("prod", " prod"),
    "two spaces": ("prod eu", "prod  eu"),
    "no-break space": ("prod eu", "prod\u00a0eu"),
    "no-break space at the end": ("prod", "prod\u00a0"),
    "narrow no-break space": ("prod eu", "prod\u202feu"),
    "composed and decomposed": ("caf\u00e9", "cafe\u0301"),
    "emoji with and without a variation selector": ("\u2764", "\u2764\ufe0f"),
    "zero-width space": ("prod", "pr\u200bod"),
    "soft hyphen": ("prod", "pr\u00adod"),
    "text direction": ("prod", "\u202aprod\u202c"),
    "Hangul filler": ("prod", "prod\u3164"),
    "full width": ("prod", "\uff50rod"),
    "ligature": ("office", "o\ufb03ce"),
    "sharp s": ("stra\u00dfe", "strasse"),
}
APART = {"another letter": ("prod", "proc"), "a space inside": ("prod", "pr od"), "a dash": ("prod-eu", "prod_eu")}


def told(org: Org) -> list[tuple[str, str]]:
    """Address and message of each note on names that look the same; others are only near."""
    notes = [note for note in org.plan().findings if note.code == "similar_name" and " looks like " in note.message]
    assert all(note.level is Level.WARNING for note in notes)
    return [(note.address, note.message) for note in notes]


@pytest.mark.parametrize(("mine", "theirs"), PAIRS.values(), ids=PAIRS.keys())
def test_a_workspace_is_not_made_beside_its_look_alike_without_a_word(mine: str, theirs: str) -> None:
    org = Org(f"workspaces: {json.dumps({mine: {}})}", workspaces=[{"id": "wrkspc_01", "name": theirs}])
    [(address, message)] = told(org)
    assert address == f"workspace:{mine}"
    assert message == (
        f"{visibly(mine)} looks like the workspace {visibly(theirs)} (wrkspc_01) and is another name; "
        "if that one is meant, add `id: wrkspc_01`"
    )
    assert visibly(mine) != visibly(theirs)
    assert message.isprintable()
    org.plan(f"workspaces: {json.dumps({mine: {'id': 'wrkspc_01'}})}")
    assert (actions(org.plan()), told(org)) == ([f"update workspace:{mine}"], [])  # the way out works


@pytest.mark.parametrize(("mine", "theirs"), APART.values(), ids=APART.keys())
def test_other_names_are_other_names(mine: str, theirs: str) -> None:
    assert told(Org(f"workspaces: {json.dumps({mine: {}})}", workspaces=[{"name": theirs}])) == []


def test_what_cannot_be_seen_is_told_by_its_number() -> None:
    assert visibly("prod \u00a0") == '"prod <U+00A0>"'
    assert visibly("cafe\u0301") == '"cafe<U+0301>"'
    assert visibly("caf\u00e9 au lait") == '"caf\u00e9 au lait"'
    assert visibly(" prod  eu ") == '"<U+0020>prod <U+0020>eu<U+0020>"'
    assert visibly(" ") == '"<U+0020>"'


def test_a_rename_to_a_look_alike_is_told_and_a_rename_away_from_one_is_not() -> None:
    rows = [{"id": "wrkspc_01", "name": "prod"}, {"id": "wrkspc_02", "name": "lab"}]
    files = "workspaces: {Prod: {id: wrkspc_02}}"
    assert [address for address, _message in told(Org(files, workspaces=rows))] == ["workspace:Prod"]
    files = "workspaces: {Prod: {id: wrkspc_02}, live: {id: wrkspc_01}}"
    assert told(Org(files, workspaces=rows)) == []


def test_two_new_names_that_look_the_same_are_told_once() -> None:
    [(address, message)] = told(Org("workspaces: {lab: {}, Lab: {}}"))
    assert address == "workspace:Lab"
    assert message == '"Lab" looks like "lab", which is declared as well; if they are one, delete a line'


def test_what_is_there_already_is_told_by_nobody() -> None:
    rows = [{"id": "wrkspc_01", "name": "prod"}, {"id": "wrkspc_02", "name": "Prod"}]
    assert told(Org("workspaces: {prod: {}, Prod: {}}", workspaces=rows)) == []


def test_an_invite_to_a_look_alike_of_somebody_who_is_there_is_told() -> None:
    org = Org("members: {stra\u00dfe@acme.example: user}", users=[*ADMINS, {"email": "strasse@acme.example"}])
    assert told(org) == [
        (
            "member:stra\u00dfe@acme.example",
            (
                '"stra\u00dfe@acme.example" looks like the member "strasse@acme.example" and is another name; '
                "if that one is meant, write it as it is there"
            ),
        )
    ]


def test_a_key_that_a_person_is_asked_to_make_beside_its_look_alike_is_told() -> None:
    keys = [{"id": "apikey_01", "name": "ci\u200b", "workspace": "web", "status": "active"}]
    org = Org("workspaces: {web: {api_keys: {ci: active}}}", users=ADMINS, workspaces=[{"name": "web"}], api_keys=keys)
    [(address, message)] = told(org)
    assert (address, message.endswith("add `id: apikey_01`")) == ("api_key:web/ci", True)


@given(st.text())
def test_how_a_name_looks_does_not_depend_on_how_it_is_composed(text: str) -> None:
    assert look_of(unicodedata.normalize("NFD", text)) == look_of(unicodedata.normalize("NFC", text))
    assert look_of(look_of(text)) == look_of(text)
    assert visibly(text).isprintable()
