"""Globs as people write them in the files: `*`, `?` and `[...]` stand for any text, one character, one of some."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WILD = frozenset("*?[")
_NEVER_IN_A_NAME = frozenset("*?")
"""Brackets are usual in names: `Team [EU]`."""


def is_glob(text: str) -> bool:
    """Whether it may mean several texts."""
    return not _WILD.isdisjoint(text)


def looks_like_a_glob(name: str) -> bool:
    """Whether somebody who writes this as the name of one thing probably means several."""
    return not _NEVER_IN_A_NAME.isdisjoint(name)


def any_matches(globs: Iterable[str], text: str) -> bool:
    """Whether one of the globs means this text. A name may hold brackets, so it also means itself."""
    return any(glob == text or fnmatchcase(text, glob) for glob in globs)
