"""`orgsync --help` is fast because it imports nothing of what the commands need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cli.support import PATIENCE, environment

HEAVY = (
    *("anyio", "apprise", "deepdiff", "github", "httpx", "jsonschema", "pydantic", "requests", "rich", "starlette"),
    *("tenacity", "uvicorn", "yaml"),
)
SCRIPT = f"""
import sys
from orgsync.cli import exit_code
code = exit_code(sys.argv[1:])
sys.stdout = sys.stderr
print("\\n".join(sorted({{name.partition(".")[0] for name in sys.modules}} & {set(HEAVY)!r})))
sys.exit(code)
"""


def _imported(*arguments: str) -> list[str]:
    """Which of the heavy packages are there after this command line has run."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return ended.stderr.split()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["plan", "--help"],
        ["drift", "--help"],
        ["sandbox", "--help"],
        ["github", "comment", "--help"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not _imported(*arguments)


def test_the_list_of_heavy_packages_is_not_made_up() -> None:
    """The same question does find them where a command does need them."""
    assert set(_imported("schema")) >= {"pydantic"}


def test_what_a_command_does_not_need_is_not_imported() -> None:
    assert not set(_imported("schema")) & {"httpx", "yaml", "starlette", "rich"}
