"""What stands between orgsync and the organization, and does one thing wrong at one request."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from orgsync.core.apply.rehearsal import Reply
from orgsync.rehearsal.clock import clock
from orgsync.sandbox.wire.context import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orgsync.api.transport import Message
    from orgsync.core.apply.rehearsal import Fault
    from orgsync.rehearsal.organization import World

    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

SILENCE = 60.0
"""Simulated seconds after which a client gives up waiting for an answer."""
TOLD = "30"
"""What a 429 asks to wait, in seconds."""

_JSON = {"content-type": "application/json"}


class Killed(BaseException):
    """The process is gone: nothing in it can catch this."""


class Between:
    """An ASGI app in front of a world. `at` counts requests from 1; without `fault` everything arrives."""

    def __init__(self, world: World, fault: Fault | None = None, at: int = 0) -> None:
        self.requests: list[str] = []
        self._world = world
        self._fault = fault
        self._at = at
        self._is_out = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        call = await _received(scope, receive)
        self.requests.append(f"{call.method} {call.path}")
        if self._is_out:
            answer = _error(503, "api_error", "the API does not work at the moment")
        elif self._fault is not None and len(self.requests) == self._at:
            answer = await self._disturbed(call, self._fault)
        else:
            answer = self._handled(call)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})

    def _handled(self, call: Call) -> Answer:
        return self._world.handled(call, clock())

    async def _disturbed(self, call: Call, fault: Fault) -> Answer:
        effect = fault.effect
        if effect.edit:
            self._world.colleague(fault, call, self._at)
        if effect.lag:
            self._world.lag(clock())
        self._is_out = effect.lasts
        return await _replied(effect.reply, self._handled(call) if effect.done else _FAILED)


async def _replied(reply: Reply, answer: Answer) -> Answer:
    """What arrives in place of an answer. Raises where none does."""
    if reply is Reply.DROPPED:
        raise ConnectionResetError
    if reply is Reply.SILENCE:
        await asyncio.sleep(SILENCE)
        raise TimeoutError
    if reply is Reply.KILLED:
        raise Killed
    if reply is Reply.HTML:
        return Answer(200, b"<!doctype html><title>Please wait</title>", {"content-type": "text/html"})
    if reply is Reply.CUT_OFF:
        return Answer(200, answer.content[: len(answer.content) // 2], _JSON)
    return _REFUSALS.get(reply, answer)


def _error(status: int, kind: str, message: str, code: str | None = None, **headers: str) -> Answer:
    details = {} if code is None else {"details": {"error_code": code}}
    body = {"type": "error", "error": {"type": kind, "message": message, **details}}
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), {**_JSON, **spelled})


_FAILED = _error(500, "api_error", "something went wrong")
_REFUSALS = {
    Reply.FAILED: _FAILED,
    Reply.LIMITED: _error(429, "rate_limit_error", "too many requests"),
    Reply.LIMITED_TOLD: _error(429, "rate_limit_error", "too many requests", retry_after=TOLD),
    Reply.CONFLICT: _error(409, "conflict_error", "another change is running", "concurrent_membership_change"),
}


async def _received(scope: Message, receive: Receive) -> Call:
    content = b""
    more = True
    while more:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
    query = scope["query_string"].decode("latin-1")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return Call(scope["method"], scope["path"], pairs, query, content, headers)
