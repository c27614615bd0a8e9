"""A sandbox that is locked or cannot be written to, and texts that are none: errors for a person, no traceback."""

from __future__ import annotations

import json
import shlex
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cli.support import NOW, files
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE
from orgsync.sandbox.wire import store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

HERE = ("--sandbox", "acme.db", "--now", NOW)
HALF = "a\ud800"


@pytest.fixture(autouse=True)
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    files(tmp_path, "members: {ceo@acme.example: admin}\n")
    return sandbox()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process is in the middle of a transaction, and stays there."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_locked_sandbox_is_told_after_a_short_wait(
    orgsync: Orgsync, acme: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.BUSY_SECONDS <= 10
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    why = "acme.db: the sandbox cannot be used: another process has locked it for more than 0.05 seconds"
    hint = "hint: end the other process, or make the file and its folder writable\n"
    with locked(acme.path):
        for command in ("plan", "drift", "export", "apply"):
            options = ["--yes"] if command == "apply" else []
            ended = orgsync(command, *HERE, *options, "--quiet")
            assert (ended.code, ended.out) == (EXIT_UNREADABLE, "")
            assert why in ended.err
            assert ended.err.endswith(hint)
        ended = orgsync("sandbox", "edit", "acme.db", "GET", "users")
        assert (ended.code, ended.err) == (EXIT_INPUT, f"Error: {why}\n{hint}")
    assert orgsync("plan", *HERE, "--quiet").code == EXIT_OK


def test_half_of_a_surrogate_pair_is_no_text_and_breaks_no_log(orgsync: Orgsync) -> None:
    for collection, body in (
        ("invites", {"email": f"{HALF}@b.example", "role": "user"}),
        ("workspaces", {"name": HALF}),
    ):
        ended = orgsync("sandbox", "edit", "acme.db", "POST", collection, json.dumps(body))
        assert (ended.code, ended.err.startswith("Error: 400: ")) == (EXIT_INPUT, True)
    assert orgsync("sandbox", "edit", "acme.db", "GET", "users/a\udcff").code == EXIT_INPUT
    assert orgsync("sandbox", "accept", "acme.db", "a\udcff@b.example").code == EXIT_INPUT
    log = orgsync("sandbox", "log", "acme.db")
    assert log.code == EXIT_OK
    assert json.loads(log.out.splitlines()[0])["body"]["email"] == f"{HALF}@b.example"
    assert log.out.isascii()


@pytest.mark.parametrize(
    "text", ['{"users": [{"email": "a\\ud800@b.example"}]}', '{"organization": {"name": "\\udfff"}}']
)
def test_half_of_a_surrogate_pair_in_a_seed_is_told(orgsync: Orgsync, tmp_path: Path, text: str) -> None:
    (tmp_path / "seed.json").write_text(text, encoding="utf-8")
    ended = orgsync("sandbox", "init", "b.db", "--seed", "seed.json")
    assert (ended.code, ended.err.startswith("Error: seed.json: this is not JSON: ")) == (EXIT_INPUT, True)


def test_who_has_no_invite_can_accept_after_the_hint(orgsync: Orgsync) -> None:
    words = ("sandbox", "accept", "acme.db", "zoe@acme.example")
    refused = orgsync(*words)
    assert refused.code == EXIT_INPUT
    error, hint = refused.err.splitlines()
    assert error == "Error: zoe@acme.example has no pending invite"
    program, *command = shlex.split(hint.removeprefix("hint: invite them first: "))
    assert program == "orgsync"
    assert orgsync(*command).code == EXIT_OK
    assert json.loads(orgsync(*words).out)["email"] == "zoe@acme.example"
    assert orgsync(*words).err == "Error: zoe@acme.example is a member already\n"
