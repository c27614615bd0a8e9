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
    for section in kind.sections:
        segments, lead = address.segments, section.lead
        if len(segments) == section.length and segments[: len(lead)] == lead:
            names = iter(segments[len(lead) :])
            path = [next(names) if step == "*" else step for step in section.path]
            if path[0] in desired.document.data:
                return replace(desired.place(*path), undeclared=True)
    return None
