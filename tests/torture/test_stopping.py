"""Whoever asks to stop under a limit that is smaller than the plan is heard: nothing else is begun, nothing is lost.

In simulated time, at 3 random moments in `make test` and at 200 in `make kills`; how it went is printed at the end.
"""

from __future__ import annotations

import os
import random
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, NOW, ORGANIZATION, SANDBOX_KEY, desired_from
from api.support import clock, simulated, timing

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.api.limiter import MINUTE
from orgsync.core.apply.journal import Intent, open_intents
from orgsync.core.apply.outcome import Status
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.files.state.journal import FileJournal, read
from orgsync.kinds import KINDS
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.core.apply.outcome import Report

MOMENTS = 200 if os.environ.get("ORGSYNC_KILLS") == "full" else 3
CONCURRENCY = 8
WRITE_TAKES = 2.0
LASTS = 2.5 * MINUTE
"""Seconds, more than an apply of everything takes: the moments to stop it reach as far."""
FEW, SLOWLY = 20, 18.0
"""Roles to change, and as many people to invite, at so many requests a minute: in three rounds."""


def organization(*faults: dict[str, Any], people: int = 0) -> App:
    """One of so many people, where every write takes its time."""
    users = [*ADMINS, *({"email": f"p{number}@x.example", "role": "user"} for number in range(people))]
    settings = {"clock": NOW.isoformat(), "workspace_limit": None}
    app = App(filled(":memory:", {"organization": ORGANIZATION, "users": users, "settings": settings}, now=NOW))
    app.set_faults([*faults, {"fault": "delay", "method": "POST", "times": 10**6, "seconds": WRITE_TAKES}])
    return app


def crowd(people: int) -> str:
    """Files that change the roles of so many, and invite as many others."""
    roles = "".join(f"  p{number}@x.example: developer\n" for number in range(people))
    invites = "".join(f"  new{number}@x.example: user\n" for number in range(people))
    return f"guards: {{max_grants: {{count: 1000}}}}\nmembers:\n{roles}{invites}"


class Applied:
    """`orgsync apply` in simulated time, which somebody asks to stop at a moment."""

    def __init__(
        self, app: App, files: str, record: Path, *, stop_at: float = float("inf"), rate: float = 90, first: bool = True
    ) -> None:
        self._app = app
        self._files = files
        self._record = record
        self._stop_at = stop_at
        self._rate = rate
        self._first = first
        self.begun: list[float] = []
        self.report, self.ended = simulated(self._run)

    async def _run(self) -> tuple[Report, float]:
        starts = deque[float]()
        desired = desired_from(self._files)
        async with self._client(starts) as api:
            seen = await read_live(api.reader, desired, KINDS)
        plan = make_plan(desired, seen, NOW, KINDS)
        with FileJournal(self._record, plan, actor="test") as journal:
            async with self._client(starts) as api:
                report = await apply_plan(
                    plan,
                    api.reader,
                    api.writer,
                    KINDS,
                    seen=seen,
                    journal=journal,
                    stopping=lambda: clock() >= self._stop_at,
                    first_apply=self._first,
                )
        return report, clock()

    def _client(self, starts: deque[float]) -> AdminClient:
        return AdminClient(
            "http://127.0.0.1",
            Credential(SANDBOX_KEY),
            app=self._app,
            timing=timing(),
            requests_per_minute=self._rate,
            starts=starts,
            concurrency=CONCURRENCY,
            on_request=self._requested,
        )

    def _requested(self, method: str, _path: str) -> None:
        if method != "GET":
            self.begun.append(clock())

    @property
    def begun_after(self) -> int:
        """How many writes were begun although somebody had asked to stop."""
        return sum(at > self._stop_at for at in self.begun)

    @property
    def took(self) -> float:
        """Seconds from the wish to stop to the end."""
        return self.ended - self._stop_at


def recorded(record: Path) -> tuple[int, int]:
    """How many writes the journal has, and of how many it does not have the end."""
    entries = read(record)
    return sum(isinstance(one, Intent) for one in entries), len(open_intents(entries))


def done(app: App) -> Counter[str]:
    """How often each role was changed, and each person invited."""
    lines = [line for line in app.log() if line["method"] == "POST" and line["status"] == 200]
    return Counter(line["body"].get("email") or line["path"] for line in lines)


@pytest.mark.parametrize("number", range(MOMENTS))
def test_stopped_at_any_moment_under_the_limit(
    number: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    moment = random.Random(number).uniform(0, LASTS)  # noqa: S311 - a moment, not a secret
    app, record, files = organization(people=FEW), tmp_path / "journal.jsonl", crowd(FEW)
    stopped = Applied(app, files, record, stop_at=moment, rate=SLOWLY)
    sent = len(stopped.begun)
    assert stopped.begun_after == 0
    assert recorded(record) == (sent, 0)
    assert stopped.report.done == sent
    assert stopped.report.interrupted is (moment < stopped.ended)
    assert stopped.took < MINUTE + 2 * WRITE_TAKES  # what was done is read once more, within the limit
    again = Applied(app, files, record)
    assert again.report.complete
    assert (len(done(app)), set(done(app).values())) == (2 * FEW, {1})
    record_property("torture: simulated signals under the limit", 1)
    record_property("torture: writes begun after them (max)", stopped.begun_after)


def test_who_waits_for_the_limit_hears_there_that_it_is_not_sent(tmp_path: Path) -> None:
    """Half a minute after the start all that 90 requests a minute allow was sent, and the rest is in the queue."""
    app, record = organization(people=75), tmp_path / "journal.jsonl"
    stopped = Applied(app, crowd(75), record, stop_at=MINUTE / 2)
    sent = len(stopped.begun)
    assert (70 < sent < 90, stopped.begun_after) == (True, 0)
    assert recorded(record) == (sent, 0)
    skipped = stopped.report.having(Status.SKIPPED)
    assert (stopped.report.done, len(skipped)) == (sent, 150 - sent)
    assert {one.message for one in skipped} == {"interrupted before it was sent"}


LATE = {"fault": "lag", "method": "POST", "reads": 10**6}
LOST = {"fault": "drop_after", "method": "POST"}
WAITS = {
    "before the first creation": (0, "workspaces: {lab: {}}\n", (), (0, 0)),
    "for lists that show what was made": (1, "workspaces: {lab: {}}\n", (LATE,), (1, 0)),
    "for what became of a write without an answer": (1, "workspaces: {lab: {}}\n", (LATE, LOST), (1, 1)),
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_is_over_at_once(wait: str, tmp_path: Path) -> None:
    known, files, faults, lines = WAITS[wait]
    record = tmp_path / "journal.jsonl"
    stopped = Applied(organization(*faults), files, record, stop_at=8.0, first=bool(known))
    assert stopped.report.interrupted
    assert 0 <= stopped.took < 1
    assert recorded(record) == lines
