"""Real processes against a real server, killed at random moments and started again: they converge, nothing is doubled.

6 kills in `make test`, 200 in `make kills`; how it went is printed at the end of the tests.
"""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import pytest

from orgsync.cli import exit_code
from orgsync.core.apply.journal import open_intents
from orgsync.errors import EXIT_INTERRUPTED, EXIT_OK
from orgsync.files.state.journal import read
from torture.processes import WRITE_TAKES, Server, World, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BATCHES, KILLS = (20, 10) if os.environ.get("ORGSYNC_KILLS") == "full" else (1, 1)
AT_A_STRETCH = 3
"""At most so many runs are killed before one is left alone."""
MOST_RUNS = 3
"""At most so many runs are left alone until everything is done."""

Worlds = list[World]


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Worlds]:
    """As many as there can be, on one server: for a run that nobody disturbs, for one that gets a signal, for kills."""
    names = ["calm", "asked", *(f"w{number}" for number in range(KILLS))]
    with serving(tmp_path, names) as server:
        yield [World(name, tmp_path / name, server) for name in names]


def slow(server: Server) -> None:
    """Every write takes its time, so that it can be met under way."""
    rules = [
        {"fault": "delay", "method": method, "times": 10**6, "seconds": WRITE_TAKES} for method in ("POST", "DELETE")
    ]
    server.app.set_faults(rules)


def requests_of_an_undisturbed_run(calm: World) -> int:
    """How many moments there are to kill one at."""
    slow(calm.server)
    before = calm.server.received()
    assert calm.apply() == EXIT_OK
    return calm.server.received() - before


def open_in(world: World) -> int:
    """How many writes the journal does not know the end of."""
    return len(open_intents(read(world.journal))) if world.journal.exists() else 0


@pytest.mark.parametrize("batch", range(BATCHES))
def test_killed_or_asked_to_stop_at_any_moment_it_converges(
    batch: int, worlds: Worlds, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(batch)  # noqa: S311 - moments to kill at, not secrets
    calm, asked, *others = worlds
    moments = requests_of_an_undisturbed_run(calm)
    stop(asked, (signal.SIGINT, signal.SIGTERM)[batch % 2])
    assert asked.apply() == EXIT_OK
    assert_as_if_undisturbed(asked, calm)
    kills = met_open = most_runs = 0
    while kills < KILLS:
        world = others.pop(0)
        for _ in range(min(chance.randint(1, AT_A_STRETCH), KILLS - kills)):
            kills += world.kill_at(chance.randint(1, moments), chance)
            met_open += open_in(world) > 0
        runs = next(number for number in range(1, MOST_RUNS + 1) if world.apply() == EXIT_OK)
        most_runs = max(most_runs, runs)
        assert_as_if_undisturbed(world, calm)
    assert_nothing_left(world)
    record_property("torture: real kills", kills)
    record_property("torture: real kills that left a write open", met_open)
    record_property("torture: most runs after real kills (max)", most_runs)


def assert_as_if_undisturbed(world: World, calm: World) -> None:
    """The same state, nobody e-mailed more often, and receipts that add up."""
    server = world.server
    assert server.state(world.name) == server.state(calm.name)
    assert server.e_mails(world.name) == server.e_mails(calm.name)
    assert exit_code(["show", "--receipts", str(world.journal)]) == EXIT_OK


def assert_nothing_left(world: World) -> None:
    """One more run sends nothing, and knows how everything ended."""
    before = writes(world.server)
    assert world.apply() == EXIT_OK
    assert writes(world.server) == before
    assert open_in(world) == 0


def writes(server: Server) -> list[str]:
    return [line["path"] for line in server.app.log() if line["method"] != "GET" and not line["console"]]


def stop(world: World, number: signal.Signals) -> None:
    """Asks a run that writes to stop: it finishes what is under way, begins nothing else, and knows how all ended."""
    with world.applying() as process:
        wait_until(lambda: open_in(world) > 0)
        process.send_signal(number)
        assert process.wait(60) == EXIT_INTERRUPTED
    assert open_in(world) == 0
