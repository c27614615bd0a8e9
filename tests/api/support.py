"""What the tests of the client share: a loop that never waits, tiny servers, and clients for both."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.rehearsal.clock import EPOCH, clock, simulated, timing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from orgsync.api.transport import AsgiApp, Message

__all__ = ["EPOCH", "clock", "simulated", "timing"]
KEY = "sk-ant-admin01-a-secret-nobody-may-see"
ME = "/v1/organizations/me"
INVITES = "/v1/organizations/invites"


@dataclass(frozen=True)
class Reply:
    """One answer of a server; a `body` that is not bytes is sent as JSON."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """How long it takes."""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    """One request as a server received it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float


def refusal(status: int, code: str | None = None, message: str = "no", **headers: str) -> Reply:
    """An error in the API's envelope (admin-api §3.1); `retry_after="5"` becomes the header retry-after."""
    details = {} if code is None else {"details": {"error_code": code}}
    error = {"type": "some_error", "message": message, **details}
    return Reply(
        status, {"type": "error", "error": error}, {name.replace("_", "-"): text for name, text in headers.items()}
    )


class Server:
    """An ASGI app that asks `answer` what to do with each request: reply, or raise what it returns."""

    def __init__(self, answer: Callable[[Seen], Reply | Exception]) -> None:
        self._answer = answer
        self.seen: list[Seen] = []

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        seen = Seen(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            headers={name.decode(): value.decode() for name, value in scope["headers"]},
            body=(await receive()).get("body", b""),
            at=clock(),
        )
        self.seen.append(seen)
        reply = self._answer(seen)
        if isinstance(reply, Exception):
            raise reply
        await asyncio.sleep(reply.seconds)
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.content})

    @property
    def times(self) -> list[float]:
        """When each request came, rounded to a millisecond."""
        return [round(seen.at, 3) for seen in self.seen]


def script(*replies: Reply | Exception) -> Server:
    """A server that gives these answers in order, the last one for ever."""
    left = list(replies)
    return Server(lambda _: left.pop(0) if len(left) > 1 else left[0])


def client(app: AsgiApp, *, chance: float = 0.0, key: str = KEY, **options: Any) -> AdminClient:
    """The real client in front of an app, on the running loop's time."""
    return AdminClient("http://test", Credential(key), app=app, timing=timing(chance=chance), **options)
