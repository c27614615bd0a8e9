"""`dump SDK` writes the surface of an SDK, a wheel or a folder; `compare FILE SDK` says what it has that FILE has not.

The exit code of `compare` is 2 where there is a difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .differences import differences, told
from .dump import surface, written
from .source import Source

DIFFERENT = 2


def main(arguments: list[str]) -> int:
    """One of the two commands; its exit code."""
    parser = argparse.ArgumentParser(prog="surface", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    dump = commands.add_parser("dump")
    compare = commands.add_parser("compare")
    compare.add_argument("file", type=Path)
    for command in (dump, compare):
        command.add_argument("sdk", type=Path)
    given = parser.parse_args(arguments)
    found = surface(Source.of(given.sdk))
    if given.command == "dump":
        sys.stdout.write(written(found))
        return 0
    kept = json.loads(given.file.read_text(encoding="utf-8"))
    sys.stdout.write(told(kept, found))
    return DIFFERENT if differences(kept, found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
