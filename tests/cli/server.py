"""An Admin API of a few rows on loopback, which misbehaves as told. It shares no code with the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from acme import ORGANIZATION
from loopback import Handler, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "/v1/organizations"
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


class Server(Loopback):
    """`with Server(script) as server:` answers every request with what the script says, else as it should.

    The script gets the request, and how often its path was asked for, from 1.
    """

    def __init__(self, script: Callable[[Sent, int], Answer | None] | None = None) -> None:
        self.requests: list[Sent] = []
        self._counts: Counter[str] = Counter()
        self._script = script
        super().__init__(_handler(self))

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
        return scripted or proper(sent)


def proper(sent: Sent) -> Answer:
    """What a server that behaves answers."""
    path = sent.path.removeprefix(PREFIX)
    if sent.method != "GET":
        return refusal(403)
    if path == "/me":
        return Answer({**ORGANIZATION, "type": "organization"})
    if path == "/users":
        return page(USERS)
    if path in {"/invites", "/workspaces"}:
        return page([])
    return refusal(404)


def _handler(server: Server) -> type[Handler]:
    class Api(Handler):
        def answer(self) -> None:
            self.body()
            sent = Sent(self.command, self.route, self.query, self.named_headers())
            answer = server.answer(sent)
            if answer.dropped:
                return
            content = answer.content
            part = content[: len(content) // 2] if answer.cut else content
            headers = {"content-type": "application/json", **answer.headers}
            self.reply(answer.status, part, headers, announced=len(content))

    return Api
