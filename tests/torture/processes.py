"""A real server on loopback, and real `orgsync apply` processes against it: what the tests of kills are made of.

One organization serves many small worlds, told apart by a prefix of every name in them.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from acme import ADMINS, HEAD, ORGANIZATION, SANDBOX_KEY
from cli.support import PROGRAM, sandbox_server

from orgsync.cli import exit_code
from orgsync.sandbox.seed.build import create
from orgsync.sandbox.server.app import open_app

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orgsync.sandbox.server.app import App

NOW = ("--now", "2026-11-22T10:00:00Z")
LOOKUP = ("--lookup-patience", "0.3")
"""Lists of this server hide nothing, so that looking for the usual half a minute would only cost time."""
WRITE_TAKES = 0.03
"""Seconds: so that a kill finds writes under way, some before the server has made them and some after."""
MOST_SECONDS = 60.0

FILES = """\
guards: {{allow: [{{address: "workspace:{0}-old", reason: test}}]}}
members:
  {0}-ana@x.example: developer
  {0}-raj@x.example: user
  {0}-moved@x.example: developer
  {0}-new@x.example: user
workspaces:
  {0}-lab:
    tags: {{team: {0}}}
    members: {{{0}-ana@x.example: developer, {0}-raj@x.example: user}}
  {0}-web: {{members: {{{0}-raj@x.example: developer}}}}
  {0}-old: {{archived: true}}
"""
"""An invite, one that is replaced, a role, two workspaces with people in them, and an archive: nine writes."""


def seed(worlds: list[str]) -> dict[str, Any]:
    """Everything that is there before anybody applies anything."""
    people = [{"email": f"{world}-{name}@x.example", "role": "user"} for world in worlds for name in ("ana", "raj")]
    return {
        "organization": ORGANIZATION,
        "users": [*ADMINS, *people],
        "invites": [{"email": f"{world}-moved@x.example", "role": "user"} for world in worlds],
        "workspaces": [{"name": f"{world}-old"} for world in worlds],
        "settings": {"clock": NOW[1], "workspace_limit": None},
    }


@dataclass(frozen=True, slots=True)
class Server:
    """`orgsync sandbox serve`, and the same state as a colleague in the Console sees it."""

    url: str
    database: Path
    app: App

    def received(self) -> int:
        """How many requests have arrived so far: without reading all of them, since this is asked all the time."""
        with closing(sqlite3.connect(self.database, timeout=MOST_SECONDS)) as connection:
            count: int = connection.execute("SELECT count(*) FROM log WHERE console = 0").fetchone()[0]
            return count

    def e_mails(self, world: str) -> Counter[str]:
        """How many invites went out to each person of a world."""
        sent = (line for line in self.app.log() if line["method"] == "POST" and line["path"].endswith("/invites"))
        return Counter(
            line["body"]["email"].removeprefix(f"{world}-")
            for line in sent
            if line["status"] == 200 and line["body"]["email"].startswith(f"{world}-")
        )

    def state(self, world: str) -> dict[str, Any]:
        """What a colleague sees of a world, without its prefix; every namesake counts."""
        users = {row["id"]: row for row in self._rows("users")}
        spaces = [row for row in self._rows("workspaces?include_archived=true") if row["name"].startswith(f"{world}-")]
        seen: dict[str, list[tuple[Any, ...]]] = {
            "users": [(row["email"], row["role"]) for row in users.values()],
            "invites": [(row["email"], row["role"], row["status"]) for row in self._rows("invites")],
            "workspaces": [(row["name"], row["archived_at"] is not None, len(row["tags"])) for row in spaces],
            "roles": [
                (space["name"], users[row["user_id"]]["email"], row["workspace_role"])
                for space in spaces
                for row in self._rows(f"workspaces/{space['id']}/members")
            ],
        }
        return {
            name: sorted(tuple(str(part).removeprefix(f"{world}-") for part in row) for row in rows if _of(world, row))
            for name, rows in seen.items()
        }

    def _rows(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.app.console("GET", f"{path}{'&' if '?' in path else '?'}limit=1000").body[
            "data"
        ]
        return rows


def _of(world: str, row: tuple[Any, ...]) -> bool:
    return str(row[0]).startswith(f"{world}-")


@contextmanager
def serving(folder: Path, worlds: list[str], *users: dict[str, Any]) -> Iterator[Server]:
    """A server for these worlds, and for more users."""
    database, rows = folder / "acme.db", seed(worlds)
    create(database, {**rows, "users": [*rows["users"], *users]})
    with closing(open_app(database)) as app, sandbox_server(database) as url:
        yield Server(url, database, app)


@dataclass(frozen=True, slots=True)
class World:
    """One small world of a server: its file, and its journal beside it."""

    name: str
    folder: Path
    server: Server

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "org.yaml").write_text(HEAD + FILES.format(self.name), encoding="utf-8")

    @property
    def journal(self) -> Path:
        """Where `apply` records what it sends."""
        return self.folder / "org.journal.jsonl"

    @property
    def command(self) -> list[str]:
        """What a person would type after `orgsync`."""
        return ["apply", str(self.folder / "org.yaml"), "--yes", "--quiet", "--first-apply", *NOW, *LOOKUP]

    @property
    def environment(self) -> dict[str, str]:
        """Where the organization is, and who asks."""
        state = str(self.folder.parent / "state")
        return {"ANTHROPIC_BASE_URL": self.server.url, "ANTHROPIC_ADMIN_KEY": SANDBOX_KEY, "XDG_STATE_HOME": state}

    @contextmanager
    def applying(self) -> Iterator[subprocess.Popen[bytes]]:
        """`orgsync apply` at work. Its process is gone afterwards, whatever happened."""
        environment = {**os.environ, **self.environment}
        with subprocess.Popen(
            [PROGRAM, *self.command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def apply(self) -> int:
        """How an apply that nobody disturbs ends. In this process: half of its time would be the start of another."""
        with patch.dict(os.environ, self.environment):
            return exit_code(self.command)

    def kill_at(self, request: int, chance: random.Random) -> bool:
        """Starts an apply, and kills it a moment after so many requests. False where it had ended before."""
        before = self.server.received()
        with self.applying() as process:
            wait_until(lambda: process.poll() is not None or self.server.received() - before >= request)
            time.sleep(chance.uniform(0, 2 * WRITE_TAKES))
            process.kill()
            process.wait(MOST_SECONDS)
        return process.returncode < 0


def wait_until(reached: Callable[[], bool]) -> None:
    """Looks every few milliseconds."""
    deadline = time.monotonic() + MOST_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.008)
