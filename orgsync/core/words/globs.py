"""Globs as people write them in the files: `*`, `?` and `[...]` stand for any text, one character, one of some."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WILD = frozenset("*?[")


def is_glob(text: str) -> bool:
    """Whether it may mean several texts."""
    return not _WILD.isdisjoint(text)


def any_matches(globs: Iterable[str], text: str) -> bool:
    """Whether one of the globs means this text. A name may hold brackets, so it also means itself."""
    return any(glob == text or fnmatchcase(text, glob) for glob in globs)
