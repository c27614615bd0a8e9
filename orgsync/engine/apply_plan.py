"""Makes an approved plan so: these changes or fewer, each with one write, each looked at again afterwards."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ChangeState, LiveIndex, by_address, ids_of, progress
from orgsync.core.apply.events import Admitted, Sent, Settled, unheard
from orgsync.core.apply.journal_sink import JournalSink
from orgsync.core.apply.outcome import Outcome, Report, Status
from orgsync.core.model.change import MAKING, TAKING, Action
from orgsync.core.model.context import Evidence
from orgsync.core.plan.guarded import judged, reweighed
from orgsync.core.plan.guards import judge, stops_now
from orgsync.core.plan.vetting import foreign
from orgsync.core.words.problems import Unsuitable
from orgsync.engine.clock import timestamp_now
from orgsync.engine.concurrency import together
from orgsync.engine.read_live import read_touched
from orgsync.engine.recovery import PATIENCE, Earlier, Lost, pauses, recovered, states_of
from orgsync.errors import PLAN_AGAIN, ApiError, InputError, OrgsyncError, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from orgsync.core.apply.events import Sink
    from orgsync.core.apply.journal import Journal
    from orgsync.core.model.change import Change, Plan, Verdict
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader, Request, Writer
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Found, Ids, Live
    from orgsync.core.words.address import Address


_MOST_NAMED = 20
"""Addresses of one refusal that an error names; the plan names all of them."""


@dataclass(slots=True)
class _Run:
    """One apply under way."""

    reader: Reader
    writer: Writer
    kinds: Kinds
    ids: Ids
    index: LiveIndex
    journal: Sink
    on_event: Sink
    stopping: Callable[[], bool]
    sleep: Callable[[float], Awaitable[None]]
    patience: float
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    lanes: dict[tuple[str, Action], asyncio.Lock] = field(default_factory=dict)
    finished: dict[Address, asyncio.Event] = field(default_factory=dict)
    began: dict[int, float] = field(default_factory=dict)
    failed: set[Address] = field(default_factory=set)
    live: Live | None = None

    def settle(self, position: int, outcome: Outcome) -> None:
        """Tells the sinks how a change ended. What the journal cannot record is not known to have ended."""
        try:
            self.journal(self._settled(position, outcome))
        except OrgsyncError as error:
            message = f"the outcome could not be recorded: {error}"
            outcome = replace(outcome, status=Status.UNCONFIRMED, message=message)
        if outcome.status in {Status.FAILED, Status.SKIPPED, Status.UNCONFIRMED}:
            self.failed.add(outcome.address)
        self.outcomes[position] = outcome
        self.on_event(self._settled(position, outcome))

    def correct(self, position: int, outcome: Outcome) -> None:
        """What live shows afterwards is not what was told."""
        self.outcomes[position] = outcome
        self.on_event(replace(self._settled(position, outcome), again=True))

    def _settled(self, position: int, outcome: Outcome) -> Settled:
        kind = self.kinds.of(outcome.address)
        began = self.began.get(position)
        creates = outcome.action is Action.CREATE
        return Settled(
            at=timestamp_now(),
            number=position + 1,
            address=outcome.address,
            action=outcome.action,
            status=outcome.status,
            message=outcome.message,
            next_step=outcome.next_step,
            request_id=outcome.request_id,
            id=self.ids.get((kind.name, kind.key(outcome.address.segments))) if creates else outcome.id,
            seconds=None if began is None else round(asyncio.get_running_loop().time() - began, 3),
            replan=outcome.replan,
            accepted=outcome.accepted,
        )


async def apply_plan(
    plan: Plan,
    reader: Reader,
    writer: Writer,
    kinds: Kinds,
    *,
    seen: Observation | None = None,
    on_event: Sink = unheard,
    stopping: Callable[[], bool] = lambda: False,
    journal: Journal | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience: float = PATIENCE,
    now: datetime | None = None,
) -> Report:
    """What became of every change. `seen` is what the plan was made from, where that was a moment ago.

    `now` (UTC) is when what live shows is looked at; by default, when the plan was made.

    `on_event` is told from `admitted` on. Once `stopping` says so no further write is begun; those under way are
    finished, and the rest is skipped. The `journal` is the first to be told of each event, and may stop a write. What
    its earlier runs left unfinished is looked up before anything is written. So is what they made, where live does not
    show it: it is never made again for the same plan. `patience` is for how many seconds a list may hide it.

    Before the first request: InputError where the plan asks for something that these kinds do not have. Before the
    first write: WrongOrganization, Stale where live left the plan, Refused where a guard says no, ApiError where live
    could not be read.
    """
    unknown = foreign(plan, kinds)
    if unknown:
        raise InputError(unknown)
    now = now or datetime.fromisoformat(plan.planned_at)
    ids = ids_of(plan, kinds)
    # Before lists are read, because they may hide what was recent then.
    earlier = Earlier((), ()) if journal is None else Earlier(journal.unfinished, journal.made)
    if seen is None:
        seen = await read_touched(reader, plan, ids, kinds, today=now.date())
    standings = states_of(plan, seen, kinds)
    if journal is not None and (earlier.unfinished or earlier.made):
        lost = Lost(plan, reader, ids, kinds, sleep, patience, now.date())
        seen, standings = await recovered(lost, seen, standings, earlier, journal)
    refuse(verdict for verdict in _verdicts(plan, standings, seen, now, kinds) if not verdict.passed)
    recording = unheard if journal is None else JournalSink(journal)
    index = LiveIndex.of(seen.live)
    run = _Run(reader, writer, kinds, ids, index, recording, on_event, stopping, sleep, patience)
    already = standings.count(ChangeState.ALREADY)
    on_event(Admitted(at=timestamp_now(), ready=len(standings) - already, already=already))
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


def _verdicts(
    plan: Plan, states: Sequence[ChangeState], seen: Observation, now: datetime, kinds: Kinds
) -> Sequence[Verdict]:
    """What the guards say of the plan by what live shows now."""
    weighed = reweighed(plan, Evidence(seen.live, now), kinds)
    guarded = judged(weighed, seen, kinds)
    open_ones = {
        one.address: one for one, state in zip(plan.changes, states, strict=True) if state is ChangeState.TO_DO
    }
    return (*judge(guarded), stops_now(guarded, lambda change: open_ones.get(change.address)))


def refuse(refusals: Iterable[Verdict]) -> None:
    """Raises Refused where there is any refusal, naming every guard and its addresses, or as many as can be read."""
    lines = [
        f"  {verdict.guard}: {verdict.message}"
        + "".join(f"\n    {address}" for address in verdict.addresses[:_MOST_NAMED])
        + (f"\n    and {len(verdict.addresses) - _MOST_NAMED:,} more" if len(verdict.addresses) > _MOST_NAMED else "")
        for verdict in refusals
    ]
    if lines:
        raise Refused("refused by a guard; nothing was changed\n" + "\n".join(lines))


async def _run_all(plan: Plan, standings: Sequence[ChangeState], run: _Run) -> None:
    """Additions and changes first, then what takes away; inside each, whatever does not wait for another at once."""
    groups = by_address(plan.changes)
    awaited = {before for change in plan.changes for before in change.after}
    taking = {address for address, group in groups.items() if plan.changes[group[-1]].action in TAKING} - awaited
    run.finished.update((address, asyncio.Event()) for address in groups)
    for wave in (groups.keys() - taking, taking):
        await together(_run_group(plan, groups[address], standings, run) for address in sorted(wave))


async def _run_group(plan: Plan, positions: Sequence[int], standings: Sequence[ChangeState], run: _Run) -> None:
    """The changes of one address, one after the other."""
    address = plan.changes[positions[0]].address
    for position in positions:
        change = plan.changes[position]
        for before in change.after:
            if before in run.finished:
                await run.finished[before].wait()
        blockers = sorted(run.failed.intersection((*change.after, address)))
        if standings[position] is ChangeState.ALREADY:
            _remember(change, run)
            run.settle(position, Outcome(change, Status.ALREADY))
        elif run.stopping():
            run.settle(position, Outcome(change, Status.SKIPPED, "interrupted before it was sent"))
        elif blockers:
            run.settle(position, Outcome(change, Status.SKIPPED, f"depends on {', '.join(blockers)}"))
        else:
            run.settle(position, await _write(position, plan, run))
    run.finished[address].set()


def _remember(change: Change, run: _Run) -> None:
    """Whatever refers to something that exists already will need its id."""
    kind = run.kinds.of(change.address)
    found = run.index.about(kind, (change,))
    if found is not None:
        run.ids.setdefault((kind.name, kind.key(change.address.segments)), found.id)


async def _write(position: int, plan: Plan, run: _Run) -> Outcome:
    """Sends the one write of a change, once the journal has its intent."""
    change = plan.changes[position]
    kind = run.kinds.of(change.address)
    try:
        request = kind.request(change, run.index.about(kind, (change,)), run.ids)
    except Unsuitable as error:
        return Outcome(change, Status.FAILED, f"not sent: {error}")
    alone = run.lanes.setdefault((kind.name, change.action), asyncio.Lock())
    async with alone if change.action in kind.one_at_a_time else nullcontext():
        write = _about_to_be_sent(position, change, request)
        try:
            run.journal(write)
        except OrgsyncError as error:
            return Outcome(change, Status.FAILED, f"not sent, because it could not be recorded: {error}")
        run.began[position] = asyncio.get_running_loop().time()
        run.on_event(write)
        return await _sent(change, request, kind, plan, run)


def _about_to_be_sent(position: int, change: Change, request: Request) -> Sent:
    return Sent(
        at=timestamp_now(),
        number=position + 1,
        address=change.address,
        action=change.action,
        fields=change.fields,
        method=request.method,
        path=request.path,
        id=change.id,
    )


async def _sent(change: Change, request: Request, kind: Kind, plan: Plan, run: _Run) -> Outcome:
    try:
        answer = await run.writer.send(request)
    except OutcomeUnknown as unknown:
        return await _look_up(change, plan, unknown, run)
    except ApiError as error:
        message, next_step = str(error), error.hint or ""
        return Outcome(change, Status.FAILED, message, error.request_id, next_step=next_step, replan=error.replan)
    request_id = getattr(answer, "request_id", None)
    made = _made(answer) if change.action in MAKING else None
    if change.action is Action.CREATE:
        if made is not None:
            run.ids[kind.name, kind.key(change.address.segments)] = made
        elif any(change.address in other.after for other in plan.changes):
            return await _look_up(change, plan, _without_id(request, request_id), run)
    return Outcome(change, Status.DONE, request_id=request_id, id=made)


def _made(answer: Row) -> str | None:
    """The id of what was made; None where the answer has none, as some answers do."""
    identity = answer.get("id")
    return identity if isinstance(identity, str) and identity else None


def _without_id(request: Request, request_id: str | None) -> OutcomeUnknown:
    """An answer of success that does not say what was made, and another change needs to know."""
    unknown = OutcomeUnknown(f"{request.method} {request.path}: the answer has no `id`")
    unknown.request_id = request_id
    unknown.accepted = True
    unknown.shown = "the answer had no id; the organization shows the change"
    return unknown


async def _look_up(change: Change, plan: Plan, unknown: OutcomeUnknown, run: _Run) -> Outcome:
    """The answer was lost, or does not say enough: live says what happened. It is never sent again blindly."""
    kind = run.kinds.of(change.address)
    about = change
    if change.action is Action.CREATE and unknown.made is not None:
        about = replace(change, id=unknown.made)
        run.ids[kind.name, kind.key(change.address.segments)] = unknown.made
    found: Found | None = None
    for pause in (0.0, *pauses(run.patience)):
        await run.sleep(pause)
        try:
            seen = await read_touched(run.reader, replace(plan, changes=(change,)), run.ids, run.kinds)
        except OrgsyncError as error:
            message = f"{unknown}; looking it up failed: {error}"
            return _unknown(change, unknown, message, replan=False)
        found = LiveIndex.of(seen.live).about(kind, (about,))
        if progress((change,), found, given=True) == 1:
            if change.action is Action.CREATE and found is not None:
                run.ids[kind.name, found.key] = found.id
            made = found.id if change.action in MAKING and found is not None else None
            return Outcome(change, Status.DONE, unknown.shown, unknown.request_id, id=made, next_step=unknown.left)
    astray = progress((change,), found) is None
    message = f"{unknown}; the organization does not show {'all of it' if astray else 'the change yet'}"
    return _unknown(change, unknown, message, replan=astray)


def _unknown(change: Change, unknown: OutcomeUnknown, message: str, *, replan: bool) -> Outcome:
    """What live does not show. Where the API says that it was done all the same, the same plan is at its end."""
    replan = replan or unknown.accepted
    return Outcome(
        change,
        Status.UNCONFIRMED,
        message,
        unknown.request_id,
        next_step=unknown.hint or (PLAN_AGAIN if replan else ""),
        replan=replan,
        accepted=unknown.accepted,
    )


async def _read_back(plan: Plan, run: _Run, kinds: Kinds) -> None:
    """Counts what live shows, not what was sent."""
    sent = [position for position, outcome in run.outcomes.items() if outcome.status is Status.DONE]
    if not sent:
        return
    unseen: dict[int, _Unseen] = {}
    for pause in (0.0, *pauses(run.patience)):  # what was made a moment ago may be missing from lists for a while
        await run.sleep(pause)
        try:
            run.live = (await read_touched(run.reader, plan, run.ids, kinds)).live
        except OrgsyncError as error:
            unseen = dict.fromkeys(sent, _Unseen(f"sent, but the organization could not be read afterwards: {error}"))
            break
        unseen = _unconfirmed(plan, run, LiveIndex.of(run.live))
        if run.stopping() or not any(run.outcomes[position].status is Status.DONE for position in unseen):
            break
    for position, one in unseen.items():
        outcome = run.outcomes[position]
        if outcome.status is Status.DONE:
            next_step = PLAN_AGAIN if one.replan else outcome.next_step
            changed = replace(outcome, message=one.message, next_step=next_step, replan=one.replan)
            run.correct(position, replace(changed, status=Status.UNCONFIRMED))


@dataclass(frozen=True, slots=True)
class _Unseen:
    """Why a change that was answered with success is not called done, and whether its plan has come to its end."""

    message: str
    replan: bool = False


def _unconfirmed(plan: Plan, run: _Run, index: LiveIndex) -> dict[int, _Unseen]:
    """Positions of changes that were answered with success and do not show."""
    unseen: dict[int, _Unseen] = {}
    for address, positions in by_address(plan.changes).items():
        group = [plan.changes[position] for position in positions]
        found = index.about(run.kinds.of(address), group)
        reached = [position for position in positions if run.outcomes[position].status in {Status.DONE, Status.ALREADY}]
        if progress(group, found, given=True) != len(reached):
            astray = progress(group, found) is None
            one = _Unseen("accepted by the API, but the organization does not show it", replan=astray)
            unseen.update((position, one) for position in reached)
    return unseen
