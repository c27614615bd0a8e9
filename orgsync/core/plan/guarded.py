"""What guards look at: a plan's changes as things that are given, taken or moved, worked out once for all guards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME, Change, Risk
from orgsync.core.model.diff import net, with_fields
from orgsync.core.model.meaning import TAKES
from orgsync.core.plan.blocked import Held
from orgsync.core.plan.judgement import elevated, made_by, meaning, meaning_of
from orgsync.core.plan.protection import OtherNames, is_within, other_names
from orgsync.core.words.address import Address, address, covers, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.core.model.change import Allowance, ManualStep, Plan, Protection, Raised, Rules
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Key, Live, Named


Reviewed = Callable[[Change], Change | None]
"""Finds a change as it was reviewed; None: it was not."""


@dataclass(frozen=True, slots=True)
class Collection:
    """How many things in use one collection holds before and after a plan, and which of them end in it.

    `noun` is what its things are called; `inside` the name of what all of them stand in, empty at the top of the files.
    """

    noun: str
    inside: str
    before: int
    after: int
    ending: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class GuardedPlan:
    """A plan as guards look at it.

    `present` counts, by kind, what live shows before the plan; `admins` the organization admins among them. `names` are
    the other names of things that live and the files call differently. `namesakes` counts, for each address whose
    change cannot be undone, the live and archived things that have or had it. By the address of a change, `ending` are
    the globs of `protect` that cover something that ends with it, and `outgrown` those that cover the former name of
    something and not its new one. `base_rules` are the rules before this change of the files; `base_unreadable` says
    why they cannot be read. `without_base_guards` is the reason why a person lifts both, and `first` says that there
    was provably no organization file before. `undo`: it takes back what an apply did.
    """

    changes: Sequence[Change]
    rules: Rules
    present: Mapping[str, int]
    admins: int
    manual: Sequence[ManualStep] = ()
    allowed: Sequence[Allowance] = ()
    raised: Sequence[Raised] = ()
    names: OtherNames = field(default_factory=OtherNames)
    namesakes: Mapping[str, int] = field(default_factory=dict)
    collections: Sequence[Collection] = ()
    ending: Mapping[Address, frozenset[str]] = field(default_factory=dict)
    outgrown: Mapping[Address, frozenset[str]] = field(default_factory=dict)
    base_rules: Rules | None = None
    base_unreadable: str | None = None
    without_base_guards: str | None = None
    first: bool = False
    undo: bool = False

    @property
    def has_base(self) -> bool:
        """Whether there are guards before this change of the files to be held against."""
        return self.base_rules is not None or self.base_unreadable is not None

    @property
    def things(self) -> tuple[Change, ...]:
        """One change for each address: the first, with what all of them mean."""
        first: dict[Address, Change] = {}
        for change in self.changes:
            first.setdefault(change.address, change)
        return tuple(first.values())

    def that(self, meanings: Meanings) -> tuple[Change, ...]:
        """Of each thing the first change, where the changes of it mean one of these."""
        return tuple(change for change in self.things if not meanings.isdisjoint(change.meaning))

    def is_named(self, change: Change) -> bool:
        """Whether a person allowed exactly this change."""
        return any(_is_for(one, change) for one in self.allowed)

    def is_named_for_good(self, change: Change) -> bool:
        """Whether a person allowed it and cannot have meant anything else that has or had the address."""
        alone = self.namesakes.get(change.address, 1) <= 1
        return any(_is_for(one, change) and (alone or one.id is not None) for one in self.allowed)


def _is_for(allowance: Allowance, change: Change) -> bool:
    return folded(allowance.address) == folded(change.address) and allowance.id in {None, change.id}


def judged(plan: Plan, seen: Observation, kinds: Kinds) -> GuardedPlan:
    """What the guards look at: the plan's changes and rules, and what live shows."""
    live = ((one.address, one.id) for found in seen.live.values() for one in found if one.exists)
    bare, held = without_live(plan), Held.of(plan.blocked, kinds)
    names = other_names(plan.identities, live)
    globs = {entry.address for rules in (plan.rules, plan.base_rules) if rules is not None for entry in rules.protect}
    return replace(
        bare,
        admins=sum(1 for found in seen.live.values() for one in found if one.is_admin and not held.covers(one)),
        names=names,
        namesakes=_namesakes(plan.changes, seen.live, kinds),
        collections=_collections(plan.changes, seen.live, kinds, held),
        ending=dict(_endings(bare.things, globs, seen.live, kinds, names)) if globs else {},
        outgrown=dict(_outgrown(bare.things, globs, kinds)),
    )


