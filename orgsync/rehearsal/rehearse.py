"""Rehearses a plan: applies it undisturbed, then once for every request and every fault, and again until it is done."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.apply.outcome import Status
from orgsync.core.apply.rehearsal import CONSOLE, Fault, Point, RehearsalReport, Tried, tallied
from orgsync.engine.apply_plan import apply_plan
from orgsync.errors import InputError, OrgsyncError, Refused, Stale
from orgsync.files.state.journal import FileJournal
from orgsync.rehearsal.clock import clock, now, simulated, timing
from orgsync.rehearsal.disturbance import Between, Killed
from orgsync.rehearsal.facts import check_known
from orgsync.rehearsal.organization import Allowed, Answers, World
from orgsync.rehearsal.planned import Planned
from orgsync.sandbox.wire.switches import ADMIN_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.request import Writer
    from orgsync.core.model.things import Live
    from orgsync.sandbox.server.app import App

MOST_RERUNS = 9
"""So often the command is given again, before it counts as one that never ends."""
PAUSE = 5.0
"""Simulated seconds until a person, or a pipeline, gives it again."""
MOST_PROBLEMS = 3


class Command(Protocol):
    """What is run again and again. Returns what it says is left to do, nothing once all is done; raises as `apply`."""

    async def __call__(self, client: AdminClient, journal: Path) -> str: ...


class SavedPlan:
    """`orgsync apply plan.json`. `writer` may put something between the engine and the client's own writer."""

    def __init__(
        self,
        plan: Plan,
        kinds: Kinds,
        *,
        writer: Callable[[Writer], Writer] = lambda writer: writer,
        first_apply: bool = True,
    ) -> None:
        self._plan = plan
        self._kinds = kinds
        self._writer = writer
        self._first_apply = first_apply

    async def __call__(self, client: AdminClient, journal: Path) -> str:
        with rehearsed_journal(journal, self._plan) as record:
            report = await apply_plan(
                self._plan,
                client.reader,
                self._writer(client.writer),
                self._kinds,
                journal=record,
                first_apply=self._first_apply,
            )
        return left_to_do(report)


def left_to_do(report: Report) -> str:
    """The first change that was not done, and why."""
    for outcome in report.outcomes:
        if outcome.status not in {Status.DONE, Status.ALREADY}:
            return f"{outcome.change.address} {outcome.status}: {outcome.message}"
    return ""


def rehearsed_journal(path: Path, plan: Plan) -> FileJournal:
    """A journal in simulated time. What a killed process had written stays written, flushed or not."""
    return FileJournal(path, plan, clock=now, durable=False)


