"""What the evidence of a review proves: every check, and how it ended."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Answer, Looked, Mark, Step
from orgsync.core.words.plural import counted
from orgsync.core.words.timestamp import written_exactly
from orgsync.questions.review.closing import differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.feed.window import Feed
    from orgsync.questions.review.closing import ClosingRecord, FileDigest
    from orgsync.questions.review.file import Review

RECORD = "closing.json"
"""The name of the closing record in the evidence."""

JOURNAL, ATTESTATIONS = "journal.jsonl", "attestations.jsonl"
"""What the files beside the organization's are called in the evidence."""

ACTIVITIES = "activities.json"
"""What the Activity Feed tells of the time of the review is called so."""


def activities_data(feed: Feed) -> dict[str, Any]:
    """A reading of the Activity Feed as data: who did what, newest first, or why nobody can tell.

    People's IP addresses and the programs that they used are left out.
    """
    return {
        "state": feed.state.value,
        "says": feed.says,
        "since": written_exactly(feed.since),
        "until": written_exactly(feed.until),
        "records": [
            {
                "id": one.id,
                "at": written_exactly(one.at),
                "type": one.type,
                "actor": {"type": one.actor.type, "id": one.actor.id, "email": one.actor.email},
                "fields": dict(one.fields),
            }
            for one in feed.records
        ],
    }


def sha256_of(data: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


def file_steps(record: ClosingRecord, files: Mapping[str, bytes]) -> Iterator[Step]:
    """Whether every file is there as it was, and no other."""
    for one in record.files:
        wrong = _wrong_file(one, files.get(one.name))
        yield Step(Mark.HOLDS, f"{one.name} is as it was written") if wrong is None else Step(Mark.FAILS, wrong)
    for name in sorted(files.keys() - {one.name for one in record.files} - {RECORD}):
        yield Step(Mark.FAILS, f"{name} is not in the closing record")


def _wrong_file(one: FileDigest, data: bytes | None) -> str | None:
    if data is None:
        return f"{one.name} is missing"
    if sha256_of(data) != one.sha256:
        return f"{one.name} was changed: its SHA-256 is {sha256_of(data)}, the closing record has {one.sha256}"
    return None


def review_steps(record: ClosingRecord, review: Review, snapshot_digest: str | None) -> Iterator[Step]:
    """Whether the review is the one that was closed: its snapshot, its population, and every decision."""
    same = record.snapshot == review.review.snapshot.digest and snapshot_digest in {None, record.snapshot}
    told = "the snapshot is the one that the review was started with"
    yield Step(Mark.HOLDS, told) if same else Step(Mark.FAILS, "the snapshot is another one than that of the review")
    wrong = list(differing(record, review))
    if not wrong:
        yield Step(Mark.HOLDS, f"{counted(len(record.decisions), 'decision')} as in the closing record")
    yield from (Step(Mark.FAILS, text) for text in wrong)


def unsigned_step(signer: str | None) -> Step:
    """What a signature is worth that nobody checks."""
    if signer is None:
        return Step(Mark.UNKNOWN, "the closing record is not signed: who edits it and its digests is not found")
    return Step(Mark.UNKNOWN, f"the closing record is signed by {signer}; verify it with --verify-with")


def verified_answer(name: str, record: ClosingRecord | None, steps: Sequence[Step]) -> Answer:
    """The answer of `review verify`."""
    failed = sum(step.mark is Mark.FAILS for step in steps)
    unknown = any(step.mark is Mark.UNKNOWN for step in steps)
    what = name if record is None else f"review {record.name}, closed at {record.closed_at}"
    if failed:
        title = f"The evidence is not as it was written ({what}): {counted(failed, 'check')} failed"
    else:
        title = f"The evidence is intact{', as far as can be told' if unknown else ''} ({what})"
    told = (
        {}
        if record is None
        else {
            "review": record.name,
            "closed_at": record.closed_at,
            "kept": sum(one.decision == "keep" for one in record.decisions),
            "removed": sum(one.decision == "remove" for one in record.decisions),
        }
    )
    return Answer(
        "review verify",
        title,
        None if record is None else record.organization,
        (Looked(name),),
        steps=tuple(steps),
        facts={**told, "intact": not failed},
        open=failed > 0,
    )
