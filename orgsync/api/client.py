"""The Admin API client: a reader that cannot write, a writer, and behind both one connection pool and one limiter."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from orgsync.api.answers import Call
from orgsync.api.body import ACCEPTED
from orgsync.api.budget import Bound, Budget, Spent
from orgsync.api.exchange import Exchange
from orgsync.api.failures import IncompleteRead, OverBudget, more_of
from orgsync.api.feed import FeedReader
from orgsync.api.limiter import Limiter, Timing
from orgsync.api.paging import Flaw, proven_rows
from orgsync.api.redaction import Redactor
from orgsync.api.retry import Retries, at_once, harmless, surely_undone
from orgsync.api.transport import http_client
from orgsync.core.model.request import Listing, Repeat, Request
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Awaitable, Callable, Mapping

    from orgsync.api.credentials import Credential
    from orgsync.api.retry import OnWait
    from orgsync.api.transport import AsgiApp
    from orgsync.core.model.rows import Row

    Fetch = Callable[[str, Mapping[str, str], tuple[str, ...], int], Awaitable[Row]]

_CURSORS = frozenset({"after_id", "page"})
"""A page that is asked for with one of them is not the first."""

API_VERSION = "2026-10-21"  # shapes differ between versions, admin-api §14


class Answered(dict[str, Any]):
    """A Row that remembers the request id of the answer it came in, for receipts."""

    __slots__ = ("request_id",)

    def __init__(self, row: Row, request_id: str | None) -> None:
        super().__init__(row)
        self.request_id = request_id


class ApiReader:
    """Satisfies `orgsync.core.request.Reader`. All it has of the network is one function that sends GET."""

    __slots__ = ("_budget", "_by_admin_key", "_fetch", "_requests", "_slots")

    def __init__(self, fetch: Fetch, slots: asyncio.Semaphore, budget: Budget, *, by_admin_key: bool = False) -> None:
        self._fetch = fetch
        self._budget = budget
        self._by_admin_key = by_admin_key
        self._slots = slots
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many reads were answered so far; attempts that had to be repeated do not count."""
        return self._requests

    @property
    def by_admin_key(self) -> bool:
        """Whether the credential is an Admin API key."""
        return self._by_admin_key

    async def get(self, path: str) -> Row:
        """One object. Raises a Failure."""
        async with self._slots:
            return await self._counted(path, {}, (), 0)

    async def rows(self, listing: Listing) -> list[Row]:
        """All rows of a list, each once. Raises a Failure; IncompleteRead where two tries could not prove it whole.

        The chain of pages keeps one slot for its whole life: queueing each next page behind everybody else's first
        one makes the longest list last longest. A listing without identity ("") is not checked for repeated rows.
        """
        page = self._pages_of(listing)
        async with self._slots:
            try:
                return await proven_rows(listing, page, again=False)
            except Flaw:
                pass  # lists are no snapshots: one that changed while it was read may be whole the second time
            try:
                return await proven_rows(listing, page, again=True)
            except Flaw as flaw:
                message = f"the list {listing.path} could not be read in full, twice: {flaw}"
                raise IncompleteRead(message) from flaw

    def _pages_of(self, listing: Listing) -> Callable[[str, Mapping[str, str]], Awaitable[Row]]:
        """What fetches one page after the other, of each reading no more than the budget has."""
        number = 0

        async def page(path: str, query: Mapping[str, str]) -> Row:
            nonlocal number
            number = number + 1 if _CURSORS & query.keys() else 1
            if number > self._budget.pages:
                message = f"GET {path}: {self._budget.exceeded(Bound.PAGES)}; the incomplete list was not used"
                raise OverBudget(message, hint=more_of(Bound.PAGES))
            return await self._counted(path, query, listing.betas, number)

        return page

    async def _counted(self, path: str, query: Mapping[str, str], betas: tuple[str, ...], page: int) -> Row:
        row = await self._fetch(path, query, betas, page)
        self._requests += 1
        return row


class ApiWriter:
    """Satisfies `orgsync.core.request.Writer`."""

    __slots__ = ("_retries", "_slots")

    def __init__(self, retries: Retries, slots: asyncio.Semaphore) -> None:
        self._retries = retries
        self._slots = slots

    async def send(self, request: Request, begin: Callable[[], None] = at_once) -> Answered:
        """Send one write. Raises a Failure where it surely did not happen, OutcomeUnknown where it may have.

        `begin` is called once, after the wait for a free slot and for the limiter; what it raises is raised, and
        nothing was sent.
        """
        if request.method not in {"POST", "DELETE"}:
            raise ValueError(f"the Admin API writes with POST and DELETE, not {request.method}")
        call = Call(request.method, request.path, body=request.body, betas=request.betas)
        repeatable = harmless if request.repeat is Repeat.SAFE else surely_undone
        async with self._slots:
            answer = await self._retries.answer(call, repeatable, begin)
        return Answered(answer.body, answer.request_id)


class AdminClient:
    """An async context manager that owns the connections; everything it sends shares them and one limiter.

    `requests_per_minute` None means unlimited. `concurrency` is how many calls or lists are under way at a time. While
    the two add up to no more than the API allows (100), there is no 429 of its own making.
    `app` answers in this process instead of `base_url`'s host. `timeout` is seconds of silence before an attempt is
    given up. `on_request` is called with method and path before each attempt, `on_wait` before a call is tried again
    (why, in how many seconds, and for how many at most in all). Clients with the same `starts` share one limit.
    `budget` is what it reads at most; each client has its own.
    Raises UsageError where `base_url`, a proxy or a CA file cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        *,
        requests_per_minute: float | None = 90,
        concurrency: int = 8,
        app: AsgiApp | None = None,
        user_agent: str = f"orgsync/{__version__}",
        timeout: float = 60.0,
        timing: Timing | None = None,
        on_request: Callable[[str, str], None] | None = None,
        on_wait: OnWait | None = None,
        starts: deque[float] | None = None,
        budget: Budget | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        timing = timing or Timing()
        budget = budget or Budget()
        spent = Spent(budget, timing.now)
        headers = {
            "Authorization": f"Bearer {credential.value}",
            "anthropic-version": API_VERSION,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": user_agent,
        }
        self._http = http_client(base_url, headers, app=app, timeout=timeout, connections=concurrency)
        exchange = Exchange(
            self._http,
            Limiter(requests_per_minute, timing, starts),
            Redactor(credential.value),
            spent,
            wall_clock=timing.wall_clock,
            on_request=on_request,
        )
        retries = Retries(exchange.attempt, timing, spent, on_wait)
        slots = asyncio.Semaphore(concurrency)
        self._reader = ApiReader(_fetch(retries), slots, budget, by_admin_key=credential.is_admin_key)
        self._writer = ApiWriter(retries, slots)
        self._feed = FeedReader(self._http, credential, timing, on_request)

    @property
    def reader(self) -> ApiReader:
        """What planning is given."""
        return self._reader

    @property
    def writer(self) -> ApiWriter:
        """What only applying is given."""
        return self._writer

    @property
    def feed(self) -> FeedReader:
        """What reads the Activity Feed, which is no part of the Admin API."""
        return self._feed

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        await self._http.__aexit__(*exception)


def _fetch(retries: Retries) -> Fetch:
    """The one thing a reader gets. A function and not a method, so that no attribute of it leads to a writer."""

    async def fetch(path: str, query: Mapping[str, str], betas: tuple[str, ...], page: int) -> Row:
        return (await retries.answer(Call("GET", path, query, betas=betas, page=page), harmless)).body

    return fetch
