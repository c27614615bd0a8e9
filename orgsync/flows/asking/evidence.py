"""A review is closed, and what proves it is kept and verified later."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Mark, Step
from orgsync.core.feed.records import SETTINGS_UPDATED
from orgsync.core.snapshot import snapshot as snapshots
from orgsync.errors import InputError, Refused, UsageError
from orgsync.files.state import snapshot_file
from orgsync.files.state.attestations import attestations_path
from orgsync.files.state.journal import journal_path
from orgsync.files.state.json_file import JsonFile
from orgsync.files.state.signature import fingerprint, signature_of, wrong_with
from orgsync.files.yaml.authors import commits_of
from orgsync.files.yaml.load import Content, load_contents
from orgsync.flows.asking.review import closing_path, present_at, review_of, shown_by
from orgsync.flows.feed import feed_read
from orgsync.kinds import KINDS
from orgsync.questions.review.closing import (
    READERS,
    ClosingRecord,
    CommitOfDecisions,
    FileDigest,
    closed,
    digest_of,
    record_adapter,
    record_data,
    record_schema,
    signed_bytes,
)
from orgsync.questions.review.evidence import (
    ACTIVITIES,
    ATTESTATIONS,
    JOURNAL,
    RECORD,
    activities_data,
    file_steps,
    review_steps,
    sha256_of,
    unsigned_step,
)
from orgsync.questions.review.file import signature_of as review_signature
from orgsync.questions.review.file import signed_bytes as review_bytes
from orgsync.questions.review.grants import REVIEWED
from orgsync.questions.review.population import beyond_snapshot
from orgsync.questions.review.progress import findings, open_rows, removals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from orgsync.core.answers.answer import Looked
    from orgsync.core.document.read import Desired
    from orgsync.core.feed.window import Feed
    from orgsync.core.snapshot.snapshot import Signature, Snapshot
    from orgsync.core.words.source import Document
    from orgsync.flows.asking.review import Opened
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.review.file import Review
    from orgsync.questions.review.progress import Present, Removal

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest closing record that is read."""

_MOST_TOLD = 20

FILE = JsonFile(
    noun="closing record",
    mark="closed_at",
    readers=READERS,
    again="restore it from git, or from the evidence; a closing record is not meant to be edited",
    other_format="read it with the orgsync that wrote it, or a later one",
    schema=lambda _format_version: record_schema(),
)


async def ready_to_close(
    opened: Opened, source: Connection | Snapshot, desired: Desired | None, now: datetime, watch: Watch
) -> tuple[Looked, Feed]:
    """Of when the organization is that the review was held against, and what its feed tells since the start.

    Raises Refused, with everything that is left to do, and what `present_at` does.
    """
    present, _requests, looked = await present_at(opened, source, desired, now, watch)
    check_closable(opened, present)
    return looked, await activities_since(opened, source, now, watch)


async def activities_since(opened: Opened, source: Connection | Snapshot, now: datetime, watch: Watch) -> Feed:
    """Who did what with the sorts of things under review since it was started. Raises nothing for what the API does."""
    types = {rule.type for kind in KINDS if kind.name in REVIEWED for rule in kind.activities}
    head = opened.review.review
    read = await feed_read(source, sorted({SETTINGS_UPDATED, *types}), head.started_at, now, watch)
    return read.within(head.organization.id)


def check_closable(opened: Opened, present: Present) -> None:
    """Raises Refused, with everything that is left to do."""
    left = list(_left(opened, removals(opened.review, present)))
    if left:
        told = "\n".join(left[:_MOST_TOLD])
        more = f"\n… and {len(left) - _MOST_TOLD:,} more" if len(left) > _MOST_TOLD else ""
        message = f"{opened.path} cannot be closed; nothing was written\n{told}{more}"
        raise Refused(message, hint="`orgsync review status` shows all that is left to do")


def _left(opened: Opened, removed: Sequence[Removal]) -> Iterator[str]:
    """What keeps the review from being closed, each with its place."""
    places = opened.places
    for row in open_rows(opened.review):
        yield f"{places[row.id]}: {row.address}: has no decision ({row.who}, {row.what})"
    for found in findings(opened.review):
        if found.wrong:
            yield f"{places[found.row.id]}: {found.row.address}: {found.message}"
    for one in removed:
        if one.left is not None:
            place = "" if one.line is None else f"{one.line}: "
            yield f"{place}{one.row.address}: is to be removed; {one.left}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record, and every file of the evidence by its name, the record included."""

    record: ClosingRecord
    files: Mapping[str, bytes]


