"""docs/questions.md: every command on it is one that orgsync takes, else it says why; and two answers in the README."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import click
import pytest

from orgsync.cli import exit_code
from orgsync.cli.program import COMMANDS, GROUPS, module_of
from orgsync.core.document.console_catalogue import CATALOGUE
from orgsync.errors import EXIT_OK

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "questions.md"
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\$ orgsync ((?:why|keys|access|log) .*)$", README, re.MULTILINE)
ROWS = re.findall(r"^\| (?!question|task|case|---)(.+?) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
LINES = sorted({line for _task, answer in ROWS for line in re.findall(r"`orgsync ([^`]+)`", answer)})


def test_every_task_has_a_command_or_a_reason() -> None:
    assert len(ROWS) >= 60
    for task, answer in ROWS:
        assert re.search(r"`orgsync |^files|^(none|none yet|not yet): \w", answer), task


@pytest.mark.parametrize("line", LINES)
def test_the_command_line_is_one_that_orgsync_takes(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name, *words = shlex.split(line)
    command: click.Command = getattr(import_module(module_of(name)), name)
    if isinstance(command, click.Group):
        name, *words = words
        command = command.commands[name]
    command.make_context(name, words)  # raises where an argument or option is none of the command's


def test_every_question_and_every_setting_of_the_console_is_on_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    asked = {line.partition(" ")[0] for line in LINES}
    assert GROUPS["ask"][1].keys() <= asked <= COMMANDS.keys()
    named = {key for inside in re.findall(r"`console: \{(.+?)\}`", text) for key in re.findall(r"(\w+):", inside)}
    assert named <= CATALOGUE.keys()
    assert CATALOGUE.keys() - named == {"currency", "workspace_policy"}  # no guide has a task about them


@pytest.mark.parametrize("line", SHOWN)
def test_the_readme_shows_answers_as_they_are(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "org.yaml", "org.yaml")
    now = ("--now", "2026-11-22T10:00:00Z")
    run("sandbox", "init", "acme.db", "--seed", str(ROOT / "examples" / "live.json"), *now, "--quiet")
    out = run(*shlex.split(line), "--sandbox", "acme.db", *now, "--quiet")
    assert f"$ orgsync {line}\n{out}```" in README


def run(*words: str) -> str:
    """What a command prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert exit_code(list(words)) == EXIT_OK
    return out.getvalue()
