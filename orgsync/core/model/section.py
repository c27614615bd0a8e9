"""Where things of a kind are written in the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Section:
    """One place in the files where things of a kind are written.

    `path` leads there; `*` stands for a key a person chooses. Below it are `depth` levels of keys: 1 is a map of
    things, 0 is a single thing. Addresses of what is written here begin with `lead`.
    """

    path: tuple[str, ...]
    depth: int = 1
    lead: tuple[str, ...] = ()

    @property
    def outer(self) -> tuple[str, ...]:
        """The path, with its stars, of the things this section stands inside; empty at the top of the file."""
        return self.path[:-1]

    @property
    def things(self) -> tuple[str, ...]:
        """The path, with its stars, of the things written here."""
        return (*self.path, *("*",) * self.depth)

    @property
    def length(self) -> int:
        """How many segments the address of a thing written here has."""
        return len(self.lead) + self.things.count("*")

    def holds(self, segments: Sequence[str]) -> bool:
        """Whether a thing whose address has these segments is written here."""
        return len(segments) == self.length and tuple(segments[: len(self.lead)]) == self.lead