def evidence_of(
    opened: Opened,
    path: Path | None,
    added: Sequence[Path],
    now: datetime,
    checked_at: str,
    *,
    feed: Feed,
    signer: Ed25519PrivateKey | None = None,
) -> Evidence:
    """What proves a review that can be closed. `path` is where the organization's files are, `added` are more files,
    `feed` is what `activities_since` read.

    Raises UsageError where a file cannot be read, or where the review was signed with another key.
    """
    head = opened.review.review
    if signer is not None and head.signature is not None:
        mine = fingerprint(signer.public_key())
        if head.signature.key_id != mine:
            message = f"{opened.path} is signed by {head.signature.key_id}, and this key is {mine}"
            raise UsageError(message, hint="close the review with the key that it was started with")
    files = {
        opened.path.name: _read(opened.path),
        head.snapshot.file: _read(opened.path.with_name(head.snapshot.file)),
        **_beside(path),
        ACTIVITIES: (json.dumps(activities_data(feed), indent=1, sort_keys=True) + "\n").encode(),
    }
    for one in added:
        if one.name in {*files, RECORD}:
            raise UsageError(f"--add: the evidence has a file named {one.name} already", hint="rename the file")
        files[one.name] = _read(one)
    commits = (CommitOfDecisions(*one) for one in commits_of(opened.path))
    digests = [FileDigest(name, sha256_of(data), len(data)) for name, data in sorted(files.items())]
    record = closed(opened.review, now, checked_at, opened.path.name, commits, digests)
    if signer is not None:
        record = replace(record, signature=signature_of(signed_bytes(record), signer))
    return Evidence(record, {**files, RECORD: rendered(record).encode()})


def _beside(path: Path | None) -> dict[str, bytes]:
    """The journal and the attestations of the organization's files, if there are some."""
    if path is None:
        return {}
    beside = {JOURNAL: journal_path(path), ATTESTATIONS: attestations_path(path)}
    return {name: _read(one) for name, one in beside.items() if one.exists()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} could not be read: {error.strerror}") from error


def rendered(record: ClosingRecord) -> str:
    """The bytes of the record: ASCII, the same for the same record."""
    return json.dumps(record_data(record), indent=1, sort_keys=True, allow_nan=False) + "\n"


def record_beside(path: Path) -> ClosingRecord | None:
    """The closing record of a review file, if it is closed. Raises InputError."""
    beside = closing_path(path)
    return FILE.read(beside, lambda data: _record(data, beside), limit=LIMIT) if beside.exists() else None


def _record(data: Any, path: Path) -> ClosingRecord:
    if digest_of(data) != data["digest"]:
        raise FILE.edited(path)
    return record_adapter().validate_python(data)


async def verified(
    path: Path, files: Mapping[str, bytes], now: datetime, key: Ed25519PublicKey | None
) -> tuple[ClosingRecord | None, list[Step]]:
    """Every check of the evidence that was read from `path`; without a key, signatures are not among them."""
    if RECORD not in files:
        return None, [Step(Mark.FAILS, f"{RECORD} is missing: it says what else there must be")]
    try:
        record = FILE.understood(files[RECORD], path / RECORD, lambda data: _record(data, path / RECORD))
    except InputError as error:
        return None, [Step(Mark.FAILS, problem.told) for problem in error.problems]
    steps = [_signed("the closing record", record.signature, signed_bytes(record), key), *file_steps(record, files)]
    try:
        snapshot = snapshot_file.understood(files.get(record.snapshot_file, b""), path / record.snapshot_file)
        name = str(path / record.review_file)
        content = Content(name, record.review_file, files.get(record.review_file, b""))
        review, document = review_of(load_contents([content]))
        steps += await _inner(record, review, document, snapshot, now, key)
    except InputError as error:
        steps += [Step(Mark.FAILS, problem.told) for problem in error.problems]
    return record, steps


async def _inner(
    record: ClosingRecord,
    review: Review,
    document: Document,
    snapshot: Snapshot,
    now: datetime,
    key: Ed25519PublicKey | None,
) -> list[Step]:
    """What the files of the evidence say of each other."""
    steps = list(review_steps(record, review, snapshot.digest))
    beyond = list(beyond_snapshot(review, await shown_by(snapshot, now), document))
    steps += [Step(Mark.FAILS, problem.told) for problem in beyond]
    if not beyond:
        steps.append(Step(Mark.HOLDS, "every row is a grant of the snapshot, and no grant lacks its row"))
    if key is not None:
        started = (
            ("the review", review_signature(review), review_bytes(review)),
            ("the snapshot", snapshot.signature, snapshots.signed_bytes(snapshots.snapshot_data(snapshot))),
        )
        for noun, signature, data in started:
            if signature is None:
                steps.append(Step(Mark.NOTES, f"{noun} was not signed when the review was started"))
            else:
                steps.append(_signed(noun, signature, data, key))
    return steps


def _signed(noun: str, signature: Signature | None, data: bytes, key: Ed25519PublicKey | None) -> Step:
    if key is None:
        return unsigned_step(None if signature is None else signature.key_id)
    wrong = wrong_with(signature, data, key, noun.removeprefix("the "))
    if wrong is not None:
        return Step(Mark.FAILS, f"{noun} {wrong}")
    return Step(Mark.HOLDS, f"{noun} is signed by {fingerprint(key)}")
