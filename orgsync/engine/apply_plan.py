"""Makes an approved plan so: these changes or fewer, each with one write, each looked at again afterwards."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ChangeState, LiveIndex, freed_names, ids_of
from orgsync.core.apply.events import Admitted, unheard
from orgsync.core.apply.journal_sink import JournalSink
from orgsync.core.apply.outcome import Report
from orgsync.core.model.change import TAKING
from orgsync.core.model.context import Evidence
from orgsync.core.plan.guarded import judged, reweighed
from orgsync.core.plan.guards import judge, stops_now
from orgsync.core.plan.vetting import foreign
from orgsync.engine.apply_run import ApplyRun
from orgsync.engine.clock import timestamp_now
from orgsync.engine.concurrency import together
from orgsync.engine.look_again import SETTLING, Looks, has_appeared
from orgsync.engine.read_back import read_back
from orgsync.engine.read_live import read_touched
from orgsync.engine.recovery import PATIENCE, Earlier, Inquiry, recovered, states_of
from orgsync.engine.send_change import kept_from, sent
from orgsync.engine.waiting import Pauses, untold
from orgsync.errors import InputError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orgsync.core.apply.events import Sink
    from orgsync.core.apply.journal import Journal
    from orgsync.core.model.change import Plan, Verdict
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader, Writer
    from orgsync.core.words.address import Address
    from orgsync.engine.waiting import OnWait


_MOST_NAMED = 20
"""Addresses of one refusal that an error names; the plan names all of them."""


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
    on_wait: OnWait = untold,
    patience: float = PATIENCE,
    first_apply: bool = False,
    now: datetime | None = None,
) -> Report:
    """What became of every change. `seen` is what the plan was made from, where that was a moment ago.

    `now` (UTC) is when what live shows is looked at; by default, when the plan was made.

    `on_event` is told from `admitted` on. Once `stopping` says so no further write is begun; those under way are
    finished, and the rest is skipped. The `journal` is the first to be told of each event, and may stop a write. What
    its earlier runs left unfinished is looked up before anything is written. So is what they made, where live does not
    show it: it is never made again for the same plan. `patience` is for how many seconds a list may hide it. `on_wait`
    is told of each pause.

    Lists in which something is to be made are looked at once more before. Where no journal tells of earlier runs, that
    is not before they show whatever one made (SETTLING), unless this is the `first_apply`.

    Before the first request: InputError where the plan asks for something that these kinds do not have. Before the
    first write: WrongOrganization, Stale where live left the plan, Refused where a guard says no, ApiError where live
    could not be read.
    """
    unknown = foreign(plan, kinds)
    if unknown:
        raise InputError(unknown)
    now = now or datetime.fromisoformat(plan.planned_at)
    ids = ids_of(plan, kinds)
    pause = Pauses(on_wait, stopping)
    known = first_apply or (journal is not None and journal.tells_of_earlier_runs)
    asked = Inquiry(plan, reader, ids, kinds, pause, patience, now.date())
    seen, standings, looked = await _looked_over(asked, seen, journal, known=known)
    refuse(verdict for verdict in _verdicts(plan, standings, seen, now, kinds) if not verdict.passed)
    recording = unheard if journal is None else JournalSink(journal)
    index = LiveIndex.of(seen.live, freed_names(plan))
    run = ApplyRun(plan, standings, reader, writer, kinds, ids, index, recording, on_event, stopping, pause, patience)
    looks = Looks(run, taken=looked) if known else Looks(run, opens=_first(seen.began) + SETTLING)
    already = standings.count(ChangeState.ALREADY)
    on_event(Admitted(at=timestamp_now(), ready=len(standings) - already, already=already))
    await _run_all(run, looks)
    await read_back(run)
    return Report(
        tuple(run.outcomes[position] for position in range(len(plan.changes))),
        plan.organization,
        plan.waiting,
        plan.manual,
        plan.blocked,
        interrupted=stopping(),
        live=run.live,
    )


async def _looked_over(
    asked: Inquiry, seen: Observation | None, journal: Journal | None, *, known: bool
) -> tuple[Observation, list[ChangeState], float]:
    """What live shows, how each change stands against it, and when that was looked at last. Raises Stale, ApiError."""
    plan, kinds = asked.plan, asked.kinds
    # Before lists are read, because they may hide what was recent then.
    earlier = Earlier((), ()) if journal is None else Earlier(journal.unfinished, journal.made)
    if seen is None:
        seen = await read_touched(asked.reader, plan, asked.ids, kinds, today=asked.today)
    standings = states_of(plan, seen, kinds)
    if journal is not None and (earlier.unfinished or earlier.made):
        seen, standings = await recovered(asked, seen, standings, earlier, journal)
    looked = _time()
    if known and await has_appeared(plan, standings, asked.reader, asked.ids, kinds):
        seen = await read_touched(asked.reader, plan, asked.ids, kinds, today=asked.today)
        standings = states_of(plan, seen, kinds)
    return seen, standings, looked


def _time() -> float:
    return asyncio.get_running_loop().time()


def _first(began: float | None) -> float:
    """When this run first read; now, where nobody noted it."""
    return _time() if began is None else min(began, _time())


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


async def _run_all(run: ApplyRun, looks: Looks) -> None:
    """Additions and changes first, then what takes away; inside each, whatever does not wait for another at once."""
    changes = run.plan.changes
    awaited = {before for change in changes for before in change.after}
    taking = {address for address, group in run.groups.items() if changes[group[-1]].action in TAKING} - awaited
    run.finished.update((address, asyncio.Event()) for address in run.groups)
    for wave in (run.groups.keys() - taking, taking):
        await together(_run_group(address, run, looks) for address in sorted(wave))


async def _run_group(address: Address, run: ApplyRun, looks: Looks) -> None:
    """The changes of one address, one after the other."""
    for position in run.groups[address]:
        for before in run.plan.changes[position].after:
            if before in run.finished:
                await run.finished[before].wait()
        run.settle(position, kept_from(position, run) or await sent(position, run, looks))
    run.finished[address].set()
