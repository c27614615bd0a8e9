"""The command line in this process."""

from __future__ import annotations

from cli.conftest import orgsync  # noqa: F401 - a fixture
