"""`orgsync apply`"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.options import connection_options, path_argument
from orgsync.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_PARTLY, EXIT_WAITING, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.cli.shared.apply_lock import Turn
    from orgsync.cli.shared.options import Options
    from orgsync.core.apply.events import Event
    from orgsync.core.apply.outcome import Report
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan
    from orgsync.core.model.observation import Observation
    from orgsync.files.state.journal import FileJournal


FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What shall be applied: all that is planned, or less."""

    path: Path
    only: str | None
    allow: tuple[str, ...]
    skip: tuple[str, ...]
    valid_for: str
    yes: bool
    wait_exitcode: bool
    undo: Path | None
    ceiling: Path | None
    ceiling_digest: str | None
    base: str | None
    lookup_patience: float
    actor: str


@click.command()
@path_argument
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal to ask on.")
@click.option("--only", metavar="GLOB", help="Only changes whose address matches, and what they depend on.")
@click.option("--allow", multiple=True, metavar="ADDRESS", help="Let the guards pass this one change. Repeatable.")
@click.option("--skip", multiple=True, metavar="ADDRESS", help="Leave this change of a saved plan out. Repeatable.")
@click.option(
    "--valid-for", metavar="TIME", default="7d", show_default=True, help="How old a saved or reviewed plan may be."
)
@click.option("--wait-exitcode", is_flag=True, help="Exit with 6 where something waits for a person.")
@click.option("--journal", type=FILE, metavar="FILE", help="Where to record what is sent. Default: beside PATH.")
@click.option("--undo", type=FILE, metavar="FILE", help="Save a plan that takes back what can be taken back.")
@click.option(
    "--lock-timeout",
    type=float,
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="Wait so long for another apply.",
)
@click.option("--ceiling", type=FILE, metavar="PLAN", help="Make only changes that this reviewed plan contains.")
@click.option(
    "--ceiling-digest", metavar="HEX", help="The digest of the changes that was reviewed, or 12 digits of it."
)
@click.option("--base", metavar="REF|PATH", help="What the files said before; its guards judge the plan, too.")
@click.option(
    "--lookup-patience",
    type=click.FloatRange(0, 600),
    metavar="SECONDS",
    default=32,
    show_default=True,
    help="How long something new may be missing from lists before it counts as not made.",
)
@click.option(
    "--actor", metavar="NAME", help="Who does this, for the receipts. Default: who runs the CI job, or the user."
)
@connection_options
def apply(
    path: Path,
    allow: tuple[str, ...],
    journal: Path | None,
    lock_timeout: float,
    actor: str | None,
    options: Options,
    **chosen: Any,
) -> int:
    """Make the organization what the files, or a saved plan, say.

    PATH is a YAML file or a folder of them (default: org.yaml), or a plan saved by `orgsync plan --out`. A saved plan
    is a ceiling: exactly its changes are made, or fewer, and none if live has left it (exit code 4). Running it again
    does nothing. With --ceiling the files are planned afresh, and nothing happens if they ask for more than was
    reviewed (exit code 4). Ctrl-C finishes the writes under way and begins no other. Every write is recorded before it
    is sent: whatever happens, run the same command again.
    """
    from orgsync.cli.shared.actor import actor_of
    from orgsync.cli.shared.apply_lock import Turn
    from orgsync.cli.shared.ceiling import check_age, reviewed_plan
    from orgsync.cli.shared.session import check_connection, checked_addresses
    from orgsync.files.state.journal import journal_path

    choice = _Choice(path=path, allow=checked_addresses(allow), actor=actor_of(actor, os.environ), **chosen)
    saved = _is_saved(path)
    asked = _saved(choice, options) if saved else _desired(choice, options)
    ceiling = None
    if choice.ceiling is not None:
        if saved:
            raise UsageError("--ceiling is for files; a saved plan is a ceiling itself", hint="apply one of the two")
        ceiling = reviewed_plan(choice.ceiling, choice.ceiling_digest, choice.allow)
        check_age(ceiling, choice.valid_for, options)
    elif choice.ceiling_digest is not None:
        raise UsageError("--ceiling-digest says which plan --ceiling has to be", hint="name it: --ceiling PLAN")
    check_connection(options)
    record = journal_path(path, journal)
    if choice.undo is not None:
        _check_undo(choice.undo, {"what is applied": path, "the reviewed plan": choice.ceiling, "the journal": record})
    # Before live is read: another apply may be changing it.
    with Turn(record, wait=lock_timeout, say=options.say) as turn:
        return _apply(asked, ceiling, choice, record, turn, options)


