"""Reads the touched lists again after an apply: what counts is what live shows, not what was sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.apply.answers import set_instead, shown_of
from orgsync.core.apply.ceiling import LiveIndex, freed_names, progress
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action
from orgsync.engine.read_live import read_touched
from orgsync.engine.recovery import LATE, is_late, pauses
from orgsync.errors import PLAN_AGAIN, OrgsyncError

if TYPE_CHECKING:
    from orgsync.core.model.things import Found
    from orgsync.core.words.address import Address
    from orgsync.engine.apply_run import ApplyRun


async def read_back(run: ApplyRun) -> None:
    """Counts what live shows, not what was sent."""
    sent = [position for position, outcome in run.outcomes.items() if outcome.status is Status.DONE]
    if not sent:
        return
    unseen: dict[int, _Unseen] = {}
    for pause in (0.0, *pauses(run.patience)):  # what was made a moment ago may be missing from lists for a while
        await run.pause(LATE, pause, run.patience)
        try:
            run.live = (await read_touched(run.reader, run.plan, run.ids, run.kinds)).live
        except OrgsyncError as error:
            unseen = dict.fromkeys(sent, _Unseen(f"sent, but the organization could not be read afterwards: {error}"))
            if is_late(error) and not run.stopping():
                continue
            break
        index = LiveIndex.of(run.live, freed_names(run.plan))
        unseen = _unconfirmed(run, index) | _made_twice(run, index)
        if run.stopping() or not any(one.may_show and _done(run, position) for position, one in unseen.items()):
            break
    for position, one in unseen.items():
        outcome = run.outcomes[position]
        if _done(run, position):
            next_step = one.next_step or (PLAN_AGAIN if one.replan else outcome.next_step)
            changed = replace(outcome, message=one.message, next_step=next_step, replan=one.replan)
            run.correct(position, replace(changed, status=Status.UNCONFIRMED))


@dataclass(frozen=True, slots=True)
class _Unseen:
    """Why a change that was answered with success is not called done, and whether its plan has come to its end.

    What `may_show` is waited for.
    """

    message: str
    replan: bool = False
    next_step: str = ""
    may_show: bool = True


def _done(run: ApplyRun, position: int) -> bool:
    return run.outcomes[position].status is Status.DONE


def _unconfirmed(run: ApplyRun, index: LiveIndex) -> dict[int, _Unseen]:
    """Positions of changes that were answered with success and do not show."""
    unseen: dict[int, _Unseen] = {}
    for address, positions in run.groups.items():
        group = [run.plan.changes[position] for position in positions]
        made = _made(run, address)
        found = index.about(run.kinds.of(address), group) if made is None else index.by_id.get((address.kind, made))
        reached = [position for position in positions if run.outcomes[position].status in {Status.DONE, Status.ALREADY}]
        if progress(group, found, given=True) != len(reached):
            astray = progress(group, found) is None
            one = _Unseen("accepted by the API, but the organization does not show it", replan=astray)
            unseen.update((position, _instead(run, position, found) or one) for position in reached)
    return unseen


def _instead(run: ApplyRun, position: int, found: Found | None) -> _Unseen | None:
    """That something else shows than was to be set, where the kind knows why."""
    change = run.plan.changes[position]
    ended = set_instead(change, run.kinds.of(change.address), shown_of(change, found))
    if ended is None:
        return None
    return _Unseen(ended.message, replan=True, next_step=ended.next_step, may_show=False)


def _made(run: ApplyRun, address: Address) -> str | None:
    """The id of what this run created at an address, where the API told it, and would create a second one."""
    outcomes = (run.outcomes[position] for position in run.groups[address] if run.kinds.of(address).look_first)
    return next((one.id for one in outcomes if one.action is Action.CREATE and one.status is Status.DONE), None)


def _made_twice(run: ApplyRun, index: LiveIndex) -> dict[int, _Unseen]:
    """What this run created although another one of the same name is older: both creations were under way at once."""
    twice: dict[int, _Unseen] = {}
    for address, positions in run.groups.items():
        mine = index.by_id.get((address.kind, _made(run, address) or ""))
        namesakes = () if mine is None else index.namesakes.get((address.kind, mine.key), ())
        older = [one for one in namesakes if mine is not None and (one.since, one.id) < (mine.since, mine.id)]
        if mine is None or not older:
            continue
        kind = run.kinds.of(address)
        others = ", ".join(sorted(one.id for one in older))
        message = f"created as {mine.id}, but {others} has the same name: another run created it at the same time"
        step = f"decide which {kind.noun} stays: archive the other one, or name the right one with `id:` in the files"
        twice.update(
            (position, _Unseen(message, replan=True, next_step=step, may_show=False)) for position in positions
        )
    return twice
