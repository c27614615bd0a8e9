"""The command line in this process, and nothing of a real job's environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cli.conftest import _clean, orgsync, sandbox  # noqa: F401 - fixtures
from github_api import GithubApi

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may themselves run in a job on GitHub."""
    for name in list(os.environ):
        if name.startswith("GITHUB_"):
            monkeypatch.delenv(name)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[GithubApi]:
    """A GitHub with the pull request 7, and the environment of a job on it."""
    with GithubApi() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