def _desired(choice: _Choice, options: Options) -> Desired:
    from orgsync.cli.shared.session import desired_from

    if choice.skip:
        raise UsageError("--skip leaves changes of a saved plan out", hint="with files, use --only")
    return desired_from(choice.path, options)


def _apply(
    asked: Desired | Plan, ceiling: Plan | None, choice: _Choice, record: Path, turn: Turn, options: Options
) -> int:
    from orgsync.cli.commands.plan import planned
    from orgsync.cli.shared.apply_lock import SANDBOX
    from orgsync.cli.shared.base_argument import base_named
    from orgsync.cli.shared.ceiling import hold
    from orgsync.cli.shared.session import result_of
    from orgsync.core.model.change import Plan
    from orgsync.core.model.understood import unclear_in
    from orgsync.engine.apply_plan import refuse
    from orgsync.render.plan import text

    seen: Observation | None = None
    if options.sandbox is not None:
        turn.take(f"{SANDBOX}{options.sandbox.resolve()}")
    elif isinstance(asked, Plan):
        turn.take(asked.organization.id)
    if isinstance(asked, Plan):
        made = asked
    else:
        before = None if choice.base is None else base_named(choice.base, choice.path, options)
        admit = turn.admit if options.sandbox is None else None  # files may name it without its id: the API says it
        reading = planned(asked, choice.path, options, only=choice.only, allow=choice.allow, base=before, admit=admit)
        made, seen = result_of(reading)
    options.put(text.render(made, width=options.width, color=options.color))
    if ceiling is not None:
        hold(made, ceiling)
    refuse(made.refusals)
    if not made.changes:
        if seen is not None and choice.only is None and not any(unclear_in(seen)):
            _settle(record, made, choice.actor)
        return _ended(made, None, wait_exitcode=choice.wait_exitcode)
    if not choice.yes:
        _confirm(made)
        seen = None  # a person took their time: look again
    report = _report(made, seen, record, choice, options)
    if choice.undo is not None:
        _save_undo(choice.undo, report, made, options)
    return _ended(made, report, wait_exitcode=choice.wait_exitcode)


def _check_undo(undo: Path, others: Mapping[str, Path | None]) -> None:
    """Raises UsageError where the way back could not be written, or would take the place of what is still needed."""
    from orgsync.files.state import plan_file

    for noun, other in others.items():
        if other is not None and undo.resolve() == other.resolve():
            raise UsageError(f"--undo {undo} is {noun}; nothing was changed", hint="name another file with --undo")
    plan_file.FILE.check_free(undo)


def _save_undo(path: Path, report: Report, made: Plan, options: Options) -> None:
    """The plan that takes back what this apply did; also after one that was not complete."""
    from orgsync.core.apply.undo import undo_plan
    from orgsync.files.state import plan_file
    from orgsync.kinds import KINDS

    if report.live is None:
        options.say(f"{path} was not written: nothing was sent, or live could not be read afterwards")
        return
    plan_file.write(path, undo_plan(report, made, report.live, KINDS, options.now))
    options.say(f"wrote {path}; to take this back: {options.command('apply', path)}")


def _settle(record: Path, made: Plan, actor: str) -> None:
    """The files ask for nothing any more: whatever earlier runs left open has come about, or is not wanted."""
    from orgsync.core.apply.journal import Conclusion
    from orgsync.files.state.journal import FileJournal

    if record.exists():
        with FileJournal(record, made, actor=actor) as journal:
            for intent in journal.unfinished:
                message = "looked up by a later run: the files ask for nothing here any more"
                journal.conclude(intent.sequence, Conclusion.DONE, message=message)


