"""The page about upgrading is run as it stands, in the repository of the first release."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from old_files.support import AT, repository
from orgsync import __version__
from orgsync.core.words.versions import minor_of
from orgsync.errors import EXIT_OK

if TYPE_CHECKING:
    from cli.conftest import Orgsync
    from cli.support import Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "upgrade.md").read_text(encoding="utf-8")
OFFLINE = {"validate", "show"}


def sections() -> dict[str, str]:
    """What is said of each step from one minor version to the next."""
    _head, *rest = re.split(r"^## ([0-9.]+ to [0-9.]+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def commands(section: str) -> list[tuple[list[str], int]]:
    """Every command of a section, and the exit code that it says."""
    found = []
    for block in re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            command, _mark, code = line.partition("  # exit code ")
            program, *words = shlex.split(command)
            assert program == "orgsync"
            found.append((words, int(code or EXIT_OK)))
    return found


def run(orgsync: Orgsync, section: str) -> None:
    for words, code in commands(section):
        more = () if words[0] in OFFLINE else AT
        patience = ("--lookup-patience", "0") if words[0] == "apply" else ()
        ended = orgsync(*words, *more, *patience)
        assert ended.code == code, (words, ended.said)


@pytest.fixture
def acme(tmp_path: Path) -> Sandbox:
    return repository("0.1", tmp_path)


def test_there_is_a_section_for_this_version() -> None:
    major, minor = minor_of(__version__) or (0, 0)
    assert any(title.endswith(f" to {major}.{minor}") for title in sections())


@pytest.mark.parametrize("landed", [True, False])
def test_from_0_1_to_0_2(acme: Sandbox, orgsync: Orgsync, landed: bool) -> None:
    if landed:  # the writes of which 0.1 lost the answers
        acme.console("POST", "invites", {"email": "new@acme.example", "role": "user"})
        acme.console("POST", "workspaces", {"name": "support", "tags": {"env": "prod"}})
    section = sections()["0.1 to 0.2"]
    assert {words[0] for words, _code in commands(section)} == {
        *("validate", "show", "drift", "apply", "plan", "snapshot"),
    }
    run(orgsync, section)
    made = [one for one in acme.writes() if one.endswith(("/invites", "/workspaces"))]
    assert len(made) == (0 if landed else 2)
    report = json.loads(Path("drift.json").read_text(encoding="utf-8"))
    assert [one["address"] for one in report["entries"]] == ["console:payment_method"]
    assert [one["new"] for one in report["entries"]] == [False]
    assert "0 unfinished; the chain is intact" in orgsync("show", "--receipts", "org/orgsync.journal.jsonl").out
