"""Runs one program against the server of recorded pages, and says what it cost as a whole process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import urlopen

from benchmarks.floor import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
ORGSYNC = Path(sys.executable).with_name("orgsync")
PATIENCE = 300.0
"""Seconds after which a program is ended, and the benchmark with it."""


class Figures(NamedTuple):
    """What one run took."""

    requests: int
    wall: float
    """Seconds from its start to its end."""
    cpu: float
    """Seconds, in user mode and in the kernel."""
    peak: float
    """MiB of memory."""


class Server(NamedTuple):
    """A running benchmarks.server."""

    url: str

    def begin(self, delay: float) -> None:
        """From here on every answer takes so many seconds, and requests are counted anew."""
        with urlopen(f"{self.url}/-/begin?delay={delay}", timeout=PATIENCE):  # noqa: S310 - it is on loopback
            pass

    def asked(self, *, recording: bool = False) -> list[str]:
        """Method, path and query of every request since then.

        Raises RuntimeError where one was asked for the first time, which takes longer; unless that is meant.
        """
        with urlopen(f"{self.url}/-/log", timeout=PATIENCE) as answer:  # noqa: S310 - it is on loopback
            log = json.load(answer)
        if log["recorded"] and not recording:
            raise RuntimeError(f"{log['recorded']} pages had not been recorded: this run says nothing")
        return list(log["asked"])


def environment(url: str) -> dict[str, str]:
    """Nothing of whoever runs the benchmark but what programs need; compiled modules are kept."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "PYTHONPATH": str(ROOT), "ANTHROPIC_BASE_URL": url, "ANTHROPIC_ADMIN_KEY": KEY}


def done(*command: str | Path) -> None:
    """Runs what prepares. Raises CalledProcessError, with what it said on stderr."""
    subprocess.run(command, cwd=ROOT, env=environment(""), check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)


def prepared(size: str, folder: Path) -> Path:
    """A folder with `org.yaml`, `same.yaml` and `acme.db`, the sandbox that they declare."""
    # In a process of its own: what is run later inherits the peak memory of this one.
    done(PYTHON, "-m", "benchmarks.organizations", size, folder)
    done(ORGSYNC, "sandbox", "init", folder / "acme.db", "--seed", folder / "seed.json", "--quiet")
    return folder


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The server of this folder's organization."""
    process = subprocess.Popen(
        [PYTHON, "-m", "benchmarks.server", folder / "acme.db"],
        cwd=ROOT,
        env=environment(""),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Server(process.stdout.readline().strip().rpartition(" ")[2])
    finally:
        process.stdin.close()
        process.wait(timeout=PATIENCE)
        process.stdout.close()


def run(command: Sequence[str | Path], server: Server, delay: float, *, recording: bool = False) -> Figures:
    """What the command took while every answer took `delay` seconds. Raises RuntimeError where it failed."""
    server.begin(delay)
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment(server.url), stdout=subprocess.DEVNULL)
    killer = threading.Timer(PATIENCE, process.kill)
    killer.start()
    _pid, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    killer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return Figures(len(server.asked(recording=recording)), wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
