"""Makes an approved plan so: these changes or fewer, each with one write, each looked at again afterwards."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orgsync.core.address import split
from orgsync.core.ceiling import LiveIndex, Standing, by_address, ids_of, progress
from orgsync.core.change import MAKING, TAKING, Action
from orgsync.core.foreign import foreign
from orgsync.core.guards import judge
from orgsync.core.journal import Conclusion
from orgsync.core.outcome import Outcome, Report, Status
from orgsync.core.plan import judged
from orgsync.core.problems import Unsuitable
from orgsync.engine.concurrency import together
from orgsync.engine.read_live import read_touched
from orgsync.engine.recovery import PATIENCE, Earlier, Lost, Unrecorded, pauses, recovered, standings_of
from orgsync.errors import ApiError, InputError, OrgsyncError, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from orgsync.core.address import Address
    from orgsync.core.change import Change, Plan, Verdict
    from orgsync.core.journal import Intent, Journal, Made
    from orgsync.core.kind import Ids, Kind, Live
    from orgsync.core.observation import Observation
    from orgsync.core.request import Reader, Request, Writer

_CONCLUSIONS = {
    Status.DONE: Conclusion.DONE,
    Status.FAILED: Conclusion.FAILED,
    Status.UNCONFIRMED: Conclusion.UNKNOWN,
}


@dataclass(slots=True)
class _Run:
    """One apply under way."""

    reader: Reader
    writer: Writer
    kinds: dict[str, Kind]
    ids: Ids
    index: LiveIndex
    on_outcome: Callable[[Outcome], None]
    stopping: Callable[[], bool]
    journal: Journal
    sleep: Callable[[float], Awaitable[None]]
    patience: float
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    lanes: dict[tuple[str, Action], asyncio.Lock] = field(default_factory=dict)
    finished: dict[Address, asyncio.Event] = field(default_factory=dict)
    failed: set[Address] = field(default_factory=set)
    live: Live | None = None

    def settle(self, position: int, outcome: Outcome) -> None:
        self.outcomes[position] = outcome
        if outcome.status in {Status.FAILED, Status.SKIPPED, Status.UNCONFIRMED}:
            self.failed.add(outcome.change.address)
        self.on_outcome(outcome)


async def apply_plan(
    plan: Plan,
    reader: Reader,
    writer: Writer,
    kinds: Sequence[Kind],
    *,
    seen: Observation | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    stopping: Callable[[], bool] = lambda: False,
    journal: Journal | None = None,
    unfinished: Sequence[Intent] = (),
    made: Sequence[Made] = (),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience: float = PATIENCE,
) -> Report:
    """What became of every change. `seen` is what the plan was made from, where that was a moment ago.

    `on_start` is called when everything is checked and the first write comes next. Once `stopping` says so no further
    write is begun; those under way are finished, and the rest is skipped. `unfinished` are writes of earlier runs of
    which nobody knows how they ended: they are looked up before anything is written. So is what they `made`, where live
    does not show it: it is never made again for the same plan. `patience` is for how many seconds a list may hide it.

    Before the first request: InputError where the plan asks for something that these kinds do not have. Before the
    first write: WrongOrganization, Stale where live left the plan, Refused where a guard says no, ApiError where live
    could not be read.
    """
    unknown = foreign(plan, kinds)
    if unknown:
        raise InputError(unknown)
    ids = ids_of(plan, kinds)
    if seen is None:
        seen = await read_touched(reader, plan, ids, kinds)
    standings = standings_of(plan, seen, kinds)
    journal = journal or Unrecorded()
    if unfinished or made:
        lost = Lost(plan, reader, ids, kinds, sleep, patience)
        seen, standings = await recovered(lost, seen, standings, Earlier(unfinished, made), journal)
    refuse(verdict for verdict in judge(judged(plan, seen)) if not verdict.passed)
    by_name = {kind.name: kind for kind in kinds}
    run = _Run(reader, writer, by_name, ids, LiveIndex.of(seen.live), on_outcome, stopping, journal, sleep, patience)
    on_start()
    await _run_all(plan, standings, run)
    await _read_back(plan, run, kinds)
    return Report(
        tuple(run.outcomes[position] for position in range(len(plan.changes))),
        plan.organization,
        plan.waiting,
        plan.manual,
        interrupted=stopping(),
        live=run.live,
    )


def refuse(refusals: Iterable[Verdict]) -> None:
    """Raises Refused where there is any refusal, naming every guard and address."""
    lines = [
        f"  {verdict.guard}: {verdict.message}" + "".join(f"\n    {address}" for address in verdict.addresses)
        for verdict in refusals
    ]
    if lines:
        raise Refused("refused by a guard; nothing was changed\n" + "\n".join(lines))


async def _run_all(plan: Plan, standings: Sequence[Standing], run: _Run) -> None:
    """Additions and changes first, then what takes away; inside each, whatever does not wait for another at once."""
    groups = by_address(plan.changes)
    awaited = {before for change in plan.changes for before in change.after}
    taking = {address for address, group in groups.items() if plan.changes[group[-1]].action in TAKING} - awaited
    run.finished.update((address, asyncio.Event()) for address in groups)
    for wave in (groups.keys() - taking, taking):
        await together(_run_group(plan, groups[address], standings, run) for address in sorted(wave))


async def _run_group(plan: Plan, positions: Sequence[int], standings: Sequence[Standing], run: _Run) -> None:
    """The changes of one address, one after the other."""
    address = plan.changes[positions[0]].address
    for position in positions:
        change = plan.changes[position]
        for before in change.after:
            if before in run.finished:
                await run.finished[before].wait()
        blockers = sorted(run.failed.intersection((*change.after, address)))
        if standings[position] is Standing.ALREADY:
            _remember(change, run)
            run.settle(position, Outcome(change, Status.ALREADY))
        elif run.stopping():
            run.settle(position, Outcome(change, Status.SKIPPED, "interrupted before it was sent"))
        elif blockers:
            run.settle(position, Outcome(change, Status.SKIPPED, f"depends on {', '.join(blockers)}"))
        else:
            run.settle(position, await _write(change, plan, run))
    run.finished[address].set()


def _remember(change: Change, run: _Run) -> None:
    """Whatever refers to something that exists already will need its id."""
    kind = run.kinds[split(change.address)[0]]
    found = run.index.about(kind, (change,))
    if found is not None:
        run.ids.setdefault((kind.name, kind.key(split(change.address)[1])), found.id)


async def _write(change: Change, plan: Plan, run: _Run) -> Outcome:
    """Sends the one write of a change: its intent is recorded before, how it ended afterwards."""
    kind = run.kinds[split(change.address)[0]]
    try:
        request = kind.request(change, run.index.about(kind, (change,)), run.ids)
    except Unsuitable as error:
        return Outcome(change, Status.FAILED, f"not sent: {error}")
    alone = run.lanes.setdefault((kind.name, change.action), asyncio.Lock())
    async with alone if change.action in kind.one_at_a_time else nullcontext():
        try:
            sequence = run.journal.intend(change, request)
        except OrgsyncError as error:
            return Outcome(change, Status.FAILED, f"not sent, because it could not be recorded: {error}")
        outcome = await _sent(change, request, kind, plan, run)
    return _recorded(outcome, sequence, kind, run)


def _recorded(outcome: Outcome, sequence: int, kind: Kind, run: _Run) -> Outcome:
    """The outcome, once the journal has it."""
    change = outcome.change
    made = run.ids.get((kind.name, kind.key(split(change.address)[1]))) if change.action is Action.CREATE else None
    status = _CONCLUSIONS[outcome.status]
    try:
        run.journal.conclude(sequence, status, request_id=outcome.request_id, message=outcome.message, made=made)
    except OrgsyncError as error:
        return replace(outcome, status=Status.UNCONFIRMED, message=f"the outcome could not be recorded: {error}")
    return outcome


async def _sent(change: Change, request: Request, kind: Kind, plan: Plan, run: _Run) -> Outcome:
    try:
        answer = await run.writer.send(request)
    except OutcomeUnknown as unknown:
        return await _look_up(change, plan, unknown, run)
    except ApiError as error:
        return Outcome(change, Status.FAILED, str(error), getattr(error, "request_id", None))
    made = answer.get("id") if change.action in MAKING else None
    if change.action is Action.CREATE and isinstance(made, str):
        run.ids[kind.name, kind.key(split(change.address)[1])] = made
    return Outcome(change, Status.DONE, request_id=getattr(answer, "request_id", None), id=made)


async def _look_up(change: Change, plan: Plan, unknown: OutcomeUnknown, run: _Run) -> Outcome:
    """The answer was lost: live says whether the write happened. It is never sent again blindly."""
    kind = run.kinds[split(change.address)[0]]
    for pause in (0.0, *pauses(run.patience)):
        await run.sleep(pause)
        try:
            seen = await read_touched(run.reader, replace(plan, changes=(change,)), run.ids, list(run.kinds.values()))
        except ApiError as error:
            return Outcome(change, Status.UNCONFIRMED, f"{unknown}; looking it up failed: {error}")
        found = LiveIndex.of(seen.live).about(kind, (change,))
        if progress((change,), found, given=True) == 1:
            if change.action is Action.CREATE and found is not None:
                run.ids[kind.name, found.key] = found.id
            made = found.id if change.action in MAKING and found is not None else None
            return Outcome(change, Status.DONE, "the answer was lost; live shows the change", id=made)
    return Outcome(change, Status.UNCONFIRMED, f"{unknown}; live does not show the change yet")


async def _read_back(plan: Plan, run: _Run, kinds: Sequence[Kind]) -> None:
    """Counts what live shows, not what was sent."""
    sent = [position for position, outcome in run.outcomes.items() if outcome.status is Status.DONE]
    if not sent:
        return
    unseen: dict[int, str] = {}
    for pause in (0.0, *pauses(run.patience)):  # what was made a moment ago may be missing from lists for a while
        await run.sleep(pause)
        try:
            run.live = (await read_touched(run.reader, plan, run.ids, kinds)).live
        except ApiError as error:
            unseen = dict.fromkeys(sent, f"sent, but live could not be read afterwards: {error}")
            break
        unseen = _unconfirmed(plan, run, LiveIndex.of(run.live))
        if run.stopping() or not any(run.outcomes[position].status is Status.DONE for position in unseen):
            break
    for position, message in unseen.items():
        if run.outcomes[position].status is Status.DONE:
            run.outcomes[position] = replace(run.outcomes[position], status=Status.UNCONFIRMED, message=message)


def _unconfirmed(plan: Plan, run: _Run, index: LiveIndex) -> dict[int, str]:
    """Positions of changes that were answered with success and do not show."""
    unseen: dict[int, str] = {}
    for address, positions in by_address(plan.changes).items():
        group = [plan.changes[position] for position in positions]
        found = index.about(run.kinds[split(address)[0]], group)
        reached = [position for position in positions if run.outcomes[position].status in {Status.DONE, Status.ALREADY}]
        if progress(group, found, given=True) != len(reached):
            unseen.update((position, "the API accepted it, but live does not show it") for position in reached)
    return unseen
