"""The contract of a kind: one sort of resource, described by pure functions and data.

A kind never talks to the API. It names the lists to read, turns their rows into what was found, decides what to do
about one declared and one found thing, and names the write that does it. The engine does the reading and writing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic

from orgsync.core.model.context import Consequences, PreparedT
from orgsync.core.model.diff import net, steps
from orgsync.core.model.meaning import Meaning
from orgsync.core.model.things import FactsT, SpecT
from orgsync.core.words.plural import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.feed.rules import Explains, Handles
    from orgsync.core.model.change import Action, Change, Note, Shown
    from orgsync.core.model.context import Context, Decision, Evidence, Instead, Reading
    from orgsync.core.model.declarations import Declarations, Setting
    from orgsync.core.model.meaning import Meanings, Means
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing, Request
    from orgsync.core.model.rows import Row, Rows
    from orgsync.core.model.things import Declared, Found, Ids, Key, Live, Named, Pair, Pairs, Segment
    from orgsync.core.words.address import Address
    from orgsync.core.words.source import Problem


@dataclass(frozen=True, slots=True)
class Section:
    """One place in the files where things of a kind are written.

    `path` leads there; `*` stands for a key a person chooses. Below it are `depth` levels of keys: 1 is a map of
    things, 0 is a single thing. Addresses of what is written here begin with `lead`. `about` and `example` are what
    editors show.
    """

    path: tuple[str, ...]
    about: str
    example: Any
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


def _no_problems(_declared: Declared, _desired: Declarations) -> Iterable[Problem]:
    return ()


def _no_need(_desired: Declarations) -> bool:
    return False


def _no_concern(_desired: Declarations, _pairs: Pairs, _through: date) -> bool:
    return False


def _nothing_prepared(_context: Context) -> Any:
    return None


def _no_consequences(_change: Change, _key: Key, _live: Live) -> Consequences:
    return Consequences()


def _no_order(_changes: Sequence[Change]) -> Mapping[Address, tuple[Address, ...]]:
    return {}


def _no_notes(_context: Context) -> Iterable[Note]:
    return ()


def _nothing_judged(_context: Context) -> Mapping[str, Sequence[Shown]]:
    return {}


def _nothing_ends(_context: Context, _by: date) -> Iterable[Note]:
    return ()


def _as_stated(_change: Change, meanings: Meanings, _evidence: Evidence) -> Meanings:
    return meanings


def _no_words(_change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    return ()


def _nothing_told(_answer: Row) -> Mapping[str, Any]:
    return {}


def _as_meant(_change: Change, _shown: Mapping[str, Any]) -> Instead | None:
    return None


def _anywhere(_outer: Found) -> bool:
    return True


def _no_one_behind(_found: Found[Any], _seen: Observation) -> Mapping[str, str]:
    return {}


def _nameless(_pair: Pair[Any, Any], _seen: Observation) -> Handles:
    return {}


def in_use(attributes: Mapping[str, Any]) -> bool:
    """Whether a thing with these attributes is there and not archived; no attributes: there is no such thing."""
    return bool(attributes) and not attributes.get("archived")


@dataclass(frozen=True, eq=False)
class Kind(Generic[SpecT, FactsT, PreparedT]):
    """One sort of resource. Everything the rest of orgsync knows about it is in here.

    noun      what a person calls one of its things
    sections  where it stands in the files
    short     the field that a bare value stands for (`ana@acme.com: admin`)
    nullable  whether `null` is a value of that field, and not a mistake
    settings  sections at the top of the file that steer this kind
    wanted    whether the settings make this kind needed although nothing of it is declared
    concerned whether what was read of other kinds makes it needed: what ends through that day would end some of it
    actions   the writes the API has for it; anything else is a manual step
    refs      the kinds its addresses mention, each with the positions of the segments that name it
    needs     kinds that have to be read before although no address mentions them
    gates     fields whose change everything that mentions the thing has to wait for
    look_first  whether the API makes a second one if asked twice: `apply` looks at the lists once more before
    one_at_a_time  actions the API refuses to do concurrently
    rows      what the rows of its lists look like, and what of them is deliberately not watched
    listings  the lists to read; found turns their rows into things
    match     finds the live thing a declared one means; None: by equal key
    decide    what to do about one pair
    request   the one write of one change, given what live shows now
    check     problems that show without asking the API
    survey    notes about the collection as a whole
    prepare   what `decide` shall find in `Context.prepared`, worked out once for all pairs
    consequences  what becomes of things of this kind when something else is taken away
    expiring  what ends by itself through that day or has ended, told before somebody notices
    judged    by the id of a thing, what policies say of it as data, each with the name of the `policy`
    order     which changes of this kind have to wait for which others of it
    meaning   what a change of each field means, by the first step of its path; a field without one is refused
    making    what making a thing means, where that is not what its fields mean
    in_fact   what is left of the meaning of a change once it is known what live shows
    effects   what a change gives or takes, in words, given what it means
    answered  what the answer of a write shows, by field and spelled as in the files; nothing: it does not tell
    instead   why the organization has something else than a change was to set, given what it shows, and what to edit
    behind    who is behind a live thing, as data: the `owner` of a key, and the `owner_id` that live has
    in_use    whether a thing with these attributes can be used: what a collection is empty without
    stands_in  whether a thing that its sections stand inside can have any: not everything can
    activities  the records of the Activity Feed that can explain a difference of it
    handles   by what those records name the thing of a pair; nothing: none can be about it
    exported  what to write into the files for one live thing; None: it cannot be declared
    """

    name: str
    noun: str
    sections: tuple[Section, ...]
    spec: type[SpecT]
    segments: tuple[Segment, ...]
    actions: frozenset[Action]
    rows: tuple[Rows, ...]
    listings: Callable[[Reading], Sequence[Listing]]
    found: Callable[[Sequence[tuple[Listing, Sequence[Row]]], Reading], Iterable[Found[FactsT]]]
    decide: Callable[[Pair[SpecT, FactsT], Context[PreparedT]], Decision]
    request: Callable[[Change, Found[FactsT] | None, Ids], Request]
    exported: Callable[[Found[FactsT], Live], Any]
    meaning: Mapping[str, Means]
    refs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    gates: frozenset[str] = frozenset()
    look_first: bool = False
    one_at_a_time: frozenset[Action] = frozenset()
    short: str | None = None
    nullable: bool = False
    settings: tuple[Setting[Any], ...] = ()
    wanted: Callable[[Declarations], bool] = _no_need
    concerned: Callable[[Declarations, Pairs, date], bool] = _no_concern
    match: Callable[[Sequence[Declared[SpecT]], Sequence[Found[FactsT]]], list[Pair[SpecT, FactsT]]] | None = None
    check: Callable[[Declared[SpecT], Declarations], Iterable[Problem]] = _no_problems
    survey: Callable[[Context[PreparedT]], Iterable[Note]] = _no_notes
    prepare: Callable[[Context[Any]], PreparedT | None] = _nothing_prepared
    consequences: Callable[[Change, Key, Live], Consequences] = _no_consequences
    expiring: Callable[[Context[PreparedT], date], Iterable[Note]] = _nothing_ends
    judged: Callable[[Context[Any]], Mapping[str, Sequence[Shown]]] = _nothing_judged
    order: Callable[[Sequence[Change]], Mapping[Address, tuple[Address, ...]]] = _no_order
    making: Meanings | None = None
    in_fact: Callable[[Change, Meanings, Evidence], Meanings] = _as_stated
    effects: Callable[[Change, Meanings, Evidence], Iterable[str]] = _no_words
    answered: Callable[[Row], Mapping[str, Any]] = _nothing_told
    instead: Callable[[Change, Mapping[str, Any]], Instead | None] = _as_meant
    behind: Callable[[Found[FactsT], Observation], Mapping[str, str]] = _no_one_behind
    in_use: Callable[[Mapping[str, Any]], bool] = in_use
    stands_in: Callable[[Found], bool] = _anywhere
    activities: tuple[Explains, ...] = ()
    handles: Callable[[Pair[SpecT, FactsT], Observation], Handles] = _nameless

    def __post_init__(self) -> None:
        """Raises TypeError where a field does not say what its change means."""
        silent = self.spec.model_fields.keys() - self.spec.directives - self.meaning.keys()
        if silent:
            raise TypeError(f"the kind {self.name} does not say what a change of {', '.join(sorted(silent))} means")

    def meaning_of(self, changes: Sequence[Change], evidence: Evidence) -> Meanings:
        """What the changes of one address, in the order in which they are made, do together to whom it concerns.

        Raises KeyError for fields and words that the kind does not know.
        """
        whole = net(changes)
        if self.making is not None and whole.id is None and all(part.before is None for part in whole.fields):
            return self.making
        means = (self.meaning[steps(part.path)[0]](part.before, part.after) for part in whole.fields)
        return self.in_fact(whole, frozenset[Meaning]().union(*means), evidence)

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
        return f"{number} {plural(number, self.noun)}"

    def key(self, segments: Sequence[str]) -> Key:
        """The form in which addresses of this kind are compared."""
        return tuple([segment.fold(text) for segment, text in zip(self.segments, segments, strict=False)])


class Kinds(tuple[Kind, ...]):
    """Every kind there is, in an order in which each comes after what it refers to."""

    @cached_property
    def by_name(self) -> Mapping[str, Kind]:
        """Each kind under its name."""
        return {kind.name: kind for kind in self}

    def of(self, address: Address) -> Kind:
        """The kind of a thing. Raises KeyError for one that is not known."""
        return self.by_name[address.kind]

    def named(self, address: Address) -> Named:
        """Kind and key of a thing: the same for every spelling of its address."""
        return address.kind, self.of(address).key(address.segments)

    def rank(self, address: Address) -> int:
        """Where the kind of a thing stands in the order."""
        return self.index(self.of(address))

    def needed_for(self, names: Iterable[str]) -> Kinds:
        """These kinds, and every kind that has to be read before them."""
        wanted = set(names)
        for kind in reversed(self):
            if kind.name in wanted:
                wanted.update(kind.after)
        return Kinds(kind for kind in self if kind.name in wanted)

    def levels(self) -> Iterator[tuple[Kind, ...]]:
        """The kinds in groups: what a kind needs is in an earlier group."""
        rest = list(self)
        while rest:
            names = {kind.name for kind in rest}
            level = tuple(kind for kind in rest if names.isdisjoint(kind.after))
            yield level
            rest = [kind for kind in rest if kind not in level]
