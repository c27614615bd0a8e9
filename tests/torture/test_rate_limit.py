"""300 changes under the API's limit of 100 requests a minute, in simulated time: client and server share one clock."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, NOW, ORGANIZATION, SANDBOX_KEY, desired_from
from api.support import clock, simulated, timing

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.api.limiter import MINUTE
from orgsync.core.model.change import Action
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.errors import ApiError
from orgsync.kinds import KINDS
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App
from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan

PEOPLE, GUESTS, SPACES, SEATS = 60, 90, 30, 4
FILES = (
    "guards: {max_grants: {count: 1000}}\nmembers:\n"
    + "".join(f"  p{number}@x.example: developer\n" for number in range(PEOPLE))
    + "".join(f"  guest{number}@x.example: user\n" for number in range(GUESTS))
    + "workspaces:\n"
    + "".join(f"  new{number}: {{}}\n" for number in range(SPACES))
    + "".join(
        f"  old{number}: {{members: {{"
        + ", ".join(f"p{(number + seat) % PEOPLE}@x.example: user" for seat in range(SEATS))
        + "}}\n"
        for number in range(SPACES)
    )
)
"""A role for everybody, invites, new workspaces, and members in old ones, whose lists have to be read for it."""


def organization(**settings: Any) -> App:
    """One that allows 100 requests a minute, as the API does."""
    users = [*ADMINS, *({"email": f"p{number}@x.example", "role": "user"} for number in range(PEOPLE))]
    spaces = [{"name": f"old{number}"} for number in range(SPACES)]
    settings = {"clock": NOW.isoformat(), "requests_per_minute": 100, "workspace_limit": None, **settings}
    seed = {"organization": ORGANIZATION, "users": users, "workspaces": spaces, "settings": settings}
    return App(filled(":memory:", seed, now=NOW))


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server's limiter counts by is the time of the loop that the client waits on."""
    monkeypatch.setattr(moments, "wall_seconds", clock)


def client(app: App, **options: Any) -> AdminClient:
    """As the command line makes it: 90 requests a minute, which all clients of one command share."""
    return AdminClient("http://127.0.0.1", Credential(SANDBOX_KEY), app=app, timing=timing(), **options)


async def applied(app: App) -> tuple[Plan, Report]:
    """`orgsync apply org.yaml --yes`: one client reads, another one writes."""
    desired, starts = desired_from(FILES), deque[float]()
    async with client(app, starts=starts) as api:
        seen = await read_live(api.reader, desired, KINDS)
    plan = make_plan(desired, seen, NOW, KINDS)
    async with client(app, starts=starts) as api:
        return plan, await apply_plan(plan, api.reader, api.writer, KINDS, seen=seen)


def sent(app: App) -> list[dict[str, Any]]:
    """Everything that clients sent."""
    return [line for line in app.log() if not line["console"]]


def writes(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of this asks for a change."""
    return [line for line in lines if line["method"] != "GET"]


def test_300_changes_meet_no_429_and_the_second_apply_only_reads(
    record_property: Callable[[str, object], None],
) -> None:
    app = organization()

    async def main() -> tuple[Plan, Report, float, list[dict[str, Any]]]:
        plan, report = await applied(app)
        first, took = sent(app), clock()
        _plan, again = await applied(app)
        assert again.outcomes == ()
        return plan, report, took, first

    plan, report, took, first = simulated(main)
    assert Counter(change.action for change in plan.changes) == {
        Action.UPDATE: PEOPLE,
        Action.INVITE: GUESTS,
        Action.CREATE: SPACES + SPACES * SEATS,
    }
    assert (report.done, report.complete) == (300, True)
    assert len(writes(first)) == 300
    refused = [line for line in first if line["status"] == 429]
    assert refused == []
    assert writes(sent(app)) == writes(first)
    # Nothing faster is possible at 90 a minute, and nothing is waited for needlessly.
    assert took == pytest.approx(MINUTE * ((len(first) - 1) // 90))
    record_property("torture: changes applied under the limit", report.done)
    record_property("torture: simulated seconds of that (max)", round(took))
    record_property("torture: 429 answers to that", len(refused))


@pytest.mark.parametrize("retry_after", ["seconds", pytest.param("absent", marks=pytest.mark.story)])
@pytest.mark.story
def test_another_client_that_spends_a_part_of_the_minute_doubles_nothing(retry_after: str) -> None:
    app = organization(retry_after=retry_after)

    async def other(done: asyncio.Event) -> None:
        """Forty requests a minute, come what may."""
        async with client(app, requests_per_minute=None) as api:
            while not done.is_set():
                await asyncio.sleep(1.5)
                try:
                    await api.reader.get("/v1/organizations/me")
                except ApiError:
                    return

    async def main() -> tuple[Plan, Report]:
        done = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(other(done))
            result = await applied(app)
            done.set()
        return result

    plan, report = simulated(main)
    assert report.complete
    assert [line for line in sent(app) if line["status"] == 429]
    made = [line for line in writes(sent(app)) if line["status"] == 200]
    assert len(made) == len(plan.changes) == 300
    names = Counter(row["name"] for row in app.console("GET", "workspaces?limit=1000").body["data"])
    assert set(names.values()) == {1}
    invited = Counter(line["body"]["email"] for line in made if line["path"].endswith("/invites"))
    assert (len(invited), set(invited.values())) == (GUESTS, {1})
