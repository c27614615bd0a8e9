"""What live shows of what an older state of the files manages, read through the memory of the first reading."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.review.base import Base, unusable
from orgsync.engine.read_live import anybody, read_live
from orgsync.engine.recording import Recorder
from orgsync.errors import OrgsyncError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Organization
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader


async def read_with_base(
    reader: Reader,
    desired: Desired,
    base: Base,
    kinds: Kinds,
    admit: Callable[[Organization], Awaitable[None]] = anybody,
) -> tuple[Observation, Base]:
    """What live shows for the files, and the base with what it shows for those: every list is asked for once.

    Raises as `read_live` does for the files. Trouble with the base is kept with the base: it can only take away what
    the comparison would have told.
    """
    recorder = Recorder(reader)
    seen = await read_live(recorder, desired, kinds, admit)
    if base.desired is None:
        return seen, base
    try:
        base = replace(base, seen=await read_live(recorder, base.desired, kinds))
    except OrgsyncError as error:
        base = unusable(base, error)
    seen.requests = recorder.requests
    return seen, base
