"""Sends the one write of a change, and finds out what became of it where the answer does not say."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.apply.answers import set_instead, shown_of
from orgsync.core.apply.ceiling import ChangeState, LiveIndex, freed_names, progress
from orgsync.core.apply.events import Sent
from orgsync.core.apply.outcome import Outcome, Status
from orgsync.core.model.change import MAKING, Action
from orgsync.core.words.problems import Unsuitable
from orgsync.engine.clock import timestamp_now
from orgsync.engine.read_live import read_touched
from orgsync.engine.recovery import LATE, is_late, pauses
from orgsync.errors import PLAN_AGAIN, ApiError, OrgsyncError, OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.model.change import Change
    from orgsync.core.model.request import Request
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Found
    from orgsync.engine.apply_run import ApplyRun
    from orgsync.engine.look_again import Looks


_STOPPED = "interrupted before it was sent"


class _Interrupted(Exception):
    """Somebody asked to stop before it was this write's turn."""


class _Overdue(Exception):
    """The lists in which this is to be made were looked at too long ago."""


class _Unrecorded(Exception):
    """The journal could not take the intent."""


def kept_from(position: int, run: ApplyRun) -> Outcome | None:
    """How a change ends that need not, or must not, be sent; None for one to send."""
    change = run.plan.changes[position]
    blockers = sorted(run.failed.intersection((*change.after, change.address)))
    if run.standings[position] is ChangeState.ALREADY:
        run.remember(change)
        return Outcome(change, Status.ALREADY)
    if run.stopping():
        return Outcome(change, Status.SKIPPED, _STOPPED)
    if blockers:
        return Outcome(change, Status.SKIPPED, f"depends on {', '.join(blockers)}")
    if change.address in run.departed:
        message = f"changed since the plan was created: {run.departed[change.address]}"
        return Outcome(change, Status.FAILED, message, next_step=PLAN_AGAIN, replan=True)
    return None


async def sent(position: int, run: ApplyRun, looks: Looks) -> Outcome:
    """Sends the one write of a change, once it is its turn and the journal has its intent."""
    change = run.plan.changes[position]
    kind = run.kinds.of(change.address)
    alone = run.lanes.setdefault((kind.name, change.action), asyncio.Lock())
    async with alone if change.action in kind.one_at_a_time else nullcontext():
        if change.action not in MAKING or not looks.needed_for(change.address):
            return await _sent(position, run)
        async with looks.line:
            try:
                return await _looked_for(position, run, looks, overdue=looks.overdue)
            except _Overdue:  # the second look is as young as the limiter allows
                return await _looked_for(position, run, looks)


async def _looked_for(
    position: int, run: ApplyRun, looks: Looks, overdue: Callable[[], bool] = lambda: False
) -> Outcome:
    """Looks whether it is there by now, and sends it if it is not."""
    try:
        await looks.renew()
    except OrgsyncError as error:
        return Outcome(run.plan.changes[position], Status.FAILED, f"not sent: {error}", next_step=error.hint or "")
    return kept_from(position, run) or await _sent(position, run, overdue)


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


async def _sent(position: int, run: ApplyRun, overdue: Callable[[], bool] = lambda: False) -> Outcome:
    change = run.plan.changes[position]
    kind = run.kinds.of(change.address)
    try:
        request = kind.request(change, run.found(change), run.ids)
    except Unsuitable as error:
        return Outcome(change, Status.FAILED, f"not sent: {error}")

    def begin() -> None:
        if run.stopping():
            raise _Interrupted
        if overdue():
            raise _Overdue
        write = _about_to_be_sent(position, change, request)
        try:
            run.journal(write)
        except OrgsyncError as error:
            raise _Unrecorded(str(error)) from error
        run.began[position] = asyncio.get_running_loop().time()
        run.on_event(write)

    try:
        return _answered(change, request, await run.writer.send(request, begin), run)
    except _Interrupted:
        return Outcome(change, Status.SKIPPED, _STOPPED)
    except _Unrecorded as error:
        return Outcome(change, Status.FAILED, f"not sent, because it could not be recorded: {error}")
    except OutcomeUnknown as unknown:
        return await _look_up(change, unknown, run)
    except ApiError as error:
        return await run.rejections.outcome(change, error)


def _answered(change: Change, request: Request, answer: Row, run: ApplyRun) -> Outcome:
    """Raises OutcomeUnknown for an answer of success that does not say what was made, if another change has to know."""
    kind = run.kinds.of(change.address)
    request_id = getattr(answer, "request_id", None)
    instead = set_instead(change, kind, kind.answered(answer), request_id)
    if instead is not None:
        return instead
    made = _made(answer) if change.action in MAKING else None
    if change.action is Action.CREATE:
        if made is not None:
            run.ids[kind.name, kind.key(change.address.segments)] = made
        elif any(change.address in other.after for other in run.plan.changes):
            raise _without_id(request, request_id)
    return Outcome(change, Status.DONE, request_id=request_id, id=made)


def _made(answer: Row) -> str | None:
    """The id of what was made; None where the answer has none, as some answers do."""
    identity = answer.get("id")
    return identity if isinstance(identity, str) and identity else None


def _without_id(request: Request, request_id: str | None) -> OutcomeUnknown:
    unknown = OutcomeUnknown(f"{request.method} {request.path}: the answer has no `id`")
    unknown.request_id = request_id
    unknown.accepted = True
    unknown.shown = "the answer had no id; the organization shows the change"
    return unknown


async def _look_up(change: Change, unknown: OutcomeUnknown, run: ApplyRun) -> Outcome:
    """The answer was lost, or does not say enough: live says what happened. It is never sent again blindly."""
    kind = run.kinds.of(change.address)
    about = change
    if change.action is Action.CREATE and unknown.made is not None:
        about = replace(change, id=unknown.made)
        run.ids[kind.name, kind.key(change.address.segments)] = unknown.made
    found: Found | None = None
    trouble: OrgsyncError | None = None
    for pause in (0.0, *pauses(run.patience)):
        await run.pause(LATE, pause, run.patience)
        try:
            seen = await read_touched(run.reader, replace(run.plan, changes=(change,)), run.ids, run.kinds)
        except OrgsyncError as error:
            trouble = error
            if is_late(error):
                continue
            break
        trouble = None
        found = LiveIndex.of(seen.live, freed_names(run.plan)).about(kind, (about,))
        if progress((change,), found, given=True) == 1:
            if change.action is Action.CREATE and found is not None:
                run.ids[kind.name, found.key] = found.id
            made = found.id if change.action in MAKING and found is not None else None
            return Outcome(change, Status.DONE, unknown.shown, unknown.request_id, id=made, next_step=unknown.left)
    if trouble is not None:
        return _unknown(change, unknown, f"{unknown}; looking it up failed: {trouble}", replan=False)
    instead = set_instead(change, kind, shown_of(change, found), unknown.request_id)
    if instead is not None:
        return instead
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
