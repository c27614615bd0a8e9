"""What `guards.protect` covers: things by every name they have, and what stands inside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.meaning import TAKES
from orgsync.core.words.address import Address, address, covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Change, ManualStep, Plan, Protection, Verdict
    from orgsync.core.model.context import Decision
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Pair, Pairs

_WAY_OUT = "extend `until`, or lift the guard (docs/guards.md)"


class OtherNames:
    """What else things are called than by the addresses that a plan uses.

    Made of pairs of paths (addresses without their kinds): another name, and the one that is used.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._others: dict[str, list[str]] = {}
        for other, used in pairs:
            self._others.setdefault(used, []).append(other)

    def of(self, one: Address) -> set[str]:
        """The address, and what it would be by other names: what is protected stays so when a file renames it.

        First by other names of the thing itself, then, for each, by those of what it stands in.
        """
        if not self._others:
            return {one}
        own = {one.path, *self._others.get(one.path, ())}
        outer = {
            f"{other}{path[len(used) :]}"
            for path in own
            for used in _outer_paths(path)
            for other in self._others.get(used, ())
        }
        return {f"{one.kind}:{path}" for path in (*own, *outer)}


def _outer_paths(path: str) -> Iterator[str]:
    """Of `a/b/c`: `a/b` and `a`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def other_names(identities: Mapping[str, str], live: Iterable[tuple[str, str]] = ()) -> OtherNames:
    """Every other name of a live thing, with the one by which a plan knows it.

    `identities` are the names the plan uses, each with an id; `live` the addresses that live shows, each with its id:
    a name that the files gave to another thing is there still the name of the one that is called so now.
    What stands inside another has a name of its own only where that differs: the rest is the name of the other. An
    address that says of what kind the thing is which it mentions (`workspace/lab`) goes by its names, too.
    """
    known: dict[tuple[str, str], dict[str, None]] = {}
    for text, identity in (*identities.items(), *live):
        kind, _, path = text.partition(":")
        known.setdefault((kind, identity), {})[path] = None
    pairs: list[tuple[str, str]] = []
    for text, identity in identities.items():
        kind, _, used = text.partition(":")
        for other in known[kind, identity]:
            pairs.extend(_renamed(kind, other, used))
    return OtherNames(pairs)


def names_in_pairs(pairs: Iterable[Pair]) -> OtherNames:
    """The names that live has for what the files call differently."""
    renamed: list[tuple[str, str]] = []
    for pair in pairs:
        if pair.declared is not None and pair.found is not None and pair.declared.key != pair.found.key:
            renamed.extend(_renamed(pair.found.kind, pair.found.address.path, pair.address.path))
    return OtherNames(renamed)


def _renamed(kind: str, other: str, used: str) -> Iterator[tuple[str, str]]:
    if other.rpartition("/")[2] != used.rpartition("/")[2]:
        yield other, used
        if "/" not in used:
            yield f"{kind}/{other}", f"{kind}/{used}"


def around(one: Address, kinds: Kinds) -> Iterator[Address]:
    """The address itself, and those of what it stands inside."""
    yield one
    kind = kinds.of(one)
    section = kind.section_of(one.segments) if kind.sections else None
    if section is not None and section.outer:
        for other in kinds:
            if any(theirs.things == section.outer for theirs in other.sections):
                yield address(other.name, *kind.outer_segments(one.segments))


def is_within(one: Address, protect: Iterable[Protection], names: OtherNames, kinds: Kinds) -> bool:
    """Whether an address is protected, or stands inside what is."""
    globs = [entry.address for entry in protect]
    return bool(globs) and any(
        covers(glob, name) for outer in around(one, kinds) for name in names.of(outer) for glob in globs
    )


class Keeping:
    """What no policy and no day ends: what the files protect, and of what ends on a day, what a guard refuses to end.

    `refused` are the verdicts about the latter, by address.
    """

    def __init__(
        self, protect: tuple[Protection, ...], pairs: Pairs, kinds: Kinds, refused: Mapping[Address, Verdict]
    ) -> None:
        self._protect, self._kinds, self._refused = protect, kinds, refused
        self._names = (
            names_in_pairs(pair for of_kind in pairs.values() for pair in of_kind) if protect else OtherNames()
        )

    def covers(self, one: Address) -> bool:
        """Whether an address is protected, or stands inside what is."""
        return is_within(one, self._protect, self._names, self._kinds)

    def kept(self, decision: Decision) -> Decision:
        """The decision without what a policy or a day would do to what is kept; that is told instead."""
        if not self._protect and not self._refused:
            return decision
        kept = {change.address: protected_kept(change) for change in decision.changes if self._is_kept(change)}
        ends: tuple[Change | ManualStep, ...] = (*decision.changes, *decision.manual)
        for one in ends:
            if one.address in self._refused:
                kept.setdefault(one.address, expiry_kept(one, self._refused[one.address]))
        if not kept:
            return decision
        return replace(
            decision,
            changes=tuple(change for change in decision.changes if change.address not in kept),
            manual=tuple(step for step in decision.manual if step.address not in kept),
            findings=(*decision.findings, *kept.values()),
        )

    def _is_kept(self, change: Change) -> bool:
        if change.cause not in {Cause.POLICY, Cause.EXPIRY}:
            return False
        harms = not TAKES.isdisjoint(change.meaning)
        names = self._names.of(change.address)
        return any((harms or entry.any) and covers(entry.address, name) for entry in self._protect for name in names)


def protected_kept(change: Change) -> Note:
    """That something is not done, because `guards.protect` names what it would be done to."""
    message = f"kept, because guards.protect names it: {change.reason}"
    return Note(change.address, Code.PROTECTED_KEPT, message, Level.ERROR, change.source)


def expiry_kept(end: Change | ManualStep, verdict: Verdict) -> Note:
    """That something does not end on its day, because a guard refuses that."""
    why = f"{verdict.guard}: {verdict.message}"
    message = f"its line expired, but a guard refuses to end it, so it is kept ({why}); {_WAY_OUT}"
    return Note(end.address, Code.EXPIRY_KEPT, message, Level.ERROR, end.source, shown={"guard": verdict.guard})


def refused_ends(plan: Plan, desired: Desired, kinds: Kinds) -> dict[Address, Verdict]:
    """What would end on its day and is among what a guard refuses, each with the verdict: it holds up nothing else."""
    ends: dict[Address, Verdict] = {}
    for verdict in plan.refusals:
        for one in verdict.addresses:
            name, key = kinds.named(one)
            line = desired.declared[name].get(key)
            if line is not None and line.expired:
                ends.setdefault(one, verdict)
    return ends
