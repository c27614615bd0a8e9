"""Every way a file can be no YAML we read: the message a person sees, kept beside the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orgsync.errors import InputError
from orgsync.files.yaml import builder as yaml_builder
from orgsync.files.yaml.load import load
from orgsync.files.yaml.parser import PythonParser

if TYPE_CHECKING:
    from conftest import Golden

MALFORMED = Path(__file__).parent / "malformed"
READ_BY_THE_PYTHON_PARSER = {"directive_unknown", "tab_in_block_text"}  # more lenient, and harmless
CASES = sorted(path.stem for path in MALFORMED.glob("*.yaml"))


@pytest.fixture(autouse=True)
def _inside_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name a file as it was given: here without a folder, so that they are the same everywhere."""
    monkeypatch.chdir(MALFORMED)


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, golden: Golden) -> None:
    with pytest.raises(InputError) as caught:
        load(Path(f"{case}.yaml"))
    golden(MALFORMED / f"{case}.txt", f"{caught.value}\n")


@pytest.mark.parametrize("case", [case for case in CASES if case not in READ_BY_THE_PYTHON_PARSER])
def test_the_python_parser_refuses_the_same_lines(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML was built without its C parser, the same places are refused."""
    with pytest.raises(InputError) as in_c:
        load(Path(f"{case}.yaml"))
    monkeypatch.setattr(yaml_builder, "Parser", PythonParser)
    with pytest.raises(InputError) as in_python:
        load(Path(f"{case}.yaml"))
    lines = [[problem.source.line for problem in error.value.problems if problem.source] for error in (in_c, in_python)]
    assert lines[0] == lines[1]


def test_no_message_is_left_without_its_file() -> None:
    assert sorted(path.stem for path in MALFORMED.glob("*.txt")) == CASES
