"""Two real applies at once: one of them works, and the other is told who it is, waits, or goes on when that is dead."""

from __future__ import annotations

import os
import pwd
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from cli.support import PROGRAM

from orgsync.cli import exit_code
from orgsync.errors import EXIT_INPUT, EXIT_OK, UsageError
from orgsync.files.state.lock import organization_lock
from torture.processes import NOW, Server, World, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOR_EVER = 60.0
OTHERS = 3
"""What an apply asks for beside the members: whose credential it is, invites and workspaces."""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Two files with two journals for one organization."""
    with serving(tmp_path, ["one", "two"]) as server:
        yield World("one", tmp_path / "one", server), World("two", tmp_path / "two", server)


def slow_reads(server: Server, seconds: float) -> None:
    """The next read of the members takes its time."""
    server.app.set_faults([{"fault": "delay", "method": "GET", "path": "/users", "seconds": seconds}])


@contextmanager
def at_work(world: World, seconds: float = FOR_EVER) -> Iterator[subprocess.Popen[bytes]]:
    """An apply that has asked whose credential it is, and now reads for so long."""
    slow_reads(world.server, seconds)
    before = world.server.received()
    with world.applying() as process:
        wait_until(lambda: world.server.received() == before + OTHERS)
        yield process


def requests(server: Server) -> list[str]:
    return [f"{line['method']} {line['path']}" for line in server.app.log() if not line["console"]]


@pytest.mark.story
def test_the_second_asks_for_nothing_but_the_organization_and_is_told_who_is_at_work(
    two: tuple[World, World], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = two
    with at_work(one) as process:
        before = len(requests(one.server))
        assert other.apply() == EXIT_INPUT
        assert requests(one.server)[before:] == ["GET /v1/organizations/me"]
        said = " ".join(capsys.readouterr().err.split())
        assert f"another apply is running on this organization: process {process.pid} (orgsync apply " in said
        assert f"{one.name}/org.yaml" in said
        process.kill()
        process.wait(FOR_EVER)
    assert other.apply() == EXIT_OK  # the dead one holds nothing


@pytest.mark.story
def test_a_saved_plan_names_its_organization_so_nothing_is_asked(
    two: tuple[World, World], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = two
    plan = other.folder / "plan.json"
    with patch.dict(os.environ, other.environment):
        assert exit_code(["plan", str(other.folder / "org.yaml"), "--out", str(plan), "--quiet", *NOW]) == EXIT_OK
    with at_work(one):
        before = requests(one.server)
        with patch.dict(os.environ, other.environment):
            assert exit_code(["apply", str(plan), "--yes", "--quiet", *NOW]) == EXIT_INPUT
        assert requests(one.server) == before
    assert "another apply is running on this organization" in capsys.readouterr().err


@pytest.mark.story
def test_the_second_waits_as_long_as_it_is_told_to(two: tuple[World, World]) -> None:
    one, other = two
    with at_work(one, seconds=1.5) as process, patch.dict(os.environ, other.environment):
        assert exit_code([*other.command, "--lock-timeout", "0.2"]) == EXIT_INPUT
        assert exit_code([*other.command, "--lock-timeout", str(FOR_EVER)]) == EXIT_OK
        assert process.wait(FOR_EVER) == EXIT_OK


@pytest.mark.story
def test_a_sandbox_is_known_by_its_path(two: tuple[World, World], capsys: pytest.CaptureFixture[str]) -> None:
    """Two processes with the same sandbox file and two journals; by whichever way the file is named."""
    one, other = two
    database, alias = one.server.database, one.folder / "alias.db"
    alias.symlink_to(database)
    slow_reads(one.server, FOR_EVER)
    command: list[Any] = [PROGRAM, *one.command, "--sandbox", database]
    with (
        patch.dict(os.environ, one.environment),
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            wait_until(lambda: one.server.received() == OTHERS)
            before = one.server.received()
            assert exit_code([*other.command, "--sandbox", str(alias)]) == EXIT_INPUT
            assert one.server.received() == before
        finally:
            process.kill()
        assert f"process {process.pid} (orgsync apply" in " ".join(capsys.readouterr().err.split())
        process.wait(FOR_EVER)
        assert exit_code([*other.command, "--sandbox", str(alias)]) == EXIT_OK


def test_two_organizations_do_not_wait_for_each_other() -> None:
    first, second = organization_lock("3f1c7a52"), organization_lock("9d0e4b7a")
    first.acquire(wait=0, say=print)
    second.acquire(wait=0, say=print)
    second.release()
    first.release()
    first.release()


def test_a_state_folder_that_cannot_be_written_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    with pytest.raises(UsageError, match="lock could not be created: Not a directory") as refused:
        organization_lock("3f1c7a52")
    assert refused.value.hint == "set XDG_STATE_HOME to a writable folder"


def test_a_user_without_a_home_gets_no_folder_named_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unknown(_user: int) -> None:
        raise KeyError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for variable in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match="lock could not be created"):
        organization_lock("3f1c7a52")
    assert list(tmp_path.iterdir()) == []
