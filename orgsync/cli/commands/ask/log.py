"""`orgsync log`"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options, receipts_option, show
from orgsync.cli.shared.options import connection_options, default_path, duration
from orgsync.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from orgsync.cli.asking.options import Form
    from orgsync.cli.shared.options import Options
    from orgsync.flows.connection import Connection
    from orgsync.questions.log.timeline import Chosen

_USUAL = timedelta(days=30)
_TIME = "write a time such as 7d, a day such as 2026-11-22, or RFC 3339"


@click.command()
@click.argument("what", required=False, metavar="[ADDRESS]")
@click.option("--since", metavar="TIME", help="How far back, or since which day. Default: 30d before --until.")
@click.option("--until", metavar="TIME", help="Up to how long ago, or through which day. Default: now.")
@click.option("--reverse", is_flag=True, help="Show the oldest event first.")
@click.option(
    "--path",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="The files of the organization. Default: org.yaml, if it exists.",
)
@receipts_option
@click.option(
    "--reports",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="PATH",
    help="A drift report, or a folder of them, as `orgsync drift --out` writes them. Repeatable.",
)
@click.option("--no-feed", is_flag=True, help="Do not read the Activity Feed: nothing is sent.")
@answer_options
@connection_options
def log(
    what: str | None,
    since: str | None,
    until: str | None,
    reverse: bool,
    path: Path | None,
    receipts: tuple[Path, ...],
    reports: tuple[Path, ...],
    no_feed: bool,
    form: Form,
    options: Options,
) -> int:
    """Show what happened to the organization, when, and who did it.

    Joins the receipts of applies (~), the commits of the files (+), drift reports and the Activity Feed (!) into one
    list, newest first, as git log does. ADDRESS is an address, a glob of addresses, or a name or e-mail address that
    they contain. Without a credential the feed is left out. Nothing is ever written to the organization.
    """
    from orgsync.cli.shared.progress import Progress
    from orgsync.engine.concurrency import result_of
    from orgsync.flows.asking.log import Records, log_of

    asked = _chosen(what, since, until, options.now)
    records = Records(path if path is not None else _default(), receipts, reports)
    with ExitStack() as stack:
        feed, unasked = _feed(stack, options, wanted=not no_feed)
        progress = stack.enter_context(Progress(options, "Reading what is recorded"))
        answer = result_of(
            log_of(records, asked, options.now, feed=feed, unasked=unasked, reverse=reverse, watch=progress.watch)
        )
    show(answer, form, options)
    return EXIT_OK


def _feed(stack: ExitStack, options: Options, *, wanted: bool) -> tuple[Connection | None, str]:
    """Whose Activity Feed is read; or why nobody is asked."""
    from orgsync.cli.shared.session import connected

    if not wanted:
        return None, "The Activity Feed was not read (--no-feed)."
    try:
        return stack.enter_context(connected(options)), ""
    except UsageError as error:
        if options.sandbox is not None:
            raise
        return None, f"The Activity Feed was not read: {error}."


def _default() -> Path | None:
    found = default_path()
    return found if found.exists() else None


def _chosen(what: str | None, since: str | None, until: str | None, now: datetime) -> Chosen:
    from orgsync.core.document.known_address import known_glob
    from orgsync.core.words.problems import Unsuitable
    from orgsync.kinds import KINDS
    from orgsync.questions.log.timeline import Chosen

    end = now if until is None else _time("--until", until, now, last=True)
    begin = end - _USUAL if since is None else _time("--since", since, now, last=False)
    if begin > end:
        raise UsageError(f"--since {since} is later than --until {until or 'now'}", hint="exchange --since and --until")
    if what is not None and ":" in what and not what.startswith("setting:"):
        try:
            known_glob(what, KINDS)
        except Unsuitable as error:
            raise UsageError(str(error), hint=error.hint) from error
    return Chosen(begin, end, what)


def _time(option: str, text: str, now: datetime, *, last: bool) -> datetime:
    """What a length of time ago, a day (its end, with `last`) or a timestamp means."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return now - duration(option, text)
    if len(text) == len("2026-11-22"):
        day = datetime.combine(parsed.date(), time(), UTC)
        return day + timedelta(days=1) - timedelta(microseconds=1) if last else day
    if parsed.tzinfo is None:
        raise UsageError(f'{option}: "{text}" has no time zone', hint=_TIME)
    return parsed.astimezone(UTC)
