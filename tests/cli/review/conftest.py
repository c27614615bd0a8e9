"""The organization under review, with its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.review.support import PEOPLE, SEED
from cli.support import files

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox
    from cli.support import Sandbox


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """Three people, an invite, a workspace, and keys with and without an owner."""
    files(tmp_path, PEOPLE)
    return sandbox(**SEED)
