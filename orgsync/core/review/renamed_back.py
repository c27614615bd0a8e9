"""Renames that the files take back: what has the new name is renamed again, and nothing is created in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Named


def knowing_reverts(desired: Desired, before: Desired | None, reviewed: Plan | None, kinds: Kinds) -> Desired:
    """The files, with the names that things have where a line of these files takes a rename back.

    What was renamed is told by the earlier files, and by a plan of these files that was reviewed.
    """
    names = {**dict(_reviewed(reviewed, kinds)), **dict(_reverted(desired, before, kinds))}
    declared = dict(desired.declared)
    for (kind, key), name in names.items():
        line = declared[kind].get(key)
        if line is not None and line.former_name is None and line.spec.id is None:
            declared[kind] = {**declared[kind], key: replace(line, renamed_back_from=name)}
    return replace(desired, declared=declared) if names else desired


def _reverted(desired: Desired, before: Desired | None, kinds: Kinds) -> Iterator[tuple[Named, str]]:
    """What the earlier files renamed and these files call by its former name, each with the name of those files."""
    former: dict[Named, str] = {}
    if before is None:
        return
    for kind in kinds:
        for key, line in before.declared[kind.name].items():
            inside = list(key)
            for other, positions in kind.refs.items():
                last = positions[-1]
                if last < len(key):
                    inside[last] = former.get((other, tuple(key[one] for one in positions)), key[last])
            name, now = line.spec.former_name, desired.declared[kind.name]
            if name is not None and tuple(inside) not in now:
                former[kind.name, key] = name
                yield (kind.name, (*inside[:-1], name)), line.segments[-1]


def _reviewed(plan: Plan | None, kinds: Kinds) -> Iterator[tuple[Named, str]]:
    """What a plan renames, with the name it has until then."""
    for change in () if plan is None else plan.changes:
        for part in change.fields:
            if part.path == NAME and part.before is not None and part.after is not None:
                yield kinds.named(change.address), str(part.before)
