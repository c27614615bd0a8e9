"""Small worlds in which an apply is disturbed at one point, and run again until it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acme import HEAD, NOW, ORGANIZATION, desired_from
from api.support import simulated

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.plan import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.errors import OrgsyncError
from orgsync.files.journal import FileJournal
from orgsync.kinds import KINDS
from orgsync.sandbox.app import App
from orgsync.sandbox.seed import filled

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.change import Plan
    from orgsync.core.observation import Observation

MOST_RUNS = 4


class Killed(BaseException):
    """The process is gone: nothing in it can catch this."""


@dataclass(slots=True)
class World:
    """An organization in memory, a file, and a journal on the disk. `saved`: every run applies the first one's plan."""

    files: str
    seed: dict[str, Any]
    journal: Path
    saved: bool = False
    app: App = field(init=False)
    plan: Plan | None = None

    def __post_init__(self) -> None:
        settings = {"clock": NOW.isoformat(), **self.seed.get("settings", {})}
        seed = {"organization": ORGANIZATION, **self.seed, "settings": settings}
        self.app = App(filled(":memory:", seed, now=NOW))

    def run(self, disturbance: Disturbance | None = None) -> bool:
        """`orgsync apply` once. Whether it said that everything is done."""
        app = Disturbed(self.app, disturbance) if disturbance else self.app
        try:
            return simulated(lambda: self._apply(app))
        except (OrgsyncError, Killed):
            return False

    def runs_until_done(self) -> int:
        """How many undisturbed runs it takes."""
        for number in range(1, MOST_RUNS + 1):
            if self.run():
                return number
        raise AssertionError(f"not done after {MOST_RUNS} runs")

    async def _apply(self, app: Any) -> bool:
        desired = desired_from(HEAD + self.files)
        credential = Credential("sk-ant-admin01-sandbox")
        async with AdminClient("http://127.0.0.1", credential, requests_per_minute=None, app=app) as client:
            seen: Observation | None = None
            if self.plan is None or not self.saved:
                seen = await read_live(client.reader, desired, KINDS)
                self.plan = make_plan(desired, seen, NOW, KINDS)
            plan = self.plan
            with FileJournal(self.journal, plan) as journal:
                report = await apply_plan(
                    plan,
                    client.reader,
                    client.writer,
                    KINDS,
                    seen=seen,
                    journal=journal,
                    unfinished=journal.unfinished,
                )
        return report.complete

    def requests(self) -> list[dict[str, Any]]:
        """Everything orgsync sent."""
        return [line for line in self.app.log() if not line["console"]]

    def e_mails(self) -> Counter[str]:
        """How many invites went out to each address."""
        sent = [line for line in self.requests() if line["method"] == "POST" and line["path"].endswith("/invites")]
        return Counter(line["body"]["email"] for line in sent if line["status"] in {200, None} and self._was_sent(line))

    def _was_sent(self, line: dict[str, Any]) -> bool:
        rows = self.app.console("GET", "invites?limit=1000").body["data"]
        return line["status"] == 200 or any(row["email"] == line["body"]["email"] for row in rows)

    def state(self) -> dict[str, Any]:
        """What a colleague would see, without ids and moments of what was made."""
        users = self._rows("users")
        names = {row["id"]: row["email"] for row in users}
        workspaces = self._rows("workspaces?include_archived=true")
        return {
            "users": sorted((row["email"], row["role"]) for row in users),
            "invites": sorted((row["email"], row["role"], row["status"]) for row in self._rows("invites")),
            "workspaces": sorted(
                (row["name"], row["archived_at"] is not None, tuple(sorted(row["tags"].items()))) for row in workspaces
            ),
            "roles": sorted(
                (one["name"], names[row["user_id"]], row["workspace_role"])
                for one in workspaces
                if one["archived_at"] is None
                for row in self._rows(f"workspaces/{one['id']}/members")
            ),
            "keys": sorted((row["name"], row["status"]) for row in self._rows("api_keys")),
        }

    def _rows(self, path: str) -> list[dict[str, Any]]:
        answer = self.app.console("GET", f"{path}{'&' if '?' in path else '?'}limit=1000")
        rows: list[dict[str, Any]] = answer.body["data"]
        return rows


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happens at one request, counted from 1 over reads and writes."""

    at: int
    kind: str


class Disturbed:
    """The sandbox, behind which something goes wrong once."""

    def __init__(self, app: App, disturbance: Disturbance) -> None:
        self._app = app
        self._what = disturbance
        self._count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._count += 1
        if self._count != self._what.at:
            await self._app(scope, receive, send)
            return
        await getattr(self, f"_{self._what.kind}")(scope, receive, send)

    async def _killed_before(self, _scope: Any, _receive: Any, _send: Any) -> None:
        raise Killed

    async def _killed_after(self, scope: Any, receive: Any, _send: Any) -> None:
        await self._swallowed(scope, receive)
        raise Killed

    async def _dropped_before(self, _scope: Any, _receive: Any, _send: Any) -> None:
        raise ConnectionResetError

    async def _dropped_after(self, scope: Any, receive: Any, _send: Any) -> None:
        await self._swallowed(scope, receive)
        raise ConnectionResetError

    async def _failed_before(self, _scope: Any, _receive: Any, send: Any) -> None:
        await _answer(send, 500, b'{"type":"error","error":{"type":"api_error","message":"failed"}}')

    async def _failed_after(self, scope: Any, receive: Any, send: Any) -> None:
        await self._swallowed(scope, receive)
        await _answer(send, 500, b'{"type":"error","error":{"type":"api_error","message":"failed"}}')

    async def _limited(self, _scope: Any, _receive: Any, send: Any) -> None:
        await _answer(send, 429, b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}')

    async def _malformed_after(self, scope: Any, receive: Any, send: Any) -> None:
        await self._swallowed(scope, receive)
        await _answer(send, 200, b"<html>maintenance</html>")

    async def _cut_off_after(self, scope: Any, receive: Any, send: Any) -> None:
        await self._swallowed(scope, receive)
        await _answer(send, 200, b'{"id": "wrk')

    async def _swallowed(self, scope: Any, receive: Any) -> None:
        """The request is handled, and its answer gets lost."""

        async def nowhere(_message: Any) -> None:
            return

        await self._app(scope, receive, nowhere)


KINDS_OF_DISTURBANCE = tuple(
    name[1:]
    for name in vars(Disturbed)
    if name.startswith("_") and name.split("_")[1] in {"killed", "dropped", "failed", "limited", "malformed", "cut"}
)


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
