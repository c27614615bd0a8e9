"""What a flow reads from and writes to: an organization through the Admin API, or a sandbox."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from orgsync.api.credentials import DEFAULT_BASE_URL, Credential, base_url, checked_base_url, credential
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.errors import ApiError, UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    from orgsync.api.budget import Budget
    from orgsync.api.client import AdminClient
    from orgsync.core.model.request import Reader
    from orgsync.flows.watch import Watch

REQUESTS_PER_MINUTE = 90.0
"""As many as the Admin API takes without a word, with some room left for others."""

SANDBOX_KEY = "sk-ant-admin01-sandbox"

UNUSABLE = "end the other process, or make the file and its folder writable"
"""What to do about the file of a sandbox that exists and cannot be used."""

_MAKE_ONE = "create one with `orgsync sandbox init PATH --seed FILE`"


class Connection(Protocol):
    """One organization. It can be opened several times: all its clients share one rate limit."""

    @property
    def identity(self) -> str | None:
        """The name of its lock; None if only the API knows it."""

    @property
    def untouched(self) -> bool:
        """Whether it is certain that nothing was ever applied to it."""

    def opened(self, watch: Watch) -> AdminClient:
        """A client for it, to be used as a context manager."""


class AdminApi:
    """The organization that a credential belongs to: an Admin key, or an OAuth token with the scope org:admin.

    `requests_per_minute` None is no limit. `starts` are the times of requests; connections with the same `starts` share
    one limit. `budget` is what each client of it reads at most, None the default. Raises UsageError if the credential
    cannot be sent, or must not be sent to `base_url`.
    """

    identity: str | None = None
    untouched = False

    def __init__(
        self,
        credential: str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        requests_per_minute: float | None = REQUESTS_PER_MINUTE,
        starts: deque[float] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._base_url = checked_base_url(base_url)
        self._credential = Credential(credential, "the credential")
        self._requests_per_minute = requests_per_minute
        self._starts = deque[float]() if starts is None else starts
        self._budget = budget

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        *,
        requests_per_minute: float | None = REQUESTS_PER_MINUTE,
        starts: deque[float] | None = None,
        budget: Budget | None = None,
    ) -> Self:
        """As `orgsync` itself finds it. Raises UsageError where there is no credential."""
        url, found = base_url(environment), credential(environment)
        return cls(found.value, base_url=url, requests_per_minute=requests_per_minute, starts=starts, budget=budget)

    def opened(self, watch: Watch) -> AdminClient:
        """A client with one connection pool."""
        from orgsync.api.client import AdminClient

        return AdminClient(
            self._base_url,
            self._credential,
            requests_per_minute=self._requests_per_minute,
            on_request=watch.on_request,
            on_wait=watch.waits,
            starts=self._starts,
            budget=self._budget,
        )


class Sandbox:
    """The emulated organization in a file: use it as a context manager, or close it.

    `now` fixes the time in it; None is that of the clock. Raises UsageError if there is no sandbox at `path`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        now: datetime | None = None,
        requests_per_minute: float | None = None,
        starts: deque[float] | None = None,
        budget: Budget | None = None,
    ) -> None:
        require("sandbox", "a sandbox requires")
        from orgsync.sandbox.server.app import open_app
        from orgsync.sandbox.wire.errors import SandboxError, Unusable

        self.path = Path(path)
        self._requests_per_minute = requests_per_minute
        self._starts = deque[float]() if starts is None else starts
        self._budget = budget
        try:
            self._app = open_app(self.path, now=now)
        except Unusable as error:
            raise ApiError(str(error), hint=UNUSABLE) from error
        except SandboxError as error:
            raise UsageError(str(error), hint=_MAKE_ONE) from error

    @classmethod
    def make(cls, path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None = None) -> Self:
        """A new one of these rows, in the form of `orgsync sandbox init --seed`. Raises UsageError."""
        require("sandbox", "a sandbox requires")
        from orgsync.sandbox.seed.build import create
        from orgsync.sandbox.wire.errors import SandboxError

        try:
            create(path, seed, now=now)
        except SandboxError as error:
            raise UsageError(str(error), hint="see `orgsync sandbox init --help` for the format") from error
        return cls(path, now=now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file. Closing it again does nothing."""
        self._app.close()

    @property
    def identity(self) -> str:
        """Its path: two sandboxes of one seed have the same organization id."""
        return f"sandbox:{self.path.resolve()}"

    @property
    def untouched(self) -> bool:
        """Whether its log has no write, and its reads show at once what was written."""
        return self._app.untouched

    def opened(self, watch: Watch) -> AdminClient:
        """A client for the sandbox, in this process."""
        from orgsync.api.client import AdminClient

        return AdminClient(
            "http://127.0.0.1",
            Credential(SANDBOX_KEY, "the sandbox's own key"),
            requests_per_minute=self._requests_per_minute,
            app=self._served,
            on_request=watch.on_request,
            on_wait=watch.waits,
            starts=self._starts,
            budget=self._budget,
        )

    async def _served(self, scope: Any, receive: Any, send: Any) -> None:
        """The application. Raises ApiError where its file cannot be used."""
        from orgsync.sandbox.wire.errors import Unusable

        try:
            await self._app(scope, receive, send)
        except Unusable as error:
            raise ApiError(str(error), hint=UNUSABLE) from error


@asynccontextmanager
async def reading(source: Connection | Snapshot, watch: Watch) -> AsyncIterator[Reader]:
    """What plans are made through: it has no method that writes. With a snapshot, nobody is asked anything."""
    if not isinstance(source, Snapshot):
        async with source.opened(watch) as client:
            yield client.reader
        return
    from orgsync.core.snapshot.fields import held_by
    from orgsync.engine.recording import Replay

    replay = Replay(source.recording, source.moment, held_by(source.orgsync))
    yield replay
    for path in replay.lacking:
        watch.say(f"The snapshot does not cover {path} for as long as the files require: continuing without it.")
