"""`requires`: an orgsync that does not fit says so, and nothing else."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD
from cli.support import NOW, Sandbox, files

from orgsync import __version__
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from cli.conftest import Orgsync

AT = ("--sandbox", "acme.db", "--now", NOW)
COMMANDS = (
    ("validate", "org.yaml"),
    ("plan", "org.yaml", *AT),
    ("apply", "org.yaml", *AT, "--yes"),
    ("drift", "org.yaml", *AT),
    ("snapshot", "org.yaml", *AT, "--out", "live.json"),
    ("attest", "sso", "--value", "on", "--by", "ana"),
)


@pytest.fixture(autouse=True)
def acme(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "acme.db")


def refused(text: str, where: str) -> str:
    """All that is said of files that this version must not read."""
    fits = f"these files require orgsync {text}, but this is orgsync {__version__}"
    hint = f"install a matching version: pip install {shlex.quote(f'orgsync{text}')}"
    return f"Error: 1 problem\n{where}: requires: {fits}\n    hint: {hint}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_another_version_refuses_with_that_alone_and_asks_nothing(
    command: tuple[str, ...], acme: Sandbox, tmp_path: Path, orgsync: Orgsync
) -> None:
    files(tmp_path, f'{HEAD}requires: ">=0.5"\nmembers: {{nobody: king}}\nwhat_this_version_does_not_know: 1\n')
    ended = orgsync(*command)
    assert (ended.code, ended.err) == (EXIT_INPUT, refused(">=0.5", "org.yaml:3:1"))
    assert acme.received() == []


@pytest.mark.parametrize("text", ["<0.2", ">=0.1, !=0.2.*", "==0.2.99", "~=1.0"])
def test_what_fits_is_as_pip_understands_it(text: str, tmp_path: Path, orgsync: Orgsync) -> None:
    files(tmp_path, f'{HEAD}requires: "{text}"\n')
    assert orgsync("validate", "org.yaml").err == refused(text, "org.yaml:3:1")


@pytest.mark.parametrize("text", [">=0.1", ">=0.2,<1", f"=={__version__}", "~=0.2.0", " >= 0.2 "])
def test_a_version_that_fits_reads_them(text: str, tmp_path: Path, orgsync: Orgsync) -> None:
    files(tmp_path, f'{HEAD}requires: "{text}"\n')
    assert orgsync("validate", "org.yaml").code == EXIT_OK


def test_it_comes_before_what_is_wrong_with_the_yaml(tmp_path: Path, orgsync: Orgsync) -> None:
    files(tmp_path, f'{HEAD}requires: ">=0.5"\nmembers: {{}}\nmembers: {{}}\n')
    assert "same key" not in orgsync("validate", "org.yaml").err
    assert "these files require orgsync >=0.5" in orgsync("validate", "org.yaml").err


def test_in_a_folder_it_stands_in_any_file(tmp_path: Path, orgsync: Orgsync) -> None:
    folder = tmp_path / "org"
    folder.mkdir()
    (folder / "10.yaml").write_text(f"{HEAD}members: {{nobody: king}}\n", encoding="utf-8")
    (folder / "20.yaml").write_text("teams: {}\n\nrequires: '>=0.5'\n", encoding="utf-8")
    (folder / "30.yaml").write_text("members: [", encoding="utf-8")
    assert orgsync("plan", "org", *AT).err == refused(">=0.5", "org/20.yaml:3:1")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"0.5"', 'requires: "0.5" is not a valid version specifier'),
        ('">=five"', 'requires: ">=five" is not a valid version specifier'),
        ('""', 'requires: "" is not a valid version specifier'),
        ('" "', 'requires: " " is not a valid version specifier'),
        ("0.5", "requires: expected text, found the number 0.5"),
        ('[">=0.5"]', "requires: expected text, found a list"),
    ],
)
def test_what_names_no_versions_is_an_error_with_its_line(
    written: str, message: str, tmp_path: Path, orgsync: Orgsync
) -> None:
    files(tmp_path, f"{HEAD}requires: {written}\nmembers: {{nobody: king}}\n")
    ended = orgsync("validate", "org.yaml")
    assert ended.code == EXIT_INPUT
    assert re.search(rf"org\.yaml:\d+:\d+: {re.escape(message)}", ended.err), ended.err
    assert 'hint: write requires: ">=0.2"' in ended.err
    assert "nobody" in ended.err


def test_a_base_that_this_version_must_not_read_is_unusable_and_says_why(tmp_path: Path, orgsync: Orgsync) -> None:
    files(tmp_path, f'{HEAD}requires: ">=0.5"\n')
    Path("before.yaml").write_bytes(Path("org.yaml").read_bytes())
    files(tmp_path, HEAD)
    ended = orgsync("plan", "org.yaml", *AT, "--base", "before.yaml")
    assert ended.code == EXIT_OK
    assert "these files require orgsync >=0.5" in " ".join(ended.out.split())


def test_raising_it_is_told_as_a_privileged_change(tmp_path: Path, orgsync: Orgsync) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    files(tmp_path, HEAD)
    subprocess.run([*git, "add", "org.yaml"], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    files(tmp_path, f'{HEAD}requires: ">=0.2"\n')
    ended = orgsync("plan", "org.yaml", *AT, "--base", "ref:HEAD")
    assert "setting:requires: (none) -> >=0.2: decides what orgsync does" in " ".join(ended.out.split())
