"""Where a resource that no line declares would be declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Place
    from orgsync.core.model.kind import Kind
    from orgsync.core.words.address import Address


def container(desired: Desired, kind: Kind, address: Address) -> Place | None:
    """The line of its collection, or of the deepest part of the way there that is written; None: none of it is."""
    if not any(section.holds(address.segments) for section in kind.sections):
        return None
    names = iter(kind.outer_segments(address.segments))
    path = [next(names) if step == "*" else step for step in kind.section_of(address.segments).path]
    return replace(desired.place(*path), undeclared=True) if path[0] in desired.document.data else None
