"""What a plan, or why there is none, is printed as, and what its files are called there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Output:
    """What was asked for: a format, and for GitHub the name of the comment and where the whole plan can be read.

    `default_file` is named where something has no line of its own, if it is known.
    """

    format: str
    comment_name: str = "plan"
    link: str | None = None
    default_file: str | None = None


def from_the_top(file: str) -> str:
    """What a file is called from the top of the repository that GitHub checked out; elsewhere as it was named."""
    top = os.environ.get("GITHUB_WORKSPACE")
    try:
        return Path(file).resolve().relative_to(Path(top).resolve()).as_posix() if top else Path(file).as_posix()
    except (OSError, ValueError):
        return file
