"""`orgsync review`: access recertification, from the frozen population to the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options
from orgsync.cli.asking.sources import source_options
from orgsync.cli.commands.watch.snapshot import chosen_signing_key, sign_with_option
from orgsync.cli.shared.options import connection_options, default_path
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, UsageError

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
    from orgsync.flows.review import Terms, review_started

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
@source_options()
@answer_options
def status(file: Path | None, fail_on: str | None, sources: Sources, form: Form, options: Options) -> int:
    """Show how far a review is, and what is wrong with it.

    FILE is the review file; default: the one open review in the folder `reviews` beside the files. Also shows which
    decided removals are made, and what changed in the organization since the review was started.
    """
    from orgsync.cli.asking.options import show
    from orgsync.engine.concurrency import result_of
    from orgsync.flows.review import present_at, review_opened
    from orgsync.questions.review.progress import Present, is_overdue
    from orgsync.questions.review.status import status_answer

    opened = result_of(review_opened(_chosen(file, sources), options.now))
    desired = None if sources.files is None else sources.files.desired
    present, requests, looked = Present(desired, None, {}), 0, []
    if sources.live:
        present, requests, seen = sources.asked(lambda read, watch: present_at(read, desired, options.now, watch))
        looked.append(seen)
    today = options.now.date()
    answer = status_answer(
        opened.review, opened.grants, present, opened.places, today, looked=looked, requests=requests
    )
    show(answer, form, options)
    counts = {"overdue": is_overdue(opened.review, today), "open": answer.open}
    return EXIT_DIFFERENCE if fail_on is not None and counts[fail_on] else EXIT_OK


def _chosen(file: Path | None, sources: Sources) -> Path:
    """The review that is meant. Raises UsageError where that could be none or several."""
    from orgsync.flows.review import open_reviews, reviews_beside

    if file is not None:
        return file
    folder = reviews_beside(sources.path or default_path())
    found = open_reviews(folder)
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} open reviews" if found else "no open review"
    hint = f"name one of them, such as {found[0]}" if found else "name the review file"
    raise UsageError(f"{folder} has {what}", hint=hint)
