"""What live showed at one moment, as data to plan from: complete, closed by a digest, without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from orgsync.core.model.change import Organization  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.model.recording import Read, Recording
from orgsync.core.words.digest import canonical, sha256_hex
from orgsync.core.words.json_schema import DIGEST, MOMENT, closed_schema

FORMAT_VERSION = 1
READERS = {1: "orgsync 0.1 and later"}
"""Which orgsync reads which format; a snapshot of any other format is refused, with this as the explanation."""


class Emails(StrEnum):
    """How people are named in a snapshot."""

    PLAIN = "plain"
    HASHED = "hashed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who vouches for a snapshot. `key_id` is the fingerprint of the public key, `value` is base64."""

    algorithm: Literal["ed25519"]
    key_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a plan could ask the API for, as it was answered at `taken_at` (RFC 3339, UTC).

    `email_key_check` tells whether a key is the one that e-mails were hashed with. `digest` covers everything but
    itself and the signature; the signature covers everything but itself.
    """

    format_version: int
    organization: Organization
    taken_at: str
    orgsync: str
    emails: Emails
    email_key_check: str | None
    reads: tuple[Read, ...] = field(repr=False)
    digest: str = ""
    signature: Signature | None = None

    @property
    def moment(self) -> datetime:
        """When it was taken."""
        return datetime.fromisoformat(self.taken_at)

    @property
    def recording(self) -> Recording:
        """The reads, for whoever answers from them."""
        return Recording(self.reads)


def sealed(snapshot: Snapshot) -> Snapshot:
    """The snapshot with its digest filled in, and without a signature."""
    bare = replace(snapshot, digest="", signature=None)
    return replace(bare, digest=digest_of(snapshot_data(bare)))


def digest_of(data: dict[str, Any]) -> str:
    """Of everything in the JSON form but the digest itself and the signature."""
    return sha256_hex({key: value for key, value in data.items() if key not in {"digest", "signature"}})


def signed_bytes(data: dict[str, Any]) -> bytes:
    """What a signature covers: the canonical form of everything but the signature."""
    return canonical({key: value for key, value in data.items() if key != "signature"})


@cache
def snapshot_adapter() -> TypeAdapter[Snapshot]:
    """Reads `Snapshot` from JSON-ready data."""
    return TypeAdapter(Snapshot)


def snapshot_data(snapshot: Snapshot) -> dict[str, Any]:
    """The JSON form. Rows are what the API sent as JSON, and go in as they are."""
    signature = snapshot.signature
    return {
        "format_version": snapshot.format_version,
        "organization": {"id": snapshot.organization.id, "name": snapshot.organization.name},
        "taken_at": snapshot.taken_at,
        "orgsync": snapshot.orgsync,
        "emails": snapshot.emails.value,
        "email_key_check": snapshot.email_key_check,
        "reads": [_read_data(read) for read in snapshot.reads],
        "digest": snapshot.digest,
        "signature": signature
        and {"algorithm": signature.algorithm, "key_id": signature.key_id, "value": signature.value},
    }


def _read_data(read: Read) -> dict[str, Any]:
    refusal = read.refusal and {"status": read.refusal.status, "message": read.refusal.message}
    return {"path": read.path, "query": dict(read.query), "rows": list(read.rows), "refusal": refusal}


def snapshot_schema() -> dict[str, Any]:
    """The JSON Schema of a snapshot file. Rows are the API's."""
    schema = closed_schema(snapshot_adapter(), "snapshot", "snapshot", FORMAT_VERSION)
    properties, definitions = schema["properties"], schema["$defs"]
    properties["taken_at"] = dict(MOMENT)
    properties["digest"] = dict(DIGEST)
    properties["email_key_check"] = {"anyOf": [{"type": "string", "pattern": "^[0-9a-f]{20}$"}, {"type": "null"}]}
    definitions["Signature"]["properties"]["key_id"] = {"type": "string", "pattern": "^SHA256:[0-9a-f]{64}$"}
    definitions["Refusal"]["properties"]["status"] = {"enum": [400, 403, 404], "type": "integer"}
    definitions["Read"]["properties"]["path"]["pattern"] = "^/v1/organizations/"
    return schema
