"""What stands between orgsync and the organization, and does one thing wrong at one request."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from orgsync.core.apply.rehearsal import CONSOLE, Fault
from orgsync.rehearsal.clock import clock
from orgsync.sandbox.wire.context import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orgsync.api.transport import Message
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
        if fault in CONSOLE:
            self._world.colleague(fault, call, self._at)
            return self._handled(call)
        if fault in _LAGS:
            self._world.lag(clock())
        if fault in _REFUSALS:
            return _REFUSALS[fault]
        if fault is Fault.OUTAGE:
            self._is_out = True
            return _REFUSALS[Fault.FAILED_BEFORE]
        if fault in _BEFORE:
            return await _lost(fault)
        answer = self._handled(call)
        if fault is Fault.READ_LAG:
            return answer
        if fault is Fault.FAILED_AFTER:
            return _REFUSALS[Fault.FAILED_BEFORE]
        if fault is Fault.HTML_AFTER:
            return Answer(200, b"<!doctype html><title>Please wait</title>", {"content-type": "text/html"})
        if fault is Fault.CUT_OFF_AFTER:
            return Answer(200, answer.content[: len(answer.content) // 2], _JSON)
        return await _lost(fault)


_BEFORE = frozenset({Fault.KILLED_BEFORE, Fault.DROPPED_BEFORE, Fault.TIMEOUT_BEFORE})
_LAGS = frozenset({Fault.KILLED_LAG, Fault.READ_LAG})


async def _lost(fault: Fault) -> Answer:
    """No answer arrives. Always raises."""
    if fault in {Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER}:
        raise ConnectionResetError
    if fault in {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER}:
        await asyncio.sleep(SILENCE)
        raise TimeoutError
    raise Killed


def _error(status: int, kind: str, message: str, code: str | None = None, **headers: str) -> Answer:
    details = {} if code is None else {"details": {"error_code": code}}
    body = {"type": "error", "error": {"type": kind, "message": message, **details}}
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), {**_JSON, **spelled})


_REFUSALS = {
    Fault.FAILED_BEFORE: _error(500, "api_error", "something went wrong"),
    Fault.LIMITED: _error(429, "rate_limit_error", "too many requests"),
    Fault.LIMITED_TOLD: _error(429, "rate_limit_error", "too many requests", retry_after=TOLD),
    Fault.CONFLICT: _error(409, "conflict_error", "another change is running", "concurrent_membership_change"),
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
