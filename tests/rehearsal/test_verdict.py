"""A rehearsal finds an engine that breaks a promise, says the same every time, and tries an even part where asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org

from orgsync.core.apply.ceiling import ids_of
from orgsync.core.apply.rehearsal import CONSOLE, Fault, Point, RehearsalReport
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_touched
from orgsync.errors import OutcomeUnknown
from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import SavedPlan, chosen, left_to_do, points, rehearse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.api.client import AdminClient
    from orgsync.core.model.change import Plan
    from orgsync.core.model.request import Request, Writer
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Live
    from orgsync.rehearsal.rehearse import Command

FILES = (
    "members: {new@x.example: user, ana@x.example: developer}\n"
    "workspaces: {lab: {members: {ana@x.example: developer}}}\n"
)
ONE = "workspaces: {lab: {}}"
SEED: dict[str, Any] = {"users": [*ADMINS, {"email": "ana@x.example", "role": "user"}]}


class Resends:
    """A writer that sends again whatever it got no answer to."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def send(self, request: Request, begin: Callable[[], None]) -> Row:
        try:
            return await self._writer.send(request, begin)
        except OutcomeUnknown:
            return await self._writer.send(request, begin)


class Extends:
    """A writer that gives everybody another role than the plan says."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def send(self, request: Request, begin: Callable[[], None]) -> Row:
        body = request.body and {**request.body, "role": "billing"} if "users/" in request.path else request.body
        return await self._writer.send(replace(request, body=body), begin)


class Forgets:
    """A command without a journal that says each time that nothing was applied before."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    async def __call__(self, client: AdminClient, journal: Path) -> str:
        del journal
        return left_to_do(await apply_plan(self._plan, client.reader, client.writer, KINDS, first_apply=True))


class Hopes:
    """A command that says that it is done, whatever became of it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    async def __call__(self, client: AdminClient, journal: Path) -> str:
        await SavedPlan(self._plan, KINDS)(client, journal)
        return ""


def verdict(
    command: Callable[[Plan], Command] | None = None, *, runs: int = 150, seed: int = 0, files: str = FILES
) -> RehearsalReport:
    return verdict_of(Org(files, **SEED), command, runs=runs, seed=seed)


def verdict_of(
    org: Org, command: Callable[[Plan], Command] | None = None, *, runs: int = 150, seed: int = 0
) -> RehearsalReport:
    plan = org.plan()

    async def live() -> Live:
        async with org.client() as client:
            return (await read_touched(client.reader, plan, ids_of(plan, KINDS), KINDS)).live

    made = command(plan) if command else None
    one = rehearse(org.app, plan, asyncio.run(live()), KINDS, runs=runs, seed=seed, command=made)
    return replace(one, plan="")  # which covers the path of a temporary file


def writer(broken: Callable[[Writer], Writer]) -> Callable[[Plan], Command]:
    return lambda plan: SavedPlan(plan, KINDS, writer=broken)


def found(verdict: RehearsalReport) -> set[Fault]:
    """The faults that broke something."""
    return {one.point.fault for one in verdict.broken}


@pytest.mark.story
def test_the_engine_keeps_its_promises() -> None:
    one = verdict(runs=100)
    assert one.held
    assert one.runs == 100 == one.converged + one.stale
    assert {tally.fault for tally in one.tallies} == set(Fault)
    assert not {tally.fault for tally in one.tallies if tally.stale} - CONSOLE


@pytest.mark.story
def test_sending_again_blindly_is_found() -> None:
    one = verdict(writer(Resends), files=ONE)
    assert {Fault.DROPPED_AFTER, Fault.TIMEOUT_AFTER, Fault.FAILED_AFTER} <= found(one)
    assert not found(one) & {Fault.KILLED_BEFORE, Fault.LIMITED}
    assert any("name: lab and lab" in what for each in one.broken for what in each.broken)


def test_doing_without_a_journal_is_found() -> None:
    assert found(verdict(Forgets, files=ONE)) == {Fault.KILLED_LAG}


def test_a_write_that_is_not_in_the_plan_is_found_undisturbed() -> None:
    one = verdict(writer(Extends))
    assert not one.held
    assert "not in the plan: POST" in one.undisturbed[0]
    assert one.runs == 0


@pytest.mark.story
def test_a_wrong_word_about_the_end_is_found() -> None:
    one = verdict(Hopes, files=ONE)
    assert Fault.OUTAGE in found(one)
    assert all("ended with" in what for each in one.broken for what in each.broken if each.point.fault is Fault.OUTAGE)


@pytest.mark.story
def test_the_same_plan_and_seed_give_the_same_verdict() -> None:
    assert verdict(runs=25, seed=3) == verdict(runs=25, seed=3)


@pytest.mark.parametrize("most", [1, 7, 60, 99])
def test_a_part_is_even_and_made_of_different_points(most: int) -> None:
    every = points([*["GET /a"] * 6, *["POST /b"] * 4])
    part = chosen(every, most, 1)
    places = [every.index(point) for point in part]
    assert len(set(places)) == len(part) == most
    assert places == sorted(places)
    gaps = {after - before for before, after in pairwise(places)}
    assert max(gaps, default=1) - min(gaps, default=1) <= 1
    assert most == 1 or chosen(every, most, 2) != part or most > len(every) // 2


def test_all_points_are_chosen_where_there_are_not_more() -> None:
    every = points(["GET /a", "POST /b"])
    assert chosen(every, 1_000, 5) == every
    assert every == [
        Point(at, request, fault)
        for fault in Fault
        for at, request in ((1, "GET /a"), (2, "POST /b"))
        if at == 2 or not fault.effect.writes_only
    ]


def test_every_fault_has_words_of_its_own() -> None:
    assert len({fault.words for fault in Fault}) == len(Fault)


def test_a_plan_that_the_api_refuses_is_told_with_the_words_of_the_api() -> None:
    org = Org(ONE, users=ADMINS, settings={"workspace_limit": 0})
    one = verdict_of(org)
    assert one.runs == 0
    assert "workspace:lab failed" in one.undisturbed[0]
    assert "may have 0 workspaces" in one.undisturbed[0]
