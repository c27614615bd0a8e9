"""Organizations for tests, closed at their end; and sandboxes served by a real process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.seed import build as seeds

from .org import NOW, SEED, Org

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

RUN = [sys.executable, "-c", "from orgsync.cli.commands.tools.sandbox import sandbox; sandbox()"]


@pytest.fixture
def make_org() -> Iterator[Callable[..., Org]]:
    """Makes organizations that are closed when the test is over."""
    made: list[Org] = []

    def make(seed: Mapping[str, Any] = SEED, *, now: datetime | None = NOW) -> Org:
        made.append(Org.of(seed, now=now))
        return made[-1]

    yield make
    for org in made:
        org.close()


@pytest.fixture
def org(make_org: Callable[..., Org]) -> Org:
    """The usual organization."""
    return make_org()


@contextmanager
def served(path: Path) -> Iterator[str]:
    """`sandbox serve` as its own process, at the moment of its seed; it has to stop by itself when asked to."""
    command = [*RUN, "serve", str(path), "--now", NOW.isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("listening on http://127.0.0.1:"), process.stderr.read()
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0
            assert process.stderr.read() == ""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A served organization, shared by a module: its base URL and its state file."""
    path = tmp_path_factory.mktemp("sandbox") / "state.db"
    seeds.create(path, SEED, now=NOW)
    with served(path) as url:
        yield url, path
