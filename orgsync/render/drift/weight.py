"""The order in which people are shown what differs, and what of it says the same."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level
from orgsync.core.model.codes import Code
from orgsync.core.plan.weight import Weight, weight
from orgsync.render.drift.who import said_of
from orgsync.render.plan.groups import SEVERAL, access_weight, may_be_a_way_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.drift.report import DriftEntry


_ADMINS = frozenset({Code.ADMIN_DEMOTION, Code.ADMIN_REMOVAL})
"""Somebody is an admin who should not be: no change of a plan, because the API cannot make it, and as heavy as any."""


def heaviest_first(entries: Iterable[DriftEntry]) -> list[DriftEntry]:
    """Errors first, then by what a plan would do about it; what may be a way in stands before that.

    Of those, admins, active keys and workspaces come first, then other access.
    """
    return sorted(entries, key=_key)


def _key(entry: DriftEntry) -> tuple[bool, Weight, Weight, bool]:
    access = access_weight(entry) if may_be_a_way_in(entry) else Weight.ELEVATES
    return entry.level is not Level.ERROR, weight_of(entry), access, is_cuttable(entry)


def is_cuttable(entry: DriftEntry) -> bool:
    """Whether a renderer may leave it out, and count it: a plan would change it, and let no one do more or less."""
    if may_be_a_way_in(entry):
        return False
    return bool(entry.fields) and entry.level is not Level.ERROR and weight_of(entry) is Weight.NEUTRAL


def alike(entries: Sequence[DriftEntry]) -> Iterator[list[DriftEntry]]:
    """Those that follow each other and say the same of several resources together, every other alone."""
    for _said, group in groupby(entries, key=_said_of):
        same = list(group)
        yield from [same] if len(same) >= SEVERAL else [[one] for one in same]


def weight_of(entry: DriftEntry) -> Weight:
    """How much it weighs: what a plan would do about it, or what it may let somebody do."""
    own = weight(entry)
    return min(own, Weight.ELEVATES) if may_be_a_way_in(entry) or entry.code in _ADMINS else own


def _said_of(entry: DriftEntry) -> tuple[object, ...]:
    kind, since = entry.address.kind, entry.since[:10]
    return (
        kind,
        entry.code,
        entry.message,
        entry.level,
        entry.cause,
        since,
        entry.accepted,
        entry.hint,
        entry.dependents,
        said_of(entry.by),
    )
