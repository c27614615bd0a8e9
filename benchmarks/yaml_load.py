"""How long `load` takes for a large organization, as a share of what PyYAML's own C loader takes.

Run with `python benchmarks/yaml_load.py`. Writes one temporary file; needs nothing else.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.organizations import SIZES, org_yaml
from orgsync.files.yaml.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
ALLOWED = 0.5


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    text = org_yaml(SIZES["XL"], different=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "org.yaml")
        path.write_text(text, encoding="utf-8")
        # Taken in turns, so that a busy machine slows both alike.
        pairs = [
            (
                seconds(lambda: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)),
                seconds(lambda: load(path)),
            )
            for _ in range(ROUNDS)
        ]
    theirs, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(our / their for their, our in pairs)
    print(f"{text.count(chr(10)):,} lines, {len(text) / 2**20:.1f} MiB, median of {ROUNDS}")
    print(f"CSafeLoader {theirs:.2f} s, orgsync {ours:.2f} s: {ratio:.2f} of the time ({ALLOWED} allowed)")
    return 0 if ratio <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
