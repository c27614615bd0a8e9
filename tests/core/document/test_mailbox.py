"""To which addresses an invite could be sent."""

from __future__ import annotations

import pytest

from orgsync.core.document.mailbox import doubt, nowhere

GOOD = [
    "ana@b.co",
    "ana+console@b.co",
    "o'hara@b.co",
    "dev/ops@b.co",
    "100%@b.co",
    '"ana ruiz"@b.co',
    "élodie@acme.example",
    "ana@münchen.de",
    "ana@xn--mnchen-3ya.de",
    "ana@acme.test",
    "ana@localhost",
    f"{'a' * 64}@b.co",
]
MEANT = {
    "mailto:ana@b.co": "ana@b.co",
    "MAILTO: ana@b.co": "ana@b.co",
    "Ana Ruiz <ana@b.co>": "ana@b.co",
    " ana@b.co": "ana@b.co",
    "ana@b.co;": "ana@b.co",
    "ana@b.co.": "ana@b.co",
    "<ana@b.co>": "ana@b.co",
    '"ana@b.co"': "ana@b.co",
    "ana\u200b@b.co": "ana@b.co",
    "\u2066ana@b.co\u2069": "ana@b.co",
    "mailto:ana@acme.test": "ana@acme.test",
}
NOT_GUESSED = [
    "ana@acme",
    "ana ruiz@b.co",
    "ana@@b.co",
    "ana..ruiz@b.co",
    "ana@-b.co",
    "ana@[127.0.0.1]",
    "team:x@b.co",
]


@pytest.mark.parametrize("email", GOOD)
def test_an_address_that_mail_can_be_sent_to(email: str) -> None:
    assert doubt(email) is None


@pytest.mark.parametrize(("email", "meant"), MEANT.items(), ids=ascii)
def test_the_address_inside_of_something_else_is_suggested(email: str, meant: str) -> None:
    found = doubt(email)
    assert found is not None
    assert found.hint == f'did you mean "{meant}"?'
    assert doubt(meant) is None


@pytest.mark.parametrize("email", NOT_GUESSED)
def test_nobody_is_guessed(email: str) -> None:
    """`ruiz@b.co` is in `ana ruiz@b.co`, and is somebody else."""
    found = doubt(email)
    assert found is not None
    assert (found.hint, bool(found.why)) == (None, True)


def test_two_addresses_are_two_lines() -> None:
    found = doubt("ana@b.co,raj@b.co")
    assert found is not None
    assert found.hint == "write one address on each line"


def test_reserved_domains_are_told_in_one_line() -> None:
    people = [f"p{number}@acme.test" for number in range(5)]
    assert nowhere([*people, "ana@b.co", "root@localhost", "kim@acme.example"]) == (
        "no mail reaches a reserved domain (.localhost, .test): p0@acme.test, p1@acme.test, p2@acme.test and 3 more"
    )
    assert nowhere(["ana@b.co", "kim@acme.example"]) is None
