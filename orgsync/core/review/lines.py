"""Which line this change of the files edited, for each change of a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Line, Place

if TYPE_CHECKING:
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Change
    from orgsync.core.model.kind import Kinds


def with_lines(changes: tuple[Change, ...], base: Desired, kinds: Kinds) -> tuple[Change, ...]:
    """The changes, each at the line that was edited since the base, or with the line there that was deleted."""
    return tuple(replace(change, source=_edited(change, base, kinds)) for change in changes)


def _edited(change: Change, base: Desired, kinds: Kinds) -> Place | None:
    """For a team it is the line of the person if they are new in it, else the one that gives the team something."""
    source = change.source
    if source is None:
        return None
    before = base.find(*kinds.named(change.address))
    if before is None:
        return source
    if source.undeclared:
        line = before.place
        return replace(source, deleted=Line(line.file, line.line, line.column))
    through = source.through
    if through is not None and change.cause is Cause.CONFIG and before.through == through.team:
        return Place(through.file, through.line, through.column)
    return source
