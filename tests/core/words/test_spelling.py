"""When two spellings are of one mailbox."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.model.things import Segment
from orgsync.core.words.address import folded, formerly_folded
from orgsync.core.words.spelling import same_mailbox
from orgsync.sandbox.wire.emails import same_person

SAME = {
    "the case of ASCII letters": ("Ana.Ruiz@ACME.example", "ana.ruiz@acme.example"),
    "how an accent is composed": ("jose\u0301@acme.example", "jos\u00e9@acme.example"),
    "both at once": ("JOS\u00c9@acme.example", "jOSE\u0301@ACME.example"),
    "a small letter alone has a composed form": ("H\u0331@acme.example", "\u1e96@acme.example"),
    "a sign that is a letter by definition": ("\u212a@acme.example", "k@acme.example"),
}
OTHER = {
    "sharp s": ("stra\u00dfe@acme.example", "strasse@acme.example"),
    "long s": ("\u017f@acme.example", "s@acme.example"),
    "case of letters beyond ASCII": ("\u00dcmit@acme.example", "\u00fcmit@acme.example"),
    "final sigma": ("\u03c2@acme.example", "\u03c3@acme.example"),
    "full width": ("\uff41na@acme.example", "ana@acme.example"),
    "a ligature": ("o\ufb03ce@acme.example", "office@acme.example"),
    "plus": ("ana+x@acme.example", "ana@acme.example"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_spellings_of_one_mailbox_are_equal(one: str, other: str) -> None:
    assert same_mailbox(one) == same_mailbox(other)
    assert folded(f"workspace_member:Web/{one}") == folded(f"workspace_member:Web/{other}")


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER.keys())
def test_different_mailboxes_stay_different(one: str, other: str) -> None:
    assert same_mailbox(one) != same_mailbox(other)
    assert folded(f"member:{one}") != folded(f"member:{other}")


def test_names_are_compared_as_they_are() -> None:
    assert Segment.NAME.fold("Web") == "Web"
    assert folded("workspace_member:Web/ANA@acme.example") == "workspace_member:Web/ana@acme.example"


def test_ids_of_drift_entries_are_made_of_the_older_form() -> None:
    assert formerly_folded("member:Stra\u00dfe@acme.example") == "member:strasse@acme.example"


@given(st.text())
def test_the_form_is_its_own_form_and_the_sandbox_has_the_same(text: str) -> None:
    form = same_mailbox(text)
    assert same_mailbox(form) == form == same_person(text)
    assert same_mailbox(unicodedata.normalize("NFD", text)) == form
