"""`requires`: which versions of orgsync may read these files. A version that may not refuses before all else."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from orgsync.core.words.problems import Unsuitable, quoted, shape
from orgsync.core.words.source import Problem
from orgsync.version import __version__

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from orgsync.core.words.source import Map

KEY = "requires"
HINT = 'write requires: ">=0.2"'


def valid_requirement(value: Any) -> str:
    """The value itself. Raises ValueError where it does not say which versions fit."""
    if not isinstance(value, str):
        raise Unsuitable(f"expected text, found {shape(value)}", HINT)
    if _specifiers(value) is None:
        raise Unsuitable(f"{quoted(value)} is not a valid version specifier", HINT)
    return value


def unmet(data: Map) -> Problem | None:
    """What to say instead of everything else where the files are for other versions of orgsync.

    What is written may be anything; whether it is a requirement at all, the settings say.
    """
    text = data.get(KEY)
    if not isinstance(text, str):
        return None
    wanted = _specifiers(text)
    if wanted is None or wanted.contains(__version__, prereleases=True):
        return None
    message = f"these files require orgsync {text.strip()}, but this is orgsync {__version__}"
    install = f"pip install {shlex.quote(f'orgsync{text.strip()}')}"
    return Problem(message, data.sources[KEY], KEY, f"install a matching version: {install}")


def _specifiers(text: str) -> SpecifierSet | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # most files require nothing

    try:
        return SpecifierSet(text) if text.strip() else None
    except InvalidSpecifier:
        return None
