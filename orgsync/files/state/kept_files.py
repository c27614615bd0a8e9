"""Files that were kept of earlier runs: those of one sort below a folder, and the journals beside the files."""

from __future__ import annotations

import os
from pathlib import Path

from orgsync.errors import UsageError
from orgsync.files.state.journal import is_journal_name

MOST = 10_000
"""Files below one folder that are looked at."""


def kept_files(place: Path, ending: str, option: str) -> tuple[Path, ...]:
    """The file itself, or every file below the folder whose name ends so, by path. Links are not followed.

    Raises UsageError where a folder cannot be read, or holds too much.
    """
    if place.is_file():
        return (place,)
    found: list[Path] = []
    try:
        for folder, _folders, names in os.walk(place, onerror=_raised):
            found += [Path(folder) / name for name in names if name.endswith(ending)]
            if len(found) > MOST:
                raise UsageError(f"{option}: {place} holds more than {MOST:,} files that end with {ending}")
    except OSError as error:
        raise UsageError(f"{option}: {error.filename} could not be read: {error.strerror}") from error
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


def _raised(error: OSError) -> None:
    raise error


def journals_beside(path: Path) -> tuple[Path, ...]:
    """The journals of the files at `path`, and of plans that were saved beside them."""
    folders = [path, path.parent] if path.is_dir() else [path.parent]
    found = [one for folder in folders if folder.is_dir() for one in folder.iterdir() if is_journal_name(one)]
    return tuple(sorted(one for one in found if one.is_file() and not one.is_symlink()))
