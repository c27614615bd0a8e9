"""What an earlier run left open is looked up before anything else is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.ceiling import Standing, compare
from orgsync.core.change import Action
from orgsync.core.journal import Conclusion
from orgsync.engine.read_live import read_touched
from orgsync.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orgsync.core.change import Change, Plan
    from orgsync.core.journal import Intent, Journal
    from orgsync.core.kind import Ids, Kind
    from orgsync.core.observation import Observation
    from orgsync.core.request import Reader, Request

_MAKES = frozenset({Action.CREATE, Action.INVITE})
"""What must not happen twice. Everything else sets absolute values, or is refused the second time."""

PATIENCE = 32.0
"""Seconds to look for something new: it may be missing from lists for some seconds, tens of them at worst."""

_SHARES = (2, 5, 10, 15)
"""How the time is divided among the looks: most of what is late is not very late."""


def pauses(patience: float) -> tuple[float, ...]:
    """Seconds to wait before each look after the first one, `patience` in all; none where there is no patience."""
    return tuple(patience * share / sum(_SHARES) for share in _SHARES) if patience > 0 else ()


class Unrecorded:
    """A journal that keeps nothing, for tests and rehearsals."""

    def intend(self, _change: Change, _request: Request) -> int:
        return 0

    def conclude(
        self,
        _sequence: int,
        _status: Conclusion,
        *,
        request_id: str | None = None,
        message: str = "",
        made: str | None = None,
    ) -> None:
        del request_id, message, made


@dataclass(frozen=True, slots=True)
class Lost:
    """What is needed to look again."""

    plan: Plan
    reader: Reader
    ids: Ids
    kinds: Sequence[Kind]
    sleep: Callable[[float], Awaitable[None]]
    patience: float = PATIENCE


def standings_of(plan: Plan, seen: Observation, kinds: Sequence[Kind]) -> list[Standing]:
    """How each change stands against live. Raises Stale with every address that is at none of its steps."""
    standings, departures = compare(plan, seen.live, kinds)
    if departures:
        lines = "\n".join(f"  {departure.address}: {departure.message}" for departure in departures)
        raise Stale(f"the organization changed since the plan was made; nothing was changed\n{lines}")
    return standings


async def recovered(
    lost: Lost, seen: Observation, standings: list[Standing], unfinished: Sequence[Intent], journal: Journal
) -> tuple[Observation, list[Standing]]:
    """Live and standings once it is known how the unfinished writes of earlier runs ended.

    One that may have made something new is waited for: sending it again while a list still hides it would make two.
    Raises Stale, ApiError.
    """
    open_addresses: set[str] = {intent.address for intent in unfinished}
    for pause in pauses(lost.patience):
        if not _hidden(lost.plan, standings, open_addresses):
            break
        await lost.sleep(pause)
        seen = await read_touched(lost.reader, lost.plan, lost.ids, lost.kinds)
        standings = standings_of(lost.plan, seen, lost.kinds)
    known = {
        (change.address, change.action): standing for change, standing in zip(lost.plan.changes, standings, strict=True)
    }
    for intent in unfinished:
        standing = known.get((intent.address, intent.action))
        if standing is None:
            continue  # not of this plan: nothing was looked at
        happened = standing is Standing.ALREADY
        message = "looked up by a later run: " + ("live shows it" if happened else "live does not show it")
        journal.conclude(intent.sequence, Conclusion.DONE if happened else Conclusion.FAILED, message=message)
    return seen, standings


def _hidden(plan: Plan, standings: Sequence[Standing], addresses: set[str]) -> bool:
    """Whether something that may have been made already still looks as if it were to be made."""
    return any(
        standing is Standing.TO_DO and change.action in _MAKES and change.address in addresses
        for change, standing in zip(plan.changes, standings, strict=True)
    )
