"""A reader that remembers what it was told, and one that answers from such a memory and asks nobody."""

from __future__ import annotations

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from orgsync.core.model.recording import ME_FIELDS, Read, Recording, Refusal, cut_to, lasting
from orgsync.core.model.request import Need, Paging
from orgsync.core.model.rows import kept
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from orgsync.core.model.request import Listing, Reader
    from orgsync.core.model.rows import Row, RowField
    from orgsync.core.snapshot.fields import Held

_START = "starting_at"
"""Where the window of a report begins, and each of its buckets."""

_AGAIN = "create a new one for these files: `orgsync snapshot PATH --out FILE`"

_Question = tuple[str, tuple[tuple[str, str], ...]]


class Recorder:
    """Reads through another reader. Asked twice, it answers from memory; two asking at once share one read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[_Question, Read] = {}
        self._fields: dict[_Question, tuple[RowField, ...]] = {}
        self._asking: dict[_Question, asyncio.Lock] = {}

    @property
    def requests(self) -> int:
        """How many reads were answered so far, each counted once."""
        return self._reader.requests

    @property
    def by_admin_key(self) -> bool:
        """As the other reader."""
        return self._reader.by_admin_key

    @property
    def recording(self) -> Recording:
        """What was read so far."""
        return Recording(tuple(self._known[question] for question in sorted(self._known)))

    @property
    def essence(self) -> Recording:
        """What was read so far, without what nothing looks at: it is the same after every such reading."""
        return Recording(tuple(self._essential(question) for question in sorted(self._known)))

    async def get(self, path: str) -> Row:
        """One object. Raises ApiError."""

        async def ask() -> Sequence[Row]:
            return [await self._reader.get(path)]

        self._fields[_question(path, {})] = ME_FIELDS
        return (await self._answer(path, {}, ask))[0]

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """All rows of a list. Raises ApiError."""
        self._fields[_question(listing.path, listing.query)] = listing.fields
        return await self._answer(listing.path, listing.query, lambda: self._reader.rows(listing))

    def _essential(self, question: _Question) -> Read:
        read, paths = self._known[question], kept(self._fields[question])
        refusal = read.refusal and Refusal(read.refusal.status, lasting(read.refusal.message))
        return Read(read.path, read.query, tuple(cut_to(row, paths) for row in read.rows), refusal)

    async def _answer(
        self, path: str, query: Mapping[str, str], ask: Callable[[], Awaitable[Sequence[Row]]]
    ) -> Sequence[Row]:
        question = _question(path, query)
        async with self._asking.setdefault(question, asyncio.Lock()):
            if question not in self._known:
                try:
                    self._known[question] = Read(path, query, tuple(await ask()))
                except ApiError as error:
                    if error.status is None or not error.says_not_offered:
                        raise
                    self._known[question] = Read(path, query, refusal=Refusal(error.status, str(error)))
        return answered(self._known[question])


class Replay:
    """Reads what was recorded at `taken_at`, and asks nobody.

    A question that was not recorded is an error, never an empty answer; where a kind can do without the list, it is
    told so in the way in which the API refuses one, and `lacking` names it. `held` is what the version that made the
    recording kept: a list that it did not know is refused, a field is missing, and `unheld` tells both in words.
    """

    requests = 0
    by_admin_key = False
    """Not known: whoever applies the plan may have another credential, and a plan may hold more than is applied."""

    def __init__(self, recording: Recording, taken_at: datetime, held: Held | None = None) -> None:
        self._known = {_question(read.path, read.query): read for read in recording.reads}
        self._taken_at = taken_at
        self._held = held
        self.lacking: list[str] = []
        self.unheld: list[str] = []

    async def get(self, path: str) -> Row:
        """One object. Raises ApiError."""
        read = self._known.get(_question(path, {}))
        if read is None:
            raise self._not_known(path) or _not_held(path)
        return answered(read)[0]

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """All rows of a list. Raises ApiError."""
        read = self._known.get(_question(listing.path, listing.query))
        if read is None and listing.paging is Paging.REPORT:
            read = self._of_other_window(listing)
        if read is not None:
            self._check_held(listing)
            return answered(read)
        if (unknown := self._not_known(listing.path)) is not None:
            raise unknown
        error = _not_held(listing.path)
        if listing.need is Need.EXTRA:
            error.status, error.by_the_api = HTTPStatus.FORBIDDEN, True
            self.lacking.append(listing.path)
        raise error

    def _not_known(self, path: str) -> ApiError | None:
        """That the version which made the recording did not know this list, in the way in which the API refuses one."""
        if self._held is None or self._held.sort(path) is not None:
            return None
        self.unheld.append(words := self._held.words(path, ()))
        return _refused(words)

    def _check_held(self, listing: Listing) -> None:
        """Tells what the version which made the recording did not keep of a list. Rows that lack what every row has are
        not understood; a report, which has to be complete, is refused."""
        lacking = () if self._held is None else self._held.lacking(listing.path, kept(listing.fields))
        if self._held is not None and lacking:
            self.unheld.append(words := self._held.words(listing.path, lacking))
            if listing.need is Need.EXTRA:
                raise _refused(words)

    def _of_other_window(self, listing: Listing) -> Read | None:
        """What a report recorded for a longer window shows of the one asked for, if it covers where that begins."""
        if _START not in listing.query:
            return None
        asked = datetime.fromisoformat(listing.query[_START])
        others = [
            read
            for read in self._known.values()
            if read.path == listing.path and _START in read.query and _rest(read.query) == _rest(listing.query)
        ]
        covering = [read for read in others if datetime.fromisoformat(read.query[_START]) <= asked <= self._taken_at]
        if not covering:
            return None
        read = max(covering, key=lambda one: datetime.fromisoformat(one.query[_START]))
        rows = tuple(row for row in read.rows if datetime.fromisoformat(row[_START]) >= asked)
        return Read(read.path, listing.query, rows, read.refusal)


def _question(path: str, query: Mapping[str, str]) -> _Question:
    return path, tuple(sorted(query.items()))


def _rest(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != _START}


def _refused(words: str) -> ApiError:
    error = ApiError(f"the snapshot {words}", hint=_AGAIN)
    error.status, error.by_the_api = HTTPStatus.FORBIDDEN, True
    return error


def _not_held(path: str) -> ApiError:
    return ApiError(f"the snapshot does not contain {path}", hint=_AGAIN)


def answered(read: Read) -> Sequence[Row]:
    """The rows. Raises ApiError as the API did."""
    if read.refusal is None:
        return read.rows
    error = ApiError(read.refusal.message)
    error.status = read.refusal.status
    error.by_the_api = True
    raise error
