"""Changes and findings that say the same of several resources, so that a person reads them once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, ManualStep, Note, Risk
from orgsync.core.model.codes import Code
from orgsync.core.plan.weight import Weight
from orgsync.render.page.words import CAUSES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from orgsync.core.drift.report import DriftEntry
    from orgsync.core.model.change import Blocked, Change, Place, Plan, Verdict
    from orgsync.core.words.address import Address

SEVERAL = 3
"""So many changes that do the same are shown as one."""

MANY = 10
"""More neutral changes of one field than this are shown as one, whatever the values are."""

_CAUSES = (*CAUSES, Cause.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that do the same to resources of one kind; `alike` is whether they also have the same values."""

    changes: tuple[Change, ...]
    alike: bool = True

    @property
    def first(self) -> Change:
        """The one that speaks for all of them."""
        return self.changes[0]

    @property
    def kind(self) -> str:
        """The kind of every one of them."""
        return self.first.address.kind

    @property
    def place(self) -> Place | None:
        """The place in the files, if all of them have the same."""
        return self.first.source if len({change.source for change in self.changes}) == 1 else None

    def is_cuttable(self, weight: Weight) -> bool:
        """Whether it may be shown in part: it lets no one do more or less, and has no side effect to stay."""
        return weight is Weight.NEUTRAL and self.first.risk is Risk.R0


def groups(changes: Sequence[Change]) -> list[Group]:
    """By cause, then by kind in the order in which they are first named; several that do the same as one."""
    kinds = list(dict.fromkeys(change.address.kind for change in changes))
    ordered = sorted(changes, key=lambda one: (_CAUSES.index(one.cause), kinds.index(one.address.kind)))
    loose = Counter(map(_one_field, ordered))
    keys = [one if (one := _one_field(change)) and loose[one] > MANY else _effect(change) for change in ordered]
    sizes = Counter(keys)
    found: dict[Hashable, list[Change]] = {}
    for number, (key, change) in enumerate(zip(keys, ordered, strict=True)):
        found.setdefault(key if sizes[key] >= SEVERAL else number, []).append(change)
    return [Group(tuple(group), len({_effect(change) for change in group}) == 1) for group in found.values()]


def _effect(change: Change) -> Hashable:
    """What a change does, apart from the resource it does it to."""
    fields = json.dumps([(field.path, field.before, field.after) for field in change.fields], default=str)
    return (*_reasons(change), fields)


def _one_field(change: Change) -> Hashable:
    """The field that is all a neutral update changes, whatever its values; nothing of any other change."""
    if change.meaning or change.risk is not Risk.R0 or len(change.fields) != 1:
        return ()
    return (*_reasons(change), change.fields[0].path, "")


def _reasons(change: Change) -> tuple[Hashable, ...]:
    return (
        change.address.kind,
        change.action,
        change.meaning,
        change.risk,
        change.reason,
        change.cause,
        change.effects,
    )


def refused_by(plan: Plan) -> dict[Address, list[str]]:
    """The guards that refuse each address."""
    guards: dict[Address, list[str]] = {}
    for verdict in plan.refusals:
        for address in verdict.addresses:
            guards.setdefault(address, []).append(verdict.guard)
    return guards


def listed_with_guard(plan: Plan, verdict: Verdict) -> list[Address]:
    """The addresses that are shown with a guard: all that no change has, and as many others as a person reads."""
    changed = {change.address for change in plan.changes}
    others = [address for address in verdict.addresses if address in changed]
    return [address for address in verdict.addresses if address not in changed] + others[:MANY]


def may_be_a_way_in(note: Note | ManualStep | DriftEntry | Blocked) -> bool:
    """Whether it says that the organization has what the files know nothing of: that is never left out."""
    return note.code == Code.UNDECLARED or bool(getattr(note, "gives", None))


def access_weight(note: Note | DriftEntry) -> Weight:
    """How much weighs what goes beyond the files. What is not known weighs as much as anything."""
    if note.gives is None:
        return Weight.ELEVATES
    return min((Weight[meaning.name] for meaning in note.gives), default=Weight.NEUTRAL)


def ways_in_first(notes: Iterable[Note]) -> list[Note]:
    """Notes with those first that may be a way in: admins, active keys and workspaces, then other access."""
    return sorted(notes, key=lambda note: (0, access_weight(note), note.message) if may_be_a_way_in(note) else (1,))


def alike_notes(notes: Iterable[Note]) -> list[list[Note]]:
    """Several notes that follow each other and say the same without a line of their own together, all others alone."""
    found = []
    for said, group in groupby(notes, key=_said):
        same = list(group)
        found += [same] if len(same) >= SEVERAL and said[-1] is None else [[note] for note in same]
    return found


def _said(note: Note) -> tuple[object, ...]:
    return (note.address.kind, note.code, note.message, note.level, note.cause, note.source)
