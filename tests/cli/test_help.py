"""Help: what `-h` shows, and that the table it is made from tells no other story than the commands."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from orgsync import __version__
from orgsync.cli.program import COMMANDS, main, module_of
from orgsync.cli.program import GROUPS as PAGES
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import Orgsync

GOLDEN = Path(__file__).parent / "golden" / "help"


def _command(name: str) -> click.Command:
    command = getattr(import_module(module_of(name)), name)
    assert isinstance(command, click.Command)
    return command


def _paths() -> list[tuple[str, ...]]:
    """Every command line that ends with the name of a command or a group."""
    paths: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        paths.append((name,))
        command = _command(name)
        if isinstance(command, click.Group):
            paths.extend((name, inner) for inner in sorted(command.commands))
    return paths


PATHS = _paths()
GROUPS = [(), ("github",), ("review",), ("sandbox",)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: "-".join(path) or "orgsync")
def test_help_is_what_was_reviewed(path: tuple[str, ...], orgsync: Orgsync, golden: Golden) -> None:
    ended = orgsync(*path, "-h")
    golden(GOLDEN / f"{'-'.join(('orgsync', *path))}.txt", ended.out)
    assert (ended.code, ended.err) == (EXIT_OK, "")
    if path[:1] != ("sandbox",):  # its tables are set by hand, and wider
        assert max(len(line) for line in ended.out.splitlines()) <= 80


def test_no_help_text_is_left_of_a_command_that_is_gone() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted("-".join(("orgsync", *path)) for path in PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: "-".join(path) or "orgsync")
def test_long_and_short_option_ask_for_the_same_help(path: tuple[str, ...], orgsync: Orgsync) -> None:
    assert orgsync(*path, "--help") == orgsync(*path, "-h")


@pytest.mark.parametrize("name", COMMANDS)
def test_one_line_help_is_the_first_line_of_the_command(name: str) -> None:
    help_text = _command(name).help
    assert help_text is not None
    assert help_text.strip().splitlines()[0] == COMMANDS[name]


def test_every_module_with_a_command_is_in_the_table() -> None:
    folder = Path(main.callback.__code__.co_filename).parent / "commands"  # type: ignore[union-attr]  # the function behind the group
    made = {f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.py") if path.stem != "__init__"}
    assert made == {f"{group}/{name}" for group, (_title, commands) in PAGES.items() for name in commands}


@pytest.mark.parametrize("path", [path for path in PATHS if path not in GROUPS], ids="-".join)
def test_every_command_takes_the_common_options(path: tuple[str, ...]) -> None:
    command = _command(path[0])
    if isinstance(command, click.Group):
        command = command.commands[path[1]]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--now", "--quiet", "--no-color"} <= options


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version_is_one_line_on_stdout(option: str, orgsync: Orgsync) -> None:
    assert orgsync(option) == (EXIT_OK, f"orgsync {__version__}\n", "")


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: "-".join(path) or "orgsync")
def test_without_a_command_the_help_goes_to_stderr(path: tuple[str, ...], orgsync: Orgsync) -> None:
    ended = orgsync(*path)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert ended.err == orgsync(*path, "-h").out
