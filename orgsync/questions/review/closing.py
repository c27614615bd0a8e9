"""The closing record of a review: what was decided by whom, what came of it, and what was kept as evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter

from orgsync.core.model.change import Organization
from orgsync.core.snapshot.snapshot import Signature  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.words.digest import canonical, sha256_hex
from orgsync.core.words.inert import inert
from orgsync.core.words.json_schema import DIGEST, MOMENT, closed_schema
from orgsync.core.words.plural import counted
from orgsync.core.words.timestamp import written_moment
from orgsync.core.words.versions import VERSION
from orgsync.questions.review.file import KEEP
from orgsync.questions.review.progress import findings
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from orgsync.questions.review.file import Review, Row

FORMAT_VERSION = 1
READERS = {1: "orgsync 0.2 and later"}
"""Which orgsync reads which format; a record of any other format is refused, with this as the explanation."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One grant and what was decided about it. `outcome`: it was kept, or it is gone."""

    id: str
    address: str
    who: str
    what: str
    workspace: str | None
    decision: Literal["keep", "remove"]
    reason: str | None
    reviewed_by: str
    outcome: Literal["kept", "gone"]


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding of `review status` that did not keep the review from being closed."""

    code: str
    id: str
    message: str


@dataclass(frozen=True, slots=True)
class CommitOfDecisions:
    """A commit that changed the review file, the newest first."""

    id: str
    author: str
    email: str
    at: str
    subject: str


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file of the evidence: its name, its SHA-256, and how many bytes it has."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ClosingRecord:
    """How a review ended. Never holds a secret.

    population  the digest of everything that orgsync wrote into the review file
    snapshot    the digest of the snapshot that its rows come from
    review_file, snapshot_file  what both are called in the evidence
    checked_at  when the organization was read that shows the removals to be made
    commits     who committed the review file; empty where git does not know it
    files       the other files of the evidence
    digest      of everything else in here but the signature, so that an edited record is noticed
    """

    format_version: int
    orgsync: str
    name: str
    organization: Organization
    started_at: str
    due: str
    closed_at: str
    checked_at: str
    population: str
    snapshot: str
    review_file: str
    snapshot_file: str
    decisions: tuple[Decided, ...] = field(repr=False)
    findings: tuple[Remark, ...] = field(default=(), repr=False)
    commits: tuple[CommitOfDecisions, ...] = field(default=(), repr=False)
    files: tuple[FileDigest, ...] = field(default=(), repr=False)
    digest: str = ""
    signature: Signature | None = None


def closed(
    review: Review,
    now: datetime,
    checked_at: str,
    name: str,
    commits: Iterable[CommitOfDecisions],
    files: Iterable[FileDigest],
) -> ClosingRecord:
    """The record of a review in which everything is answered, and every removal is gone. `name` is that of its file."""
    head = review.review
    record = ClosingRecord(
        format_version=FORMAT_VERSION,
        orgsync=__version__,
        name=head.name,
        organization=Organization(head.organization.id, head.organization.name),
        started_at=written_moment(head.started_at),
        due=head.due.isoformat(),
        closed_at=written_moment(now),
        checked_at=checked_at,
        population=head.population,
        snapshot=head.snapshot.digest,
        review_file=name,
        snapshot_file=head.snapshot.file,
        decisions=tuple(map(_decided, sorted(review.rows, key=lambda row: row.id))),
        findings=tuple(Remark(one.code, one.row.id, one.message) for one in findings(review)),
        commits=tuple(commits),
        files=tuple(files),
    )
    return replace(record, digest=digest_of(record_data(record)))


def _decided(row: Row) -> Decided:
    if row.decision is None or row.reviewed_by is None:
        raise ValueError("only a review in which everything is answered can be closed")
    keeps = row.decision == KEEP
    return Decided(
        row.id,
        row.address,
        row.who,
        row.what,
        row.workspace,
        "keep" if keeps else "remove",
        row.reason,
        row.reviewed_by,
        "kept" if keeps else "gone",
    )


def counts(record: ClosingRecord) -> str:
    """How many grants were kept and removed, in words."""
    kept = sum(one.decision == KEEP for one in record.decisions)
    return f"{counted(len(record.decisions), 'grant')}, {kept:,} kept, {len(record.decisions) - kept:,} removed"


def differing(record: ClosingRecord, review: Review) -> Iterator[str]:
    """Where a review file does not say what the record does, in words."""
    if record.population != review.review.population:
        yield "the population is another one than when the review was closed"
    rows = {row.id: row for row in review.rows}
    for one in record.decisions:
        row = rows.pop(one.id, None)
        if row is None:
            yield f"{one.address} (row {one.id}): the row is missing"
            continue
        for name in ("who", "what", "workspace", "decision", "reason", "reviewed_by"):
            here, there = getattr(row, name), getattr(one, name)
            if here != there:
                yield f"{one.address} (row {one.id}): {name} is {_told(here)}, the closing record has {_told(there)}"
    for row in rows.values():
        yield f"{row.address} (row {row.id}): the row is not in the closing record"


def _told(value: str | None) -> str:
    return "empty" if value is None else f'"{inert(value, limit=80)}"'


@cache
def record_adapter() -> TypeAdapter[ClosingRecord]:
    """Reads and writes `ClosingRecord` as JSON-ready data."""
    return TypeAdapter(ClosingRecord)


def record_data(record: ClosingRecord) -> dict[str, Any]:
    """The JSON form."""
    data: dict[str, Any] = record_adapter().dump_python(record, mode="json")
    return data


def digest_of(data: dict[str, Any]) -> str:
    """Of everything in the JSON form but the digest itself and the signature."""
    return sha256_hex({key: value for key, value in data.items() if key not in {"digest", "signature"}})


def signed_bytes(record: ClosingRecord) -> bytes:
    """What a signature covers: everything but itself."""
    return canonical({key: value for key, value in record_data(record).items() if key != "signature"})


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a closing record."""
    schema = closed_schema(record_adapter(), "closing", "closing record of a review", FORMAT_VERSION)
    properties, definitions = schema["properties"], schema["$defs"]
    properties["orgsync"] = dict(VERSION)
    for name in ("started_at", "closed_at", "checked_at"):
        properties[name] = dict(MOMENT)
    properties["due"] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    for name in ("population", "snapshot", "digest"):
        properties[name] = dict(DIGEST)
    definitions["FileDigest"]["properties"]["sha256"] = dict(DIGEST)
    definitions["FileDigest"]["properties"]["bytes"]["minimum"] = 0
    definitions["Signature"]["properties"]["key_id"] = {"type": "string", "pattern": "^SHA256:[0-9a-f]{64}$"}
    return schema
