"""`orgsync rehearse`"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.formats import OF_A_REHEARSAL
from orgsync.cli.shared.options import connection_options, snapshot_options
from orgsync.cli.shared.output import format_option
from orgsync.errors import EXIT_OK, EXIT_PARTLY, UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.cli.shared.options import Options
    from orgsync.core.apply.rehearsal import RehearsalReport
    from orgsync.core.model.change import Plan
    from orgsync.core.model.recording import Recording
    from orgsync.core.model.things import Live
    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.sandbox.server.app import App

RUNS = 300
_NOT_HELD = "cannot be rehearsed: the organization has something that the sandbox does not support"
_NOTHING_SAID = "the plan may still be correct; report this as a bug"


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="PLAN")
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    default=RUNS,
    show_default=True,
    help="Maximum number of disturbed applies.",
)
@click.option(
    "--seed",
    type=int,
    metavar="NUMBER",
    default=0,
    show_default=True,
    help="Seed that selects which disturbances are tried.",
)
@click.option(
    "--allow", multiple=True, metavar="ADDRESS", help="Allow this change although a guard refuses it. Repeatable."
)
@click.option("--valid-for", metavar="TIME", default="7d", show_default=True, help="Maximum age of the plan.")
@format_option(list(OF_A_REHEARSAL))
@snapshot_options
@connection_options
def rehearse(
    file: Path, runs: int, seed: int, allow: tuple[str, ...], valid_for: str, output_format: str, options: Options
) -> int:
    """Rehearse a saved plan in memory, with every possible failure.

    Reads the lists that PLAN touches, from the organization or a snapshot, and copies them into memory; nothing is
    written anywhere else. There the plan is applied without disturbance, and then once for every request and every
    way in which it can fail: killed, connection lost, no answer, errors, stale reads, a colleague in the Console.
    After each failure the same command is run again until it is done. Exits with 5 if any run ends in another
    state, creates something twice, sends an e-mail twice, or writes what is not in the plan. A plan that `apply`
    would refuse is refused with the same message.
    """
    from orgsync.cli.shared.ceiling import check_age
    from orgsync.cli.shared.session import checked_addresses, connected, snapshot_from
    from orgsync.core.plan.selection import allowing
    from orgsync.engine.concurrency import result_of
    from orgsync.flows.files import saved_plan

    require("sandbox", "`orgsync rehearse` requires")
    saved = saved_plan(file)
    check_age(saved, valid_for, options)
    made = allowing(saved, checked_addresses(allow))
    snapshot = snapshot_from(options, texts=tuple(made.identities) + tuple(one.address for one in made.changes))
    if snapshot is None:
        with connected(options):
            pass  # a credential that is missing is told before anything else
    live, recording = result_of(_read(made, snapshot, options))
    verdict = _rehearsed(made, live, recording, runs, seed, options)
    options.put(OF_A_REHEARSAL[output_format](verdict, options))
    return EXIT_OK if verdict.held else EXIT_PARTLY


async def _read(made: Plan, snapshot: Snapshot | None, options: Options) -> tuple[Live, Recording]:
    """What live shows of the lists the plan touches. Raises what `apply` raises before its first write."""
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import source
    from orgsync.core.apply.ceiling import ids_of
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.understood import unclear_in
    from orgsync.core.plan.guarded import judged, reweighed
    from orgsync.core.plan.guards import judge
    from orgsync.engine.apply_plan import refuse
    from orgsync.engine.read_live import read_touched
    from orgsync.engine.recording import Recorder
    from orgsync.engine.recovery import states_of
    from orgsync.flows.connection import reading
    from orgsync.kinds import KINDS

    refuse(made.refusals)
    title = f"Reading the {'organization' if snapshot is None else 'snapshot'}"
    with Progress(options, title) as progress, source(options, snapshot) as read:
        async with reading(read, progress.watch) as reader:
            recorder = Recorder(reader)
            seen = await read_touched(recorder, made, ids_of(made, KINDS), KINDS, today=options.now.date())
    states_of(made, seen, KINDS)
    weighed = reweighed(made, Evidence(seen.live, options.now), KINDS)
    refuse(verdict for verdict in judge(judged(weighed, seen, KINDS)) if not verdict.passed)
    for unclear in unclear_in(seen):
        raise UsageError(f"{_NOT_HELD}: {unclear}", hint=_NOTHING_SAID)
    return seen.live, recorder.recording


def _rehearsed(made: Plan, live: Live, recording: Recording, runs: int, seed: int, options: Options) -> RehearsalReport:
    from orgsync.kinds import KINDS
    from orgsync.rehearsal.rehearse import rehearse as rehearsed
    from orgsync.rehearsal.seed import TOKEN

    app = _sandbox(recording, made, options)
    try:
        with _counting(options) as done:
            return rehearsed(app, made, live, KINDS, runs=runs, seed=seed, credential=TOKEN, on_run=done)
    finally:
        app.close()


def _sandbox(recording: Recording, made: Plan, options: Options) -> App:
    """The organization in memory. Raises UsageError where the sandbox cannot hold what the API showed."""
    from orgsync.rehearsal.seed import seed_of
    from orgsync.sandbox.seed.build import filled
    from orgsync.sandbox.server.app import App
    from orgsync.sandbox.wire.errors import SandboxError

    try:
        return App(filled(":memory:", seed_of(recording, made, options.now), now=options.now, believed=True))
    except SandboxError as error:
        raise UsageError(f"{_NOT_HELD}: {error}", hint=_NOTHING_SAID) from error


@contextmanager
def _counting(options: Options) -> Iterator[Callable[[int, int], None]]:
    """Shows on a terminal how far it is; elsewhere, only that it began."""
    if options.quiet or not sys.stderr.isatty():
        options.say("Rehearsing …")
        yield lambda _number, _of: None
        return
    from rich.console import Console

    with Console(stderr=True, no_color=not options.color).status("Rehearsing") as status:
        yield lambda number, of: status.update(f"Rehearsing: {number:,} of {of:,} disturbed applies")
