"""The example from the first plan to the last, as a person sees it at 80 columns."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.support import EXAMPLE, LIVE, NOW, parsed
from orgsync.errors import EXIT_OK

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
GOLDEN = Path(__file__).parent / "golden" / "example"
HERE = ["examples/org.yaml", "--sandbox", "acme.db", "--now", NOW]
ALLOWED = [*HERE, "--allow", "workspace:old-poc"]
STEPS = {
    "1-plan": ["plan", *HERE],
    "2-apply-refused": ["apply", *HERE, "--yes"],
    "3-plan-allowed": ["plan", *ALLOWED, "--detailed-exitcode"],
    "4-apply": ["apply", *ALLOWED, "--yes", "--wait-exitcode"],
    "5-plan-again": ["plan", *HERE, "--detailed-exitcode"],
    "6-apply-again": ["apply", *HERE, "--yes"],
}


@pytest.fixture
def example(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """The example's organization, before anything was applied."""
    (tmp_path / "examples").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "examples")
    return sandbox(**parsed(LIVE.read_text(encoding="utf-8")))


def _transcript(command: list[str], ended: Ended) -> str:
    return f"$ orgsync {' '.join(command)}\n=== stdout\n{ended.out}=== stderr\n{ended.err}=== exit code {ended.code}\n"


@pytest.mark.usefixtures("example")
def test_transcript(orgsync: Orgsync, golden: Golden) -> None:
    for name, command in STEPS.items():
        ended = orgsync(*command)
        golden(GOLDEN / f"{name}.txt", _transcript(command, ended))
        assert max(len(line) for line in ended.said.splitlines()) <= 80
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(STEPS)


def test_apply_sends_one_write_for_each_change_and_applied_again_none(example: Sandbox, orgsync: Orgsync) -> None:
    changes = parsed(orgsync("plan", *ALLOWED, "--format", "json").out)["changes"]
    assert len({change["action"] for change in changes}) == 6
    assert example.writes() == []
    assert orgsync("apply", *ALLOWED, "--yes").code == EXIT_OK
    writes = example.writes()
    assert len(writes) == len(changes) == 24
    removing = [change for change in changes if change["action"] in {"remove", "withdraw"}]
    assert sum(write.startswith("DELETE ") for write in writes) == len(removing)
    assert orgsync("apply", *ALLOWED, "--yes").code == EXIT_OK
    assert example.writes() == writes


def test_the_page_on_the_architecture_ends_where_the_example_does(example: Sandbox, orgsync: Orgsync) -> None:
    blocks = re.findall(r"^```\n(.+)\n```$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    sent, printed = blocks
    assert printed in " ".join(orgsync("plan", *HERE).out.split())
    assert orgsync("apply", *ALLOWED, "--yes").code == EXIT_OK
    method, path, body = sent.split(maxsplit=2)
    assert json.loads(body) in example.bodies(method, path)
