"""Every small plan, disturbed at any request in any way, ends where an undisturbed apply ends when it is run again.

Nobody is e-mailed twice, no workspace exists twice, nothing is written that is not in the plan. `make torture` tries
every plan at every point with every fault, and prints how they ended; `make test` an even part of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import dataclass
from itertools import combinations_with_replacement, product, starmap
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, desired_from

from orgsync.core.apply.ceiling import ids_of
from orgsync.core.apply.rehearsal import CONSOLE, Fault, Tried, tallied
from orgsync.core.model.change import Action
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live, read_touched
from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import Rehearsal, SavedPlan, chosen, left_to_do, points, rehearsed_journal
from torture.family import CHANGES, MOST_CHANGES, family, small

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from orgsync.api.client import AdminClient
    from orgsync.core.model.things import Live
    from orgsync.rehearsal.rehearse import Command
    from torture.family import Small

FULL = os.environ.get("ORGSYNC_TORTURE") == "full"
PARTS = 48 if FULL else 2
EVERY, MOST = (1, 10**6) if FULL else (192, 5)
"""Every so manieth plan, at so many points at most."""
EVERY_LARGE = 3 if FULL else 61


@dataclass(frozen=True, slots=True)
class Variant:
    """How a plan is applied, and in what world: every run begins with the `journal` of the last one, or with none."""

    command: str
    journal: bool
    lags: bool

    def __str__(self) -> str:
        words = [self.command, *([] if self.journal else ["journal lost"]), *(["lists lag"] if self.lags else [])]
        return ", ".join(words)

    def commanded(self, one: Small) -> Command:
        """The command."""
        command = SavedPlan(one.plan, KINDS, first_apply=False) if self.command == "saved plan" else Files(one)
        return command if self.journal else Forgetful(command)

    @property
    def faults(self) -> frozenset[Fault]:
        """What a colleague does is another matter with files: the next run takes it into its plan.

        So it is where the journal is lost: nobody knows any more what was made once, and taken away by somebody.
        """
        return frozenset(Fault) if self.command == "saved plan" and self.journal else frozenset(Fault) - CONSOLE


VARIANTS = tuple(starmap(Variant, product(("saved plan", "files"), (True, False), (False, True))))


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


class Forgetful:
    """A command on a new machine each time: its journal is empty."""

    def __init__(self, command: Command) -> None:
        self._command = command

    def __call__(self, client: AdminClient, journal: Path) -> Coroutine[Any, Any, str]:
        journal.unlink(missing_ok=True)
        return self._command(client, journal)


def rehearsal(one: Small, folder: Path, command: Command, *, lags: bool = False) -> Rehearsal:
    return Rehearsal(one.org.app, one.plan, asyncio.run(live(one)), KINDS, folder, command, lags=lags)


async def live(one: Small) -> Live:
    async with one.org.client() as client:
        return (await read_touched(client.reader, one.plan, ids_of(one.plan, KINDS), KINDS)).live


def tried(one: Small, folder: Path, variant: Variant, *, seed: int) -> list[Tried]:
    """Every disturbed apply of one plan."""
    stage = rehearsal(one, folder, variant.commanded(one), lags=variant.lags)
    allowed, requests, wrong = stage.undisturbed()
    assert not wrong, (one.name, str(variant), wrong)
    every = [point for point in points(requests) if point.fault in variant.faults]
    return [stage.disturbed(point, allowed) for point in chosen(every, MOST, seed)]


SMALL = [names for names in family() if sum(len(CHANGES[name]) for name in names) <= 2]
LARGE = [names for names in family() if names not in SMALL]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_small_plan_ends_where_an_undisturbed_apply_ends(
    variant: Variant, part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    first = VARIANTS.index(variant) * EVERY // len(VARIANTS)
    check(list(enumerate(SMALL))[first::EVERY][part::PARTS], variant, tmp_path, record_property)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_larger_plan_ends_where_an_undisturbed_apply_ends(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    check(list(enumerate(LARGE))[::EVERY_LARGE][part::PARTS], VARIANTS[0], tmp_path, record_property)


def check(
    plans: list[tuple[int, tuple[str, ...]]],
    variant: Variant,
    folder: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Each of these plans, at all its points."""
    outcomes: list[Tried] = []
    for number, names in plans:
        one = small(names)
        mine = tried(one, folder, variant, seed=number)
        assert not [(one.name, each) for each in mine if each.broken]
        outcomes.extend(mine)
    record(record_property, outcomes, str(variant))


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
