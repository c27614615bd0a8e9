"""Real processes under a limit smaller than their plan, which get a signal at random moments, against a real server.

2 signals in `make test`, 200 in `make kills`; how it went is printed at the end of the tests.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from orgsync.core.apply.journal import open_intents
from orgsync.errors import EXIT_INTERRUPTED, EXIT_OK
from orgsync.files.state.journal import read
from torture.processes import MOST_SECONDS, WRITE_TAKES, World, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BATCHES, SIGNALS = (20, 10) if os.environ.get("ORGSYNC_KILLS") == "full" else (1, 1)
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PEOPLE = 12
CONCURRENCY = 8
"""Writes that `apply` has under way at a time."""
PER_MINUTE = "10"
SHORT_MINUTES = """
import orgsync.api.limiter
orgsync.api.limiter.MINUTE = 0.3
from orgsync.cli import run
run()
"""
"""The program, on a planet where a minute of the limit is over soon."""
MOMENTS = 2 * PEOPLE + 12
"""As many requests as an undisturbed apply sends."""


class Crowd(World):
    """Roles to change and people to invite, at few requests a minute."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        roles = "".join(f"  {self.name}-p{number}@x.example: developer\n" for number in range(PEOPLE))
        invites = "".join(f"  {self.name}-new{number}@x.example: user\n" for number in range(PEOPLE))
        files = f"{HEAD}guards: {{max_grants: {{count: 100}}}}\nmembers:\n{roles}{invites}"
        (self.folder / "org.yaml").write_text(files, encoding="utf-8")

    def stopped(self, number: signal.Signals, moment: int, chance: random.Random) -> tuple[int, int]:
        """Sends a signal after so many requests: the exit code, and how many writes had reached the server by then."""
        program = [sys.executable, "-c", SHORT_MINUTES, *self.command, "--requests-per-minute", PER_MINUTE]
        said, before = self.folder / "stderr", self.server.received()
        with (
            said.open("wb") as err,
            subprocess.Popen(
                program, env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL, stderr=err
            ) as process,
        ):
            try:
                wait_until(lambda: process.poll() is not None or self.server.received() - before >= moment)
                time.sleep(chance.uniform(0, 2 * WRITE_TAKES))
                process.send_signal(number)
                reached = self.writes()
                code = process.wait(MOST_SECONDS)
            finally:
                process.kill()
        assert "Traceback" not in said.read_text(encoding="utf-8")
        return code, reached

    def writes(self) -> int:
        """How many have reached the server so far."""
        with closing(sqlite3.connect(self.server.database, timeout=MOST_SECONDS)) as connection:
            count: int = connection.execute("SELECT count(*) FROM log WHERE method = 'POST'").fetchone()[0]
            return count


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Whoever runs the tests may ignore these signals, as `nohup` does: the programs that they start must not."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in ASKING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_signal_at_any_moment_under_the_limit(
    batch: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(batch)  # noqa: S311 - moments, not secrets
    names = [f"w{number}" for number in range(SIGNALS)]
    people = ({"email": f"{name}-p{number}@x.example", "role": "user"} for name in names for number in range(PEOPLE))
    with serving(tmp_path, names, *people) as server:
        server.app.set_faults([{"fault": "delay", "method": "POST", "times": 10**6, "seconds": WRITE_TAKES}])
        for place, name in enumerate(names):
            crowd = Crowd(name, tmp_path / name, server)
            number = ASKING[(batch * SIGNALS + place) % len(ASKING)]
            before = crowd.writes()
            code, reached = crowd.stopped(number, chance.randint(1, MOMENTS), chance)
            sent, after = crowd.writes() - before, crowd.writes() - reached
            assert after <= CONCURRENCY
            assert open_in(crowd) == 0
            if code == EXIT_INTERRUPTED:
                record_property("torture: real signals that stopped an apply", 1)
            else:  # it had not begun to write, or was done
                assert (code, sent) in {(-number, 0), (-number, 2 * PEOPLE), (EXIT_OK, 2 * PEOPLE)}
            assert crowd.apply() == EXIT_OK
            assert crowd.writes() - before == 2 * PEOPLE
            assert server.e_mails(name) == Counter({f"new{number}@x.example": 1 for number in range(PEOPLE)})
            record_property("torture: real signals", 1)
            record_property("torture: writes that reached the server after a signal (max)", after)


def open_in(world: World) -> int:
    """How many writes the journal does not know the end of."""
    return len(open_intents(read(world.journal))) if world.journal.exists() else 0
