"""Every small plan, disturbed at any request in any way, ends where an undisturbed apply ends when it is run again.

Nobody is e-mailed twice, no workspace exists twice, nothing is written that is not in the plan. `make torture` tries
every plan at every point with every fault, and prints how they ended; `make test` an even part of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, desired_from

from orgsync.core.apply.ceiling import ids_of
from orgsync.core.apply.rehearsal import CONSOLE, Tried, tallied
from orgsync.core.model.change import Action
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live, read_touched
from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import Rehearsal, SavedPlan, chosen, left_to_do, points, rehearsed_journal
from torture.family import CHANGES, MOST_CHANGES, family, small

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.api.client import AdminClient
    from orgsync.core.model.things import Live
    from orgsync.rehearsal.rehearse import Command
    from torture.family import Small

FULL = os.environ.get("ORGSYNC_TORTURE") == "full"
PARTS = 16
EVERY, MOST = (1, 10**6) if FULL else (48, 12)
"""Every so manieth plan, at so many points at most."""


class Files:
    """`orgsync apply org.yaml`: every run makes its own plan."""

    def __init__(self, one: Small) -> None:
        self._files = one.files
        self._allow = [allowance.address for allowance in one.plan.allowed]

    async def __call__(self, client: AdminClient, journal: Path) -> str:
        seen = await read_live(client.reader, desired_from(self._files), KINDS)
        plan = make_plan(desired_from(self._files), seen, NOW, KINDS, allow=self._allow)
        with rehearsed_journal(journal, plan) as record:
            report = await apply_plan(
                plan,
                client.reader,
                client.writer,
                KINDS,
                seen=seen,
                journal=record,
            )
        return left_to_do(report)


def rehearsal(one: Small, folder: Path, command: Command) -> Rehearsal:
    return Rehearsal(one.org.app, one.plan, asyncio.run(live(one)), KINDS, folder, command)


async def live(one: Small) -> Live:
    async with one.org.client() as client:
        return (await read_touched(client.reader, one.plan, ids_of(one.plan, KINDS), KINDS)).live


def tried(one: Small, folder: Path, command: Command, *, console: bool, seed: int) -> list[Tried]:
    """Every disturbed apply of one plan."""
    stage = rehearsal(one, folder, command)
    allowed, requests, wrong = stage.undisturbed()
    assert not wrong, (one.name, wrong)
    every = [point for point in points(requests) if console or point.fault not in CONSOLE]
    return [stage.disturbed(point, allowed) for point in chosen(every, MOST, seed)]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_saved_plan_ends_where_an_undisturbed_apply_ends(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcomes: list[Tried] = []
    for number, names in list(enumerate(family()))[::EVERY][part::PARTS]:
        one = small(names)
        mine = tried(one, tmp_path, SavedPlan(one.plan, KINDS), console=True, seed=number)
        assert not [(one.name, each) for each in mine if each.broken]
        outcomes.extend(mine)
    record(record_property, outcomes, "saved plan")


@pytest.mark.parametrize("part", range(PARTS))
def test_files_end_where_an_undisturbed_apply_ends(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """What a colleague does is another matter here: the next run takes it into its plan."""
    outcomes: list[Tried] = []
    small_ones = [names for names in family() if len(names) == 1]
    for number, names in list(enumerate(small_ones))[part::PARTS]:
        one = small(names)
        mine = tried(one, tmp_path, Files(one), console=False, seed=number)
        assert not [(one.name, each) for each in mine if each.broken]
        outcomes.extend(mine)
    record(record_property, outcomes, "files")


def record(record_property: Callable[[str, object], None], outcomes: list[Tried], command: str) -> None:
    """For the table that `make torture` prints."""
    rows: list[Any] = [
        [command, tally.fault.value, tally.runs, tally.converged, tally.stale, tally.most_reruns]
        for tally in tallied(outcomes)
    ]
    record_property("torture", rows)


@pytest.mark.parametrize("name", CHANGES)
def test_every_step_changes_what_its_row_says(name: str) -> None:
    plan = small([name]).plan
    assert not plan.refusals
    made = Counter(f"{change.address.kind} {change.action}" for change in plan.changes)
    assert made == Counter(" ".join(change.split()[:2]) for change in CHANGES[name])


def test_the_family_has_every_combination_of_actions() -> None:
    actions = [sorted(change.split()[1] for name in names for change in CHANGES[name]) for names in family()]
    for number in range(1, MOST_CHANGES + 1):
        every = combinations_with_replacement(sorted(str(action) for action in Action), number)
        assert {tuple(each) for each in actions if len(each) == number} == set(every)
