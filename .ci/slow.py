"""What `make check-slow` runs: pieces of the slow matrices, in parts, in the time that CI has (docs/decisions/0015)."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
PARTS = 30
"""Commits take turns: each runs one part of so many."""
GRACE = 20.0
"""Seconds that a piece has to say how far it came, once it is told to stop."""
SUMMARY = re.compile(r"=* ?\d[\d,]* (passed|failed|error|deselected|xfailed).* in [\d.]+s|\S+: \d+ mutants, .*")


class Part(NamedTuple):
    """Every `of`-th piece, beginning with the `number`-th."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


WHOLE = Part(1, 1)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A word of the Makefile. It is cut in `shares` pieces, of which each may take so many minutes on two cores."""

    word: str
    shares: int
    minutes: int
    packages: Mapping[str, str]
    """The Debian package that brings each file it needs beyond Python, make and git; the file may be a pattern."""
    program: tuple[str, ...] = ("make", "--no-print-directory")


MATRICES = (
    Matrix("torture", 60, 12, {}),
    Matrix("properties", 12, 12, {}),
    Matrix("mutants", 6, 15, {}),
    Matrix("probes", 2, 15, {}),
    Matrix("fuzz", 1, 15, {}),
    Matrix("stories", 1, 12, {}),
    Matrix("kills", 2, 15, {}),
    Matrix("editor", 1, 10, {"/usr/bin/node": "nodejs", "/usr/bin/npm": "npm"}),
    Matrix("hostile-terminal", 4, 15, {}),
    Matrix("clock", 1, 15, {"/usr/lib/*/faketime/libfaketime.so.1": "libfaketime"}),
)


class Piece(NamedTuple):
    """One share of one matrix."""

    matrix: Matrix
    share: Part

    @property
    def command(self) -> list[str]:
        """What a person would type."""
        return [*self.matrix.program, self.matrix.word, *self._share]

    @property
    def _share(self) -> list[str]:
        return [] if self.share == WHOLE else [f"SHARE={self.share}"]

    def __str__(self) -> str:
        return " ".join([self.matrix.word, *map(str, [self.share] * len(self._share))])


class End(StrEnum):
    """What became of a piece."""

    PASSED = "passed"
    FAILED = "failed"
    LATE = "failed, as it took longer than it may"
    CUT = "cut off, as the time was over"
    LEFT_OUT = "left out, as the time was over"


class Ended(NamedTuple):
    """How a piece ended, after how many seconds, and what it said of itself in the end."""

    piece: Piece
    end: End
    seconds: float = 0.0
    said: str = ""


def part_of(commit: str) -> Part:
    """The part that is run for a commit: another one for the next, the same one again for the same."""
    return Part(int(commit[:8], 16) % PARTS + 1, PARTS)


def part_from(text: str) -> Part:
    """`2/10`. Raises ValueError."""
    number, _, of = text.partition("/")
    part = Part(int(number), int(of))
    if not 1 <= part.number <= part.of:
        raise ValueError(f"not a part: {text}")
    return part


def pieces(matrices: Iterable[Matrix]) -> list[Piece]:
    """All of them: in the order of their matrices, so that parts are of many sorts and about as long."""
    return [Piece(matrix, Part(share, matrix.shares)) for matrix in matrices for share in range(1, matrix.shares + 1)]


def chosen(every: Sequence[Piece], part: Part) -> list[Piece]:
    """The pieces of a part; each piece is in exactly one."""
    return list(every[part.number - 1 :: part.of])


def missing(some: Iterable[Piece], root: Path = Path("/")) -> list[str]:
    """The Debian packages without which these pieces fail."""
    needed = {file: package for piece in some for file, package in piece.matrix.packages.items()}
    return sorted({package for file, package in needed.items() if not any(root.glob(file.lstrip("/")))})


def run(some: Iterable[Piece], until: float | None, now: Callable[[], float] = time.time) -> list[Ended]:
    """Runs them one after the other. None is begun after `until`, and one that is under way then is stopped."""
    ended = []
    for piece in some:
        begun = now()
        left = None if until is None else until - begun
        if left is not None and left <= 0:
            ended.append(Ended(piece, End.LEFT_OUT))
            continue
        print(f"\n--- {piece}", flush=True)
        most = piece.matrix.minutes * 60.0
        code, said = followed(piece.command, most if left is None else min(most, left))
        end = _end(code, said, is_over=left is not None and left < most)
        ended.append(Ended(piece, end, now() - begun, said))
    return ended


def _end(code: int | None, said: str, *, is_over: bool) -> End:
    if code is None and "failed" not in said:
        return End.CUT if is_over else End.LATE
    return End.PASSED if code == 0 else End.FAILED


def followed(command: Sequence[str], most: float) -> tuple[int | None, str]:
    """Shows what a program says while it runs. Its exit code, None where it was stopped, and its last summary."""
    said, stopped = "", threading.Event()

    def stop() -> None:
        stopped.set()
        _signal(program, signal.SIGINT)  # on which pytest says how far it came

    timers = [
        threading.Timer(most, stop),
        threading.Timer(most + GRACE, lambda: _signal(program, signal.SIGKILL)),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as program:
        for timer in timers:
            timer.start()
        try:
            for line in program.stdout or ():
                print(line, end="", flush=True)
                said = line.strip(" =\n") if SUMMARY.match(line) else said
            code = program.wait()
        finally:
            for timer in timers:
                timer.cancel()
            _signal(program, signal.SIGKILL)  # whatever a test left behind
    return (None if stopped.is_set() else code), said


def _signal(program: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # all of it has ended
        os.killpg(program.pid, number)


def report(ended: Iterable[Ended]) -> str:
    """One line for each piece."""
    return "".join(
        f"{one.piece}: {one.end}, {one.seconds / 60:.1f} min{f': {one.said}' if one.said else ''}\n" for one in ended
    )


def main(words: Sequence[str], matrices: Iterable[Matrix] = MATRICES) -> int:
    """Exit code 1 if a piece failed; what there was no time for is named, and fails nothing."""
    parser = argparse.ArgumentParser(prog="slow.py", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("part").add_argument("commit")
    for name in ("packages", "run"):
        one = what.add_parser(name)
        one.add_argument("part", nargs="?", default=WHOLE, type=part_from)
        if name == "run":
            one.add_argument("--until", type=float, help="seconds since 1970 at which the time is over")
    given = parser.parse_args(words)
    if given.what == "part":
        print(part_of(given.commit))
        return 0
    some = chosen(pieces(matrices), given.part)
    if given.what == "packages":
        print("\n".join(missing(some)))
        return 0
    ended = run(some, given.until)
    print(f"\n--- part {given.part} of the slow matrices\n{report(ended)}", end="", flush=True)
    return int(any(one.end in {End.FAILED, End.LATE} for one in ended))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
