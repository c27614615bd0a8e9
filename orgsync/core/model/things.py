"""Things: what the files ask for, what the API shows, and which of the two mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeVar

from orgsync.core.model.change import Blocked, Place, Through
from orgsync.core.words.address import Address, address
from orgsync.core.words.spelling import same_mailbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from orgsync.core.model.codes import Code
    from orgsync.core.model.rows import Odd
    from orgsync.core.words.source import Source

LIVE, ARCHIVED = "live", "archived"
"""The two standings that every kind shares; a kind may have words of its own beside them."""

_DOES = {
    "authoritative": "What no line declares is removed, within the guards; a workspace is never archived for that.",
    "additive": "What no line declares is reported and not changed.",
    "observe": "Nothing is changed; every difference is reported.",
}

Key = tuple[str, ...]
"""Segments of an address in the form by which two spellings are compared."""


class Mode(StrEnum):
    """How far authority over a collection reaches."""

    AUTHORITATIVE = "authoritative"
    ADDITIVE = "additive"
    OBSERVE = "observe"

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """With what each of them does, for editors."""
        described = handler.resolve_ref_schema(handler(schema))
        described["enumDescriptions"] = [_DOES[mode] for mode in cls]
        return described


class Segment(StrEnum):
    """What the last segment of a kind's address is, and so how two spellings of it are compared."""

    NAME = "name"
    EMAIL = "email"

    def fold(self, text: str) -> str:
        """The form that is compared: e-mails as mail systems do, names as they are."""
        return same_mailbox(text) if self is Segment.EMAIL else text


class Spec(BaseModel):
    """What a person may write about one thing. A field that is not written is not managed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
    directives: ClassVar[frozenset[str]] = frozenset()
    """Fields that steer orgsync and are not compared with live."""
    known_elsewhere: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """By field: words that people know from elsewhere and the API lacks, each with what to write instead."""

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """The written fields that are compared with live, as plain data."""
        return self.model_dump(mode="json", exclude_unset=True, exclude=set(self.directives))

    @property
    def counts_until(self) -> date | None:
        """The last day, UTC, on which the line counts; None: for ever. For kinds whose things are given for a time."""
        return None

    @property
    def asks_to_archive(self) -> bool:
        """Whether the line says that the thing shall be archived. For kinds whose things can be."""
        return False

    @property
    def former_name(self) -> str | None:
        """The name that the thing had before, as the line says. For kinds whose things can be renamed."""
        return None


SpecT = TypeVar("SpecT", bound=Spec, default=Any)
"""What a person may write about a thing of one kind."""

FactsT = TypeVar("FactsT", default=Any)
"""What a kind knows of a live thing beside its attributes."""


@dataclass(frozen=True, slots=True)
class Declared(Generic[SpecT]):
    """One thing the files ask for. `expired` says that its last day is over: it counts as undeclared.

    `ends_with` is the line of something that its address mentions, where that one ends earlier than it would itself.
    `through` is the team by which a line declares it for everybody in there; `person` is where the team names them.
    `renamed_back_from` is the name that earlier files gave to the thing, where this line takes that back.
    """

    kind: str
    segments: tuple[str, ...]
    key: Key
    spec: SpecT
    source: Source
    expired: bool = False
    ends_with: Declared | None = None
    through: str | None = None
    person: Source | None = None
    renamed_back_from: str | None = None

    @property
    def former_name(self) -> str | None:
        """The name by which the organization may still have it."""
        return self.spec.former_name or self.renamed_back_from

    @property
    def until(self) -> date | None:
        """The last day, UTC, on which it counts; None: for ever."""
        return self.spec.counts_until if self.ends_with is None else self.ends_with.until

    @property
    def ended(self) -> str:
        """Until when it counts, in words; for what has an end."""
        if self.ends_with is None:
            return f"declared until {self.until}"
        return f"declared until {self.until}, with {self.ends_with.address}"

    @property
    def address(self) -> Address:
        """The address, spelled as in the files."""
        return address(self.kind, *self.segments)

    @property
    def place(self) -> Place:
        """The line that declares it; for a person who is in a team, the line that says so."""
        if self.through is None or self.person is None:
            return Place(*self.source)
        return Place(*self.person, through=Through(self.through, *self.source))

    def blocked(self, code: Code, message: str, hint: str | None = None, ids: Iterable[str] = ()) -> Blocked:
        """That a person has to decide about the line; `ids` are the resources that it may mean."""
        return Blocked(self.address, code, message, hint, source=self.place, ids=tuple(sorted(ids)))


@dataclass(frozen=True, slots=True)
class Found(Generic[FactsT]):
    """One thing the API shows. `attributes` are spelled as in the files; none at all: it does not exist (any more).

    `standing` is the kind's own word for the state it is in; `facts` is whatever else the kind needs to decide. What is
    `implied` is there by itself, and nobody has to declare it. `odd` is what its row shows that is not understood: then
    nothing is planned about it, and the values in `attributes` say nothing. `is_admin` marks one of the organization's
    admins, whom guards count. `beneath` are the attributes it falls back to where what was given is taken away. `since`
    is when it was made (RFC 3339), where two of one name could be told apart by it.
    """

    kind: str
    segments: tuple[str, ...]
    key: Key
    id: str
    attributes: Mapping[str, Any]
    standing: str = LIVE
    facts: FactsT = None  # type: ignore[assignment]  # a kind that has facts hands them in
    implied: bool = False
    odd: tuple[Odd, ...] = ()
    is_admin: bool = False
    beneath: Mapping[str, Any] | None = None
    since: str = ""

    @property
    def unknown(self) -> bool:
        """Whether something of it is not understood."""
        return bool(self.odd)

    @property
    def obscure(self) -> bool:
        """Whether what refers to it cannot be understood either."""
        return any(not one.local for one in self.odd)

    @property
    def exists(self) -> bool:
        """Whether there is anything there: not a lapsed invite, not something archived."""
        return bool(self.attributes) and self.standing != ARCHIVED

    @property
    def address(self) -> Address:
        """The address, spelled as the API spells it."""
        return address(self.kind, *self.segments)


@dataclass(frozen=True, slots=True)
class Pair(Generic[SpecT, FactsT]):
    """A declared thing and the live thing it means; one of the two may be missing.

    `fulfilled` is for what nobody declared: a line that asked to archive what had the same name, with what it archived.
    `blocked` says why only a person can tell what the line means, or whether a line means this.
    """

    declared: Declared[SpecT] | None
    found: Found[FactsT] | None
    fulfilled: Pair[SpecT, FactsT] | None = None
    blocked: Blocked | None = None

    @property
    def address(self) -> Address:
        """As the files spell it, else as the API does."""
        if self.declared is not None:
            return self.declared.address
        if self.found is not None:
            return self.found.address
        raise ValueError("a pair holds at least one side")

    @property
    def place(self) -> Place | None:
        """The line that declares it, if one does."""
        return None if self.declared is None else self.declared.place

    @property
    def key(self) -> Key:
        """The key by which others refer to it."""
        one = self.declared or self.found
        if one is None:
            raise ValueError("a pair holds at least one side")
        return one.key


Live = dict[str, list[Found]]
"""Everything that was read, by kind, in the order of the API."""

Pairs = dict[str, list[Pair]]
"""Everything declared or read, by kind; declared things first, in file order, then the undeclared ones by key."""

Named = tuple[str, Key]
"""Kind and key of a thing."""

Ids = dict[Named, str]
"""The id of the live object behind each kind and key, including those made a moment ago."""
