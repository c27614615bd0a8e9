"""One apply at a time for one organization, whichever files and journals it is applied with."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from orgsync.files.state.lock import exclusive, organization_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.core.model.change import Organization


class Turn:
    """Holds the journal, and then the organization, from before live is read until all is done.

    The journal always comes first, so that two that want both cannot wait for each other. Another apply may go on for
    `wait` seconds, which `say` is told of; after that UsageError says who it is.
    """

    def __init__(self, record: Path, *, wait: float, say: Callable[[str], None]) -> None:
        self._record = record
        self._wait = wait
        self._say = say
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._held.enter_context(exclusive(self._record, wait=self._wait, say=self._say))
        return self

    def __exit__(self, *exception: object) -> None:
        self._held.close()

    def take(self, identity: str) -> None:
        """For an organization that is known already, by a plan or a connection."""
        lock = organization_lock(identity)
        lock.acquire(wait=self._wait, say=self._say)
        self._held.callback(lock.release)

    async def admit(self, organization: Organization) -> None:
        """For the organization that the API just named, before anything else is read of it."""
        lock = organization_lock(organization.id)
        await lock.acquired(wait=self._wait, say=self._say)
        self._held.callback(lock.release)
