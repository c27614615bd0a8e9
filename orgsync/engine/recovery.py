"""What an earlier run left open is looked up before anything else is written."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ChangeState, LiveIndex, compare
from orgsync.core.apply.journal import Conclusion
from orgsync.core.model.change import MAKING
from orgsync.core.words.address import folded, formerly_folded, in_sentence
from orgsync.engine.read_live import read_touched
from orgsync.errors import ApiError, OrgsyncError, Stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from orgsync.core.apply.journal import Intent, Journal, Made
    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader
    from orgsync.core.model.things import Ids
    from orgsync.engine.waiting import Pauses

PATIENCE = 32.0
"""Seconds to look for something new: it may be missing from lists for some seconds, tens of them at worst."""

LATE = "the organization does not show the changes yet"
"""Why a list is read again."""

_SHARES = (2, 5, 10, 15)
"""How the time is divided among the looks: most of what is late is not very late."""


def pauses(patience: float) -> tuple[float, ...]:
    """Seconds to wait before each look after the first one, `patience` in all; none where there is no patience."""
    return tuple(patience * share / sum(_SHARES) for share in _SHARES) if patience > 0 else ()


def is_late(error: OrgsyncError) -> bool:
    """Whether a list inside of what was just made may not be there yet: it is answered with 404 as long."""
    return isinstance(error, ApiError) and error.status == HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is needed to look again."""

    plan: Plan
    reader: Reader
    ids: Ids
    kinds: Kinds
    pause: Pauses
    patience: float = PATIENCE
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the journal knows of earlier runs: writes that may have been done, and what was made for sure."""

    unfinished: Sequence[Intent]
    made: Sequence[Made]

    @property
    def addresses(self) -> frozenset[str]:
        """Where something may be that live does not show yet."""
        recent = (one.intent.address for one in self.made if one.recent)
        return frozenset((*(one.address for one in self.unfinished), *recent))


def states_of(plan: Plan, seen: Observation, kinds: Kinds) -> list[ChangeState]:
    """How each change stands against live. Raises Stale with every address that is at none of its steps."""
    standings, departures = compare(plan, seen.live, kinds, seen.unseen)
    if departures:
        raise stale(f"{departure.address}: {departure.message}" for departure in departures)
    return standings


def stale(lines: Iterable[str]) -> Stale:
    """The error that names everything that left the plan."""
    told = "\n".join(f"  {line}" for line in lines)
    return Stale(f"the organization changed since the plan was created; nothing was changed\n{told}")


async def recovered(
    asked: Inquiry, seen: Observation, standings: list[ChangeState], earlier: Earlier, journal: Journal
) -> tuple[Observation, list[ChangeState]]:
    """Live and standings once it is known how the unfinished writes of earlier runs ended.

    What may have been made, or was, is waited for: sending it again while a list still hides it would make two.
    Raises Stale, ApiError.
    """
    _refuse_what_was_called_otherwise(seen, earlier, journal)
    for pause in pauses(asked.patience):
        _refuse_what_left(asked, seen, standings, earlier)
        if not _hidden(asked.plan, standings, earlier.addresses):
            break
        await asked.pause(LATE, pause, asked.patience)
        seen = await read_touched(asked.reader, asked.plan, asked.ids, asked.kinds, today=asked.today)
        standings = states_of(asked.plan, seen, asked.kinds)
    _refuse_what_left(asked, seen, standings, earlier, waited=True)
    known = {
        (change.address, change.action): standing
        for change, standing in zip(asked.plan.changes, standings, strict=True)
    }
    for intent in earlier.unfinished:
        standing = known.get((intent.address, intent.action))
        if standing is None:
            continue  # not of this plan: nothing was looked at
        happened = standing is ChangeState.ALREADY
        message = f"looked up by a later run: the organization {'shows' if happened else 'does not show'} it"
        journal.conclude(intent.sequence, Conclusion.DONE if happened else Conclusion.FAILED, message=message)
    return seen, standings


def _refuse_what_was_called_otherwise(seen: Observation, earlier: Earlier, journal: Journal) -> None:
    """An earlier version took more spellings of an e-mail for one: what live shows by its form may be what it made.

    Its intents are closed, so that the next run takes the two for different people, as they are by today's form. Raises
    Stale.
    """
    lines = []
    for intent in earlier.unfinished:
        if intent.action not in MAKING or intent.address.isascii():
            continue
        shown = [one.address for one in seen.live.get(intent.address.kind, ()) if one.exists]
        if any(folded(one) == folded(intent.address) for one in shown):
            continue
        for one in shown:
            if formerly_folded(one) == formerly_folded(intent.address):
                message = f"looked up by a later run: the organization shows {one}"
                journal.conclude(intent.sequence, Conclusion.DONE, message=message)
                lines.append(
                    f"{intent.address}: an earlier run may have made it, and the organization shows {one}; if that is "
                    "who is meant, write it so in the files"
                )
                break
    if lines:
        raise stale(sorted(lines))


def _hidden(plan: Plan, standings: Sequence[ChangeState], addresses: frozenset[str]) -> bool:
    """Whether something that was or may have been made already still looks as if it were to be made."""
    return any(
        standing is ChangeState.TO_DO and change.action in MAKING and change.address in addresses
        for change, standing in zip(plan.changes, standings, strict=True)
    )


def _refuse_what_left(
    asked: Inquiry, seen: Observation, standings: Sequence[ChangeState], earlier: Earlier, *, waited: bool = False
) -> None:
    """What this very plan made once is not made again: whoever took it away, or renamed it, had a reason.

    Raises Stale for what live shows in another place, and, once it was `waited` for, for what it does not show.
    """
    index = LiveIndex.of(seen.live)
    mine = {one.intent.address: one for one in earlier.made if one.intent.approved == asked.plan.digests.plan}
    lines = []
    for change, standing in zip(asked.plan.changes, standings, strict=True):
        one = mine.get(change.address)
        if one is None or standing is not ChangeState.TO_DO or change.action is not one.intent.action:
            continue
        found = None if one.id is None else index.by_id.get((change.address.kind, one.id))
        if found is not None:
            state = f"is now {in_sentence(found.address)}" if found.exists else "was archived"
            lines.append(f"{change.address}: {one.id}, created by an earlier run of this plan, {state}")
        elif waited:
            made = f"created by an earlier run of this plan at {one.at}"
            lines.append(f"{change.address}: {made}; the organization does not show it")
    if lines:
        raise stale(sorted(lines))
