"""What a signature adds: who edits a review and every digest is found."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from cli.review.support import (
    BUNDLE,
    CLOSING,
    FILE,
    RECORD,
    ROWS,
    close,
    decide_all,
    edit,
    in_json,
    sealed_again,
    start,
    verify,
)
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Orgsync
    from cli.support import Sandbox


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two pairs of keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("mine", "other"):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem"], cwd=folder, check=True)
        subprocess.run(
            ["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"], cwd=folder, check=True
        )
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture
def signed(acme: Sandbox, orgsync: Orgsync, keys: dict[str, Path]) -> Sandbox:
    """A review that was signed, answered and closed."""
    assert "signed by SHA256:" in start(orgsync, "--sign-with", keys["mine.pem"]).err
    decide_all()
    ended = close(orgsync, "--sign-with", keys["mine.pem"])
    assert ended.code == EXIT_OK, ended.said
    return acme


def test_every_signature_is_verified(signed: Sandbox, orgsync: Orgsync, keys: dict[str, Path]) -> None:
    ended = verify(orgsync, "--verify-with", keys["mine.pub"])
    assert ended.code == EXIT_OK
    assert ended.out.startswith("The evidence is intact (review 2026Q4")
    assert ended.out.count(" is signed by") == 3
    wrong = verify(orgsync, "--verify-with", keys["other.pub"])
    assert wrong.code == EXIT_INPUT
    assert wrong.out.count("is signed by another") == 3
    assert signed.received()


def test_a_forger_who_knows_how_digests_are_made_is_found_by_the_signature(
    signed: Sandbox, orgsync: Orgsync, keys: dict[str, Path]
) -> None:
    edit("reviewed_by: lea@acme.example", "reviewed_by: sam@acme.example", count=7, file=ROWS)

    def forge(data: dict[str, list[dict[str, str]]]) -> None:
        for one in data["decisions"]:
            one["reviewed_by"] = "sam@acme.example"

    sealed_again(forge)
    assert verify(orgsync).code == EXIT_OK  # and says that the signature was not verified
    ended = verify(orgsync, "--verify-with", keys["mine.pub"])
    assert ended.code == EXIT_INPUT
    assert "the closing record has an invalid signature" in ended.out
    assert signed.received()


def test_a_signature_that_was_taken_out_is_missed(signed: Sandbox, orgsync: Orgsync, keys: dict[str, Path]) -> None:
    in_json(RECORD, lambda data: data.update(signature=None))
    assert "the closing record is not signed" in verify(orgsync).out
    ended = verify(orgsync, "--verify-with", keys["mine.pub"])
    assert ended.code == EXIT_INPUT
    assert "the closing record is not signed; expected a signature by" in ended.out.replace("\n    ", " ")
    assert signed.received()


def test_a_review_is_closed_with_the_key_that_it_was_started_with(
    acme: Sandbox, orgsync: Orgsync, keys: dict[str, Path]
) -> None:
    start(orgsync, "--sign-with", keys["mine.pem"])
    decide_all()
    ended = close(orgsync, "--sign-with", keys["other.pem"])
    assert ended.code == EXIT_INPUT
    assert str(FILE) in ended.err
    assert not CLOSING.exists()
    assert not BUNDLE.exists()
    assert acme.received()


@pytest.mark.story
def test_what_was_not_signed_at_the_start_is_said(acme: Sandbox, orgsync: Orgsync, keys: dict[str, Path]) -> None:
    start(orgsync)
    decide_all()
    close(orgsync, "--sign-with", keys["mine.pem"])
    ended = verify(orgsync, "--verify-with", keys["mine.pub"])
    assert ended.code == EXIT_OK
    assert ended.out.count("was not signed when the review was started") == 2
    assert acme.received()
    _forged_review()
    assert verify(orgsync, "--verify-with", keys["mine.pub"]).code == EXIT_INPUT


def _forged_review() -> None:
    edit("reviewed_by: lea@acme.example", "reviewed_by: sam@acme.example", count=7, file=ROWS)
