"""Lists of which anything may be wrong: whole sets of rows, changed in several places at once, through the live path.

`ORGSYNC_FUZZ=20000` tries so many; without it a hundred or two.
"""

from __future__ import annotations

import copy
import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.errors import ApiError, OrgsyncError

from .test_probes import seen_and_planned, world_of
from .world import matching_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.model.rows import Row

SETS = int(os.environ.get("ORGSYNC_FUZZ", "100"))
PARTS = 40 if SETS > 1000 else 2
ENDS_IN_A_PLAN = 0.4

VALUES: tuple[Any, ...] = (
    *(None, "", "x", "auditor", "2026-11-02", "2026-11-02T10:00:00Z", "5e5", "-1", "\ud800", "a" * 5000, "*", "a/b"),
    *(0, -1, 7, 4000.5, 1e400, float("nan"), True, [], {}, [None], [{}], {"type": "x"}, {"a": {"b": []}}),
)


def mutated(rows: list[Row], rng: random.Random) -> list[Row]:
    """The rows, changed in one to three ways."""
    rows = copy.deepcopy(rows)
    for _ in range(rng.randint(1, 3)):
        if not rows:
            return rows
        at = rng.randrange(len(rows))
        way = rng.random()
        if way < 0.08:
            del rows[at]
        elif way < 0.16:
            rows.insert(at, {**copy.deepcopy(rows[at]), "id": f"extra_{rng.randrange(10**6)}"})
        elif way < 0.22:
            rows.insert(at, rng.choice([{}, {"id": "x_1"}, {"type": "future", "id": "x_2", "name": "n"}]))
        else:
            _change(rows[at], rng)
    return rows


def _change(inside: Any, rng: random.Random) -> None:
    """One field, somewhere inside."""
    while isinstance(inside, dict | list) and inside:
        keys: list[Any] = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = rng.choice(keys)
        if isinstance(inside[key], dict | list) and inside[key] and rng.random() < 0.6:
            inside = inside[key]
            continue
        if rng.random() < 0.2:
            del inside[key]
        else:
            inside[key] = copy.deepcopy(rng.choice(VALUES))
        return


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_the_lists_hold_it_is_a_plan_or_a_clear_error(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    world, desired = world_of(matching_files("authoritative"))
    plans = unreadable = refused = 0
    count = SETS // PARTS
    for number in range(count):
        rng = random.Random(f"{part}/{number}")  # noqa: S311 - a choice that has to be the same every time
        share = rng.choice([0.1, 0.3, 1.0])
        world.change = lambda _path, rows, rng=rng, share=share: mutated(rows, rng) if rng.random() < share else rows
        try:
            seen_and_planned(world, desired)
        except ApiError:
            unreadable += 1
        except OrgsyncError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"set {part}/{number}: {type(error).__name__}: {error}") from error
        else:
            plans += 1
    record_property("torture: fuzzed sets of rows", count)
    record_property("torture: fuzzed sets that end in a plan", plans)
    assert plans >= ENDS_IN_A_PLAN * count, (plans, unreadable, refused)
