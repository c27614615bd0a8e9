"""Opens what is a file of its own and nothing else, whoever put it there."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from orgsync.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

# Windows has neither. Between a look at a path and its opening, it can become something else.
_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def opened(path: Path, flags: int, *, mode: int = 0o600, hint: str | None = None) -> int:
    """A descriptor of a regular file. Raises OSError, and UsageError with the hint where it is anything else.

    A pull request can put a link in its place, which must not decide which other file is read or written; and opening
    a pipe would wait for somebody at its other end.
    """
    with suppress(FileNotFoundError):  # it may be about to be made; else opening it says so
        _check(path, path.lstat().st_mode, hint)
    handle = os.open(path, flags | _CAREFULLY, mode)
    try:
        _check(path, os.fstat(handle).st_mode, hint)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _check(path: Path, mode: int, hint: str | None) -> None:
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is {'a link' if stat.S_ISLNK(mode) else 'not a regular file'}", hint=hint)
