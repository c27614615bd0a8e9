"""Which changes of two plans are about the same thing: told by the ids live gave, and by name where it gave none."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Action, Change, Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Ids

_Part = tuple[str, ...]
_Subject = tuple[str, tuple[_Part, ...]]


class Alike:
    """The changes of one plan, to be found by those of another.

    A name that one plan binds to an id means that object and no other, whatever it is called in the other plan: a
    workspace that was renamed is the same workspace. A name that this plan binds to no id means whatever has the
    name, because that is what it was to be made as.
    """

    def __init__(self, plan: Plan, kinds: Kinds) -> None:
        self._kinds = kinds
        self._known: dict[tuple[Action, _Subject], list[Change]] = {}
        ids = ids_of(plan, kinds)
        for change in plan.changes:
            subject = next(iter(_subjects(change, ids, self._kinds)))
            self._known.setdefault((change.action, subject), []).append(change)

    def to(self, change: Change, ids: Ids) -> Sequence[Change]:
        """The changes with the same action on the same thing. `ids` are those of the other plan."""
        for subject in _subjects(change, ids, self._kinds):
            if (change.action, subject) in self._known:
                return self._known[change.action, subject]
        return ()


def _subjects(change: Change, ids: Ids, kinds: Kinds) -> Iterable[_Subject]:
    """What a change is about, said in every way: with as many ids as there are first."""
    name, key = kinds.named(change.address)
    kind = kinds.by_name[name]
    mentioned = {position for positions in kind.refs.values() for position in positions if position < len(key)}
    own = (
        ("id", change.id)
        if change.id is not None
        else ("key", *(key[i] for i in range(len(key)) if i not in mentioned))
    )
    parts: list[Sequence[_Part]] = [[own]]
    for reference in kind.refers_to(key):
        identity = ids.get(reference)
        by_key = ("key", *reference[1])
        parts.append([by_key] if identity is None else [("id", identity), by_key])
    return ((name, combination) for combination in product(*parts))
