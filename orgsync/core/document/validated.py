"""What can be said of valid files without asking anybody: how much is in them, and what to be warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.expiry import expired_notes
from orgsync.core.document.mailbox import doubt, nowhere
from orgsync.core.document.root_file import elsewhere_notes, left_out_notes
from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.things import Segment
from orgsync.core.words.address import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Declared


@dataclass(frozen=True, slots=True)
class ValidFiles:
    """Valid files at a path: how many things of each kind they declare, the same in words, and what to know."""

    path: str
    declared: Mapping[str, int]
    counts: str
    warnings: tuple[Note, ...]


def valid_files(path: str, desired: Desired, kinds: Kinds) -> ValidFiles:
    """What there is to say of these files."""
    declared = {kind.name: len(desired.declared[kind.name]) for kind in kinds if kind.sections}
    counts = ", ".join(kinds.by_name[name].counted(number) for name, number in declared.items())
    document = desired.document
    warnings = (
        *elsewhere_notes(document, kinds),
        *left_out_notes(document, kinds),
        *expired_notes(desired.declared, kinds),
        *_email_notes(desired, kinds),
    )
    in_order = sorted(warnings, key=lambda note: (note.address, note.message))
    return ValidFiles(path, declared, counts, tuple(in_order))


def _email_notes(desired: Desired, kinds: Kinds) -> Iterator[Note]:
    """What is doubtful about people: whether they are there, and need no invite, the files do not tell."""
    people: dict[str, Declared] = {}
    for kind in kinds:
        if kind.segments[-1] is Segment.EMAIL:
            for line in desired.declared[kind.name].values():
                if not line.expired:
                    people.setdefault(line.key[-1], line)
    for line in people.values():
        wrong = doubt(line.segments[-1])
        if wrong is not None:
            hint = "" if wrong.hint is None else f" ({wrong.hint})"
            message = f"could not be invited: {wrong.why}{hint}"
            yield Note(line.address, Code.DOUBTFUL_EMAIL, message, Level.WARNING, line.place)
    lost = nowhere(line.segments[-1] for line in people.values())
    if lost is not None:
        first = next(iter(people.values()))
        yield Note(address(first.kind, "*"), Code.RESERVED_DOMAIN, lost, Level.WARNING)
