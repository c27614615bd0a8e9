"""The emulator over HTTP, on loopback only, where a broken connection really is one."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from orgsync.sandbox.server.app import ABORT
from orgsync.sandbox.wire.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
# Only a delayed answer can still be under way, and whoever stops the sandbox does not wait for it.
GRACE_SECONDS = 1


def serve(app: ASGIApp, *, port: int = 0, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; port 0 takes a free one. `ready` gets the base URL once it listens."""
    with _bound(port) as listener:
        config = uvicorn.Config(
            app,
            http=_Droppable,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        # uvicorn stops in good order and then repeats the signal; that must not kill us before the state is closed.
        signal.signal(signal.SIGTERM, _leave)
        with suppress(KeyboardInterrupt):
            _Server(config, lambda: ready(url)).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Droppable(H11Protocol):
    """Gives the application a way to break the connection it is asked over."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self.app = _with_abort(self.app, transport)


def _with_abort(app: Any, transport: asyncio.Transport) -> Any:
    async def abort() -> None:
        transport.abort()
        # Let the loss of the connection arrive, or uvicorn would complain about a missing response.
        await asyncio.sleep(0)

    async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "extensions": {**scope.get("extensions", {}), ABORT: abort}}, receive, send)

    return droppable


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SandboxError(f"port {port} on {HOST} cannot be used: {error.strerror}") from error
    return listener


def _leave(*_: object) -> None:
    raise SystemExit(0)
