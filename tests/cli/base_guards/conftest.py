"""A repository whose file protects a member, and the organization that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from core.review.support import WHO, Repository

from cli.support import CEO

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: MakeSandbox) -> Repository:
    """A repository whose file protects Ana, around the folder that commands run in."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    people = [{"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj")]
    sandbox(users=[CEO, *people])
    made = Repository(tmp_path)
    made.commit(".gitignore", "# not ours\n*.db*\n")
    return made
