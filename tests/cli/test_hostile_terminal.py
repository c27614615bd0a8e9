"""Every command line where streams, encodings, folders and the environment are not what a program hopes for.

No traceback, and the exit code that the documentation says. `ORGSYNC_HOSTILE_TERMINAL=full` tries every command in
every such place; without it, a few of them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from cli.support import CEO, NOW, PATIENCE, PROGRAM, Sandbox, environment, files
from orgsync.cli import exit_code
from orgsync.errors import (
    EXIT_DIFFERENCE,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_REFUSED,
    EXIT_UNREADABLE,
    EXIT_UNWRITTEN,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

FULL = os.environ.get("ORGSYNC_HOSTILE_TERMINAL") == "full"
AT = ("--now", NOW)
HERE = ("--sandbox", "acme.db", *AT)
OFFLINE = ("--snapshot", "live.json", *AT)
ROCKET = "\N{ROCKET}"
TEXT = f"members: {{ceo@acme.example: admin, new@acme.example: user}}\nworkspaces: {{{ROCKET}: {{tags: {{a: b}}}}}}\n"
DOCUMENTED = {*range(EXIT_UNWRITTEN + 1), EXIT_INTERRUPTED}


@dataclass(frozen=True)
class Story:
    """A command line, how it ends elsewhere, whether it prints on stdout, and what it cannot do without.

    `read_only` is how it ends in a folder that nothing can be written to, and `unspelled` where its words cannot be
    spelled. One that `asks` has to show first what about.
    """

    words: tuple[str, ...]
    code: int = EXIT_OK
    prints: bool = True
    asks: bool = False
    read_only: int | None = None
    unspelled: int | None = None

    def ends(self, place: Place) -> int:
        """How it should end there."""
        code = self.code
        for applies, other in ((place.is_read_only, self.read_only), (place.has_no_letters, self.unspelled)):
            code = other if applies and other is not None else code
        lost = place.loses_stdout and self.prints and code == self.code
        return EXIT_UNWRITTEN if lost and (self.asks or code in {EXIT_OK, EXIT_DIFFERENCE}) else code


@dataclass(frozen=True)
class Place:
    """Where a command is run: `redirected` by a shell, with other variables, in a folder that may be read-only."""

    redirected: str = ""
    variables: Mapping[str, str | None] = field(default_factory=dict)
    loses_stdout: bool = False
    is_read_only: bool = False
    has_no_letters: bool = False


STORIES = {
    "validate": Story(("validate", *AT), prints=False),
    "validate, json": Story(("validate", "--format", "json")),
    "validate, github": Story(("validate", "--format", "github")),
    "validate, sarif": Story(("validate", "--format", "sarif")),
    "plan": Story(("plan", *HERE), read_only=EXIT_UNREADABLE),
    "plan, exit code": Story(("plan", *HERE, "--detailed-exitcode"), EXIT_DIFFERENCE, read_only=EXIT_UNREADABLE),
    "plan, only": Story(
        ("plan", *HERE, "--only", f"workspace:{ROCKET}"), read_only=EXIT_UNREADABLE, unspelled=EXIT_INPUT
    ),
    "plan, refused": Story(("plan", "refused.yaml", *HERE), EXIT_REFUSED, read_only=EXIT_UNREADABLE),
    "plan, out": Story(("plan", *OFFLINE, "--out", "new.json"), read_only=EXIT_UNWRITTEN),
    **{f"plan, {name}": Story(("plan", *OFFLINE, "--format", name)) for name in ("text", "json", "markdown", "github")},
    "plan, sarif": Story(("plan", *OFFLINE, "--format", "sarif")),
    "show": Story(("show", "plan.json")),
    "show, receipts": Story(("show", "--receipts", "old.jsonl")),
    "apply": Story(("apply", *HERE, "--yes", "--first-apply"), read_only=EXIT_UNREADABLE),
    "apply, json": Story(("apply", *HERE, "--yes", "--first-apply", "--format", "json"), read_only=EXIT_UNREADABLE),
    "apply, asked": Story(("apply", *HERE), EXIT_INPUT, asks=True, read_only=EXIT_UNREADABLE),
    "apply, a plan": Story(
        ("apply", "plan.json", *HERE, "--yes", "--first-apply", "--undo", "undo.json"), read_only=EXIT_UNREADABLE
    ),
    "drift": Story(("drift", *HERE), EXIT_DIFFERENCE, read_only=EXIT_UNREADABLE),
    "drift, json": Story(("drift", *HERE, "--format", "json"), EXIT_DIFFERENCE, read_only=EXIT_UNREADABLE),
    "drift, out": Story(("drift", *HERE, "--out", "drift.json"), EXIT_DIFFERENCE, read_only=EXIT_UNWRITTEN),
    "export": Story(("export", *HERE), read_only=EXIT_UNREADABLE),
    "export, out": Story(("export", *HERE, "--out", "out.yaml"), prints=False, read_only=EXIT_UNWRITTEN),
    "snapshot": Story(("snapshot", *HERE, "--out", "s.json"), prints=False, read_only=EXIT_UNWRITTEN),
    "schema": Story(("schema",)),
    "attest, list": Story(("attest", "--list")),
    "attest": Story(("attest", "sso", "--value", "on", "--by", "ana", *AT), EXIT_INPUT),
    "rehearse": Story(("rehearse", "plan.json", *OFFLINE, "--runs", "2")),
    "github": Story(("github", "comment", "org.yaml", "--pull-request", "1"), EXIT_INPUT),
    "sandbox init": Story(("sandbox", "init", "b.db", "--seed", "seed.json"), prints=False, read_only=EXIT_INPUT),
    "sandbox edit": Story(("sandbox", "edit", "acme.db", "GET", "workspaces"), read_only=EXIT_INPUT),
    "sandbox faults": Story(("sandbox", "faults", "acme.db", "off"), prints=False, read_only=EXIT_INPUT),
    "sandbox log": Story(("sandbox", "log", "acme.db"), read_only=EXIT_INPUT),
    "help": Story(("--help",)),
    "help of a command": Story(("plan", "--help")),
    "version": Story(("--version",)),
    "a wrong command": Story(("plna",), EXIT_INPUT),
    "no file": Story(("plan", "none.yaml", *HERE), EXIT_INPUT),
    "a file of no letters": Story(("validate", os.fsdecode(b"\xff.yaml")), EXIT_INPUT, prints=False),
}
C = {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
PLACES = {
    "cp1252": Place(variables={"PYTHONIOENCODING": "cp1252"}),
    "ascii, strict": Place(variables={"PYTHONIOENCODING": "ascii:strict"}),
    "LANG=C": Place(variables=C),
    "LANG=C, no UTF-8": Place(variables={**C, "PYTHONUTF8": "0"}, has_no_letters=True),
    "no such locale": Place(variables={"LANG": "xx_YY.UTF-9", "LC_ALL": "xx_YY"}),
    "stdin closed": Place("<&-"),
    "stdout closed": Place(">&-", loses_stdout=True),
    "stderr closed": Place("2>&-"),
    "all closed": Place("<&- >&- 2>&-", loses_stdout=True),
    "stdout full": Place(">/dev/full", loses_stdout=True),
    "stderr full": Place("2>/dev/full"),
    "both full": Place(">/dev/full 2>&1", loses_stdout=True),
    "a reader that is gone": Place("> >(exec true)"),
    "no HOME": Place(variables={"HOME": None, "XDG_STATE_HOME": None, "USER": None, "LOGNAME": None}),
    "HOME is nothing": Place(variables={"HOME": "/nonexistent", "XDG_STATE_HOME": "/nonexistent/state"}),
    "read-only checkout": Place(is_read_only=True),
    "TERM=dumb": Place(variables={"TERM": "dumb", "COLUMNS": "20"}),
    "COLUMNS is nothing": Place(variables={"COLUMNS": "0", "LINES": "x", "TERM": None}),
    "in GitHub": Place(variables={"GITHUB_ACTIONS": "true", "CI": "true", "PYTHONIOENCODING": "cp1252"}),
}
FEW = [
    ("plan", "cp1252"),
    ("apply", "both full"),
    ("drift, out", "read-only checkout"),
]
"""Some that found something once."""

EVERY = [(story, place) for story in STORIES for place in PLACES]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an organization, files, a saved plan, a journal and a snapshot."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.chdir(folder)
        Sandbox(folder / "acme.db", users=[CEO], workspaces=[{"name": ROCKET}])
        files(folder, "members: {ceo@acme.example: admin, old@acme.example: user}\n")
        assert exit_code(["apply", *HERE, "--yes", "--quiet", "--journal", "old.jsonl", "--first-apply"]) == EXIT_OK
        files(folder, TEXT)
        assert exit_code(["plan", *HERE, "--quiet", "--out", "plan.json"]) == EXIT_OK
        assert exit_code(["snapshot", *HERE, "--quiet", "--out", "live.json"]) == EXIT_OK
        refused = "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}\n"
        (folder / "refused.yaml").write_text(f"{HEAD}guards: {{protect: ['*']}}\n{refused}", "utf-8")
        (folder / "seed.json").write_text('{"organization": {"name": "Acme"}}', encoding="utf-8")
    return folder


@pytest.mark.parametrize(("story", "place"), EVERY if FULL else FEW)
def test_it_ends_as_documented(story: str, place: str, prepared: Path, tmp_path: Path) -> None:
    told, where = STORIES[story], PLACES[place]
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder)
    ended = _run(told, where, folder)
    printed = (ended.stdout + ended.stderr).decode(errors="replace")
    assert "Traceback" not in printed, printed
    assert ended.returncode in DOCUMENTED, printed
    assert ended.returncode == told.ends(where), printed


def _run(story: Story, place: Place, folder: Path) -> subprocess.CompletedProcess[bytes]:
    variables = {"XDG_STATE_HOME": str(folder / "state"), **place.variables}
    kept = environment(**{name: value for name, value in variables.items() if value is not None})
    removed = {name for name, value in variables.items() if value is None}
    if place.is_read_only:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
    before: Callable[[], None] | None = _bound_by_permissions if place.is_read_only else None
    try:
        return subprocess.run(
            ["bash", "-c", f'"$0" "$@" {place.redirected}', PROGRAM, *story.words],
            cwd=folder,
            env={name: value for name, value in kept.items() if name not in removed},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            preexec_fn=before,
        )
    finally:
        for path in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
            path.chmod(0o755)


_DROP, _OVERRIDE = 24, 1
"""PR_CAPBSET_DROP and CAP_DAC_OVERRIDE of Linux: root without the latter is bound by permissions as anybody is."""


def _bound_by_permissions() -> None:
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(_DROP, _OVERRIDE, 0, 0, 0)
