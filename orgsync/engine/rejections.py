"""What the organization shows once the API rejected writes: each list is read once, however many it rejected."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.apply.answers import failed, rejected
from orgsync.core.apply.ceiling import LiveIndex
from orgsync.core.apply.outcome import Status
from orgsync.engine.read_live import read_touched
from orgsync.errors import OrgsyncError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from orgsync.core.apply.outcome import Outcome
    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader
    from orgsync.core.model.things import Ids
    from orgsync.errors import ApiError


class Rejections:
    """The rejected writes of one apply. `ids` are those that the apply knows; what turns out to exist joins them."""

    def __init__(self, plan: Plan, reader: Reader, ids: Ids, kinds: Kinds) -> None:
        self._plan, self._reader, self._ids, self._kinds = plan, reader, ids, kinds
        self._seen: dict[Hashable, Observation] = {}
        self._reading: dict[Hashable, asyncio.Lock] = {}

    async def outcome(self, change: Change, error: ApiError) -> Outcome:
        """How a change ended that the API rejected. Where the organization cannot be read, it failed."""
        if not error.may_be_so:
            return failed(change, error)
        kind = self._kinds.of(change.address)
        try:
            seen = await self._after(change, kind)
        except OrgsyncError:
            return failed(change, error)
        found = LiveIndex.of(seen.live).about(kind, (change,))
        if found is None and any(one.hides(*self._kinds.named(change.address)) for one in seen.unseen):
            return failed(change, error)
        outcome = rejected(change, error, found)
        if outcome.status is Status.ALREADY and found is not None:
            self._ids[self._kinds.named(change.address)] = found.id  # whatever refers to it is sent after this
        return outcome

    async def _after(self, change: Change, kind: Kind) -> Observation:
        """The lists that the change touches, read after a rejection of it or of one in the same lists."""
        fields = frozenset(field.path for field in change.fields)
        lists = (kind.name, kind.outer_segments(change.address.segments), fields)
        async with self._reading.setdefault(lists, asyncio.Lock()):
            if lists not in self._seen:
                plan = replace(self._plan, changes=(change,))
                self._seen[lists] = await read_touched(self._reader, plan, self._ids, self._kinds)
            return self._seen[lists]