def without_live(plan: Plan) -> GuardedPlan:
    """What can be looked at without live."""
    return GuardedPlan(
        plan.changes,
        plan.rules,
        plan.present,
        0,
        plan.manual,
        plan.allowed,
        plan.raised,
        other_names(plan.identities),
        base_rules=plan.base_rules,
        base_unreadable=plan.base_unreadable,
        without_base_guards=plan.without_base_guards,
        first=plan.first,
        undo=plan.undo,
    )


def reweighed(plan: Plan, evidence: Evidence, kinds: Kinds) -> Plan:
    """The plan, each change with what it means by what live shows now: what a plan says of itself is not enough."""
    made = made_by(plan.changes, kinds)
    meanings = {
        one: meaning_of(changes, kinds.of(one), evidence, made) for one, changes in _by_address(plan.changes).items()
    }
    return replace(plan, changes=tuple(_meaning_too(change, meanings[change.address]) for change in plan.changes))


def elevated_within(plan: Plan, protect: Sequence[Protection], kinds: Kinds) -> Plan:
    """The plan, in which whatever gives something within what is protected elevates."""
    names = other_names(plan.identities)
    return replace(
        plan,
        changes=tuple(
            _meaning_too(change, elevated(frozenset(change.meaning), protected=True))
            if is_within(change.address, protect, names, kinds)
            else change
            for change in plan.changes
        ),
    )


def _meaning_too(change: Change, meanings: Meanings) -> Change:
    """The change, which means this beside what it says of itself."""
    return meaning(change, meanings | frozenset(change.meaning))


def _by_address(changes: Iterable[Change]) -> dict[Address, list[Change]]:
    groups: dict[Address, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.address, []).append(change)
    return groups


def _namesakes(changes: Sequence[Change], live: Live, kinds: Kinds) -> dict[str, int]:
    """For each address that something irreversible happens to: how many live and archived things were seen there."""
    counts: dict[str, int] = {}
    for change in changes:
        if change.risk is Risk.R2:
            key = kinds.named(change.address)[1]
            found = live.get(change.address.kind, ())
            names = {(key[:-1], key[-1]), *(_called(one) for one in found if one.id == change.id)}
            counts[change.address] = len({one.id for one in found if _called(one) in names})
    return counts


def _called(one: Found) -> tuple[Key, str]:
    """Where a live thing is, and its name there: an address may have more in it, to tell it from a namesake."""
    return one.key[:-1], one.attributes.get(NAME, one.key[-1])


_Where = tuple[str, tuple[str, ...]]
"""A kind, and what its things stand inside: one collection."""


def _collections(changes: Sequence[Change], live: Live, kinds: Kinds, held: Held) -> tuple[Collection, ...]:
    """Every collection that a plan takes something out of because no line declares it."""
    difference: dict[_Where, int] = {}
    ending: dict[_Where, list[Address]] = {}
    names = {change.address.kind for change in changes}
    there = {(name, one.id): one.attributes for name in names for one in live.get(name, ())}
    for one, group in _by_address(changes).items():
        kind, whole = kinds.of(one), net(group)
        where = _where(kind, one.segments)
        if where is None:
            continue
        before = {} if whole.id is None else there.get((kind.name, whole.id), {})
        was, will = kind.in_use(before), kind.in_use(with_fields(before, whole.fields))
        difference[where] = difference.get(where, 0) + will - was
        if was and not will and whole.absent and not TAKES.isdisjoint(whole.meaning):
            ending.setdefault(where, []).append(one)
    ended = {name for name, _outer in ending}
    counts = Counter(where for name in ended for where in _used(kinds.by_name[name], live, held))
    return tuple(
        Collection(
            kinds.by_name[where[0]].noun,
            "/".join(where[1]),
            counts[where],
            counts[where] + difference[where],
            tuple(addresses),
        )
        for where, addresses in ending.items()
    )


