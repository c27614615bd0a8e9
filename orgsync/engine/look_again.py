"""Looks at a list once more before anything is made in it: what has come to show is not made a second time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ChangeState, LiveIndex, compared, freed_names
from orgsync.core.model.change import MAKING
from orgsync.core.plan.dependencies import with_followers
from orgsync.core.words.address import Address, folded
from orgsync.engine.read_live import read_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.request import Reader
    from orgsync.core.model.things import Ids
    from orgsync.engine.apply_run import ApplyRun

SETTLING = 30.0
"""Seconds until a list shows whatever was made before: several times the longest lag known of."""

YOUNG = 10.0
"""Seconds for which a look counts. What another machine makes is seen here by then, and not made again."""

_IN_LINE = 8
"""Creations that stand in line for the limiter at a time: all others still profit from the next look."""

_WHY = (
    "there is no journal of earlier runs, and lists may not show yet what one created"
    " (--journal FILE or --first-apply skips this)"
)


def makers(plan: Plan, standings: Sequence[ChangeState], kinds: Kinds) -> frozenset[Address]:
    """The addresses at which something is still to be made of which the API would make a second one."""
    return frozenset(
        change.address
        for change, state in zip(plan.changes, standings, strict=True)
        if state is ChangeState.TO_DO and change.action in MAKING and kinds.of(change.address).look_first
    )


async def has_appeared(plan: Plan, standings: Sequence[ChangeState], reader: Reader, ids: Ids, kinds: Kinds) -> bool:
    """Whether something that is still to be made shows by now. Raises ApiError."""
    addresses = makers(plan, standings, kinds)
    return bool(addresses) and await _has_appeared(addresses, plan, reader, ids, kinds)


class Looks:
    """The looks of one apply. One was `taken` already, or the first one is not before `opens`: seconds of the loop."""

    def __init__(self, run: ApplyRun, *, taken: float = float("-inf"), opens: float = float("-inf")) -> None:
        self._run = run
        self._addresses = makers(run.plan, run.standings, run.kinds)
        self._taken = taken
        self._opens = opens
        self._lock = asyncio.Lock()
        self.line = asyncio.Semaphore(_IN_LINE)

    def needed_for(self, address: Address) -> bool:
        """Whether what is made here would be made twice if it were made again."""
        return address in self._addresses

    def overdue(self) -> bool:
        """Whether the last look counts no more."""
        return asyncio.get_running_loop().time() - self._taken > YOUNG

    async def renew(self) -> None:
        """Looks, unless somebody just did. The run knows then what has appeared. Raises ApiError."""
        async with self._lock:
            run, loop = self._run, asyncio.get_running_loop()
            if not self.overdue():
                return
            left = self._opens - loop.time()
            await run.pause(_WHY, left, left)
            if run.stopping():
                return
            taken = loop.time()
            waiting = [one for one in self._addresses if not run.begun(one)]
            if await _has_appeared(waiting, run.plan, run.reader, run.ids, run.kinds):
                await self._take(waiting)
            self._taken = taken

    async def _take(self, waiting: Iterable[Address]) -> None:
        """What is there as planned is left as it is; of what is there otherwise nothing more is done."""
        run = self._run
        followers = with_followers(waiting, run.plan.changes)
        late = {change.address for change in run.plan.changes if folded(change.address) in followers}
        seen = await read_lists(run.reader, run.plan, run.ids, run.kinds)
        freed = freed_names(run.plan)
        run.index = LiveIndex.of(seen.live, freed)
        part = _part(run.plan, late, run.kinds)
        states, departures = compared(part, seen.live, run.kinds, seen.unseen, freed=freed)
        run.departed.update((one.address, one.message) for one in departures if one.address in late)
        positions = (position for position, change in enumerate(run.plan.changes) if change.address in late)
        for number, position in enumerate(positions):
            run.standings[position] = states.get(number, ChangeState.TO_DO)


def _part(plan: Plan, addresses: Iterable[str], kinds: Kinds) -> Plan:
    """The changes at these addresses, with the ids of what they are about."""
    chosen = set(addresses)
    changes = tuple(change for change in plan.changes if change.address in chosen)
    spoken = {kinds.named(change.address) for change in changes}
    spoken |= {ref for change in changes for ref in kinds.of(change.address).refers_to(kinds.named(change.address)[1])}
    identities = {text: one for text, one in plan.identities.items() if kinds.named(Address(text)) in spoken}
    return replace(plan, changes=changes, identities=identities)


async def _has_appeared(addresses: Iterable[Address], plan: Plan, reader: Reader, ids: Ids, kinds: Kinds) -> bool:
    """Whether something to be made at these addresses shows, as planned or otherwise.

    What has its name until the plan gives it another one is not meant.
    """
    part = _part(plan, addresses, kinds)
    seen = await read_lists(reader, part, ids, kinds)
    states, departures = compared(part, seen.live, kinds, seen.unseen, freed=freed_names(plan))
    making = (states.get(number) for number, change in enumerate(part.changes) if change.action in MAKING)
    return bool(departures) or any(state is not ChangeState.TO_DO for state in making)
