"""What live shows after an apply, and by which names the applied plan and its undo speak of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import LiveIndex, ids_of
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import NAME, Action
from orgsync.core.words.address import Address, address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.things import Found, Ids, Live, Named

OURS = frozenset({Status.DONE, Status.UNCONFIRMED})
"""What an apply sent and was not refused; what was so already is not its doing."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What live shows after the apply, and which live object each name of the applied plan stands for."""

    plan: Plan
    kinds: Kinds
    index: LiveIndex
    ids: Ids

    def mentioned(self, by: Address) -> Iterator[Named]:
        """Everything of another kind that an address mentions."""
        name, key = self.kinds.named(by)
        return self.kinds.by_name[name].refers_to(key)

    def standing_for(self, name: Named) -> Found | None:
        """The live object the applied plan calls so, whatever live calls it now."""
        identity = self.ids.get(name)
        return None if identity is None else self.index.by_id.get((name[0], identity))


def aftermath_of(report: Report, plan: Plan, live: Live, kinds: Kinds) -> Aftermath:
    """Live after an apply, what the apply made included."""
    aftermath = Aftermath(plan, kinds, LiveIndex.of(live), ids_of(plan, kinds))
    for outcome in report.outcomes:
        if outcome.change.action is Action.CREATE and outcome.status in {*OURS, Status.ALREADY}:
            name = aftermath.kinds.named(outcome.change.address)
            made = aftermath.index.by_key.get(name)
            if made is not None and made.exists:
                aftermath.ids[name] = made.id
    return aftermath


def old_names(changes: Sequence[Change], aftermath: Aftermath) -> dict[Named, str]:
    """The last segment that each thing renamed back will have again.

    Where two things would have one address, they keep those of the applied plan: an address has to tell them apart.
    """
    names: dict[Named, str] = {}
    for change in changes:
        for part in change.fields:
            if part.path == NAME and change.address.segments[-1] == part.before:
                names[aftermath.kinds.named(change.address)] = part.after
    spoken = {one for change in changes for one in _spoken(change.address, aftermath)}
    while True:
        groups: dict[Named, list[Named]] = {}
        for one in spoken:
            groups.setdefault(_new_key(one, names, aftermath), []).append(one)
        clashing = {one for group in groups.values() if len(group) > 1 for one in group} & names.keys()
        if not clashing:
            return names
        names = {one: name for one, name in names.items() if one not in clashing}


def _spoken(of: Address, aftermath: Aftermath) -> Iterator[Named]:
    """The thing of an address, and everything the address mentions."""
    yield aftermath.kinds.named(of)
    yield from aftermath.mentioned(of)


def _new_key(one: Named, names: Mapping[Named, str], aftermath: Aftermath) -> Named:
    kind = aftermath.kinds.by_name[one[0]]
    return one[0], kind.key(_new_segments(one[1], kind, names))


def _new_segments(segments: tuple[str, ...], kind: Kind, names: Mapping[Named, str]) -> tuple[str, ...]:
    """The segments of an address once everything it names has its old name again."""
    key, new = kind.key(segments), list(segments)
    for other, positions in kind.refs.items():
        if positions[-1] < len(key):
            mentioned = (other, tuple(key[position] for position in positions))
            new[positions[-1]] = names.get(mentioned, new[positions[-1]])
    new[-1] = names.get((kind.name, key), new[-1])
    return tuple(new)


def _new_address(of: Address, names: Mapping[Named, str], aftermath: Aftermath) -> Address:
    return address(of.kind, *_new_segments(of.segments, aftermath.kinds.of(of), names))


def renamed(change: Change, names: Mapping[Named, str], aftermath: Aftermath) -> Change:
    after = tuple(_new_address(one, names, aftermath) for one in change.after)
    return replace(change, address=_new_address(change.address, names, aftermath), after=after)


def identities_of(changes: Sequence[Change], names: Mapping[Named, str], aftermath: Aftermath) -> dict[str, str]:
    """The live ids of everything the changes are about or mention; where live has another name for it, under both."""
    identities: dict[str, str] = {}
    others: dict[str, str] = {}
    for change in changes:
        own = aftermath.kinds.named(change.address)
        if change.id is not None:
            identities[_new_address(change.address, names, aftermath)] = change.id
        for name in _spoken(change.address, aftermath):
            found = aftermath.standing_for(name)
            if found is None:
                continue
            if name != own:
                identities.setdefault(address(name[0], *_new_key(name, names, aftermath)[1]), found.id)
            if name in names or (name[0], found.id, name[1]) not in aftermath.index.spelled:
                # Until it is renamed back it has its present name, inside things that the plan calls by their old one.
                above = {one: old for one, old in names.items() if one[0] != name[0]}
                others[_new_address(found.address, above, aftermath)] = found.id
    return dict(sorted((others | identities).items()))
