"""Real sockets on this machine: connections that are refused, cut, silent, or speak something else than HTTP."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.api import failures
from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.model.request import Repeat, Request
from orgsync.errors import OutcomeUnknown

from .support import INVITES, KEY, ME, timing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\nrequest-id: req_1\r\n\r\n{"id": "x"}'
SILENCE = None
RESET = b"reset"
CREATE = Request("POST", INVITES, {"email": "a@example.com"}, Repeat.LOOK_UP)
UPDATE = Request("POST", "/v1/organizations/users/user_1", {"role": "developer"})

# What a server may send before it closes the connection, and what a client may then say.
BROKEN: dict[str, bytes | None] = {
    "nothing": b"",
    "a reset": RESET,
    "silence": SILENCE,
    "half a status line": b"HTTP/1.1 20",
    "half the headers": b"HTTP/1.1 200 OK\r\ncontent-le",
    "half the body": b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id": "x"}',
    "half a chunk": b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{"id": "x"}',
    "no last chunk": b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{"id": "x"}\r\n',
    "half the JSON": b'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"id": ',
    "bad gzip": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
    "no HTTP": f"SSH-2.0-{KEY}\r\n".encode(),
    "the key in a header that is none": f"HTTP/1.1 200 OK\r\nx: {KEY}\x00\r\n\r\n".encode(),
    "a redirect to nowhere": f"HTTP/1.1 302 Found\r\nlocation: http://x:{KEY}/\r\ncontent-length: 0\r\n\r\n".encode(),
}


class Wire:
    """A server that reads a request to its end, sends the next of its answers as it is, and closes the connection."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next((line[15:] for line in head.split(b"\r\n") if line.startswith(b"content-length:")), b"0")
        await reader.readexactly(int(length))
        self.requests += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is SILENCE:
            await reader.read()
        elif answer == RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            writer.write(answer)
            await writer.drain()


@asynccontextmanager
async def listening(serve: Connection, port: int = 0) -> AsyncIterator[int]:
    """The port at which a server listens that does this with each connection, and then closes it."""
    connections: list[asyncio.Task[None] | None] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(server.wait_closed(), *(task for task in connections if task))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def no_wait(_: float) -> None:
    """Retries follow at once."""


def connected(
    port: int, sleep: Callable[[float], Awaitable[None]] = no_wait, timeout: float = 5.0, **options: Any
) -> AdminClient:
    return AdminClient(
        f"http://127.0.0.1:{port}", Credential(KEY), timeout=timeout, timing=timing(sleep=sleep), **options
    )


def exchange(wire: Wire, request: Request | None) -> object:
    """One read or write against a server; a silent one is given up after a twentieth of a second."""

    async def main() -> object:
        timeout = 0.05 if SILENCE in wire.answers else 5.0
        async with listening(wire) as port, connected(port, timeout=timeout) as api:
            return await (api.writer.send(request) if request else api.reader.get(ME))

    return asyncio.run(main())


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("request_", [None, UPDATE], ids=["read", "update"])
def test_a_broken_answer_is_asked_for_again(answer: bytes | None, request_: Request | None) -> None:
    wire = Wire(answer, answer, answer, OK)
    assert exchange(wire, request_) == {"id": "x"}
    assert wire.requests == 4


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_read_that_only_gets_broken_answers_fails_without_showing_the_key(answer: bytes | None) -> None:
    with pytest.raises((failures.Unreachable, failures.Malformed), match="after 4 attempts") as caught:
        exchange(Wire(answer), None)
    assert KEY not in f"{caught.value!r}{vars(caught.value)}"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_an_answer_that_cannot_be_unpacked_is_malformed() -> None:
    with pytest.raises(failures.Malformed, match="DecodingError"):
        exchange(Wire(BROKEN["bad gzip"]), None)


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_create_with_a_broken_answer_is_sent_once(answer: bytes | None) -> None:
    wire = Wire(answer, OK)
    with pytest.raises(OutcomeUnknown):
        exchange(wire, CREATE)
    assert wire.requests == 1


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_an_update_with_broken_answers_only_has_an_unknown_outcome(answer: bytes | None) -> None:
    wire = Wire(answer)
    with pytest.raises(OutcomeUnknown):
        exchange(wire, UPDATE)
    assert wire.requests == 4


@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
def test_a_refused_connection_is_tried_again_because_nothing_was_sent(request_: Request | None) -> None:
    """The server comes up while the client waits for its third attempt."""

    async def main() -> tuple[object, int]:
        port, wire, waits = free_port(), Wire(OK), 0
        async with AsyncExitStack() as up:

            async def sleep(_: float) -> None:
                nonlocal waits
                waits += 1
                if waits == 2:
                    await up.enter_async_context(listening(wire, port))

            async with connected(port, sleep) as api:
                answer = await (api.writer.send(request_) if request_ else api.reader.get(ME))
        return answer, wire.requests

    assert asyncio.run(main()) == ({"id": "x"}, 1)


@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
def test_a_connection_refused_four_times_surely_changed_nothing(request_: Request | None) -> None:
    async def main() -> None:
        async with connected(free_port()) as api:
            await (api.writer.send(request_) if request_ else api.reader.get(ME))

    with pytest.raises(failures.Unreachable, match=r"ConnectError.*after 4 attempts"):
        asyncio.run(main())


def test_an_update_refused_after_its_answer_was_lost_has_an_unknown_outcome() -> None:
    """The server takes the update, dies before it answers, and does not come back."""

    async def main() -> None:
        async with AsyncExitStack() as up:
            port = await up.enter_async_context(listening(Wire(b"")))

            async def sleep(_: float) -> None:
                await up.aclose()

            async with connected(port, sleep) as api:
                await api.writer.send(UPDATE)

    with pytest.raises(OutcomeUnknown, match="ConnectError"):
        asyncio.run(main())


def test_connections_are_reused_and_never_more_than_allowed() -> None:
    async def main() -> int:
        connections = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK)

        async with listening(serve) as port, connected(port, concurrency=3) as api:
            await asyncio.gather(*(api.reader.get(ME) for _ in range(30)))
        return connections

    assert 1 <= asyncio.run(main()) <= 3


def test_loopback_and_in_process_use_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    assert exchange(Wire(OK), None) == {"id": "x"}


def test_https_goes_through_the_proxy_and_a_proxy_that_refuses_passed_nothing_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A create may be sent again after that, and what the proxy got to see is a CONNECT without the credential."""

    async def main() -> list[bytes]:
        seen: list[bytes] = []

        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()

        async with listening(proxy) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            async with AdminClient("https://api.example.com", Credential(KEY), timing=timing(sleep=no_wait)) as api:
                with pytest.raises(failures.Unreachable, match="ProxyError"):
                    await api.writer.send(CREATE)
        return seen

    seen = asyncio.run(main())
    assert len(seen) == 4
    assert all(request.startswith(b"CONNECT api.example.com:443") and KEY.encode() not in request for request in seen)
