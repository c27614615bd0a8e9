"""A clean environment, a folder to be in, and the command line in this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from cli.support import Ended, Sandbox
from orgsync.cli import exit_code

if TYPE_CHECKING:
    from pathlib import Path


class Orgsync(Protocol):
    """Runs a command line in this process."""

    def __call__(self, *arguments: str | Path) -> Ended: ...


class MakeSandbox(Protocol):
    """Makes the sandbox `acme.db` of the rows that are given."""

    def __call__(self, **seed: Any) -> Sandbox: ...


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, and know nothing of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "ORGSYNC_")) or name.upper().endswith("_PROXY") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def orgsync(capsys: pytest.CaptureFixture[str]) -> Orgsync:
    """`orgsync("plan", "--sandbox", "acme.db")`."""

    def run(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = exit_code([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture
def sandbox(tmp_path: Path) -> MakeSandbox:
    """`sandbox(users=[...])` makes `acme.db` in the folder that commands run in."""

    def make(**seed: Any) -> Sandbox:
        return Sandbox(tmp_path / "acme.db", **seed)

    return make
