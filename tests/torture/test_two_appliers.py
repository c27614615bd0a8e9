"""Two machines apply the same plan at once, one waiting for the other at every pair of their requests.

Nothing is lost, and nothing is made twice but in one case: both creations were under way before any list could show the
other one. Then exactly the later run says so, with both ids. `make torture` tries
every pair for plans of one step, and an even part of them for others; `make test` some.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Self

import pytest
from acme import NOW, desired_from

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.apply.outcome import Report, Status
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.errors import OrgsyncError
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import clock, simulated, timing
from orgsync.rehearsal.disturbance import Between
from orgsync.rehearsal.organization import LAG, Answers, World
from orgsync.rehearsal.planned import Planned
from orgsync.sandbox.wire.switches import ADMIN_KEY
from torture.family import CHANGES, small
from torture.test_every_point import SMALL, live

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orgsync.api.transport import Message
    from orgsync.sandbox.server.app import App
    from torture.family import Small

    Command = Callable[[AdminClient], Awaitable[Report]]

FULL = os.environ.get("ORGSYNC_TORTURE") == "full"
PARTS = 48 if FULL else 2
EVERY, MOST, SOME, FEW = (1, 10**6, 100, 12) if FULL else (192, 4, 4, 2)
"""Every so manieth plan, and so many pairs of its requests at most.

Where something is made, by a plan of one step, or of more; and where nothing is.
"""

MAKERS = {name for name, changes in CHANGES.items() if {"create", "invite"} & set(" ".join(changes).split())}
ALL = "workspaces?include_archived=true&include_default=true&limit=1000"

WORKSPACES = "/v1/organizations/workspaces"
WAYS = tuple(product(("saved plan", "files"), (False, True), (False, True)))
"""What is applied, whether the journals know of earlier runs, and whether lists lag."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was read or made: in which order, and at what time."""

    order: int
    time: float

    def shows(self, made: Seen, *, lags: bool) -> bool:
        """Whether a list that was read then shows what was made."""
        return self.time >= made.time + LAG if lags else self.order > made.order


NEVER = Seen(-1, float("-inf"))


@dataclass(frozen=True, slots=True)
class Creation:
    """A workspace that one of the two made, when it had looked at the list before, and how often by then."""

    name: str
    id: str
    by: Machine
    at: Seen
    looked: Seen
    looks: int


@dataclass
class Shared:
    """The organization of both, in which time passes."""

    app: App
    planned: Planned
    lags: bool
    world: World = field(init=False)
    creations: list[Creation] = field(default_factory=list)
    order: int = 0

    def __post_init__(self) -> None:
        self.world = World(self.app, self.planned, Answers(), lags=self.lags)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.__exit__()

    def now(self) -> Seen:
        """This moment; no two are the same."""
        self.order += 1
        return Seen(self.order, clock())

    def pass_time(self) -> None:
        """Lets the organization's own clock show this moment."""
        moment = NOW + timedelta(seconds=clock(), milliseconds=self.order)
        self.app.console("POST", "settings", {"clock": moment.isoformat()})

    def workspaces(self) -> dict[str, str]:
        """The names of all there are, by id."""
        return {row["id"]: row["name"] for row in self.app.console("GET", ALL).body["data"]}


