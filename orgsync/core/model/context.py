"""What a kind may look at, and what it may say: the values that go into its functions and come out of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from orgsync.core.model.change import Action, Change, FieldChange, Level, Note, Risk, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.things import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from orgsync.core.model.change import Blocked, ManualStep
    from orgsync.core.model.declarations import Declarations
    from orgsync.core.model.observation import Former, Observation, Unseen
    from orgsync.core.model.things import Declared, Found, Key, Live, Named, Pair, Pairs
    from orgsync.core.words.address import Address


PreparedT = TypeVar("PreparedT", default=Any)
"""What a kind works out once for all pairs."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be said about one pair. What is `blocked` is for a person to decide: then there is nothing else."""

    changes: tuple[Change, ...] = ()
    manual: tuple[ManualStep, ...] = ()
    waiting: tuple[Note, ...] = ()
    findings: tuple[Note, ...] = ()
    blocked: tuple[Blocked, ...] = ()


NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a removal brings about elsewhere, in words, and how risky that makes it; None: no more than it is.

    `ends` are the live things that end with what is removed.
    """

    effects: tuple[str, ...] = ()
    risk: Risk | None = None
    ends: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Instead:
    """That the organization has something else than a change was to set: what and why, and what to edit."""

    message: str
    edit: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What live showed before anything is changed, by which a change is judged, and when it was read (UTC)."""

    live: Live = field(repr=False)
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier files and runs tell of things that live does not show.

    `declared` are the lines of the base, and `meant` the ids of the live things that they mean. `made` are the ids of
    what earlier runs made, as their journal has them.
    """

    declared: Mapping[Named, Declared] = field(default_factory=dict, repr=False)
    meant: Mapping[Named, str] = field(default_factory=dict, repr=False)
    made: Mapping[Named, str] = field(default_factory=dict, repr=False)


NO_PAST = Past()


@dataclass(slots=True)
class Context(Generic[PreparedT]):
    """What a kind may look at while it decides: the files, and what live will be after the changes decided so far.

    `refused` has the API's words for kinds that it does not offer to this organization: nothing is known of them.
    `former` are people who are gone, by id. `unseen` is what else could not be seen. `blocked` is what a person has to
    decide about, as far as it is known yet, and what waits for that: it stays as it is. `by_admin_key`: the credential
    is one, and may not set everything. `allowed` is what a person allowed by its name, whatever has it.
    `requested` names what a person asks for today: this change of the files declares it, or it is allowed by name.
    """

    desired: Declarations
    pairs: Pairs = field(repr=False)
    now: datetime
    mode: Mode = Mode.ADDITIVE
    projected: dict[str, dict[Key, Found | None]] = field(default_factory=dict, repr=False)
    refused: Mapping[str, str] = field(default_factory=dict)
    unseen: Sequence[Unseen] = field(default=(), repr=False)
    blocked: AbstractSet[Named] = frozenset()
    by_admin_key: bool = False
    former: Mapping[str, Former] = field(default_factory=dict)
    past: Past = NO_PAST
    allowed: AbstractSet[Named] = frozenset()
    requested: AbstractSet[Named] = frozenset()
    prepared: PreparedT = field(default=None, repr=False)  # type: ignore[assignment]  # of a kind that prepares something

    @classmethod
    def of(cls, desired: Declarations, seen: Observation, now: datetime) -> Context:
        """For a look at the organization."""
        return cls(
            desired,
            seen.pairs,
            now,
            refused=seen.refused,
            unseen=seen.unseen,
            by_admin_key=seen.by_admin_key,
            former=seen.former,
        )

    @classmethod
    def unchanged(cls, desired: Declarations, seen: Observation, now: datetime) -> Context:
        """For a look at the organization as it is, and not as a plan would make it."""
        context = cls.of(desired, seen, now)
        for kind, pairs in seen.pairs.items():
            projected = context.projected[kind] = {}
            for pair in pairs:
                if projected.get(pair.key) is None:  # an archived namesake must not hide the live one
                    projected[pair.key] = pair.found
        return context

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
    where everything is exported, and then both are missing. `today` (UTC) is given where a saved plan is judged by
    what is read.
    """

    parents: Mapping[tuple[str, ...], str] = field(repr=False)
    live: Live = field(repr=False)
    names: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)
    desired: Declarations | None = None
    changed: frozenset[str] | None = None
    today: date | None = None

    @property
    def day(self) -> date | None:
        """The day, UTC, up to which reports are to be read; None: nothing is judged by them."""
        return self.today if self.desired is None else self.desired.today

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


def archiving(pair: Pair, found: Found, *effects: str) -> Change:
    """What is archived because the file says so, which nobody can take back; `effects` are what else comes of it."""
    return Change(
        pair.address,
        Action.ARCHIVE,
        (FieldChange("archived", before=False, after=True),),
        id=found.id,
        risk=Risk.R2,
        reason="the file declares archived: true",
        source=pair.place,
        effects=(*effects, "archiving cannot be undone"),
    )


def archived_namesake(pair: Pair, line: Pair) -> Note:
    """That something is not archived although a line asked for that by its name: what it asked for is archived."""
    new, old = (one.found.id if one.found is not None else "" for one in (pair, line))
    message = (
        f"{new} is not archived: `archived: true` is fulfilled by {old}, which had the same name. Add `id: {new}` to "
        f"archive it as well; to keep it, give the line another name and `id: {old}`"
    )
    shown: Shown = {"id": new, "archived_id": old}
    return Note(pair.address, Code.ARCHIVED_NAMESAKE, message, Level.ERROR, line.place, shown=shown)


def not_archived(pair: Pair, context: Context, nouns: str) -> Note:
    """That something of a kind whose things are never archived by absence is there and not declared."""
    if pair.fulfilled is not None:
        return archived_namesake(pair, pair.fulfilled)
    level = Level.ERROR if context.authoritative else Level.INFO
    message = f"not declared; {nouns} are only archived on request: declare it, with archived: true to archive it"
    return Note(pair.address, Code.UNDECLARED, message, level)
