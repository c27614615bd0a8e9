"""The programs that are compared ask for the same, of a server that counts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from anthropic import Anthropic

from benchmarks import floor, sdk_concurrent, sdk_sequential
from benchmarks.__main__ import FLOOR, Case, programs, rows
from benchmarks.organizations import SIZES
from benchmarks.run import Figures, prepared, run, served
from orgsync.cli import exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.run import Server

SIZE = SIZES["S"]
CONCURRENCY = 4
SKIPPED = ("GET /v1/organizations/cost_report", "GET /v1/organizations/spend_limits/")
"""What only a plan asks for: a script that reads lists has no use for it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared("S", tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """Has been asked everything once."""
    with served(folder) as server:
        asyncio.run(floor.read(server.url, CONCURRENCY))
        yield server


@pytest.fixture
def planned(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a plan asks for, in alphabetical order."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", floor.KEY)
    server.begin(0)
    assert exit_code(["plan", str(folder / "org.yaml"), "--quiet"]) == 0
    return sorted(server.asked())


def test_the_floor_asks_what_a_plan_asks(planned: list[str], server: Server) -> None:
    server.begin(0)
    asyncio.run(floor.read(server.url, CONCURRENCY))
    assert sorted(server.asked()) == planned
    assert len(planned) == SIZE.requests


def test_the_scripts_read_the_lists_of_a_plan(planned: list[str], server: Server) -> None:
    lists = [request for request in planned if not request.startswith(SKIPPED)]
    server.begin(0)
    of_one = sdk_sequential.read(server.url)
    assert sorted(server.asked()) == lists
    server.begin(0)
    assert asyncio.run(sdk_concurrent.read(server.url, CONCURRENCY)) == of_one
    assert sorted(server.asked()) == lists


def test_every_answer_takes_as_long_as_it_is_told_to(server: Server, folder: Path) -> None:
    figures = run(programs(server.url, folder, 1)[FLOOR], server, 0.02)
    assert figures.requests == SIZE.requests
    assert figures.wall > 0.02 * SIZE.requests  # one connection: one after the other
    assert 0 < figures.cpu < figures.wall
    assert figures.peak > 1


def test_a_page_that_was_not_recorded_is_no_measurement(server: Server) -> None:
    server.begin(0)
    Anthropic(auth_token=floor.KEY, base_url=server.url).beta.organization.users.list(limit=3)
    with pytest.raises(RuntimeError, match="had not been recorded"):
        server.asked()


def test_the_table_has_medians_and_ratios_round_by_round() -> None:
    rounds = [
        {FLOOR: Figures(15, 1.0, 0.5, 20.0), "other": Figures(13, 2.0, 1.0, 40.0)},
        {FLOOR: Figures(15, 2.0, 0.5, 20.0), "other": Figures(13, 3.0, 2.0, 40.0)},
        {FLOOR: Figures(15, 1.0, 0.5, 20.0), "other": Figures(13, 9.0, 1.5, 40.0)},
    ]
    assert list(rows(Case("S", 0.1, 3), rounds)) == [
        "| S | 100 ms | floor | 15 | 1.00 | 0.50 | 20 | 1.00 | 1.00 | 1.00 |",
        "| S | 100 ms | other | 13 | 3.00 | 1.50 | 40 | 2.00 | 3.00 | 2.00 |",
    ]
