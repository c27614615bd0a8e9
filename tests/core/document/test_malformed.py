"""What a person reads when a file is wrong: the whole output of `orgsync validate`, kept beside the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orgsync.cli import exit_code
from orgsync.errors import EXIT_INPUT

if TYPE_CHECKING:
    from conftest import Golden

MALFORMED = Path(__file__).parent / "malformed"
CASES = sorted(path.stem for path in MALFORMED.glob("*.yaml"))
NOW = "2026-11-22T10:00:00Z"


@pytest.fixture(autouse=True)
def _inside_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name a file as it was given: here without a folder, so that they are the same everywhere."""
    monkeypatch.chdir(MALFORMED)


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["validate", f"{case}.yaml", "--now", NOW])
    output = capsys.readouterr()
    golden(MALFORMED / f"{case}.txt", output.err)
    assert (code, output.out) == (EXIT_INPUT, "")
