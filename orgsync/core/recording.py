"""Reads of the API as data: what was asked, and what was answered. Snapshots and rehearsals are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.request import Row

ME = "/v1/organizations/me"
"""Whose credential this is."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The API's word that there is nothing to read: the HTTP status (400, 403 or 404) and what it said."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """One list that was read in full, or one object (a list of one); or how it was refused, and then no rows."""

    path: str
    query: Mapping[str, str]
    rows: tuple[Row, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that was read in one go, in the order of path and query."""

    reads: tuple[Read, ...] = field(default=())

    def find(self, path: str, query: Mapping[str, str]) -> Read | None:
        """The answer to exactly this question."""
        return next((read for read in self.reads if read.path == path and dict(read.query) == dict(query)), None)
