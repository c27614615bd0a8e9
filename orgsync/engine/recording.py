"""A reader that remembers: it asks the API once for each list, and can say afterwards what it was told."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from orgsync.core.recording import Read, Recording, Refusal
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from orgsync.core.request import Listing, Reader, Row

_ANSWERS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Refusals that say something about the organization. Any other failure is remembered by nobody."""

_Question = tuple[str, tuple[tuple[str, str], ...]]


class Recorder:
    """Reads through another reader. Asked twice, it answers from memory; two asking at once share one read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[_Question, Read] = {}
        self._asking: dict[_Question, asyncio.Lock] = {}

    @property
    def requests(self) -> int:
        """How many reads were answered so far, each counted once."""
        return self._reader.requests

    @property
    def recording(self) -> Recording:
        """What was read so far."""
        return Recording(tuple(self._known[question] for question in sorted(self._known)))

    async def get(self, path: str) -> Row:
        """One object. Raises ApiError."""

        async def ask() -> Sequence[Row]:
            return [await self._reader.get(path)]

        return (await self._answer(path, {}, ask))[0]

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """All rows of a list. Raises ApiError."""
        return await self._answer(listing.path, listing.query, lambda: self._reader.rows(listing))

    async def _answer(
        self, path: str, query: Mapping[str, str], ask: Callable[[], Awaitable[Sequence[Row]]]
    ) -> Sequence[Row]:
        question = (path, tuple(sorted(query.items())))
        async with self._asking.setdefault(question, asyncio.Lock()):
            if question not in self._known:
                try:
                    self._known[question] = Read(path, query, tuple(await ask()))
                except ApiError as error:
                    if error.status not in _ANSWERS:
                        raise
                    self._known[question] = Read(path, query, refusal=Refusal(error.status, str(error)))
        return answered(self._known[question])


def answered(read: Read) -> Sequence[Row]:
    """The rows. Raises ApiError as the API did."""
    if read.refusal is None:
        return read.rows
    error = ApiError(read.refusal.message)
    error.status = read.refusal.status
    raise error
