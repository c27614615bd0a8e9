"""Colour: on a terminal only, never where NO_COLOR or --no-color ask for none, and never the only way to tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cli.support import NOW, Ended, files, run, run_on_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
HERE = ("--sandbox", "acme.db", "--now", NOW)


@pytest.fixture
def folder(sandbox: MakeSandbox, tmp_path: Path) -> Path:
    """A folder with a sandbox and a file that asks for something."""
    sandbox()
    files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
    return tmp_path


def test_a_terminal_gets_colour_and_a_pipe_gets_the_same_words(folder: Path) -> None:
    shown = run_on_terminal("plan", *HERE, "--quiet", cwd=folder)
    piped = run("plan", *HERE, "--quiet", cwd=folder)
    assert COLOUR.search(shown.out)
    assert "\x1b" not in piped.out
    assert COLOUR.sub("", shown.out) == piped.out


@pytest.mark.story
@pytest.mark.parametrize(
    ("options", "env"),
    [(["--no-color"], {}), ([], {"NO_COLOR": "false"})],
    ids=["--no-color", "NO_COLOR=false"],
)
def test_no_colour_where_none_is_wanted(folder: Path, options: list[str], env: dict[str, str]) -> None:
    """What counts is that NO_COLOR is set to something, whatever it is."""
    shown = run_on_terminal("plan", *HERE, *options, cwd=folder, env=env)
    assert not COLOUR.search(shown.out)
    assert run("plan", *HERE, cwd=folder).out in SEQUENCE.sub("", shown.out)


@pytest.mark.story
def test_an_empty_no_color_is_not_set(folder: Path) -> None:
    assert COLOUR.search(run_on_terminal("plan", *HERE, "--quiet", cwd=folder, env={"NO_COLOR": ""}).out)


@pytest.mark.story
def test_a_terminal_that_can_do_nothing_gets_no_sequences(folder: Path) -> None:
    assert "\x1b" not in run_on_terminal("plan", *HERE, cwd=folder, env={"TERM": "dumb"}).out


@pytest.mark.story
def test_progress_leaves_no_trace_above_the_plan(folder: Path) -> None:
    shown = SEQUENCE.sub("", run_on_terminal("plan", *HERE, cwd=folder).out)
    assert 'Organization "Acme Robotics"' in shown
    assert "Traceback" not in shown


@pytest.mark.story
def test_apply_on_a_terminal_says_each_change_on_a_line_of_its_own(folder: Path) -> None:
    ended: Ended = run_on_terminal("apply", *HERE, "--yes", "--no-color", cwd=folder)
    lines = [line.strip() for line in SEQUENCE.sub("\n", ended.out).splitlines()]
    assert "+ member:new@acme.example invited" in lines
    assert "Apply complete: 1 invited." in lines


@pytest.mark.story
def test_apply_on_a_terminal_shows_how_far_it_is_and_leaves_no_trace(folder: Path) -> None:
    shown = run_on_terminal("apply", *HERE, "--yes", "--no-color", cwd=folder).out
    assert "/1 change, " in shown
    *_, ends = shown.rpartition("/1 change, ")
    assert ends.count("\n") <= 4, ends
    assert "\x1b[1A\x1b[2K" in ends  # the line of the bar is gone


@pytest.mark.story
def test_a_terminal_that_can_do_nothing_gets_the_lines_of_apply(folder: Path) -> None:
    shown = run_on_terminal("apply", *HERE, "--yes", cwd=folder, env={"TERM": "dumb"}).out
    assert "\x1b" not in shown
    assert "+ member:new@acme.example invited\n" in shown