def _is_saved(path: Path) -> bool:
    """Whether this is a plan file, by its name or, since any name will do for `plan --out`, by how it begins."""
    from orgsync.files.state.json_file import is_ours

    if path.suffix == ".json":
        return True
    try:
        return is_ours(path)
    except OSError:
        return False  # whoever reads it next says why it cannot be read


def _saved(choice: _Choice, options: Options) -> Plan:
    """The plan in a file, without what shall be left out."""
    from orgsync.cli.shared.session import saved_plan
    from orgsync.core.plan.selection import allowing, without

    if choice.base is not None:
        raise UsageError("--base is for files; a saved plan was compared when it was made", hint="leave --base out")
    if choice.only is not None:
        message = "--only makes a plan smaller, and a saved plan is applied as it is"
        raise UsageError(message, hint="plan again with --only, or leave changes out with --skip")
    made = saved_plan(choice.path, choice.valid_for, options)
    try:
        made, left_out = without(made, choice.skip)
    except ValueError as error:
        raise UsageError(f"--skip: {error}") from error
    for change in left_out:
        options.say(f"left out: {change.action} {change.address}")
    return allowing(made, choice.allow)


def _confirm(made: Plan) -> None:
    """Raises UsageError where nobody can be asked, or the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("there is no terminal to ask on; nothing was changed", hint="review the plan, then add --yes")
    click.echo("", err=True)
    count = len(made.changes)
    noun = "this change" if count == 1 else f"these {count} changes"
    answer = click.prompt(f'Make {noun} to "{made.organization.name}"? Only "yes" is accepted', err=True, default="no")
    if answer.strip() != "yes":
        raise UsageError("not confirmed; nothing was changed")


def _report(made: Plan, seen: Observation | None, record: Path, choice: _Choice, options: Options) -> Report:
    """What became of every change, printed."""
    from orgsync.cli.shared.session import result_of
    from orgsync.files.state.journal import FileJournal
    from orgsync.render import outcome

    with FileJournal(record, made, actor=choice.actor) as journal:
        if journal.unfinished:
            options.say(f"An earlier run left {len(journal.unfinished)} writes open: looking them up first.")
        report = result_of(_applied(made, seen, journal, choice, options))
    options.put("\n" + outcome.render(report, width=options.width, color=options.color))
    return report


async def _applied(
    made: Plan, seen: Observation | None, journal: FileJournal, choice: _Choice, options: Options
) -> Report:
    from orgsync.cli.shared.interrupt import Interrupt
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.engine.apply_plan import apply_plan
    from orgsync.kinds import KINDS

    reads = made.requests * (1 if seen is not None else 2)  # afterwards, and before where nothing was read yet
    with (
        Progress(options, "Applying", changes=len(made.changes), requests=reads) as progress,
        Interrupt(progress.say) as interrupt,
    ):

        async def sleep(seconds: float) -> None:
            if seconds:
                progress.waits("live does not show yet what was sent", seconds, choice.lookup_patience)
            await asyncio.sleep(seconds)

        def on_event(event: Event) -> None:
            interrupt(event)
            progress(event)

        async with connected(options, progress) as client:
            return await apply_plan(
                made,
                client.reader,
                client.writer,
                KINDS,
                seen=seen,
                on_event=on_event,
                stopping=interrupt.asked,
                journal=journal,
                sleep=sleep,
                patience=choice.lookup_patience,
            )


def _ended(made: Plan, report: Report | None, *, wait_exitcode: bool) -> int:
    from orgsync.core.apply.outcome import Status
    from orgsync.core.model.change import Action

    invited = False
    if report is not None:
        if report.interrupted:
            return EXIT_INTERRUPTED
        if not report.complete:
            return EXIT_PARTLY
        invited = any(one.change.action is Action.INVITE for one in report.having(Status.DONE))
    waits = invited or made.waiting or made.manual
    return EXIT_WAITING if wait_exitcode and waits else EXIT_OK
