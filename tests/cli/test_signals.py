"""Signals: before the first write they end the program at once, then in good order, and never with a traceback."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, NOW, PATIENCE, PROGRAM, Ended, environment, files, run_through, run_until
from orgsync.cli.shared.interrupt import Interrupt
from orgsync.core.apply.events import Admitted
from orgsync.core.apply.journal import open_intents
from orgsync.engine.concurrency import result_of
from orgsync.errors import EXIT_INTERRUPTED, EXIT_OK
from orgsync.files.state.journal import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import MakeSandbox
    from cli.support import Sandbox

APPLY = ("apply", "--sandbox", "acme.db", "--now", NOW, "--yes")
READING, APPLYING, STOPPING = "Reading the organization", "Applying", "Stopping after the writes in progress."


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Whoever runs the tests may ignore these signals, as `nohup` does: the programs that they start must not."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """An organization with one change to make."""
    files(tmp_path, "members: {ceo@acme.example: admin, ana@acme.example: developer}\n")
    return sandbox(users=[CEO, {"email": "ana@acme.example", "role": "user"}])


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.story)])
def test_before_the_first_write_a_signal_ends_it(number: signal.Signals, acme: Sandbox, tmp_path: Path) -> None:
    acme.faults({"fault": "delay", "path": "/users", "seconds": 60.0})
    ended = run_until(READING, number, *APPLY, cwd=tmp_path)
    assert ended == Ended(-number, "", f"{READING} …\n")
    assert not acme.writes()


@pytest.mark.story
def test_the_second_signal_ends_it_at_once(acme: Sandbox, tmp_path: Path) -> None:
    acme.faults({"fault": "delay", "method": "POST", "seconds": 60.0})
    steps = [(APPLYING, signal.SIGHUP), (STOPPING, signal.SIGINT)]
    ended = run_through(steps, PROGRAM, *APPLY, cwd=tmp_path)
    assert ended.code == EXIT_INTERRUPTED
    assert ended.err.split("\n")[-4:] == [f"{STOPPING} Interrupt again to stop immediately.", "", "Interrupted.", ""]
    assert len(open_intents(read(tmp_path / "org.journal.jsonl"))) == 1


@pytest.mark.story
def test_nohup_is_respected(acme: Sandbox, tmp_path: Path) -> None:
    acme.faults({"fault": "delay", "method": "POST", "seconds": 0.9})
    ended = run_through([(APPLYING, signal.SIGHUP)], "nohup", PROGRAM, *APPLY, cwd=tmp_path)
    assert ended.code == EXIT_OK
    assert STOPPING not in ended.err
    assert len(acme.writes()) == 1


def test_an_interrupt_while_the_program_starts_shows_no_traceback(tmp_path: Path) -> None:
    """Most of the start is importing click, here by a person who has no patience."""
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    ended = subprocess.run(
        [PROGRAM, "--help"], env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, timeout=PATIENCE
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (EXIT_INTERRUPTED, b"", b"")


def test_a_signal_from_right_before_the_first_write_ends_it_there() -> None:
    """The loop hands it on with the next pause only: by then eight writes would be on their way."""
    written: list[str] = []

    async def applied() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        Interrupt(written.append, lambda: 0.0)(Admitted(at=NOW, ready=1, already=0))
        written.append("a write")

    with pytest.raises(KeyboardInterrupt):
        result_of(applied())
    assert not written


def test_it_is_told_how_long_the_limit_delays_the_end() -> None:
    said: list[str] = []

    async def stopped(seconds: float) -> bool:
        interrupt = Interrupt(said.append, lambda: seconds)
        interrupt(Admitted(at=NOW, ready=1, already=0))
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.01)
        return interrupt.asked()

    assert [asyncio.run(stopped(seconds)) for seconds in (0, 58)] == [True, True]
    again = "Interrupt again to stop immediately."
    delay = "The request limit delays reading the result by about 60 seconds."
    assert said == [f"{STOPPING} {again}", f"{STOPPING} {delay} {again}"]
