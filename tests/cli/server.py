"""An Admin API of a few rows on loopback, which misbehaves as told. It shares no code with the sandbox."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "/v1/organizations"
ORGANIZATION = {"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "type": "organization", "name": "Acme Robotics"}
MANY = 64
"""Requests after which the server has seen enough: whoever asks for more is going round in circles."""


def _user(number: int, role: str = "developer") -> dict[str, Any]:
    email = "ceo@acme.example" if number == 0 else f"person-{number}@acme.example"
    added = "2026-01-01T00:00:00Z"
    return {"id": f"user_{number}", "type": "user", "email": email, "name": "", "role": role, "added_at": added}


USERS = [_user(0, "admin"), *(_user(number) for number in range(1, 5))]


class Sent(NamedTuple):
    """One request as it arrived; names of headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer. `body` may be bytes that are no JSON; `cut` leaves out the end of what was announced."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    dropped: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def page(rows: list[Any], *, more: bool = False, last: str | None = None) -> Answer:
    """One page of a list."""
    ids = [row["id"] for row in rows]
    last_id = last or (ids[-1] if ids else None)
    return Answer({"data": rows, "has_more": more, "first_id": ids[0] if ids else None, "last_id": last_id})


def refusal(status: int, **headers: str) -> Answer:
    """An error as the Admin API words it."""
    kind = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    error = {"type": kind.get(status, "api_error"), "message": "made up by a test"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        {"type": "error", "error": error, "request_id": "req_test"}, status, {"request-id": "req_test", **named}
    )


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is no news."""


class Server:
    """`with Server(script) as server:` answers every request with what the script says, else as it should.

    The script gets the request, and how often its path was asked for, from 1.
    """

    def __init__(self, script: Callable[[Sent, int], Answer | None] | None = None) -> None:
        self.requests: list[Sent] = []
        self._counts: Counter[str] = Counter()
        self._script = script
        self._http = _Quiet(("127.0.0.1", 0), _handler(self))
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

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return self._counts[f"{PREFIX}{path}"]

    def answer(self, sent: Sent) -> Answer:
        """What to answer to a request, which is remembered."""
        self.requests.append(sent)
        self._counts[sent.path] += 1
        if len(self.requests) > MANY:
            return refusal(404)
        scripted = self._script(sent, self._counts[sent.path]) if self._script else None
        return scripted or _proper(sent)


def _proper(sent: Sent) -> Answer:
    path = sent.path.removeprefix(PREFIX)
    if sent.method != "GET":
        return refusal(403)
    if path == "/me":
        return Answer(ORGANIZATION)
    if path == "/users":
        return page(USERS)
    if path in {"/invites", "/workspaces"}:
        return page([])
    return refusal(404)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(server.answer(Sent(self.command, url.path, query, headers)))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.do_GET()

        do_DELETE = do_GET  # noqa: N815 - its name in the standard library

        def _send(self, answer: Answer) -> None:
            self.close_connection = True
            if answer.dropped:
                return
            content = answer.content
            self.send_response(answer.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.send_header("connection", "close")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if answer.cut else content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            """Says nothing."""

    return Handler
