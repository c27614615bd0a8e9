"""Ed25519 signatures of snapshots and reviews. Keys are PEM, as `openssl genpkey -algorithm ed25519` writes them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.snapshot.snapshot import Signature, Snapshot, signed_bytes, snapshot_data
from orgsync.core.words.source import Problem
from orgsync.errors import InputError, UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_MAKE = "create one with `openssl genpkey -algorithm ed25519 -out private.pem`"
_EXTRACT = "write it with `openssl pkey -in private.pem -pubout -out public.pem`"
_LIMIT = 64 * 1024


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file. Raises UsageError."""
    return parsed_signing_key(_key_bytes(path), str(path))


def parsed_signing_key(pem: bytes, where: str) -> Ed25519PrivateKey:
    """The private key in a PEM text, which came from `where`. Raises UsageError, which quotes nothing of it."""
    require("signing", "signatures require")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:  # says that it is encrypted
        raise UsageError(
            f"{where}: the private key has a passphrase", hint="store the key without a passphrase, as a secret"
        ) from None
    except (ValueError, UnsupportedAlgorithm):  # whose message may quote the key
        raise UsageError(f"{where} does not contain a private key in PEM format", hint=_MAKE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{where}: the private key is not an Ed25519 key", hint=_MAKE)
    return key


def verifying_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file. Raises UsageError."""
    require("signing", "signatures require")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = _key_bytes(path)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        what = "a private key, expected a public key" if b"PRIVATE KEY" in pem else "no public key in PEM format"
        raise UsageError(f"{path} holds {what}", hint=_EXTRACT) from None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path}: the public key is not an Ed25519 key", hint=_MAKE)
    return key


def signed(snapshot: Snapshot, key: Ed25519PrivateKey) -> Snapshot:
    """The sealed snapshot with a signature over everything in it."""
    return replace(snapshot, signature=signature_of(signed_bytes(snapshot_data(snapshot)), key))


def signature_of(data: bytes, key: Ed25519PrivateKey) -> Signature:
    """The signature of these bytes."""
    return Signature("ed25519", fingerprint(key.public_key()), base64.b64encode(key.sign(data)).decode())


def wrong_with(signature: Signature | None, data: bytes, key: Ed25519PublicKey, noun: str) -> str | None:
    """Why these bytes are not signed with the private half of the key; None where they are."""
    from cryptography.exceptions import InvalidSignature

    wanted = fingerprint(key)
    if signature is None:
        return f"is not signed; expected a signature by {wanted}"
    if signature.key_id != wanted:
        return f"is signed by another key ({signature.key_id}); expected {wanted}"
    try:
        key.verify(base64.b64decode(signature.value, validate=True), data)
    except (InvalidSignature, ValueError):  # the latter from what is no base64
        return f"has an invalid signature: it names {wanted}, which did not sign this {noun}"
    return None


def verify(snapshot: Snapshot, key: Ed25519PublicKey, path: Path) -> None:
    """Raises InputError unless the snapshot, which came from `path`, was signed with the private half of the key."""
    wrong = wrong_with(snapshot.signature, signed_bytes(snapshot_data(snapshot)), key, "snapshot")
    if wrong is not None:
        raise _untrusted(path, wrong)


def fingerprint(key: Ed25519PublicKey) -> str:
    """The SHA-256 of the public key: `openssl pkey -pubin -in public.pem -outform DER | sha256sum`."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    data = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"SHA256:{hashlib.sha256(data).hexdigest()}"


def _key_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT)
    except OSError as error:
        raise UsageError(f"{path}: the key could not be read: {error.strerror}") from error


def _untrusted(path: Path, message: str) -> InputError:
    hint = "use the snapshot of the protected branch, or the matching public key"
    return InputError([Problem(message, address=str(path), hint=hint)])
