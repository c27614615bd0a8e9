"""How long `load` takes for a large organization, as a share of what PyYAML's own C loader takes.

Run with `python benchmarks/yaml_load.py`. Writes one temporary file; needs nothing else.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from orgsync.files.yaml.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORKSPACES = 500
MEMBERS_OF_A_WORKSPACE = 200
PEOPLE = 10_000
ROUNDS = 5
ALLOWED = 0.5


def lines() -> Iterator[str]:
    """An organization in the style people write, of about 110,000 lines."""
    roles = ("user", "developer", "restricted_developer", "admin")
    yield "version: 1"
    yield "members:"
    for person in range(PEOPLE):
        yield f"  person-{person}@example.com: {roles[person % 2]}"
    yield "workspaces:"
    for workspace in range(WORKSPACES):
        yield f"  workspace-{workspace}:"
        yield '    color: "#6C5BB9"'
        yield f"    tags: {{env: prod, cost-center: '{workspace}'}}"
        yield "    members:"
        for member in range(MEMBERS_OF_A_WORKSPACE):
            yield f"      person-{(workspace * 37 + member) % PEOPLE}@example.com: {roles[member % 4]}"


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    text = "\n".join(islice(lines(), 200_000)) + "\n"
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
