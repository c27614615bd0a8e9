"""Which orgsync made a file, and what that means for this one."""

from __future__ import annotations

import re

from orgsync.version import __version__

FIRST = "0.1"
"""What made the files that do not say what made them."""

VERSION_PATTERN = r"^[0-9]+\.[0-9]+[0-9A-Za-z.+-]{0,40}$"
VERSION = {"type": "string", "pattern": VERSION_PATTERN}
"""The JSON Schema of a version."""

_MINOR = re.compile(r"([0-9]+)\.([0-9]+)")


def minor_of(version: str) -> tuple[int, int] | None:
    """The two numbers within which versions mean the same by a plan; None for what is no version."""
    found = _MINOR.match(version)
    return (int(found[1]), int(found[2])) if found else None


def is_ours(version: str) -> bool:
    """Whether this is a version within whose minor version this one is."""
    return minor_of(version) == minor_of(__version__)


def outdated(version: str) -> str:
    """Why a plan of that version is not applied."""
    return f"made by orgsync {version}, whose plans this version does not apply: plan again"