class RunEnd(StrEnum):
    """How one run of the command ended."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    KILLED = "killed"
    FAILED = "failed"  # with an error that says that nothing was changed
    REFUSED = "refused"  # the same, and giving the same command again is no help


@dataclass(slots=True)
class Run:
    """One run of the command: how it ended, what it sent, and the words of the error where there was one."""

    ended: RunEnd
    requests: list[str]
    message: str = ""


@dataclass(slots=True)
class Rehearsal:
    """What all worlds of one rehearsal start from. `app` is never run itself; journals come and go in `folder`.

    Where it `lags`, every write shows in reads only after a while, not just those that a fault says it of.
    """

    app: App
    plan: Plan
    live: Live
    kinds: Kinds
    folder: Path
    command: Command
    credential: str = ADMIN_KEY
    lags: bool = False
    planned: Planned = field(init=False)
    answers: Answers = field(default_factory=Answers)

    def __post_init__(self) -> None:
        self.planned = Planned.of(self.plan, self.live, self.kinds)

    def undisturbed(self) -> tuple[Allowed, list[str], list[str]]:
        """What an undisturbed apply passes through, the requests it sent, and what was wrong with it."""
        with World(self.app.copy(), self.planned, self.answers, lags=self.lags) as world:
            first = self._run(world)
            writes, wrong = len(world.writes), list(world.broken)
            if first.ended is not RunEnd.DONE:
                wrong.append(f"it did not complete: {first.message or first.ended.value}")
            elif writes > len(self.plan.changes):
                wrong.append(f"it sent {writes} writes for {len(self.plan.changes)} changes")
            else:
                second = self._run(world)
                if second.ended is not RunEnd.DONE or len(world.writes) != writes:
                    wrong.append("a second apply did not complete without a write")
        self._journal().unlink(missing_ok=True)
        return world.passed, first.requests, wrong

    def disturbed(self, point: Point, allowed: Allowed) -> Tried:
        """One world in which this happens, and the command is given again until it is done."""
        with World(self.app.copy(), self.planned, self.answers, allowed, lags=self.lags) as world:
            run, reruns = self._run(world, point), 0
            while run.ended not in {RunEnd.DONE, RunEnd.REFUSED} and reruns < MOST_RERUNS:
                world.time += PAUSE
                reruns += 1
                run = self._run(world)
        self._journal().unlink(missing_ok=True)
        stale = run.ended is RunEnd.REFUSED
        broken = world.broken
        if stale and point.fault not in CONSOLE:
            broken.append(f"was refused as stale, although nothing else had changed: {run.message}")
        elif stale or run.ended is RunEnd.DONE:
            broken.extend(world.ended(allowed, complete=not stale))
        else:
            broken.append(f"not done after {reruns} more runs: {run.message or run.ended.value}")
        return Tried(point, reruns, stale, tuple(broken[:MOST_PROBLEMS]))

    def _run(self, world: World, point: Point | None = None) -> Run:
        world.begin()
        between = Between(world, point.fault, point.at) if point else Between(world)
        writes = len(world.writes)

        async def run() -> str:
            try:
                async with AdminClient(
                    "http://rehearsal",
                    Credential(self.credential),
                    requests_per_minute=None,
                    app=between,
                    timing=timing(),
                ) as client:
                    return await self.command(client, self._journal())
            finally:
                world.time = clock()

        try:
            left = simulated(run, start=world.time)
        except Killed:
            return Run(RunEnd.KILLED, between.requests)
        except OrgsyncError as error:
            if len(world.writes) > writes:
                world.broken.append(f'reported "nothing was changed" after sending writes: {error}')
            ended = RunEnd.REFUSED if isinstance(error, Stale | Refused | InputError) else RunEnd.FAILED
            return Run(ended, between.requests, str(error))
        return Run(RunEnd.INCOMPLETE if left else RunEnd.DONE, between.requests, left)

    def _journal(self) -> Path:
        return self.folder / "rehearsal.journal.jsonl"


def points(requests: Sequence[str]) -> list[Point]:
    """Everything that can go wrong at these requests: all points of one fault, then those of the next."""
    return [
        Point(at, request, fault)
        for fault in Fault
        for at, request in enumerate(requests, 1)
        if not fault.effect.writes_only or not request.startswith("GET ")
    ]


def chosen(every: Sequence[Point], most: int, seed: int) -> list[Point]:
    """At most so many points, spread evenly over all; the seed decides where the first one is."""
    if len(every) <= most:
        return list(every)
    step = len(every) / most
    start = random.Random(seed).random() * step  # noqa: S311 - a choice that has to be the same every time
    return [every[min(int(start + number * step), len(every) - 1)] for number in range(most)]


def rehearse(
    app: App,
    plan: Plan,
    live: Live,
    kinds: Kinds,
    *,
    runs: int,
    seed: int = 0,
    command: Command | None = None,
    credential: str = ADMIN_KEY,
    on_run: Callable[[int, int], None] = lambda _number, _of: None,
) -> RehearsalReport:
    """What became of the plan in the organization of `app`, disturbed at most `runs` times.

    `live` is what its reads show. `on_run` is called after each disturbed apply with its number and how many there are.
    Raises UsageError where the sandbox could not tell what a change of the plan leads to.
    """
    check_known(plan, live, kinds, app)
    with tempfile.TemporaryDirectory(prefix="orgsync-rehearsal-") as folder:
        rehearsal = Rehearsal(app, plan, live, kinds, Path(folder), command or SavedPlan(plan, kinds), credential)
        allowed, requests, wrong = rehearsal.undisturbed()
        every = points(requests)
        tried: list[Tried] = []
        picked = [] if wrong else chosen(every, runs, seed)
        for number, point in enumerate(picked, 1):
            tried.append(rehearsal.disturbed(point, allowed))
            on_run(number, len(picked))
    return RehearsalReport(
        plan.organization,
        plan.digests.changes,
        len(plan.changes),
        len(requests),
        sum(not request.startswith("GET ") for request in requests),
        len(every),
        seed,
        tallied(tried),
        tuple(one for one in tried if one.broken),
        tuple(wrong),
    )
