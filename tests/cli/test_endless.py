"""Servers that never come to an end, against the installed program: it ends within its budget and 300 MiB.

A part of it in `make test`, all of it in `make kills`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from loopback import Handler, Loopback

from cli.server import PREFIX, USERS, Sent, page, proper, refusal
from cli.support import NOW, PROGRAM, environment, files
from orgsync.errors import EXIT_PARTLY, EXIT_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "sk-ant-admin01-" + "K" * 40
MIB = 2**20
MOST = 10 * 2**30
"""What a server sends before it stops by itself."""
MEMORY = 300
"""MiB."""
PATIENCE = 60.0
"""Seconds after which a program that should have ended is killed; it takes one or two."""


class Endless(NamedTuple):
    """One way never to end: what is sent, the options, and what the error says of the list /users."""

    pieces: Callable[[int], Iterator[bytes]]
    """The body of the n-th answer."""
    options: tuple[str, ...]
    told: str
    headers: dict[str, str]
    seconds: float = 0.0
    """Between two pieces."""
    sent: int = 64 * MIB
    """What is sent at most by then."""


def _one_byte(_count: int) -> Iterator[bytes]:
    while True:
        yield b" "


def _bomb(_count: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    yield packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    while True:
        yield again


def _valid(_count: int) -> Iterator[bytes]:
    yield b'{"data": ['
    row = json.dumps(USERS[1]).encode() + b","
    while True:
        yield row * 500


def _pages(count: int, rows: int, name: str = "Lee") -> Iterator[bytes]:
    data = [
        {**USERS[1], "id": f"user_{count}_{number}", "email": f"{count}-{number}@acme.example", "name": name}
        for number in range(rows)
    ]
    yield page(data, more=True).content


WAYS = {
    "one byte a second": Endless(
        _one_byte, ("--read-timeout", "1"), "waiting for answers took more than 1 second in all", {}, 1.0
    ),
    "a gzip bomb": Endless(_bomb, (), "the answer is larger than 8 MiB", {"content-encoding": "gzip"}),
    "10 GB of JSON": Endless(_valid, (), "the answer is larger than 8 MiB", {}),
    "cursors": Endless(lambda count: _pages(count, 1), ("--max-pages", "25"), "the list has more than 25 pages", {}),
    "whole pages": Endless(
        lambda count: _pages(count, 1000), ("--max-read-mib", "8"), "all answers together are larger than 8 MiB", {}
    ),
    "pages of long rows": Endless(
        lambda count: _pages(count, 1000, "x" * 1500),
        (),
        "all answers together are larger than 128 MiB",
        {},
        sent=160 * MIB,
    ),
}


class Api(Loopback):
    """Answers as it should; once it is `endless`, the list of users never ends. Writes get no answer that says how."""

    def __init__(self, way: Endless, *, from_the_first: bool) -> None:
        self.way = way
        self.endless = from_the_first
        self.writes = 0
        self.lists = 0
        self.sent = 0
        self.over = threading.Event()
        super().__init__(_handler(self))

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        super().__exit__(*exception)


def _handler(api: Api) -> type[Handler]:
    class Answers(Handler):
        def answer(self) -> None:
            self.body()
            if self.command != "GET":
                api.writes += 1
                api.endless = True
                lost = refusal(503, retry_after_ms="1")
                self.reply(503, lost.content, lost.headers)
            elif api.endless and self.route == f"{PREFIX}/users":
                api.lists += 1
                self.never_end(api.way)
            else:
                self.reply(200, proper(Sent(self.command, self.route, self.query, {})).content)

        def never_end(self, way: Endless) -> None:
            self.send_response(200)
            for name, value in way.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in way.pieces(api.lists):
                if api.over.wait(way.seconds) if way.seconds else api.over.is_set() or api.sent > MOST:
                    return
                self.wfile.write(piece)
                api.sent += len(piece)

    return Answers


class Ended(NamedTuple):
    """How a program ended, what it said, and the memory it had at its peak, in MiB."""

    code: int
    out: str
    err: str
    peak: float


_LAUNCHER = """
import os, subprocess, sys
program = subprocess.Popen(sys.argv[2:])
_pid, status, used = os.wait4(program.pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(used.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A program's peak counts the process that starts it, and the one of the tests is large: a small one starts it."""


def ended(folder: Path, url: str, *arguments: str) -> Ended:
    env = environment(ANTHROPIC_ADMIN_KEY=KEY, ANTHROPIC_BASE_URL=url, XDG_STATE_HOME=str(folder))
    peak = folder / "peak"
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, peak, PROGRAM, *arguments],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        killer = threading.Timer(PATIENCE, os.killpg, (launcher.pid, signal.SIGKILL))
        killer.start()
        code = launcher.wait()
        killer.cancel()
    told, complaint = (" ".join((folder / name).read_text(encoding="utf-8").split()) for name in ("out", "err"))
    units = 1024 if sys.platform != "darwin" else MIB
    return Ended(code, told, complaint, float(peak.read_text(encoding="utf-8")) / units)


def _chosen() -> list[tuple[str, str]]:
    every = [(way, command) for command in ("plan", "apply", "look-up") for way in WAYS]
    if os.environ.get("ORGSYNC_KILLS") == "full":
        return every
    return [("a gzip bomb", "plan"), ("10 GB of JSON", "apply"), ("cursors", "look-up")]


@pytest.mark.parametrize(("way", "command"), _chosen())
def test_it_ends_within_its_budget(way: str, command: str, tmp_path: Path) -> None:
    """A write whose answer was lost, and that cannot be looked up, is unconfirmed: exit code 5."""
    roles = "".join(f"  {row['email']}: {'billing' if row is USERS[1] else row['role']}\n" for row in USERS)
    files(tmp_path, f"members:\n{roles}")
    endless = WAYS[way]
    arguments = ("plan",) if command == "plan" else ("apply", "--yes")
    with Api(endless, from_the_first=command != "look-up") as api:
        told = ended(tmp_path, api.url, *arguments, "--now", NOW, "--requests-per-minute", "100000", *endless.options)
    assert endless.told in told.err + told.out
    assert f"GET {PREFIX}/users" in told.err + told.out
    assert told.peak <= MEMORY
    assert api.sent < endless.sent
    assert KEY not in told.out + told.err
    if command == "look-up":
        assert told.code == EXIT_PARTLY, told
        assert "looking it up failed" in told.out + told.err
        assert api.writes == 4
    else:
        assert told.code == EXIT_UNREADABLE, told
        assert f"hint: if the {'connection' if endless.seconds else 'organization'} is that" in told.err
        assert not api.writes
