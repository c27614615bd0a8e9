"""`orgsync drift`"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.formats import FORMATS
from orgsync.cli.shared.options import connection_options, duration, path_argument, strict_coverage_option
from orgsync.cli.shared.output import format_options
from orgsync.cli.streams import code_unless_lost
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_UNREADABLE, InputError, Unwritten, UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    from orgsync.cli.shared.formats import Output
    from orgsync.cli.shared.options import Options
    from orgsync.core.drift.report import DriftReport
    from orgsync.core.model.change import Note
    from orgsync.notify.apprise_sender import Sender

URLS = "ORGSYNC_NOTIFY_URLS"
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@path_argument
@format_options([one for one in FORMATS if one.drift])
@click.option(
    "--previous",
    type=FILE,
    metavar="FILE",
    help="The report of the previous run. If the file is missing, this is the first run.",
)
@click.option(
    "--out", type=FILE, metavar="FILE", help="Write the report to this file, as JSON. May be that of --previous."
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "new"]),
    default="any",
    show_default=True,
    help="Which differences exit with 2: any, or only new ones.",
)
@click.option(
    "--expiring", metavar="TIME", default="14d", show_default=True, help="Also report what expires within this time."
)
@click.option("--no-feed", is_flag=True, help="Do not ask the Activity Feed who made the differences.")
@strict_coverage_option
@click.option(
    "--reviews",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="DIR",
    help="Also report overdue access reviews in this folder. Default: `reviews` beside the files, if it exists.",
)
@click.option("--notify", multiple=True, metavar="URL", help=f"Notify this Apprise URL. Better: {URLS}. Repeatable.")
@click.option("--notify-always", is_flag=True, help="Notify in every run, not only if something is new or resolved.")
@connection_options
def drift(
    path: Path,
    output: Output,
    previous: Path | None,
    out: Path | None,
    fail_on: str,
    expiring: str,
    no_feed: bool,
    strict_coverage: bool,
    reviews: Path | None,
    notify: tuple[str, ...],
    notify_always: bool,
    options: Options,
) -> int:
    """Report manual changes, and what expires soon.

    PATH is a YAML file or a folder of them (default: org.yaml). Every difference from the files counts, unless it is
    listed under `accept`; what the files do not manage is named, and not looked at. Nothing is ever written to the
    organization. Exits with 2 if a difference is open, and with 7 if the organization could not be read or a
    notification could not be sent.
    """
    from orgsync.files.state import drift_file

    if out is not None:
        drift_file.FILE.check_free(out)
    ahead = duration("--expiring", expiring)
    sender = _sender(notify, always=notify_always)
    found = _report(path, ahead, previous, options, feed=not no_feed, strict_coverage=strict_coverage, reviews=reviews)
    report, failures = _told(found, sender, options, always=notify_always)
    unwritten = None
    try:
        if out is not None:
            drift_file.write(out, report)
    except Unwritten as error:
        unwritten = error  # the report is still shown
    if output.format.drift is not None:
        options.put(output.format.drift(report, output, options))
    if failures:
        _complain(failures, out)
        return code_unless_lost(EXIT_UNREADABLE, unwritten=unwritten)
    counted = report.entries if fail_on == "any" else report.new
    return code_unless_lost(EXIT_DIFFERENCE if counted else EXIT_OK, unwritten=unwritten)


def _report(
    path: Path,
    expiring: timedelta,
    previous: Path | None,
    options: Options,
    *,
    feed: bool,
    strict_coverage: bool,
    reviews: Path | None,
) -> DriftReport:
    """What differs now, compared with the last time. The previous report is read before anything is asked."""
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import drift_file
    from orgsync.files.state.journal import journal_path
    from orgsync.flows.asking.review import review_notes, reviews_beside
    from orgsync.flows.drift import drift_found
    from orgsync.flows.files import files_at

    files = files_at(path, options.now)
    last, unreadable = (None, None) if previous is None else _last(previous, options)
    with Progress(options, "Reading the organization") as progress, connected(options) as connection:
        report = result_of(
            drift_found(
                files,
                connection,
                expiring=expiring,
                previous=last,
                journal=journal_path(path),
                strict_coverage=strict_coverage,
                feed=feed,
                notes=review_notes(reviews or reviews_beside(path), options.now.date()),
                watch=progress.watch,
            )
        )
    if previous is not None and last is not None:
        drift_file.check_organization(last, report.organization, previous)
    return report if unreadable is None else replace(report, notes=(unreadable, *report.notes))


def _last(previous: Path, options: Options) -> tuple[DriftReport | None, Note | None]:
    """The previous report, if there is one; and what is wrong with it where it cannot be read: that hides no drift.

    Raises InputError for a file that orgsync wrote as something else.
    """
    from orgsync.core.drift.report import nothing_to_compare
    from orgsync.files.state import drift_file
    from orgsync.files.state.json_file import OtherSort

    try:
        last = drift_file.read(previous)
    except OtherSort:
        raise
    except InputError as error:
        note = nothing_to_compare(error.problems[0].told)
        options.say(f"Warning: {note.message}")
        return None, note
    if last is None:
        options.say(f"{previous} does not exist yet: every difference is new.")
    return last, None


def _sender(named: tuple[str, ...], *, always: bool) -> Sender | None:
    """Where to send to; a URL that cannot be used is found before anything is read."""
    urls = [*os.environ.get(URLS, "").split(), *named]
    if urls:
        from orgsync.notify.apprise_sender import Sender

        return Sender(list(dict.fromkeys(urls)))
    if always:
        raise UsageError("--notify-always: no one to notify", hint=f"set {URLS}, or add --notify URL")
    return None


def _told(
    report: DriftReport, sender: Sender | None, options: Options, *, always: bool
) -> tuple[DriftReport, list[str]]:
    """Tells what is new, and once that nothing is open any more. Answers with what could not be told, too."""
    from orgsync.core.drift.schema import sealed

    if sender is None:
        return sealed(report), []  # what an earlier run could not tell stays untold
    failures: list[str] = []
    if report.new or report.resolved or always:
        from orgsync.render.drift import notice as drift_notice

        title, body = drift_notice.render(report)
        failures = sender.send(title, body, bad=bool(report.entries))
        if not failures:
            options.say("Notification sent.")
    return sealed(replace(report, told=not failures)), failures


def _complain(failures: list[str], out: Path | None) -> None:
    for failure in failures:
        click.echo(f"Error: {failure}", err=True)
    again = (
        f"the next run with --previous {out} sends it again"
        if out
        else "run it again, and add --out FILE to keep a record"
    )
    click.echo(f"hint: {again}", err=True)
