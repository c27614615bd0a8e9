"""Reads and writes as data. Kinds name them, the engine has them sent; so a planner holds nothing that can write."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orgsync.core.model.rows import Row, RowField


PAGE_SIZE = 1000
"""Rows of the largest page of a list, unless its query has another `limit`."""


class Paging(StrEnum):
    """The three ways in which lists are cut into pages; ONE is no list but an object, or a 404 for none."""

    IDS = "ids"
    CURSOR = "cursor"
    REPORT = "report"
    ONE = "one"


class Need(StrEnum):
    """What follows when the API says (400, 403 or 404) that it does not offer a list to this organization.

    REQUIRED: the run stops. OWN: nothing is planned of what the list would show, nor of what refers to it, and the plan
    says so. FEATURE: the same, and the kind names manual steps instead. EXTRA: the kind does without it.
    """

    REQUIRED = "required"
    OWN = "own"
    FEATURE = "feature"
    EXTRA = "extra"


class Repeat(StrEnum):
    """What may be done with a write whose answer was lost.

    SAFE: it sets absolute values, so it may be sent again. LOOK_UP: it makes something new, so live has to be read
    before anything is sent again.
    """

    SAFE = "safe"
    LOOK_UP = "look_up"


@dataclass(frozen=True, slots=True, eq=False)
class Always:
    """What a list shows of every organization, `what` in words: a list without it is not whole.

    `is_it` tells its row, of which nothing was checked yet. `only_with` names the parameter of the query without which
    the list leaves it out: so it is known for what it is where it is not called what it is called by the API's facts.
    """

    what: str
    is_it: Callable[[Row], bool]
    only_with: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One list to read in full. `identity` names the field by which two rows are the same row.

    `fields` are those its kind looks at; rows are held against them where they come in (`rows.py` beside), and nothing
    else of a row is kept in a snapshot. `inside` are the segments of the thing whose list it is, if it is one thing's.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = Paging.IDS
    identity: str = "id"
    need: Need = Need.REQUIRED
    fields: tuple[RowField, ...] = ()
    inside: tuple[str, ...] = ()
    betas: tuple[str, ...] = ()
    """What the header `anthropic-beta` asks for, on every page."""
    always: Always | None = None
    """What it can never lack."""


@dataclass(frozen=True, slots=True)
class Request:
    """One write."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    repeat: Repeat = Repeat.SAFE
    betas: tuple[str, ...] = ()


class Reader(Protocol):
    """Everything a planner can do to the API. There is no method that writes."""

    @property
    def requests(self) -> int:
        """How many reads were answered so far."""

    @property
    def by_admin_key(self) -> bool:
        """Whether the credential is an Admin API key: it belongs to nobody, and some things it may not set."""

    async def get(self, path: str) -> Row:
        """One object. Raises ApiError."""

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """All rows of a list, each once, or ApiError: never some of them."""


class Writer(Protocol):
    """Sends one write and returns the API's answer."""

    async def send(self, request: Request, begin: Callable[[], None]) -> Row:
        """Calls `begin` once it is the write's turn, right before it is sent: what that raises is raised, unsent.

        Raises ApiError where the API refused, OutcomeUnknown where the answer was lost.
        """
