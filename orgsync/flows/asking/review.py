"""Access reviews as files: started from a snapshot, read with everything that is wrong with them, and looked up."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsync.core.document.read import nothing_desired
from orgsync.core.model.change import Place
from orgsync.core.model.rows import Checked
from orgsync.core.snapshot.snapshot import Snapshot, sealed
from orgsync.core.words.inert import inert
from orgsync.core.words.problems import place_of
from orgsync.core.words.source import Problem, Source
from orgsync.engine.read_live import read_chosen, read_report
from orgsync.engine.recording import Recorder
from orgsync.errors import InputError, UsageError, WrongOrganization
from orgsync.files.state import snapshot_file
from orgsync.files.state.signature import signature_of, signed
from orgsync.files.yaml.authors import lines_written
from orgsync.files.yaml.dump import commented, plain
from orgsync.files.yaml.folder import is_visible, is_yaml
from orgsync.files.yaml.load import load
from orgsync.flows.connection import reading
from orgsync.flows.question import looked_at, observed
from orgsync.flows.snapshot import snapshot_taken
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.kinds.api_key.live import usage_listing
from orgsync.questions.review.file import FILLED_IN, FORMAT_VERSION, SignedBy, signed_bytes, understood
from orgsync.questions.review.grants import (
    DAYS_OF_USE,
    REVIEWED,
    grants_of,
    last_uses,
    lines_of,
    not_read,
    usage_wanted,
)
from orgsync.questions.review.population import REMARKS, beyond_snapshot, groups, head_data, rows_of
from orgsync.questions.review.population import sealed as sealed_review
from orgsync.questions.review.progress import Present, overdue_note, unreadable_note
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from orgsync.core.answers.answer import Looked
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Note
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing
    from orgsync.core.model.things import Declared
    from orgsync.core.words.source import Document
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.review.file import Review
    from orgsync.questions.review.grants import Grant, Named


_ITS_OWN = "use the credential, or a snapshot, of that organization"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a review is called, until when it is to be answered, and which file its snapshot goes to."""

    name: str
    due: date
    snapshot: str


@dataclass(frozen=True, slots=True)
class Started:
    """A review that was started, with the text of its file, and the snapshot that its rows come from."""

    review: Review
    text: str
    snapshot: Snapshot
    requests: int


async def review_started(
    desired: Desired | None,
    connection: Connection,
    now: datetime,
    terms: Terms,
    *,
    signer: Ed25519PrivateKey | None = None,
    watch: Watch = UNWATCHED,
) -> Started:
    """The population of this moment; `desired` is what the files ask for, if there are any. Raises ApiError."""
    wanted = nothing_desired(KINDS, now.date()) if desired is None else desired

    def reports(seen: Observation) -> list[Listing]:
        return usage_wanted(seen, now.date())

    taken, requests = await snapshot_taken(wanted, connection, now, watch, reports=reports)
    taken = sealed(taken)
    if signer is not None:
        taken = signed(taken, signer)
    seen, _looked = await observed(taken, REVIEWED, None, now)
    lines = {} if desired is None else lines_of((await observed(taken, REVIEWED, desired, now))[0])
    grants = grants_of(seen)
    used = await _used(taken, [one for one in grants if one.thing[0] == "api_key"], now)
    review = sealed_review(_head(terms, taken, seen), rows_of(grants, lines, _written(lines), used))
    if signer is not None:
        vouched = signature_of(signed_bytes(review), signer)
        mark = SignedBy(algorithm=vouched.algorithm, key_id=vouched.key_id, value=vouched.value)
        review = review.model_copy(update={"review": review.review.model_copy(update={"signature": mark})})
    return Started(review, rendered(review), taken, requests)


def _head(terms: Terms, taken: Snapshot, seen: Observation) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "name": terms.name,
        "organization": {"id": taken.organization.id, "name": taken.organization.name},
        "started_at": taken.taken_at,
        "due": terms.due,
        "orgsync": __version__,
        "snapshot": {"file": terms.snapshot, "digest": taken.digest},
        "not_read": [f"{kind}: {why}" for kind, why in sorted(not_read(seen).items())],
    }


async def _used(taken: Snapshot, keys: Sequence[Grant], now: datetime) -> dict[Named, str]:
    """What the snapshot knows of the last use of these keys; nothing, where the report was refused or is odd."""
    async with reading(taken, UNWATCHED) as reader:
        reports = [await read_report(reader, usage_listing(now.date(), DAYS_OF_USE))] if keys else []
    rows = [row for report in reports if isinstance(report, Checked) and not report.flawed for row in report.rows]
    return last_uses(keys, rows) if rows else {}


def _written(lines: Mapping[Named, Declared]) -> dict[tuple[str, int], str]:
    """By file and line: the commit that wrote it, its day and its author."""
    files = {line.place.file for line in lines.values()}
    return {
        (file, number): inert(f"{commit.id[:12]} of {commit.at[:10]} by {commit.author} <{commit.email}>")
        for file in sorted(files)
        for number, commit in lines_written(Path(file)).items()
    }


