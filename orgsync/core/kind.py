"""The contract of a kind: one sort of resource, described by pure functions and data.

A kind never talks to the API. It names the lists to read, turns their rows into what was found, decides what to do
about one declared and one found thing, and names the write that does it. The engine does the reading and writing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from orgsync.core.address import Address, address
from orgsync.core.change import Action, Change, ManualStep, Note, Place, Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from orgsync.core.document import Desired
    from orgsync.core.observation import Observation, Unseen
    from orgsync.core.request import Listing, Request, Row
    from orgsync.core.rows import Odd
    from orgsync.core.section import Section
    from orgsync.core.source import Problem, Source

LIVE, ARCHIVED = "live", "archived"
"""The two standings that every kind shares; a kind may have words of its own beside them."""

ADMIN = "admin"
"""The fact that marks a found thing as one of the organization's admins, whom guards count."""

BENEATH = "beneath"
"""The fact that holds the attributes a found thing falls back to, by itself, where what was given is taken away."""

Key = tuple[str, ...]
"""Segments of an address in the form by which two spellings are compared."""


class Mode(StrEnum):
    """How far authority over a collection reaches."""

    AUTHORITATIVE = "authoritative"
    ADDITIVE = "additive"
    OBSERVE = "observe"


class Segment(StrEnum):
    """What the last segment of a kind's address is, and so how two spellings of it are compared."""

    NAME = "name"
    EMAIL = "email"

    def fold(self, text: str) -> str:
        """The form that is compared: e-mails ignore case, names do not."""
        return text.casefold() if self is Segment.EMAIL else text


