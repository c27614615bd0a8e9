"""Reads the Activity Feed of the Compliance API. Promise: within its seconds, and whatever the API does is a state.

It is another API behind the same host: it takes the key as `x-api-key` alone, has a rate limit of its own, and its
lists may repeat rows. No plan depends on it, so nothing here raises for what it answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orgsync.api.answers import Answer, Call, Trouble
from orgsync.api.budget import Bound, Budget, Spent
from orgsync.api.exchange import Exchange
from orgsync.api.limiter import Limiter
from orgsync.api.redaction import Redactor
from orgsync.api.retry import TOO_MANY, at_once, harmless
from orgsync.core.feed.records import SETTINGS_UPDATED, activities
from orgsync.core.feed.window import SECONDS, Feed, FeedState
from orgsync.core.words.timestamp import written_exactly
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    import httpx

    from orgsync.api.credentials import Credential
    from orgsync.api.limiter import Timing
    from orgsync.core.model.rows import Row

PATH = "/v1/compliance/activities"
PAGE_SIZE = 5000
MOST_PAGES = 10

_MOST_REFUSED = 3
"""Types come and go: so many that are refused are left out."""
_ATTEMPTS = 2
_PAUSE = 0.5
_ANSWER_MIB = 32
"""A page of the largest size, of records that are larger than any that is known."""
_REFUSED_TYPE = re.compile(r"activity_types\[\]\.([0-9]{1,4})\b")
_OFF = re.compile(r"not enabled", re.IGNORECASE)


class FeedReader:
    """Reads with the connections of a client, past its rate limit and its budget."""

    __slots__ = ("_credential", "_http", "_on_request", "_timing")

    def __init__(
        self,
        http: httpx.AsyncClient,
        credential: Credential,
        timing: Timing,
        on_request: Callable[[str, str], None] | None,
    ) -> None:
        self._http = http
        self._credential = credential
        self._timing = timing
        self._on_request = on_request

    async def read(self, types: Iterable[str], since: datetime, until: datetime, *, seconds: float = SECONDS) -> Feed:
        """The records of these types in the window, and those that say when the feed was switched on or off."""
        if not self._credential.is_admin_key:
            return Feed(FeedState.NEEDS_ADMIN_KEY, since, until)
        reading = _Reading(self, sorted({*types, SETTINGS_UPDATED}), since, until, seconds)
        try:
            state, detail = await reading.whole()
        except ApiError as error:  # the file of a sandbox that cannot be used
            state, detail = FeedState.BROKEN, str(error)
        if state is not FeedState.READ and reading.pages:
            state, detail = FeedState.INCOMPLETE, f"page {reading.pages + 1}: {detail}"
        records, dropped = activities(reading.rows)
        wanted = tuple(record for record in records if record.type in reading.types)
        return Feed(
            state,
            since,
            until,
            wanted,
            detail=detail,
            dropped=dropped,
            requests=reading.requests,
            refused_types=tuple(reading.refused),
        )

    def exchange(self, spent: Spent, on_request: Callable[[str, str], None]) -> Exchange:
        """What sends the requests of one reading."""

        def told(method: str, path: str) -> None:
            on_request(method, path)
            if self._on_request is not None:
                self._on_request(method, path)

        return _KeyExchange(
            self._credential.value,
            self._http,
            Limiter(None, self._timing),
            Redactor(self._credential.value),
            spent,
            wall_clock=self._timing.wall_clock,
            on_request=told,
        )

    def spent(self, seconds: float) -> Spent:
        """What one reading has used up of its time and size."""
        budget = Budget(answer_mib=_ANSWER_MIB, pages=MOST_PAGES, request_seconds=seconds, read_seconds=seconds)
        return Spent(budget, self._timing.now)

    async def pause(self, seconds: float) -> None:
        """Before it is tried again."""
        await self._timing.sleep(seconds)


class _KeyExchange(Exchange):
    """Sends the credential as `x-api-key` alone: for the Compliance API, a request with a bearer has no key."""

    def __init__(self, key: str, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._key = key

    def _request(self, call: Call) -> httpx.Request:
        request = super()._request(call)
        del request.headers["authorization"]
        request.headers["x-api-key"] = self._key
        return request


class _Reading:
    """One walk from the newest record of a window to its oldest one."""

    def __init__(self, reader: FeedReader, types: list[str], since: datetime, until: datetime, seconds: float) -> None:
        self.types = types
        self.rows: list[Any] = []
        self.pages = 0
        self.requests = 0
        self.refused: list[str] = []
        self._window = {"created_at.gte": written_exactly(since), "created_at.lte": written_exactly(until)}
        self._seconds = seconds
        self._reader = reader
        self._spent = reader.spent(seconds)
        self._exchange = reader.exchange(self._spent, self._count)

    async def whole(self) -> tuple[FeedState, str]:
        """How it ended, with what there is to say; `rows` and `pages` are what was read until then."""
        cursors: set[str] = set()
        known: set[str] = set()
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            body = await self._page(cursor)
            if isinstance(body, Trouble):
                return _ended(body, self._seconds)
            data = body.get("data")
            if not isinstance(data, list):
                return FeedState.BROKEN, "it has no list of records"
            fresh = {_identity(row) for row in data} - known
            known |= fresh
            self.rows += data
            self.pages += 1
            more, cursor = body.get("has_more"), body.get("last_id")
            if more is False:
                return FeedState.READ, ""
            if not fresh or not isinstance(cursor, str) or not cursor or cursor in cursors:
                return FeedState.BROKEN, "the page before says that there is more, and does not lead to it"
            cursors.add(cursor)
        return FeedState.BROKEN, f"at most {MOST_PAGES} pages of {PAGE_SIZE:,} records are read"

    async def _page(self, cursor: str | None) -> Row | Trouble:
        """One page. Of the first one, types that are refused are left out."""
        while True:
            result = await self._answer(self._query(cursor))
            if isinstance(result, Answer):
                return result.body
            number = None if cursor is not None or result.status != 400 else _REFUSED_TYPE.search(result.message)
            if number is None or int(number[1]) >= len(self.types) or len(self.refused) >= _MOST_REFUSED:
                return result
            self.refused.append(self.types.pop(int(number[1])))

    async def _answer(self, query: Mapping[str, str | list[str]]) -> Answer | Trouble:
        """What comes back, the second time where the first one may pass."""
        for attempt in range(1, _ATTEMPTS + 1):
            result = await self._exchange.attempt(Call("GET", PATH, query), at_once)
            if isinstance(result, Answer) or attempt == _ATTEMPTS or not harmless(result) or result.bound is not None:
                break
            wait = result.retry_after or _PAUSE
            if wait >= self._spent.seconds_left:
                break
            with self._spent.stopwatch:
                await self._reader.pause(wait)
        return result

    def _query(self, cursor: str | None) -> dict[str, str | list[str]]:
        query: dict[str, str | list[str]] = {"activity_types[]": list(self.types), **self._window}
        query |= {"order": "desc", "limit": str(PAGE_SIZE)}
        return query if cursor is None else query | {"after_id": cursor}

    def _count(self, _method: str, _path: str) -> None:
        self.requests += 1


def _identity(row: Any) -> str:
    """What tells a row from others; rows that are no records are all the same."""
    identity = row.get("id") if isinstance(row, dict) else None
    return identity if isinstance(identity, str) else ""


def _ended(trouble: Trouble, seconds: float) -> tuple[FeedState, str]:
    """What a refusal, or no answer, says of the feed."""
    status, message = trouble.status, trouble.message
    said = message if status is None else f"{status}: {message}"
    if trouble.bound in (Bound.REQUEST, Bound.READING):
        return FeedState.SLOW, f"gave up after {seconds:g} second{'' if seconds == 1 else 's'}"
    if status == TOO_MANY:
        return FeedState.SLOW, said
    if status in (400, 403) and _OFF.search(message):
        return FeedState.OFF, ""
    if status == 403 and trouble.error_type == "permission_error":
        return FeedState.NO_SCOPE, ""
    if status is not None and 400 <= status < 500 and trouble.error_type is not None:
        return FeedState.REFUSED, said
    return FeedState.BROKEN, said