def _where(kind: Kind, segments: Sequence[str]) -> _Where | None:
    """The collection of a thing; None for what is alone in its place, such as a limit."""
    if not kind.may_have(segments) or not kind.section_of(segments).depth:
        return None
    return kind.name, kind.outer_segments(segments)


def _used(kind: Kind, live: Live, held: Held) -> Iterator[_Where]:
    """The collection of each thing that is in use, and known to stay so."""
    for one in live.get(kind.name, ()):
        if one.exists and not one.unknown and not held.covers(one) and kind.in_use(one.attributes):
            where = _where(kind, one.segments)
            if where is not None:
                yield where


class _Mentions:
    """Which live things mention which, worked out when it is first asked for."""

    def __init__(self, live: Live, kinds: Kinds) -> None:
        self._live, self._kinds = live, kinds
        self._by_named: dict[Named, list[Found]] | None = None

    def of(self, named: Named) -> Sequence[Found]:
        """What is there and mentions this thing."""
        if self._by_named is None:
            self._by_named = {}
            for kind in self._kinds:
                for one in self._live.get(kind.name, ()) if kind.refs else ():
                    for mentioned in kind.refers_to(one.key) if one.exists else ():
                        self._by_named.setdefault(mentioned, []).append(one)
        return self._by_named.get(named, ())


def _endings(
    changes: Sequence[Change], globs: Iterable[str], live: Live, kinds: Kinds, names: OtherNames
) -> Iterator[tuple[Address, frozenset[str]]]:
    """The globs that cover something that ends with a thing that a change ends.

    That is what mentions it, and what a kind says of itself. What was not read may be there.
    """
    mentions, unread = _Mentions(live, kinds), [kind for kind in kinds if kind.name not in live]
    for change in changes:
        if TAKES.isdisjoint(change.meaning) or kinds.of(change.address).in_use(with_fields({}, change.fields)):
            continue
        named = kinds.named(change.address)
        ended = {one.address for one in mentions.of(named)}
        for kind in kinds:
            ended.update(kind.consequences(change, named[1], live).ends)
        spelled = [name for one in ended for name in names.of(one)]
        hit = {
            glob
            for glob in globs
            if any(covers(glob, name) for name in spelled)
            or any(_may_cover(glob, kind, named, change.address.segments[-1]) for kind in unread)
        }
        if hit:
            yield change.address, frozenset(hit)


def _outgrown(
    changes: Sequence[Change], globs: Iterable[str], kinds: Kinds
) -> Iterator[tuple[Address, frozenset[str]]]:
    """The globs that cover a thing, or what stands inside it, by its former name and not by the one it is given."""
    for change in changes:
        for part in change.fields:
            if part.path != NAME or part.before is None or part.after is None:
                continue
            *outer, _own = change.address.segments
            old, new = (address(change.address.kind, *outer, str(name)) for name in (part.before, part.after))
            named = kinds.named(change.address)
            hit = {
                glob
                for glob in globs
                if (covers(glob, old) and not covers(glob, new))
                or any(
                    _may_cover(glob, kind, named, str(part.before))
                    and not _may_cover(glob, kind, named, str(part.after))
                    for kind in kinds
                )
            }
            if hit:
                yield change.address, frozenset(hit)


def _may_cover(glob: str, kind: Kind, mentioned: Named, name: str) -> bool:
    """Whether a glob may cover things of a kind that mention one of this name: by its segment where the name stands."""
    kind_glob, _colon, path = glob.partition(":")
    positions = kind.refs.get(mentioned[0])
    if positions is None or not path or not covers(kind_glob, kind.name):
        return False
    segments = path.split("/")
    return covers(segments[min(positions[-1], len(segments) - 1)], address("", name).path)