def rendered(review: Review) -> str:
    """The text of the file: what orgsync writes, and a blank for each field that people fill in."""
    blank = "".join(f"    {name}:\n" for name in FILLED_IN)
    parts = [commented(REMARKS), plain({"review": head_data(review)}), "rows:\n" if review.rows else "rows: []\n"]
    for title, rows in groups(review):
        parts.append(f"  {commented([title])}")
        for row in rows:
            first, *rest = plain(row).splitlines()
            parts += [f"  - {first}\n", *(f"    {line}\n" for line in rest), blank]
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Opened:
    """A review file that holds what it should: with its document, its snapshot, and what that shows."""

    path: Path
    review: Review
    document: Document
    snapshot: Snapshot
    grants: tuple[Grant, ...]

    @property
    def people(self) -> list[str]:
        """Who has the grants: in a snapshot of hashed e-mails, these are told by their own."""
        return list(dict.fromkeys(row.who for row in self.review.rows))

    @property
    def places(self) -> dict[str, str]:
        """Where each row is, by its id: `reviews/2026Q4.yaml:12`."""
        source = Source(self.document.files[0], 1, 1)
        found = (
            (row.id, place_of(self.document.data, ("rows", at), source)) for at, row in enumerate(self.review.rows)
        )
        return {identity: f"{place.file}:{place.line}" for identity, place in found}


async def review_opened(path: Path, now: datetime) -> Opened:
    """Raises InputError with everything that is wrong with the file, and where its snapshot is not the one it names."""
    review, document = review_in(path)
    named = review.review.snapshot
    if Path(named.file).name != named.file:
        raise InputError([Problem("names a snapshot in another folder", document.data["review"].sources["snapshot"])])
    beside = path.with_name(named.file)
    snapshot = snapshot_file.read(beside)
    if snapshot.digest != named.digest:
        message = f"is not the snapshot that {path} was started with"
        raise InputError([Problem(message, address=str(beside), hint="restore it from git")])
    grants = await shown_by(snapshot, now)
    problems = list(beyond_snapshot(review, grants, document))
    if problems:
        raise InputError(problems)
    return Opened(path, review, document, snapshot, grants)


def review_in(path: Path) -> tuple[Review, Document]:
    """The review in a file, by itself. Raises InputError with everything that is wrong with it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name one review file in it")
    if not os.path.lexists(path):
        raise UsageError(f"there is no review {path}", hint="start one with `orgsync review start`")
    return review_of(load(path))


def review_of(document: Document) -> tuple[Review, Document]:
    """The review in a document, and the document. Raises InputError with everything that is wrong with it."""
    review, problems = understood(document)
    if review is None or problems:
        raise InputError(problems)
    return review, document


async def shown_by(snapshot: Snapshot, now: datetime) -> tuple[Grant, ...]:
    """The grants that a snapshot shows."""
    seen, _looked = await observed(snapshot, REVIEWED, None, now)
    return tuple(grants_of(seen))


async def present_at(
    opened: Opened, source: Connection | Snapshot, desired: Desired | None, now: datetime, watch: Watch = UNWATCHED
) -> tuple[Present, int, Looked]:
    """What the organization and the files say now, how many requests that took, and of when it is.

    What the files mean is matched with what was read: the organization is read once. Raises ApiError, and
    WrongOrganization: in another one every grant would look as if it was removed.
    """
    if isinstance(source, Snapshot):
        seen, looked = await observed(source, REVIEWED, None, now)
        matched = seen if desired is None else (await observed(source, REVIEWED, desired, now))[0]
    else:
        async with source.opened(watch) as client:
            recorder = Recorder(client.reader)
            matched = await read_chosen(recorder, KINDS, REVIEWED, desired)
            seen = matched if desired is None else await read_chosen(recorder, KINDS, REVIEWED, None)
        looked = looked_at(source, now)
    head = opened.review.review
    if seen.organization.id != head.organization.id:
        of = f'the organization "{head.organization.name}" ({head.organization.id})'
        read = f'"{seen.organization.name}" ({seen.organization.id})'
        raise WrongOrganization(f"{opened.path} is a review of {of}, what was read is {read}", hint=_ITS_OWN)
    lines = {} if desired is None else lines_of(matched)
    present = Present(desired, tuple(grants_of(seen)), lines, frozenset(not_read(seen)))
    return present, seen.requests, looked


def reviews_beside(path: Path) -> Path:
    """The folder in which the reviews of these files are looked for."""
    return path.parent / "reviews"


def open_reviews(folder: Path) -> tuple[Path, ...]:
    """The review files in a folder that are not closed, by name."""
    if not folder.is_dir():
        return ()
    files = (one for one in folder.iterdir() if is_yaml(one.name) and is_visible(one.name) and one.is_file())
    return tuple(sorted(one for one in files if not closing_path(one).exists()))


def review_notes(folder: Path, today: date) -> tuple[Note, ...]:
    """What a drift report says of the open reviews in a folder: which are overdue, and which nobody can read."""
    return tuple(note for path in open_reviews(folder) if (note := _note(path, today)) is not None)


def _note(path: Path, today: date) -> Note | None:
    try:
        document = load(path)
        if "review" not in document.data:
            return None  # another YAML file
        review, document = review_of(document)
    except UsageError as error:
        return unreadable_note(path.stem, str(error), 0, Place(str(path), 1))
    except InputError as error:
        first, *more = error.problems
        place = Place(str(path), 1) if first.source is None else Place(*first.source)
        told = ": ".join(filter(None, (first.address, first.message)))
        return unreadable_note(path.stem, told, len(more), place)
    return overdue_note(review, path.stem, today, Place(*document.data.sources["review"]))


def closing_path(path: Path) -> Path:
    """Where the closing record of a review file is."""
    return path.with_suffix(".closing.json")
