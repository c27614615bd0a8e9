"""`orgsync apply`"""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.base_argument import base_options
from orgsync.cli.shared.event_lines import event_format
from orgsync.cli.shared.options import connection_options, path_argument, selection_options
from orgsync.cli.streams import code_unless_lost, stdout_loss
from orgsync.errors import Unwritten, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.cli.shared.base_argument import BaseArgument
    from orgsync.cli.shared.event_lines import EventLines
    from orgsync.cli.shared.options import Options
    from orgsync.cli.shared.progress import Progress
    from orgsync.core.apply.events import Sink
    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan, Selection
    from orgsync.core.model.observation import Observation
    from orgsync.flows.apply_lock import Turn
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch


FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What shall be applied: all that is planned, or less."""

    path: Path
    selection: Selection
    allow: tuple[str, ...]
    skip: tuple[str, ...]
    valid_for: str
    yes: bool
    wait_exitcode: bool
    undo: Path | None
    ceiling: Path | None
    ceiling_digest: str | None
    base: BaseArgument | None
    lookup_patience: float
    first_apply: bool
    actor: str


@click.command()
@path_argument
@click.option("--yes", is_flag=True, help="Do not ask for confirmation. Required without a terminal.")
@selection_options
@click.option(
    "--allow", multiple=True, metavar="ADDRESS", help="Allow this change although a guard refuses it. Repeatable."
)
@click.option("--skip", multiple=True, metavar="ADDRESS", help="Leave out this change of a saved plan. Repeatable.")
@click.option(
    "--valid-for", metavar="TIME", default="7d", show_default=True, help="Maximum age of a saved or reviewed plan."
)
@click.option("--wait-exitcode", is_flag=True, help="Exit with 6 if something waits for a person.")
@click.option("--journal", type=FILE, metavar="FILE", help="Journal of the writes that are sent. Default: beside PATH.")
@click.option(
    "--undo", type=FILE, metavar="FILE", help="Save a plan that reverts what this apply did, as far as possible."
)
@click.option(
    "--lock-timeout",
    type=float,
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="Seconds to wait for another apply to finish.",
)
@click.option("--ceiling", type=FILE, metavar="PLAN", help="Make only changes that this reviewed plan contains.")
@click.option("--ceiling-digest", metavar="HEX", help="Digest of the reviewed changes, or its first 12 digits or more.")
@base_options("Earlier files to compare with; their guards apply as well.")
@click.option(
    "--lookup-patience",
    type=click.FloatRange(0, 600),
    metavar="SECONDS",
    default=32,
    show_default=True,
    help="Seconds a new resource may be missing from lists before it counts as not created.",
)
@click.option(
    "--first-apply",
    is_flag=True,
    help="Nothing was applied before: do not wait before the first creation where no journal tells of earlier runs.",
)
@click.option(
    "--actor",
    metavar="NAME",
    help="Name recorded in the receipts. Default: the user of the CI job, or of this machine.",
)
@event_format
@connection_options
def apply(
    path: Path,
    allow: tuple[str, ...],
    journal: Path | None,
    lock_timeout: float,
    actor: str | None,
    lines: EventLines | None,
    options: Options,
    **chosen: Any,
) -> int:
    """Apply the files, or a saved plan, to the organization.

    PATH is a YAML file or a folder of them (default: org.yaml), or a plan saved by `orgsync plan --out`. A saved
    plan is a ceiling: exactly its changes are made, or fewer, and none if the organization has changed since (exit
    code 4). Running it again changes nothing. With --ceiling the files are planned again, and nothing is changed if
    they request more than was reviewed (exit code 4). Ctrl-C finishes the writes in progress and starts no others.
    Every write is recorded before it is sent: whatever happens, run the same command again.
    """
    from orgsync.cli.shared.actor import actor_of
    from orgsync.cli.shared.ceiling import check_age, reviewed_plan
    from orgsync.cli.shared.session import checked_addresses, connected
    from orgsync.files.state.journal import journal_path
    from orgsync.flows.apply_lock import Turn

    choice = _Choice(path=path, allow=checked_addresses(allow), actor=actor_of(actor, os.environ), **chosen)
    saved = _is_saved(path)
    asked = _saved(choice, options) if saved else _files(choice, options)
    ceiling = None
    if choice.ceiling is not None:
        if saved:
            raise UsageError(
                "--ceiling cannot be combined with a saved plan, which is a ceiling itself",
                hint="leave out --ceiling, or apply the files",
            )
        ceiling = reviewed_plan(choice.ceiling, choice.ceiling_digest, choice.allow)
        check_age(ceiling, choice.valid_for, options)
    elif choice.ceiling_digest is not None:
        raise UsageError("--ceiling-digest requires --ceiling", hint="add --ceiling PLAN")
    record = journal_path(path, journal)
    with connected(options) as connection:
        if choice.undo is not None:
            others = {"what is applied": path, "the reviewed plan": choice.ceiling, "the journal": record}
            _check_undo(choice.undo, others)
        # Before live is read: another apply may be changing it.
        with Turn(record, wait=lock_timeout, say=options.say) as turn:
            run = _Run(choice, connection, record, lines, options)
            plan, seen = _planned(asked, ceiling, run, turn)
            return _applied(plan, seen, ceiling, run)


def _files(choice: _Choice, options: Options) -> Files:
    from orgsync.flows.files import files_at

    if choice.skip:
        raise UsageError("--skip is for saved plans only", hint="use --only or --exclude with files")
    return files_at(choice.path, options.now)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run was asked for, and what it works with."""

    choice: _Choice
    connection: Connection
    record: Path
    lines: EventLines | None
    options: Options

    def show(self, text: str) -> None:
        """Prints what a person reads: on stdout, unless a program does. Losing it stops no one."""
        if self.lines is None:
            self.options.put(text)
        elif not (self.options.quiet and self.choice.yes):  # whoever is asked has to see what about
            click.echo(text, nl=False, err=True)

    def watch(self, progress: Progress, *sinks: Sink) -> Watch:
        """Events go to whoever has to act on them, then to programs, then to persons."""
        from orgsync.flows.watch import Watch, every

        programs: tuple[Sink, ...] = () if self.lines is None else (self.lines,)
        return Watch(every(*sinks, *programs, progress), progress.requested, self.options.say)


