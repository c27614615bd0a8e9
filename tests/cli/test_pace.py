"""How long an apply will go on, and in which words a person is told."""

from __future__ import annotations

import io
from collections import deque
from datetime import datetime

import pytest
from rich.console import Console

from cli.support import NOW
from orgsync.cli.shared.options import Options
from orgsync.cli.shared.progress import Progress
from orgsync.cli.shared.progress_bar import bar, words
from orgsync.cli.shared.time_left import Pace, about, clock


def pace(changes: int, requests: int = 0, *, per_minute: float | None = 90, starts: tuple[float, ...] = ()) -> Pace:
    return Pace(changes, requests, per_minute, deque(starts), begun=100.0)


@pytest.mark.parametrize(
    ("changes", "requests", "starts", "seconds"),
    [
        (300, 60, (), 180.3),  # 90 at once, and three times a minute for the others
        (300, 61, (), 240.4),
        (89, 1, (), None),  # all at once: nothing is known before the first is done
        (1, 0, (100.0,) * 90, 60.1),  # a plan has used up the minute
        (1, 0, (60.0,) * 90, 20.1),
    ],
)
def test_before_the_first_change_the_limit_says_how_long(
    changes: int, requests: int, starts: tuple[float, ...], seconds: float | None
) -> None:
    left = pace(changes, requests, starts=starts).left(100.0)
    assert left == (None if seconds is None else pytest.approx(seconds))


def test_requests_that_were_sent_are_left_no_more() -> None:
    working = pace(300, 60, starts=(100.0,) * 90)
    working.sent, working.settled = 90, 80
    assert working.left(130.0) == pytest.approx(60.1 * 3 - 30)


def test_where_no_limit_slows_it_down_the_past_tells() -> None:
    working = pace(40, per_minute=None)
    working.sent, working.settled = 12, 10
    assert working.left(105.0) == pytest.approx(15.0)


def test_more_requests_than_foreseen_leave_at_least_one_for_each_change() -> None:
    working = pace(100, 5, starts=(100.0,) * 90)
    working.sent, working.settled = 1_000, 5
    assert working.left(100.0) == pytest.approx(120.2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "about 10 seconds"),
        (20.1, "about 20 seconds"),
        (90, "about 90 seconds"),
        (90.5, "about 2 minutes"),
        (180.3, "about 3 minutes"),
        (215, "about 4 minutes"),
        (5_400, "about 90 minutes"),
        (5_401, "about 2 hours"),
        (72_000_000, "about 20,000 hours"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, said: str) -> None:
    assert about(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(-1, "0:00"), (7.4, "0:07"), (760, "12:40"), (7395, "2:03:15")])
def test_a_length_of_time_on_a_clock(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def shown(working: Pace, now: float) -> str:
    """The line on a terminal of 80 columns."""
    screen = io.StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    progress = bar("Applying", working, console, lambda: now)
    progress.update(progress.task_ids[0], completed=working.settled)
    console.print(progress.get_renderable())
    return screen.getvalue()


@pytest.mark.parametrize("changes", [1, 300, 30_000])
def test_the_bar_fits_80_columns(changes: int) -> None:
    working = pace(changes, 60, starts=(100.0,) * 90)
    working.sent, working.settled = changes // 2, changes // 3
    [line] = shown(working, 160.0).splitlines()
    assert len(line) == 80
    assert line.startswith("Applying ")
    assert line.endswith(words(working, 160.0))


def test_the_bar_says_how_far_it_is() -> None:
    working = pace(300, 60, starts=(100.0,) * 90)
    working.sent, working.settled = 90, 80
    assert words(working, 130.0) == "80/300 changes, 90 requests, 0:30, 2:30 left"


def options(*, quiet: bool = False) -> Options:
    return Options(None, datetime.fromisoformat(NOW), quiet=quiet, color=False, width=80)


def said(capsys: pytest.CaptureFixture[str], changes: int, *, quiet: bool = False) -> str:
    """What the beginning of an apply says where there is no terminal."""
    with Progress(options(quiet=quiet), "Applying", changes=changes, requests=60):
        return capsys.readouterr().err


def test_without_a_terminal_a_long_apply_says_so_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, 300) == "Applying … about 3 minutes at 90 requests a minute\n"


def test_a_short_one_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, 30) == "Applying …\n"


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, 300, quiet=True) == ""
