"""A real process, killed after any number of writes, and started again: it converges, and makes nothing twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from acme import ADMINS, HEAD, ORGANIZATION

from orgsync.core.journal import open_intents
from orgsync.files.journal import read
from orgsync.sandbox.app import open_app
from orgsync.sandbox.seed import create

PROGRAM = Path(sys.executable).with_name("orgsync")
FULL = os.environ.get("ORGSYNC_TORTURE") == "full"
SEEDS, KILLS = (range(5), 8) if FULL else (range(1), 1)
"""A run that finds an open write waits for it in real time, so that `make test` has time for one world only."""
NOW = ("--now", "2026-11-22T10:00:00Z")
PEOPLE = [f"p{number}@x.example" for number in range(6)]
MEMBERS = ", ".join(f"{email}: developer" for email in PEOPLE)
FILES = (
    HEAD
    + "members:\n"
    + "".join(f"  {email}: user\n" for email in [*PEOPLE, "new@x.example"])
    + "workspaces:\n"
    + "".join(f"  w{number}: {{members: {{{MEMBERS}}}}}\n" for number in range(3))
)
RUNS = 6
"""At most so many undisturbed runs, until a killed one must have been repaired."""


def apply(folder: Path) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [
        PROGRAM,
        "apply",
        folder / "org.yaml",
        "--sandbox",
        folder / "acme.db",
        "--yes",
        "--quiet",
        *NOW,
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def world(folder: Path) -> None:
    folder.mkdir()
    (folder / "org.yaml").write_text(FILES, encoding="utf-8")
    users = [*ADMINS, *({"email": email, "role": "developer"} for email in PEOPLE)]
    create(folder / "acme.db", {"organization": ORGANIZATION, "users": users, "settings": {"clock": NOW[1]}})


def slow(folder: Path, seconds: float) -> None:
    """Makes every write take its time, so that a kill finds one under way."""
    app = open_app(folder / "acme.db")
    rules = [{"fault": "delay", "method": method, "times": 10**6, "seconds": seconds} for method in ("POST", "DELETE")]
    app.set_faults(rules if seconds else [])
    app.close()


def writes(folder: Path) -> int:
    app = open_app(folder / "acme.db")
    try:
        return sum(line["method"] != "GET" and not line["console"] for line in app.log())
    finally:
        app.close()


def kill_after(folder: Path, count: int) -> None:
    """Starts an apply, and kills it as soon as so many writes have arrived in all."""
    with apply(folder) as process:
        while process.poll() is None and writes(folder) < count:
            time.sleep(0.01)
        process.kill()


def state(folder: Path) -> dict[str, Any]:
    app = open_app(folder / "acme.db")
    try:
        users = {row["id"]: row for row in app.console("GET", "users?limit=1000").body["data"]}
        spaces = app.console("GET", "workspaces?limit=1000").body["data"]
        roles = [
            (space["name"], users[row["user_id"]]["email"], row["workspace_role"])
            for space in spaces
            for row in app.console("GET", f"workspaces/{space['id']}/members?limit=1000").body["data"]
        ]
        invites = app.console("GET", "invites?limit=1000").body["data"]
        return {
            "users": sorted((row["email"], row["role"]) for row in users.values()),
            "workspaces": Counter(space["name"] for space in spaces),
            "roles": sorted(roles),
            "invites": Counter(row["email"] for row in invites),
        }
    finally:
        app.close()


def done(folder: Path) -> bool:
    with apply(folder) as process:
        _out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err, err.decode()
    return process.returncode == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_process_is_repaired_by_the_next(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments to kill at, not secrets
    world(tmp_path / "calm")
    assert done(tmp_path / "calm")
    whole, cut_short = writes(tmp_path / "calm"), 0
    for number in range(KILLS):
        folder = tmp_path / f"killed-{number}"
        world(folder)
        slow(folder, 0.1)
        for _ in range(chance.randint(1, 3) if FULL else 1):
            kill_after(folder, writes(folder) + chance.randint(1, whole // 2))
        cut_short += bool(open_intents(read(folder / "org.journal.jsonl"))) or 0 < writes(folder) < whole
        slow(folder, 0)
        assert any(done(folder) for _ in range(RUNS))
        assert state(folder) == state(tmp_path / "calm")
    print(f"{cut_short} of {KILLS} were killed with writes done or under way")  # noqa: T201 - shown by `make torture`