def _planned(asked: Files | Plan, ceiling: Plan | None, run: _Run, turn: Turn) -> tuple[Plan, Observation | None]:
    """The plan, and what was seen to make it; a saved one is as it is. No other apply is at work from here on."""
    from orgsync.cli.shared.base_argument import base_named
    from orgsync.cli.shared.progress import Progress
    from orgsync.core.model.change import Plan
    from orgsync.engine.concurrency import result_of
    from orgsync.engine.read_live import anybody
    from orgsync.flows.plan import planned

    choice, known = run.choice, run.connection.identity
    if known is not None:
        turn.take(known)
    elif isinstance(asked, Plan):
        turn.take(asked.organization.id)
    if isinstance(asked, Plan):
        return asked, None
    base = None if choice.base is None else base_named(choice.base, choice.path, run.options)
    admit = turn.admit if known is None else anybody  # files may name it without its id: the API says it
    with Progress(run.options, "Reading the organization") as progress:
        reading = planned(
            asked,
            run.connection,
            selection=choice.selection,
            allow=choice.allow,
            base=base,
            journal=run.record,
            reviewed=ceiling,
            admit=admit,
            watch=run.watch(progress),
        )
        return result_of(reading)


def _applied(plan: Plan, seen: Observation | None, ceiling: Plan | None, run: _Run) -> int:
    from orgsync.core.apply.events import Planned
    from orgsync.core.plan.selection import refusal_of
    from orgsync.engine.clock import timestamp_now
    from orgsync.flows.apply import check_admissible, conclude_what_was_open, exit_code_of
    from orgsync.render.plan import text

    choice, options = run.choice, run.options
    if run.lines is not None:
        run.lines(Planned(at=timestamp_now(), plan=plan))
    run.show(text.render(plan, width=options.width, color=options.color))
    check_admissible(plan, ceiling)
    refusal = refusal_of(plan)
    if refusal is not None:
        raise refusal
    report, unwritten, remark = None, None, ""
    if plan.changes:
        if not choice.yes:
            _check_shown()
            _confirm(plan)
            seen = None  # a person took their time: look again
        report = _report(plan, seen, run)
        if choice.undo is not None:
            unwritten = _unwritten(choice.undo, report, plan, options)
        receipts = shlex.join(["orgsync", "show", "--receipts", str(run.record)])
        remark = f"the changes are not affected, and `{receipts}` lists them"
    elif seen is not None and choice.selection.is_everything:
        conclude_what_was_open(run.record, plan, seen, actor=choice.actor)
    code = exit_code_of(plan, report, wait_exitcode=choice.wait_exitcode)
    return code_unless_lost(code, unwritten=unwritten, remark=remark)