class Machine:
    """One of the two. It waits before its request `at` until the other one was answered `until` requests, or ended."""

    def __init__(self, shared: Shared) -> None:
        self.at = self.until = -1
        self.answered = 0
        self.other: Machine | None = None
        self.result: Report | OrgsyncError | None = None
        self._shared = shared
        self._between = Between(shared.world)
        self._moved = asyncio.Event()
        self._looked, self._looks = NEVER, 0

    async def __call__(self, scope: Message, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        looked, looks, kind = self._looked, self._looks, (scope["method"], scope["path"])
        if len(self._between.requests) + 1 == self.at and self.other is not None:
            self.at = -1
            await self.other.reached(self.until)
        now = self._shared.now()
        if kind == ("POST", WORKSPACES):
            before = self._shared.workspaces()
            self._shared.pass_time()
            await self._between(scope, receive, send)
            made = self._shared.workspaces().items() - before.items()
            self._shared.creations += [Creation(name, identity, self, now, looked, looks) for identity, name in made]
        else:
            await self._between(scope, receive, send)
        if kind == ("GET", WORKSPACES):
            self._looked, self._looks = now, self._looks + 1
        self.answered += 1
        self._moved.set()

    async def reached(self, number: int) -> None:
        """Once it has so many answers, or has ended."""
        while self.answered < number and self.result is None:
            self._moved.clear()
            await self._moved.wait()

    async def run(self, command: Command) -> None:
        """The command, to its end."""
        try:
            async with AdminClient(
                "http://machine", Credential(ADMIN_KEY), requests_per_minute=None, app=self, timing=timing()
            ) as client:
                self.result = await command(client)
        except OrgsyncError as error:
            self.result = error
        self._moved.set()

    def told(self) -> list[str]:
        """Every message about what was not done."""
        if isinstance(self.result, OrgsyncError):
            return [str(self.result)]
        assert self.result is not None
        return [one.message for one in self.result.outcomes if one.status not in {Status.DONE, Status.ALREADY}]


def commanded(one: Small, what: str, *, known: bool) -> Command:
    """`orgsync apply plan.json` or `orgsync apply org.yaml`."""

    async def command(client: AdminClient) -> Report:
        if what == "saved plan":
            return await apply_plan(one.plan, client.reader, client.writer, KINDS, first_apply=known)
        desired = desired_from(one.files)
        seen = await read_live(client.reader, desired, KINDS)
        plan = make_plan(desired, seen, NOW, KINDS, allow=[each.address for each in one.plan.allowed])
        return await apply_plan(plan, client.reader, client.writer, KINDS, seen=seen, first_apply=known)

    return command


def alone(shared: Shared, command: Command) -> int:
    """One of them, and with how many requests."""
    machine = Machine(shared)
    simulated(lambda: machine.run(command))
    assert isinstance(machine.result, Report), machine.result
    assert machine.result.complete
    return machine.answered


def both(shared: Shared, command: Command, at: int, until: int) -> tuple[Machine, Machine]:
    """The first begins, waits before its request `at` for the second to be answered `until`, and then that one waits.

    How both ended.
    """
    first, second = Machine(shared), Machine(shared)
    first.other, second.other = second, first
    first.at, first.until = at, until
    second.at, second.until = until + 1, 10**6

    async def main() -> None:
        running = asyncio.create_task(first.run(command))
        await first.reached(at - 1)
        await asyncio.gather(running, second.run(command))

    simulated(main)
    return first, second


def wrong(calm: Shared, shared: Shared, machines: tuple[Machine, Machine], again: Command) -> list[str]:
    """Which promise was not kept."""
    found = [f"{email} was invited {times} times" for email, times in shared.world.e_mails.items() if times > 1]
    found += [f"{one.name} was made without a second look" for one in shared.creations if one.looks < 2]
    by_name: dict[str, list[Creation]] = {}
    for creation in shared.creations:
        by_name.setdefault(creation.name, []).append(creation)
    twins = {name: made for name, made in by_name.items() if len(made) > 1}
    for name, made in twins.items():
        earlier, later = sorted(made, key=lambda one: one.at.order)
        if later.looked.shows(earlier.at, lags=shared.lags):
            found.append(f"{name} was made again, although the list showed it")
        ids = (earlier.id, later.id)
        telling = [one for one in machines if any(all(each in text for each in ids) for text in one.told())]
        if telling != [later.by]:
            found.append(f"{name}: {len(telling)} of the two tell that there are two")
    if not twins:
        machine = Machine(shared)
        simulated(lambda: machine.run(again), start=10_000.0)
        found += [f"afterwards: {text}" for text in machine.told()]
        ends = calm.world.state(), shared.world.state()
        found += [] if ends[0] == ends[1] else [f"ended with {ends[1]}, alone with {ends[0]}"]
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_two_machines_lose_nothing_and_make_nothing_twice(
    way: tuple[str, bool, bool], part: int, record_property: Callable[[str, object], None]
) -> None:
    what, known, lags = way
    runs = twice = 0
    first = WAYS.index(way) * EVERY // len(WAYS)
    for number, names in list(enumerate(SMALL))[first::EVERY][part::PARTS]:
        one = small(names)
        planned = Planned.of(one.plan, asyncio.run(live(one)), KINDS)
        command, again = commanded(one, what, known=known), commanded(one, "files", known=False)
        calm = Shared(one.org.app.copy(), planned, lags)
        requests = range(1, alone(calm, command) + 1)
        pairs = list(product(requests, requests))
        most = FEW if not MAKERS.intersection(names) else MOST if len(names) == 1 else SOME
        for at, until in random.Random(number).sample(pairs, min(most, len(pairs))):  # noqa: S311 - which to try
            with Shared(one.org.app.copy(), planned, lags) as shared:
                machines = both(shared, command, at, until)
                broken = wrong(calm, shared, machines, again)
                assert not broken, (one.name, way, at, until, broken)
                twice += len(shared.creations) > len(calm.creations)
            runs += 1
    record_property("torture: two machines, runs", runs)
    record_property("torture: two machines, made twice at the same moment", twice)
