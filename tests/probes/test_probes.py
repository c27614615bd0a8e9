"""The API as a newer one may answer: one field of one row is something else, for every field of every kind.

What is not understood is never acted on, never a traceback, and always reported. The probes come from the declarations
of the kinds, so that a new kind is covered by its own. `ORGSYNC_PROBES=full` tries every probe with every command;
without it each command gets its part of those of one row of each list.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from acme import desired_from

from orgsync.core.apply.undo import undo_plan
from orgsync.core.document.export import exported_files
from orgsync.core.drift.entries import drift_report
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_everything, read_live
from orgsync.engine.recording import Recorder, Replay
from orgsync.engine.take_snapshot import read_for_snapshot
from orgsync.errors import ApiError, OrgsyncError, Stale
from orgsync.files.yaml.dump import dumped
from orgsync.kinds import KINDS

from .generated import Probe, probes
from .world import MODES, NEW, World, declared_lists, matching_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan
    from orgsync.core.model.observation import Observation

FULL = os.environ.get("ORGSYNC_PROBES") == "full"
STEP = 401
"""Without FULL, each command tries one of so many probes."""

TOLD = frozenset({"unknown_value", "unreadable_row", "not_offered"})


@cache
def every_probe() -> tuple[Probe, ...]:
    """All probes of all lists that any command reads."""
    return tuple(probes([(listing.path, listing.fields, rows) for listing, rows in declared_lists()]))


def chosen(command: str) -> list[Probe]:
    """The probes that a command is tried with."""
    if FULL:
        return list(every_probe())
    start = sorted(COMMANDS).index(command)
    return list(every_probe())[start::STEP]


class Wrong(Exception):
    """What a probe led to, and should not have."""


@cache
def world_of(files: str) -> tuple[World, Desired]:
    """The organization, for whoever only reads it, and what these files ask for."""
    world = World(files)
    return world, world.desired()


def odd(files: str, probe: Probe) -> tuple[World, Desired]:
    """The same, as the probe has it."""
    world, desired = world_of(files)
    world.change = probe.change
    return world, desired


def seen_and_planned(world: World, desired: Desired) -> tuple[Observation, Plan]:
    """What live shows, and the plan."""

    async def planned() -> tuple[Observation, Plan]:
        async with world.client() as client:
            seen = await read_live(client.reader, desired, KINDS)
        return seen, make_plan(desired, seen, world.now, KINDS)

    return asyncio.run(planned())


@cache
def usual(files: str) -> Plan:
    """The plan of these files where nothing is odd."""
    world, desired = world_of(files)
    world.change = None
    return seen_and_planned(world, desired)[1]


def judge_plan(probe: Probe, plan: Plan, files: str) -> None:
    """Nothing is planned because of what is not understood, and it is reported."""
    if probe.known:
        return  # as any other difference
    before = usual(files)
    more = [f"{change.action} {change.address}" for change in plan.changes if change not in before.changes]
    steps = [f"{step.code} {step.address}" for step in plan.manual if step not in before.manual]
    if more or steps:
        raise Wrong(f"planned {more + steps}")
    if not any(note.code in TOLD and note.level == "error" for note in plan.findings):
        raise Wrong("not reported")


def planning(mode: str) -> Callable[[Probe], None]:
    """`orgsync plan` of files that say what is there."""

    def tried(probe: Probe) -> None:
        files = matching_files(mode)
        usual(files)
        judge_plan(probe, seen_and_planned(*odd(files, probe))[1], files)

    return tried


def drifting(probe: Probe) -> None:
    """`orgsync drift`: what is not understood is drift."""
    world, desired = odd(matching_files("additive"), probe)
    seen, plan = seen_and_planned(world, desired)
    report = drift_report(plan, desired, seen, world.now, KINDS, expiring=timedelta(days=14))
    if not probe.known and not any(entry.code in TOLD for entry in report.entries):
        raise Wrong("no drift")


def exporting(probe: Probe) -> None:
    """`orgsync export`: the file is valid, and an authoritative plan of it touches nothing."""
    world, _desired = odd("", probe)

    async def exported() -> str:
        async with world.client() as client:
            return dumped(exported_files(await read_everything(client.reader, KINDS), KINDS))

    collections = ", ".join(f"{kind.collection}: authoritative" for kind in KINDS if kind.sections)
    guards = "guards: {max_removals: {percent: 100, count: 100}}\n"
    text = asyncio.run(exported()).replace("manage:\n  coverage: strict\n", "")  # other modes are set below
    desired = desired_from(f"{text}manage: {{{collections}}}\n{guards}")
    _seen, plan = seen_and_planned(world, desired)
    if plan.changes and not probe.known:
        raise Wrong(f"an authoritative plan of the export: {[f'{one.action} {one.address}' for one in plan.changes]}")


def snapshotting(probe: Probe) -> None:
    """`orgsync snapshot`: a plan from it is the plan from live."""
    files = matching_files("authoritative")
    usual(files)
    world, desired = odd(files, probe)

    async def taken() -> Recorder:
        async with world.client() as client:
            recorder = Recorder(client.reader)
            await read_for_snapshot(recorder, KINDS, desired)
            return recorder

    recorder = asyncio.run(taken())
    replay = Replay(recorder.essence, world.now)
    replay.by_admin_key = recorder.by_admin_key  # a snapshot does not know who applies; here it is who took it
    seen = asyncio.run(read_live(replay, desired, KINDS))
    plan = make_plan(desired, seen, world.now, KINDS)
    live = seen_and_planned(world, desired)[1]
    if (plan.changes, plan.findings, plan.manual) != (live.changes, live.findings, live.manual):
        raise Wrong("a plan from the snapshot is another than from live")
    judge_plan(probe, plan, files)


@cache
def fresh() -> World:
    """The organization that a saved plan is for, before anything is done to it."""
    return World(NEW)


@cache
def saved() -> tuple[Plan, tuple[str, ...]]:
    """A plan that was saved before anything was odd, and what applying it writes."""
    world = fresh().copy()
    plan = world.plan()
    assert world.apply(plan=plan).complete
    return plan, writes_of(world)


def writes_of(world: World) -> tuple[str, ...]:
    """Everything that was written, whatever ids new things got."""
    new = {row["id"] for row in world.rows("workspaces")} - {row["id"] for row in fresh().rows("workspaces")}
    sent = [f"{line['method']} {line['path']} {line['body']}" for line in world.app.log() if _is_write(line)]
    for identity in new:
        sent = [one.replace(identity, "NEW") for one in sent]
    return tuple(sorted(sent))


def _is_write(line: Mapping[str, Any]) -> bool:
    return line["method"] != "GET" and not line["console"]


def applying(*, later: bool) -> Callable[[Probe], None]:
    """`orgsync apply` of a saved plan; `later`: the API is another one from the first write on."""

    def tried(probe: Probe) -> None:
        plan, approved = saved()
        world = fresh().copy()
        world.change, world.after_a_write = probe.change, later

        async def applied() -> None:
            async with world.client() as client:
                report = await apply_plan(plan, client.reader, client.writer, KINDS, patience=0, first_apply=True)
            if report.live is not None:
                undo_plan(report, plan, report.live, KINDS, world.now)

        try:
            asyncio.run(applied())
        except OrgsyncError as error:
            if writes_of(world):
                raise Wrong(f"ended with an error after it had written: {error}") from error
            careful = "stops_now" in str(error) and "cost_report" in probe.path  # what is spent is not known any more
            if not isinstance(error, Stale | ApiError) and not careful:
                raise
        beyond = Counter(writes_of(world)) - Counter(approved)
        if beyond:
            raise Wrong(f"wrote {list(beyond)}")

    return tried


COMMANDS: Mapping[str, Callable[[Probe], None]] = {
    "plan": planning(MODES[0]),
    "plan, additive": planning(MODES[1]),
    "drift": drifting,
    "export": exporting,
    "snapshot": snapshotting,
    "apply": applying(later=False),
    "apply, from the first write on": applying(later=True),
}


def outcome(command: str, probe: Probe) -> str | None:
    """What is wrong about what a command does with a probe."""
    try:
        COMMANDS[command](probe)
    except Wrong as wrong:
        return str(wrong)
    except ApiError:
        return None  # nothing could be read, and nothing was done
    except OrgsyncError as error:
        return None if probe.known else f"exit {error.exit_code}: {error}"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    return None


PARTS = 24 if FULL else 2


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_nothing_is_done_that_is_not_understood(
    command: str, part: int, record_property: Callable[[str, object], None]
) -> None:
    tried = chosen(command)[part::PARTS]
    wrong = [f"{probe}: {said}" for probe in tried if (said := outcome(command, probe)) is not None]
    record_property(f"torture: probes of {command}", len(tried))
    assert not wrong, "\n".join(wrong)


def test_every_field_of_every_kind_is_probed() -> None:
    probed = {(probe.path, probe.field) for probe in every_probe()}
    declared = {(listing.path, field.path) for listing, rows in declared_lists() if rows for field in listing.fields}
    assert declared - probed == set()
    lists_of: dict[str, Sequence[Any]] = {kind.name: [] for kind in KINDS}
    assert len(lists_of) == len(KINDS)