def _check_shown() -> None:
    """Raises Unwritten where the person who is about to be asked cannot have seen the plan."""
    loss = stdout_loss()
    if loss is not None:
        raise Unwritten(f"{loss}, so the plan was not shown; nothing was changed")


def _check_undo(undo: Path, others: Mapping[str, Path | None]) -> None:
    """Raises UsageError where the way back could not be written, or would take the place of what is still needed."""
    from orgsync.files.state import plan_file

    for noun, other in others.items():
        if other is not None and undo.resolve() == other.resolve():
            raise UsageError(f"--undo {undo} is {noun}; nothing was changed", hint="use another file with --undo")
    plan_file.FILE.check_free(undo)


def _unwritten(path: Path, report: Report, plan: Plan, options: Options) -> Unwritten | None:
    """Saves the plan that reverts this apply. What kept it from being saved: the changes are made all the same."""
    from orgsync.flows.apply import undo_written

    try:
        is_written = undo_written(path, report, plan, options.now)
    except Unwritten as error:
        return error
    if is_written:
        options.say(f"wrote {path}; to revert this apply: {options.command('apply', path)}")
    else:
        options.say(f"{path} was not written: nothing was sent, or the organization could not be read afterwards")
    return None


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
    from orgsync.cli.shared.ceiling import check_age
    from orgsync.core.plan.selection import allowing, without
    from orgsync.flows.files import saved_plan

    if choice.base is not None:
        raise UsageError(
            "--base cannot be combined with a saved plan, which was compared when it was created",
            hint="leave out --base",
        )
    if not choice.selection.is_everything:
        given = "--only" if choice.selection.only else "--exclude"
        message = f"{given} cannot be combined with a saved plan, which is applied as it is"
        raise UsageError(message, hint=f"run `orgsync plan` with {given}, or leave out changes with --skip")
    plan = saved_plan(choice.path)
    check_age(plan, choice.valid_for, options)
    try:
        plan, left_out = without(plan, choice.skip)
    except ValueError as error:
        raise UsageError(f"--skip: {error}") from error
    for change in left_out:
        options.say(f"left out: {change.action} {change.address}")
    return allowing(plan, choice.allow)


def _confirm(plan: Plan) -> None:
    """Raises UsageError where nobody can be asked, or the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "there is no terminal to ask for confirmation; nothing was changed", hint="review the plan, then add --yes"
        )
    click.echo("", err=True)
    count = len(plan.changes)
    noun = "this change" if count == 1 else f"these {count} changes"
    answer = click.prompt(f'Make {noun} to "{plan.organization.name}"? Only "yes" is accepted', err=True, default="no")
    if answer.strip() != "yes":
        raise UsageError("not confirmed; nothing was changed")


def _report(plan: Plan, seen: Observation | None, run: _Run) -> Report:
    """What became of every change, printed."""
    from orgsync.cli.shared.interrupt import Interrupt
    from orgsync.cli.shared.progress import Progress
    from orgsync.engine.concurrency import result_of
    from orgsync.flows.apply import applied, opened_journal
    from orgsync.render import outcome
    from orgsync.render.plan.counts import not_made

    choice, options = run.choice, run.options
    reads = plan.requests * (1 if seen is not None else 2)  # afterwards, and before where nothing was read yet
    with (
        opened_journal(run.record, plan, actor=choice.actor, say=options.say) as journal,
        Progress(options, "Applying", changes=len(plan.changes), requests=reads) as progress,
    ):
        interrupt = Interrupt(progress.say, lambda: options.seconds_for(plan.requests))
        watch = run.watch(progress, interrupt)
        patience, first, stopping = choice.lookup_patience, choice.first_apply, interrupt.asked
        report = result_of(
            applied(
                plan,
                run.connection,
                journal,
                seen=seen,
                patience=patience,
                first_apply=first,
                stopping=stopping,
                watch=watch,
                now=options.now,
            )
        )
    told = outcome.render(report, width=options.width, color=options.color, not_made=not_made(plan))
    run.show("\n" + told)
    return report