class Spec(BaseModel):
    """What a person may write about one thing. A field that is not written is not managed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
    directives: ClassVar[frozenset[str]] = frozenset()
    """Fields that steer orgsync and are not compared with live."""

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """The written fields that are compared with live, as plain data."""
        return self.model_dump(mode="json", exclude_unset=True, exclude=set(self.directives))


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing the files ask for. `expired` says that its `until` day is over: it counts as undeclared."""

    kind: str
    segments: tuple[str, ...]
    key: Key
    spec: Spec
    source: Source
    expired: bool = False

    @property
    def address(self) -> Address:
        """The address, spelled as in the files."""
        return address(self.kind, *self.segments)

    @property
    def place(self) -> Place:
        """The line that declares it."""
        return Place(self.source.file, self.source.line)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing the API shows. `attributes` are spelled as in the files; none at all: it does not exist (any more).

    `standing` is the kind's own word for the state it is in; `facts` is whatever else the kind needs to decide. What is
    `implied` is there by itself, and nobody has to declare it. `odd` is what its row shows that is not understood: then
    nothing is planned about it, and the values in `attributes` say nothing.
    """

    kind: str
    segments: tuple[str, ...]
    key: Key
    id: str
    attributes: Mapping[str, Any]
    standing: str = LIVE
    facts: Mapping[str, Any] = field(default_factory=dict)
    implied: bool = False
    odd: tuple[Odd, ...] = ()

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
class Pair:
    """A declared thing and the live thing it means; one of the two may be missing."""

    declared: Declared | None
    found: Found | None

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


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be said about one pair."""

    changes: tuple[Change, ...] = ()
    manual: tuple[ManualStep, ...] = ()
    waiting: tuple[Note, ...] = ()
    findings: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a removal brings about elsewhere, in words, and how risky that makes it; None: no more than it is."""

    effects: tuple[str, ...] = ()
    risk: Risk | None = None


@dataclass(slots=True)
class Context:
    """What a kind may look at while it decides: the files, and what live will be after the changes decided so far.

    `refused` has the API's words for kinds that it does not offer to this organization: nothing is known of them.
    `unseen` is what else could not be seen. `by_admin_key`: the credential is one, and may not set everything.
    """

    desired: Desired
    pairs: Pairs
    now: datetime
    mode: Mode = Mode.ADDITIVE
    projected: dict[str, dict[Key, Found | None]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    unseen: Sequence[Unseen] = ()
    by_admin_key: bool = False
    prepared: Any = None

    @classmethod
    def of(cls, desired: Desired, seen: Observation, now: datetime) -> Context:
        """For a look at the organization."""
        return cls(desired, seen.pairs, now, refused=seen.refused, unseen=seen.unseen, by_admin_key=seen.by_admin_key)

    @property
    def today(self) -> date:
        """The day it is, UTC."""
        return self.now.date()

    @property
    def authoritative(self) -> bool:
        """Whether the collection being decided on is orgsync's alone."""
        return self.mode is Mode.AUTHORITATIVE

    def hides_some(self, kind: str) -> bool:
        """Whether something of this kind may be there although it was not seen."""
        return any(one.blocks and one.kind == kind for one in self.unseen)

    def after(self, kind: str, key: Key) -> Found | None:
        """What live will show under this key once the changes decided so far are made."""
        return self.projected.get(kind, {}).get(key)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a kind needs to name its lists and understand their rows.

    `parents` are the live things to read below, by the segments the files call them; `live` is what was read before;
    `names` are the segments by which files or plan call a live thing of a kind and id, where that is not its live name.
    `desired` is missing where a saved plan is applied, and then `changed` are the fields that the plan changes; and
    where everything is exported, and then both are missing.
    """

    parents: Mapping[tuple[str, ...], str]
    live: Live
    names: Mapping[tuple[str, str], tuple[str, ...]]
    desired: Desired | None = None
    changed: frozenset[str] | None = None

    def asks_for(self, kind: str, field: str) -> bool:
        """Whether it matters what live shows of a field that not every organization has."""
        if self.desired is not None:
            return any(field in one.spec.model_fields_set for one in self.desired.declared[kind].values())
        return self.changed is None or field in self.changed

    def called(self, kind: str) -> dict[str, str]:
        """The name of every existing thing of a kind, by id; without those whose name the files gave to another."""
        spoken = {identity: name[0] for (other, identity), name in self.names.items() if other == kind}
        taken = set(spoken.values())
        others = {one.id: one.segments[0] for one in self.live[kind] if one.exists and one.segments[0] not in taken}
        return others | spoken


Ids = dict[tuple[str, Key], str]
"""The id of the live object behind each kind and key, including those made a moment ago."""


def _no_problems(_declared: Declared, _desired: Desired) -> Iterable[Problem]:
    return ()


def _no_need(_desired: Desired) -> bool:
    return False


def _nothing_prepared(_context: Context) -> Any:
    return None


def _no_consequences(_change: Change, _key: Key, _live: Live) -> Consequences:
    return Consequences()


def _no_order(_changes: Sequence[Change]) -> Mapping[Address, tuple[Address, ...]]:
    return {}


def _no_notes(_context: Context) -> Iterable[Note]:
    return ()


def _nothing_ends(_context: Context, _by: date) -> Iterable[Note]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One sort of resource. Everything the rest of orgsync knows about it is in here.

    noun      what a person calls one of its things
    sections  where it stands in the files
    short     the field that a bare value stands for (`ana@acme.com: admin`)
    nullable  whether `null` is a value of that field, and not a mistake
    settings  sections at the top of the file that steer this kind: name to (annotation, default)
    wanted    whether the settings make this kind needed although nothing of it is declared
    actions   the writes the API has for it; anything else is a manual step
    refs      the kinds its addresses mention, each with the positions of the segments that name it
    needs     kinds that have to be read before although no address mentions them
    gates     fields whose change everything that mentions the thing has to wait for
    one_at_a_time  actions the API refuses to do concurrently
    listings  the lists to read; found turns their rows into things
    match     finds the live thing a declared one means; None: by equal key
    decide    what to do about one pair
    request   the one write of one change, given what live shows now
    check     problems that show without asking the API
    survey    notes about the collection as a whole
    prepare   what `decide` shall find in `Context.prepared`, worked out once for all pairs
    consequences  what becomes of things of this kind when something else is taken away
    expiring  what ends by itself through that day or has ended, told before somebody notices
    order     which changes of this kind have to wait for which others of it
    exported  what to write into the files for one live thing; None: it cannot be declared
    """

    name: str
    noun: str
    sections: tuple[Section, ...]
    spec: type[Spec]
    segments: tuple[Segment, ...]
    actions: frozenset[Action]
    listings: Callable[[Reading], Sequence[Listing]]
    found: Callable[[Sequence[tuple[Listing, Sequence[Row]]], Reading], Iterable[Found]]
    decide: Callable[[Pair, Context], Decision]
    request: Callable[[Change, Found | None, Ids], Request]
    exported: Callable[[Found, Live], Any]
    refs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    gates: frozenset[str] = frozenset()
    one_at_a_time: frozenset[Action] = frozenset()
    short: str | None = None
    nullable: bool = False
    settings: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    wanted: Callable[[Desired], bool] = _no_need
    match: Callable[[Sequence[Declared], Sequence[Found]], tuple[list[Pair], list[Problem]]] | None = None
    check: Callable[[Declared, Desired], Iterable[Problem]] = _no_problems
    survey: Callable[[Context], Iterable[Note]] = _no_notes
    prepare: Callable[[Context], Any] = _nothing_prepared
    consequences: Callable[[Change, Key, Live], Consequences] = _no_consequences
    expiring: Callable[[Context, date], Iterable[Note]] = _nothing_ends
    order: Callable[[Sequence[Change]], Mapping[Address, tuple[Address, ...]]] = _no_order

    def may_have(self, segments: Sequence[str]) -> bool:
        """Whether a thing of this kind can have an address of these segments."""
        return any(section.holds(segments) for section in self.sections)

    def section_of(self, segments: Sequence[str]) -> Section:
        """Where a thing of this address is written."""
        for section in self.sections:
            if section.holds(segments):
                return section
        raise ValueError(f"{'/'.join(segments)} is not written anywhere as a {self.noun}")

    def outer_segments(self, segments: Sequence[str]) -> tuple[str, ...]:
        """The segments that name the thing inside which a thing of this address is written."""
        section = self.section_of(segments)
        start = len(section.lead)
        return tuple(segments[start : start + section.path.count("*")])

    def stands_inside(self, other: Kind) -> bool:
        """Whether things of this kind are written inside things of the other."""
        return any(mine.outer == theirs.things for mine in self.sections for theirs in other.sections)

    @property
    def after(self) -> frozenset[str]:
        """The kinds that come before this one."""
        return frozenset((*self.refs, *self.needs))

    @property
    def collection(self) -> str:
        """Its name under `manage:`."""
        return f"{self.name}s"

    def refers_to(self, key: Key) -> Iterator[tuple[str, Key]]:
        """Kind and key of everything an address of this kind mentions."""
        for kind, positions in self.refs.items():
            if positions[-1] < len(key):
                yield kind, tuple(key[position] for position in positions)

    def counted(self, number: int) -> str:
        """A number of things, in words: `1 member`, `2 members`."""
        return f"{number} {self.noun}{'' if number == 1 else 's'}"

    def key(self, segments: Sequence[str]) -> Key:
        """The form in which addresses of this kind are compared."""
        return tuple([segment.fold(text) for segment, text in zip(self.segments, segments, strict=False)])
