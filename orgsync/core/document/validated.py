"""What can be said of valid files without asking anybody: how much is in them, and what to be warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.root_file import elsewhere_notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Note
    from orgsync.core.model.kind import Kinds


@dataclass(frozen=True, slots=True)
class ValidFiles:
    """Valid files at a path: how many things of each kind they declare, the same in words, and the warnings."""

    path: str
    declared: Mapping[str, int]
    counts: str
    warnings: tuple[Note, ...]


def valid_files(path: str, desired: Desired, kinds: Kinds) -> ValidFiles:
    """What there is to say of these files."""
    declared = {kind.name: len(desired.declared[kind.name]) for kind in kinds if kind.sections}
    counts = ", ".join(kinds.by_name[name].counted(number) for name, number in declared.items())
    warnings = sorted(elsewhere_notes(desired.document, kinds), key=lambda note: (note.address, note.message))
    return ValidFiles(path, declared, counts, tuple(warnings))
