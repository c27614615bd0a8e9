"""`orgsync review`: access recertification, from the frozen population to the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options
from orgsync.cli.asking.sources import source_options
from orgsync.cli.commands.watch.snapshot import chosen_signing_key, sign_with_option
from orgsync.cli.shared.options import common_options, connection_options, default_path
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, UsageError

if TYPE_CHECKING:
    from datetime import date

    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options
    from orgsync.core.document.read import Desired

FILE = click.Path(dir_okay=False, path_type=Path)
_YAML = (".yaml", ".yml")


@click.group()
def review() -> None:
    """Review who has which access: start, follow and close a review.

    A review is two files in the repository of the organization's files: one with a row for each grant, in which people
    write their decisions, and the snapshot that the rows come from. Nothing is ever written to the organization.
    """


@review.command()
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Write the review to this YAML file.")
@click.option("--due", required=True, metavar="DATE", help="The last day, UTC, to answer: YYYY-MM-DD.")
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The files of the organization. Default: org.yaml, if it exists.",
)
@sign_with_option
@connection_options
def start(out: Path, due: str, path: Path | None, sign_with: Path | None, options: Options) -> None:
    """Freeze the population of a review: a row for each grant, and the snapshot that shows it.

    The rows go to FILE, the snapshot beside it (FILE: 2026Q4.yaml, snapshot: 2026Q4.snapshot.json). In each row, people
    write `decision`, `reason` and `reviewed_by`. Commit both files.
    """
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import snapshot_file
    from orgsync.files.state.json_file import check_folder, check_writable, write_new
    from orgsync.flows.asking.review import Terms, review_started

    beside = out.with_suffix(".snapshot.json")
    if out.suffix.lower() not in _YAML:
        raise UsageError(f"--out: {out} is not a YAML file", hint="use a name such as reviews/2026Q4.yaml")
    check_folder(out, "review")
    for file in (out, beside):
        if file.exists() or file.is_symlink():
            raise UsageError(f"{file} already exists, and is not overwritten", hint="use another name for this review")
    check_writable(out, "review")
    signer = chosen_signing_key(sign_with)
    terms = Terms(out.stem, _day(due, options), beside.name)
    desired = _desired(path, options)
    with Progress(options, "Reading the organization") as progress, connected(options) as connection:
        started = result_of(
            review_started(desired, connection, options.now, terms, signer=signer, watch=progress.watch)
        )
    snapshot_file.write(beside, started.snapshot)
    write_new(out, started.text.encode(), "review")
    head = started.review.review
    options.say(f"wrote {out}: {head.grants:,} grants to review until {head.due}, from {started.requests:,} requests")
    options.say(f"wrote {beside}: the snapshot that they come from")
    for told in head.not_read:
        options.say(f"not reviewed, because the API did not show it: {told}")
    if head.signature is not None:
        options.say(f"signed by {head.signature.key_id}")


def _day(text: str, options: Options) -> date:
    from pydantic import TypeAdapter, ValidationError

    from orgsync.core.words.day import Day

    try:
        due: date = TypeAdapter(Day).validate_python(text)
    except ValidationError as error:
        raise UsageError(f'--due: "{text}" is not a valid day', hint="write YYYY-MM-DD, such as 2026-12-31") from error
    if due < options.now.date():
        raise UsageError(f"--due: {due} has passed", hint="use a day to come")
    return due


def _desired(path: Path | None, options: Options) -> Desired | None:
    """What the files ask for, if there are any. Raises InputError."""
    from orgsync.flows.files import desired_at

    if path is None:
        path = default_path()
        if not path.exists():
            return None
    return desired_at(path, options.now)


@review.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--fail-on",
    type=click.Choice(["overdue", "open"]),
    help="Exit with 2 if a grant is open after the last day, or at all.",
)
@answer_options
@source_options()
def status(file: Path | None, fail_on: str | None, sources: Sources, form: Form, options: Options) -> int:
    """Show how far a review is, and what is wrong with it.

    FILE is the review file; default: the one open review in the folder `reviews` beside the files. Also shows which
    decided removals are made, and what changed in the organization since the review was started.
    """
    from orgsync.cli.asking.options import show
    from orgsync.engine.concurrency import result_of
    from orgsync.flows.asking.evidence import record_beside
    from orgsync.flows.asking.review import present_at, review_opened
    from orgsync.questions.review.progress import Present, is_overdue
    from orgsync.questions.review.status import status_answer

    opened = result_of(review_opened(_chosen(file, sources), options.now))
    desired = None if sources.files is None else sources.files.desired
    present, requests, looked = Present(desired, None, {}), 0, []
    if sources.live:
        present, requests, seen = sources.asked(
            lambda read, watch: present_at(opened, read, desired, options.now, watch), texts=opened.people
        )
        looked.append(seen)
    today, record = options.now.date(), record_beside(opened.path)
    answer = status_answer(
        opened.review, opened.grants, present, opened.places, today, record=record, looked=looked, requests=requests
    )
    show(answer, form, options)
    counts = {"overdue": is_overdue(opened.review, today), "open": answer.open}
    return EXIT_DIFFERENCE if fail_on is not None and counts[fail_on] else EXIT_OK


@review.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    required=True,
    metavar="OUT",
    help="Write the evidence to this zip archive (.zip), or to this folder.",
)
@click.option("--add", type=FILE, multiple=True, metavar="FILE", help="Keep this file as evidence, too. Repeatable.")
@sign_with_option
@source_options(files_alone=False)
def close(
    file: Path | None,
    evidence: Path,
    add: tuple[Path, ...],
    sign_with: Path | None,
    sources: Sources,
    options: Options,
) -> None:
    """Close a review in which everything is decided and done, and keep the evidence.

    FILE is the review file; default: the one open review in the folder `reviews` beside the files. Refuses with 3 if a
    grant has no decision, if decisions contradict each other, or if a grant that is to be removed is still declared in
    the files or still in the organization. Writes the closing record beside the review (2026Q4.closing.json; commit it)
    and the evidence: the record, the review, its snapshot, the journal and the attestations beside the files, and what
    the Activity Feed tells of the time since the start.
    """
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import bundle
    from orgsync.flows.asking.evidence import FILE as RECORD_FILE
    from orgsync.flows.asking.evidence import evidence_of, ready_to_close, rendered
    from orgsync.flows.asking.review import closing_path, review_opened
    from orgsync.questions.review.closing import counts

    chosen = _chosen(file, sources)
    beside = closing_path(chosen)
    if beside.exists() or beside.is_symlink():
        raise UsageError(f"{chosen} is closed: {beside} exists", hint="see `orgsync review status`")
    bundle.check_free(evidence, "evidence")
    signer = chosen_signing_key(sign_with)
    opened = result_of(review_opened(chosen, options.now))
    desired = None if sources.files is None else sources.files.desired
    looked, feed = sources.asked(
        lambda read, watch: ready_to_close(opened, read, desired, options.now, watch), texts=opened.people
    )
    at = looked.at or ""
    made = evidence_of(opened, sources.path, add, options.now, at, feed=feed, signer=signer)
    bundle.write(evidence, made.files, "evidence")
    RECORD_FILE.write(beside, rendered(made.record).encode())
    options.say(f"closed {chosen}: {counts(made.record)}")
    options.say(f"wrote {beside}: commit it")
    options.say(f"wrote {evidence}: {len(made.files)} files")
    if made.record.signature is not None:
        options.say(f"signed by {made.record.signature.key_id}")


@review.command()
@click.argument("evidence", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--verify-with", "public_key", type=FILE, metavar="FILE", help="Public key that the signatures must match."
)
@answer_options
@common_options
def verify(evidence: Path, public_key: Path | None, form: Form, options: Options) -> int:
    """Verify the evidence of a closed review offline.

    EVIDENCE is what `review close --evidence` wrote. Checks every digest, that the rows are those of the snapshot, and
    that the decisions are those of the closing record; with --verify-with, the signatures as well: without a signature,
    who edits a file and every digest is not found. Exits with 1 if a check fails.
    """
    from orgsync.cli.asking.options import show
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import bundle
    from orgsync.files.state.signature import verifying_key
    from orgsync.flows.asking.evidence import verified
    from orgsync.questions.review.evidence import verified_answer

    key = None if public_key is None else verifying_key(public_key)
    record, steps = result_of(verified(evidence, bundle.read(evidence), options.now, key))
    answer = verified_answer(str(evidence), record, steps)
    show(answer, form, options)
    return EXIT_INPUT if answer.open else EXIT_OK


def _chosen(file: Path | None, sources: Sources) -> Path:
    """The review that is meant. Raises UsageError where that could be none or several."""
    from orgsync.flows.asking.review import open_reviews, reviews_beside

    if file is not None:
        return file
    folder = reviews_beside(sources.path or default_path())
    found = open_reviews(folder)
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} open reviews" if found else "no open review"
    hint = f"name one of them, such as {found[0]}" if found else "name the review file"
    raise UsageError(f"{folder} has {what}", hint=hint)
