"""How long `orgsync --help` takes as a whole process, as a multiple of `python -c "import click"`.

Run with `python benchmarks/startup.py` where orgsync is installed beside this Python.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15
ALLOWED = 1.2


def seconds(*command: str | Path) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> int:
    theirs = (sys.executable, "-c", "import click")
    ours = (Path(sys.executable).with_name("orgsync"), "--help")
    for command in (theirs, ours):
        seconds(*command)  # so that both have their bytecode
    # Taken in turns, so that a busy machine slows both alike.
    pairs = [(seconds(*theirs), seconds(*ours)) for _ in range(ROUNDS)]
    click, orgsync = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = orgsync / click
    print(f"median of {ROUNDS}: import click {click * 1000:.0f} ms, orgsync --help {orgsync * 1000:.0f} ms")
    print(f"{ratio:.2f} times as long ({ALLOWED} allowed)")
    return 0 if ratio <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
