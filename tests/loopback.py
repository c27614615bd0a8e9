"""HTTP servers on loopback: what the fakes of other services stand on."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class Handler(BaseHTTPRequestHandler):
    """One request a connection; `answer` is what each fake has of its own, for every method."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Calls `reply`, or leaves the client without one."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self.close_connection = True
        self.answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - their names in the standard library

    @property
    def route(self) -> str:
        """The path without what follows `?`."""
        return urlsplit(self.path).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters; of one that comes more than once the first."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def body(self) -> bytes:
        """What was sent; to be read once."""
        return self.rfile.read(int(self.headers["content-length"] or 0))

    def named_headers(self) -> dict[str, str]:
        """The headers; their names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def reply(
        self, status: int, content: bytes, headers: Mapping[str, str] | None = None, *, announced: int | None = None
    ) -> None:
        """Answers. With `announced` the client waits for more or fewer bytes than come."""
        self.send_response(status)
        self.send_header("content-length", str(len(content) if announced is None else announced))
        self.send_header("connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing: tests read what the client says."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    server_bind = TCPServer.server_bind  # which does not ask the network for the name of this machine

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is no news."""


class Loopback:
    """`with Loopback(handler) as server:` listens on a free port, known as soon as this exists."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = _Http(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"
