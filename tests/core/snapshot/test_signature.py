"""Signatures: only what was signed, by the key that was named, is taken."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.snapshot.test_file import SMALL
from orgsync.core.model.change import Organization
from orgsync.core.snapshot.snapshot import Emails, sealed
from orgsync.errors import InputError, UsageError
from orgsync.files.state import signature, snapshot_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.core.snapshot.snapshot import Snapshot

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
SIGNED = signature.signed(SMALL, KEY)


def private_pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, secret: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if secret is not None:
        encryption = serialization.BestAvailableEncryption(secret)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def public_pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    formats = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*formats)


def refusal(snapshot: Snapshot, path: Path) -> str:
    with pytest.raises(InputError) as refused:
        signature.verify(snapshot, KEY.public_key(), path)
    return str(refused.value)


def test_what_was_signed_is_taken_also_after_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    snapshot_file.write(path, SIGNED)
    signature.verify(snapshot_file.read(path), KEY.public_key(), path)


def test_the_same_snapshot_has_the_same_signature() -> None:
    assert signature.signed(SMALL, KEY) == SIGNED


def test_an_unsigned_snapshot_is_refused_and_the_needed_key_named(tmp_path: Path) -> None:
    assert f"is not signed; expected a signature by {signature.fingerprint(KEY.public_key())}" in refusal(
        SMALL, tmp_path
    )


def test_the_error_says_which_key_signed_it(tmp_path: Path) -> None:
    text = refusal(signature.signed(SMALL, OTHER), tmp_path)
    assert f"is signed by another key ({signature.fingerprint(OTHER.public_key())})" in text
    assert f"expected {signature.fingerprint(KEY.public_key())}" in text


@pytest.mark.parametrize(
    "edit",
    [
        lambda snapshot: replace(snapshot, taken_at="2026-11-22T11:00:00Z"),
        lambda snapshot: replace(snapshot, organization=Organization("other", snapshot.organization.name)),
        lambda snapshot: replace(snapshot, reads=snapshot.reads[1:]),
        lambda snapshot: replace(snapshot, emails=Emails.HASHED),
        lambda snapshot: replace(snapshot, email_key_check="0" * 20),
        lambda snapshot: replace(snapshot, orgsync="9"),
    ],
)
def test_whatever_is_edited_and_sealed_again_does_not_fit_the_signature(
    edit: Callable[[Snapshot], Snapshot], tmp_path: Path
) -> None:
    edited = replace(sealed(edit(SMALL)), signature=SIGNED.signature)
    assert "has an invalid signature" in refusal(edited, tmp_path)


@pytest.mark.parametrize("value", ["", "AAAA", "not base64!", "é"])
def test_a_signature_that_is_none_does_not_fit(value: str, tmp_path: Path) -> None:
    assert SIGNED.signature is not None
    broken = replace(SIGNED, signature=replace(SIGNED.signature, value=value))
    assert "has an invalid signature" in refusal(broken, tmp_path)


def test_claiming_the_right_key_does_not_help(tmp_path: Path) -> None:
    forged = signature.signed(SMALL, OTHER)
    assert forged.signature is not None
    claimed = replace(forged.signature, key_id=signature.fingerprint(KEY.public_key()))
    assert "which did not sign this" in refusal(replace(forged, signature=claimed), tmp_path)


def test_keys_of_openssl_are_read_and_their_fingerprint_is_the_one_openssl_shows(tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    key = signature.verifying_key(public)
    signature.verify(signature.signed(SMALL, signature.signing_key(private)), key, tmp_path)
    written = ["openssl", "pkey", "-pubin", "-in", str(public), "-outform", "DER"]
    shown = subprocess.run(written, check=True, capture_output=True).stdout
    assert signature.fingerprint(key) == f"SHA256:{hashlib.sha256(shown).hexdigest()}"


CURVE = ec.derive_private_key(12345, ec.SECP256R1())


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"", "does not contain a private key in PEM format"),
        (
            b"-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n",
            "does not contain a private key in PEM format",
        ),
        (public_pem(KEY), "does not contain a private key in PEM format"),
        (private_pem(CURVE), "the private key is not an Ed25519 key"),
        (private_pem(KEY, b"passphrase"), "the private key has a passphrase"),
    ],
    ids=["empty", "damaged", "public", "of another sort", "with a passphrase"],
)
def test_what_is_no_private_key_is_refused_without_quoting_it(pem: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "private.pem"
    path.write_bytes(pem)
    with pytest.raises(UsageError, match=message) as refused:
        signature.signing_key(path)
    assert "SECRET" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"ssh-ed25519 AAAA", "holds no public key in PEM"),
        (private_pem(KEY), "holds a private key, expected a public key"),
        (public_pem(CURVE), "the public key is not an Ed25519 key"),
    ],
    ids=["of ssh", "private", "of another sort"],
)
def test_what_is_no_public_key_is_refused(pem: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "public.pem"
    path.write_bytes(pem)
    with pytest.raises(UsageError, match=message) as refused:
        signature.verifying_key(path)
    assert "openssl" in (refused.value.hint or "")


def test_without_the_library_the_way_to_install_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    path = tmp_path / "key.pem"
    path.write_bytes(public_pem(KEY))
    with pytest.raises(UsageError, match="not installed") as refused:
        signature.verifying_key(path)
    assert re.search(r"pip install .*'cryptography>=", refused.value.hint or "")
    with pytest.raises(UsageError, match="not installed"):
        signature.signing_key(path)


def test_a_key_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the key could not be read: No such file or directory"):
        signature.verifying_key(tmp_path / "public.pem")
