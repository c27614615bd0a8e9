"""The organization under review, with its files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from cli.review.support import PEOPLE, SEED, start
from cli.support import Sandbox, files

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """Three people, an invite, a workspace, and keys with and without an owner."""
    files(tmp_path, PEOPLE)
    return sandbox(**SEED)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that organization, its files and its review are kept once it was started, for tests to copy."""
    return tmp_path_factory.mktemp("desk") / "started"


@pytest.fixture
def started(desk: Path, request: pytest.FixtureRequest, orgsync: Orgsync, tmp_path: Path) -> Sandbox:
    """A review that was just started."""
    if not desk.exists():
        request.getfixturevalue("acme")
        start(orgsync)
        shutil.copytree(tmp_path, desk)
    else:
        shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    acme = Sandbox.__new__(Sandbox)
    acme.path = tmp_path / "acme.db"
    return acme
