"""One table: what a plan costs, beside the least it could cost and beside scripts with the official SDK.

    python -m benchmarks [--size M] [--delay 0.1] [--runs 3] [--concurrency 8]

Each program is a whole process, against the same server of recorded pages, each answer of which takes the same time.
They take turns, and each round's figures are divided by that round's floor: machines are noisy. Medians are printed.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.organizations import SIZES
from benchmarks.run import ORGSYNC, PYTHON, Figures, done, prepared, run, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.run import Server

HEAD = """\
| size | delay | program | requests | wall s | CPU s | peak MiB | wall / floor | CPU / floor | peak / floor |
|---|--:|---|--:|--:|--:|--:|--:|--:|--:|"""
FLOOR = "floor"


class Case(NamedTuple):
    """An organization, the seconds that each answer takes, and how many rounds there are."""

    size: str
    delay: float
    runs: int


USUAL = (Case("S", 0.1, 3), Case("M", 0.1, 3), Case("M", 0, 3), Case("XL", 0.08, 1), Case("XL", 0, 1))
"""What is done in a few minutes."""


def programs(url: str, folder: Path, concurrency: int) -> dict[str, Sequence[str | Path]]:
    """The command of each; the floor first."""
    file, at_once = folder / "org.yaml", str(concurrency)
    return {
        FLOOR: (PYTHON, "-m", "benchmarks.floor", url, file, at_once),
        "orgsync plan": (ORGSYNC, "plan", file, "--quiet", "--requests-per-minute", "1000000"),
        "SDK, concurrent": (PYTHON, "-m", "benchmarks.sdk_concurrent", url, at_once),
        "SDK, sequential": (PYTHON, "-m", "benchmarks.sdk_sequential", url),
    }


def record(commands: Mapping[str, Sequence[str | Path]], server: Server) -> None:
    """Lets everything be asked once, so that the server has it; what the scripts ask, the floor asks, too."""
    for name in (FLOOR, "orgsync plan"):
        run(commands[name], server, 0, recording=True)


def rows(case: Case, rounds: Sequence[Mapping[str, Figures]]) -> Iterator[str]:
    """A line for each program."""
    for name in rounds[0]:
        mine = [figures[name] for figures in rounds]
        ratios = [
            [each / least for each, least in zip(figures[name][1:], figures[FLOOR][1:], strict=True)]
            for figures in rounds
        ]
        wall, cpu, peak = (median(figure) for figure in list(zip(*mine, strict=True))[1:])
        by_wall, by_cpu, by_peak = (median(ratio) for ratio in zip(*ratios, strict=True))
        yield (
            f"| {case.size} | {case.delay * 1000:.0f} ms | {name} | {mine[0].requests:,} | {wall:.2f} | {cpu:.2f} "
            f"| {peak:.0f} | {by_wall:.2f} | {by_cpu:.2f} | {by_peak:.2f} |"
        )


def table(cases: Sequence[Case], concurrency: int, folder: Path) -> Iterator[str]:
    """The lines of the table, each as soon as it is known."""
    yield HEAD
    done(PYTHON, "-c", "import anthropic, httpx")  # compiled once, for whoever comes first
    for size in dict.fromkeys(case.size for case in cases):
        of_size = prepared(size, folder / size)
        with served(of_size) as server:
            commands = programs(server.url, of_size, concurrency)
            record(commands, server)
            for case in cases:
                if case.size == size:
                    rounds = [
                        {name: run(command, server, case.delay) for name, command in commands.items()}
                        for _ in range(case.runs)
                    ]
                    yield from rows(case, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Prints one table, as Markdown.")
    parser.add_argument("--size", choices=SIZES, help="only this one; see benchmarks/organizations.py")
    parser.add_argument("--delay", type=float, default=0.1, metavar="SECONDS", help="with --size (default: 0.1)")
    parser.add_argument("--runs", type=int, default=3, metavar="NUMBER", help="with --size (default: 3)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="NUMBER", help="of floor and SDK (default: 8)")
    chosen = parser.parse_args()
    # Where Ctrl-C is ignored, as in the background of a shell, asyncio takes care of no signal: that costs less.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cases = USUAL if chosen.size is None else (Case(chosen.size, chosen.delay, chosen.runs),)
    with tempfile.TemporaryDirectory() as folder:
        for line in table(cases, chosen.concurrency, Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
