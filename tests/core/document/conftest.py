"""The command line in this process, in an empty folder."""

from __future__ import annotations

from cli.conftest import _clean, orgsync  # noqa: F401 - fixtures
