"""Reads everything that any file could make a plan read: what a snapshot has to hold to answer for the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.context import Reading
from orgsync.core.model.request import Need, Paging
from orgsync.core.model.things import LIVE
from orgsync.engine.concurrency import together
from orgsync.engine.read_live import organization, read_everything
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing
    from orgsync.engine.recording import Recorder


async def read_for_snapshot(recorder: Recorder, kinds: Kinds, desired: Desired) -> Observation:
    """What live shows; the recorder holds all the lists afterwards.

    `desired` are files whose reports (how much keys were used, what was spent) are wanted as well. A list that only
    some file could ask for, by the id of what it is inside, may be refused: that is an answer, too. Raises
    WrongOrganization, and ApiError where anything else could not be read whole.
    """
    await organization(recorder, desired.settings.organization)
    seen = await read_everything(recorder, kinds)
    wanted = [
        (listing, implied)
        for implied in (False, True)
        for kind in kinds
        for listing in kind.listings(Reading(_parents(kind, seen, kinds, implied=implied), seen.live, {}, desired))
    ]
    await together(_read(recorder, listing, spare=implied) for listing, implied in wanted)
    seen.requests = recorder.requests
    return seen


def _parents(kind: Kind, seen: Observation, kinds: Kinds, *, implied: bool) -> dict[tuple[str, ...], str]:
    """Everything inside which a file could declare something of this kind, each named by its id: names repeat.

    What is implied is there by itself: no file should declare anything inside, and the API may not even list it.
    """
    return {
        (one.id,): one.id
        for outer in kinds
        if kind.stands_inside(outer)
        for one in seen.live[outer.name]
        if one.standing == LIVE and one.implied is implied
    }


async def _read(recorder: Recorder, listing: Listing, *, spare: bool) -> None:
    try:
        if listing.paging is Paging.ONE:
            await recorder.get(listing.path)
        else:
            await recorder.rows(listing)
    except ApiError as error:
        if not error.says_not_offered or not (spare or listing.need is not Need.REQUIRED):
            raise
