"""Whoever waits is told why and for how long: once, on stderr, and not with --quiet."""

from __future__ import annotations

import io
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from cli.server import Server, refusal
from cli.support import CEO, NOW, files
from orgsync.cli.shared import wait_messages as waits
from orgsync.cli.shared.options import Options
from orgsync.cli.shared.progress import Progress
from orgsync.cli.shared.wait_messages import Waits
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_PARTLY, UsageError
from orgsync.files.state.journal import journal_path
from orgsync.files.state.lock import exclusive

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

LIMIT = "The API's request limit is reached: trying again in "
OTHERS = "The organization does not show the changes yet: trying again in "


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        ([(0, 30)], ["Why: trying again in about 30 seconds, for about 3 minutes in all."]),
        ([(0, 0.5), (0.5, 1), (1.5, 2)], []),
        ([(0, 2), (2, 5)], ["Why: trying again in a few seconds, for about 3 minutes in all."]),
        ([(0, 30), (0, 30), (30.1, 30), (61, 30)], ["Why: trying again in about 30 seconds"]),
        ([(0, 30), (61, 30)], ["Why: trying again in about 30 seconds"] * 2),
        ([(0, 3), (100, 3), (200, 3)], []),
    ],
)
def test_a_wait_is_told_once_and_only_where_it_is_long(begun: list[tuple[float, float]], told: list[str]) -> None:
    now = 0.0
    several = Waits(lambda: now)
    said = []
    for now, seconds in begun:  # noqa: B007 - it is the clock
        said.append(several.begin("why", seconds, 180))
    heard = [text for text in said if text is not None]
    assert len(heard) == len(told)
    assert all(text.startswith(start) for text, start in zip(heard, told, strict=True))


def test_a_wait_that_is_the_only_one_is_not_called_a_try() -> None:
    assert Waits(lambda: 0.0).begin("why", 30, 30) == "Why: waiting for about 30 seconds."


def test_what_is_waited_for_is_current_until_it_is_over() -> None:
    now = 0.0
    several = Waits(lambda: now)
    several.begin("a", 20, 180)
    several.begin("b", 60, 180)
    assert several.current == ", waiting for about 60 seconds: b"
    now = 55.0
    assert several.current == ", waiting for a few seconds: b"
    now = 60.0
    assert several.current == ""


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait for no five seconds."""
    monkeypatch.setattr(waits, "NOTICED", 0.0)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("quiet", [False, True])
def test_a_429_is_told_once(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, quiet: bool) -> None:
    files(tmp_path, "members: {ceo@acme.example: admin}\n")
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-" + "K" * 40)
    busy = refusal(429, retry_after_ms="1")
    with Server(lambda _sent, count: busy if count < 3 else None) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        ended = orgsync("plan", "--now", NOW, *(["--quiet"] if quiet else []))
    assert ended.code == EXIT_OK
    told = "" if quiet else f"Reading the organization …\n{LIMIT}a few seconds, for about 3 minutes in all.\n"
    assert ended.err == told


class Terminal(io.StringIO):
    """What a person would see."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("changes", "said"), [(0, "waiting for about 30 seconds: the API's"), (3, LIMIT)])
def test_on_a_terminal_it_is_told_where_the_progress_is(
    changes: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    options = Options(None, datetime.fromisoformat(NOW), quiet=False, color=False, width=80)
    with Progress(options, "Working", changes=changes) as progress:
        for _ in range(3):
            progress.waits("the API's request limit is reached", 30, 180)
    shown = terminal.getvalue()
    assert said in shown
    assert shown.count(LIMIT) == bool(changes)


@pytest.mark.usefixtures("_impatient")
def test_apply_tells_that_it_looks_again(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(users=[CEO, {"email": "ana@acme.example", "role": "user"}])
    files(tmp_path, "members: {ana@acme.example: developer}\n")
    acme.faults({"fault": "ignore", "method": "POST", "path": "/users/*"})
    here = ("--sandbox", "acme.db", "--now", NOW, "--yes", "--lookup-patience")
    ended = orgsync("apply", *here, "0.1")
    assert ended.code == EXIT_PARTLY
    assert ended.err.count(OTHERS) == 1
    acme.faults({"fault": "ignore", "method": "POST", "path": "/users/*"})
    assert OTHERS not in orgsync("apply", *here, "0").err


@pytest.mark.parametrize("quiet", [False, True])
def test_apply_tells_for_whom_it_waits(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, *, quiet: bool) -> None:
    sandbox(users=[CEO])
    record = journal_path(files(tmp_path, "members: {}\n"), None)
    with exclusive(record, wait=0):
        here = ("--sandbox", "acme.db", "--now", NOW, "--yes", *(["--quiet"] if quiet else []))
        ended = orgsync("apply", tmp_path / "org.yaml", *here, "--lock-timeout", "0.15")
    assert ended.code == EXIT_INPUT
    assert ended.err.count("Waiting up to ") == (not quiet)


def test_whoever_waits_for_another_apply_is_told_once_who_it_is(tmp_path: Path) -> None:
    path, said = tmp_path / "org.journal.jsonl", list[str]()
    with exclusive(path, wait=0):
        for wait in (0, 0.25):
            with (
                pytest.raises(UsageError, match="another apply is running"),
                exclusive(path, wait=wait, say=said.append),
            ):
                pass
    [line] = said
    assert line.startswith(f"Waiting up to 0.25 seconds for another apply with {path}: process ")
