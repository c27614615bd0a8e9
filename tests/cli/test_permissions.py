"""What names people is for its owner alone, whatever the umask; what is committed is as every file of a repository."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, NOW, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import MakeSandbox, Orgsync

HERE = ("--sandbox", "acme.db", "--now", NOW, "--quiet")
PRIVATE = {"exported.yaml", "plan.json", "undo.json", "drift.json", "live.json", "org.journal.jsonl"}
COMMITTED = {"org.attestations.jsonl"}


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct, autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes() -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path().iterdir() if path.is_file()}


def test_files_that_orgsync_writes(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, umask: int) -> None:
    sandbox(users=[CEO])
    files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\nconsole: {sso: {expect: 'on'}}\n")
    for command, code in (
        (("export", "--out", "exported.yaml"), EXIT_OK),
        (("plan", "--out", "plan.json"), EXIT_OK),
        (("drift", "--out", "drift.json"), EXIT_DIFFERENCE),
        (("snapshot", "--out", "live.json"), EXIT_OK),
        (("apply", "--yes", "--undo", "undo.json", "--first-apply"), EXIT_OK),
        (("attest", "sso", "--value", "on", "--by", "ana"), EXIT_OK),
    ):
        ended = orgsync(*command, *HERE)
        assert ended.code == code, ended.said
    found = modes()
    assert {name: found[name] for name in PRIVATE} == dict.fromkeys(PRIVATE, 0o600)
    assert {name: found[name] for name in COMMITTED} == dict.fromkeys(COMMITTED, 0o666 & ~umask)
