"""An Admin API that costs nothing: pages of a sandbox from memory, each after the same delay, and a count of them.

    python -m benchmarks.server STATE

Prints `listening on http://127.0.0.1:PORT` and ends when its standard input does, which is when its parent ends. What
it was not asked before it asks `orgsync sandbox serve STATE`, and keeps the answer: by method, path and query.
`/-/begin?delay=SECONDS` sets the delay of what follows and forgets what was asked; `/-/log` tells what was asked since,
and how many answers came from the sandbox.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

END = b"\r\n\r\n"
_NOT_PASSED_ON = {"connection", "content-length", "date", "server", "transfer-encoding"}


@dataclass(slots=True)
class Pages:
    """What the sandbox at `origin` (host and port) answered, and what was asked for since somebody began."""

    origin: str
    delay: float = 0.0
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    recorded: int = 0

    def begin(self, delay: float) -> None:
        """From here on it is counted anew."""
        self.delay, self.asked, self.recorded = delay, [], 0

    def log(self) -> bytes:
        """What was asked, as an HTTP answer."""
        body = json.dumps({"asked": self.asked, "recorded": self.recorded}).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def record(self, name: str, head: list[str]) -> bytes:
        """The sandbox's answer to this request, which is kept."""
        method, target, _version = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:])
        connection = HTTPConnection(self.origin, timeout=60)
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        passed = [f"{key}: {value}" for key, value in answer.getheaders() if key.lower() not in _NOT_PASSED_ON]
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *passed, f"Content-Length: {len(body)}"]
        self.answers[name] = "\r\n".join(lines).encode() + END + body
        self.recorded += 1
        return self.answers[name]


def name_of(method: str, target: str) -> str:
    """What a request is known by: whoever orders its parameters otherwise asks the same."""
    parts = urlsplit(target)
    query = "&".join(f"{key}={value}" for key, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{method} {parts.path}{'?' if query else ''}{query}"


class Connection(asyncio.Protocol):
    """One connection, which is kept; its requests have no bodies, and come one after the other."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(END):
            head = self._received[: -len(END)].decode("latin-1").split("\r\n")
            self._received = b""
            self._answer(head)

    def _answer(self, head: list[str]) -> None:
        method, target, _version = head[0].split(" ")
        if target.startswith("/-/"):
            if target.startswith("/-/begin"):
                self._pages.begin(float(target.rpartition("=")[2]))
            self._transport.write(self._pages.log())
            return
        name = name_of(method, target)
        self._pages.asked.append(name)
        answer = self._pages.answers.get(name) or self._pages.record(name, head)
        asyncio.get_running_loop().call_later(self._pages.delay, self._transport.write, answer)


async def serve(pages: Pages) -> None:
    """Answers until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(pages), "127.0.0.1", 0, backlog=1024)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    parent = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(parent), sys.stdin)
    await parent.read()
    server.close()


@contextmanager
def sandbox(state: Path) -> Iterator[str]:
    """Host and port of `orgsync sandbox serve`."""
    orgsync = Path(sys.executable).with_name("orgsync")
    process = subprocess.Popen([orgsync, "sandbox", "serve", state], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rpartition("/")[2]
    finally:
        process.terminate()
        process.wait(timeout=10)


def main() -> None:
    with sandbox(Path(sys.argv[1])) as origin:
        asyncio.run(serve(Pages(origin)))


if __name__ == "__main__":
    main()
