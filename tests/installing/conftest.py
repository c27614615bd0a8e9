"""The command line in this process, as the tests of the command line run it."""

from __future__ import annotations

from cli.conftest import _clean, orgsync  # noqa: F401 - fixtures
