"""A result that cannot be written to its file: told before anything is asked where that is known, and never more."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD, SANDBOX_KEY

from cli.support import CEO, NOW, PATIENCE, PROGRAM, Ended, environment, files, sandbox_server
from orgsync.errors import EXIT_OK, EXIT_REFUSED, EXIT_UNWRITTEN

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

AT = ("--now", NOW)
HERE = ("--sandbox", "acme.db", *AT)
READ_ONLY = Path("/sys/kernel")
"""A folder in which not even root can make a file."""

COMMANDS = {
    "plan": ("plan", *HERE, "--out"),
    "apply": ("apply", *HERE, "--yes", "--undo"),
    "drift": ("drift", *HERE, "--out"),
    "export": ("export", *HERE, "--out"),
    "snapshot": ("snapshot", *HERE, "--out"),
}


@pytest.fixture(autouse=True)
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """An organization that lacks somebody, and files that a guard refuses."""
    files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
    refused = "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}\n"
    (tmp_path / "refused.yaml").write_text(HEAD + refused, encoding="utf-8")
    return sandbox(users=[CEO, {"email": "old@acme.example", "role": "user"}])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_takes_no_file_is_told_before_anything_is_asked(
    command: str, orgsync: Orgsync, acme: Sandbox
) -> None:
    ended = orgsync(*COMMANDS[command], READ_ONLY / "result.json")
    assert (ended.code, ended.out) == (EXIT_UNWRITTEN, "")
    assert "could not be written: " in ended.err
    assert not acme.received()


def full(*arguments: str, size: int = 100, **env: str) -> Ended:
    """The installed program where no file may grow beyond some bytes, as on a disk that is nearly full.

    Python must not keep what it compiles then: it would find the halves later.
    """

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    ended = subprocess.run(
        [PROGRAM, *arguments],
        env=environment(PYTHONDONTWRITEBYTECODE="1", **env),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=small,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    ("path", "extra", "code", "said"),
    [
        ("org.yaml", (), EXIT_UNWRITTEN, "Error"),
        pytest.param("org.yaml", ("--detailed-exitcode",), EXIT_UNWRITTEN, "Error", marks=pytest.mark.story),
        pytest.param("refused.yaml", (), EXIT_REFUSED, "Warning", marks=pytest.mark.story),
    ],
)
def test_a_plan_is_shown_where_the_disk_is_full(
    orgsync: Orgsync, path: str, extra: tuple[str, ...], code: int, said: str
) -> None:
    assert orgsync("snapshot", *HERE, "--out", "live.json").code == EXIT_OK
    shown = full("plan", path, "--snapshot", "live.json", *AT, *extra, "--quiet", "--out", "plan.json")
    assert shown.code == code
    assert shown.err.startswith(f"{said}: plan.json: the plan could not be written: File too large\n")
    assert "Plan: " in shown.out
    assert "Next: orgsync apply plan.json" not in shown.out
    assert not Path("plan.json").exists()


@pytest.mark.story
def test_an_apply_whose_way_back_is_lost_has_still_been_made(orgsync: Orgsync, acme: Sandbox) -> None:
    """Its journal is written as it goes, and small; the undo plan comes at the end, and is not."""
    assert orgsync("plan", *HERE, "--out", "plan.json").code == EXIT_OK
    with sandbox_server(acme.path) as url:
        reached = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_ADMIN_KEY": SANDBOX_KEY}
        words = ("apply", "plan.json", *AT, "--yes", "--undo", "undo.json", "--first-apply", "--quiet")
        ended = full(*words, size=1_500, **reached)
    assert ended.code == EXIT_UNWRITTEN
    receipts = "the changes are not affected, and `orgsync show --receipts plan.journal.jsonl` lists them"
    assert ended.err.startswith(f"Error: undo.json: the plan could not be written: File too large; {receipts}\n")
    assert "Apply complete: 1 invited.\n" in ended.out
    assert len(acme.writes()) == 1


@pytest.mark.story
def test_a_drift_report_is_shown_where_the_disk_is_full(acme: Sandbox) -> None:
    with sandbox_server(acme.path) as url:
        reached = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_ADMIN_KEY": SANDBOX_KEY}
        ended = full("drift", *AT, "--quiet", "--out", "drift.json", size=100, **reached)
    assert ended.code == EXIT_UNWRITTEN
    assert ended.err.startswith("Error: drift.json: the drift report could not be written: File too large\n")
    assert "new@acme.example" in ended.out
