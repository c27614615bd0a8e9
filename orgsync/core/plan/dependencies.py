"""Which changes belong together: what one waits for, and what waits for it, however far away."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def reached(start: Iterable[str], leads: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything one comes to from `start`, which is part of it, by going where `leads` says."""
    found: set[str] = set()
    to_visit = set(start)
    while to_visit:
        found |= to_visit
        to_visit = {there for here in to_visit for there in leads.get(here, ())} - found
    return found
