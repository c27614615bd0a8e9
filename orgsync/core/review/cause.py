"""Who asks for each change: this change of the files, or what differed before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from orgsync.core.apply.ceiling import by_address, ids_of
from orgsync.core.model.change import Blocked, Cause, ManualStep, Note
from orgsync.core.model.codes import Code
from orgsync.core.review.correspondence import Alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.change import Change, FieldChange, Plan
    from orgsync.core.model.kind import Kinds

_Noted = TypeVar("_Noted", Note, ManualStep, Blocked)

_OWN = frozenset({Cause.POLICY, Cause.EXPIRY})
"""Causes that the decision itself knows: they stay, and the reason says what is new."""

NEW = "new with this change of the files"
_ALONG = "independent of this change of the files"


def with_causes(plan: Plan, base: Plan | None, kinds: Kinds) -> tuple[Change, ...]:
    """The changes of a plan, each with its cause; `base` is what the files said before, planned on the same live rows.

    What that plan asks for as well is drift; everything else is of this change of the files. A change that is partly
    the one and partly the other is of this change of the files, and its reason names the fields that differed before.
    Without a base plan (there were no files) nothing differed before.
    """
    before = None if base is None else Alike(base, kinds)
    ids = ids_of(plan, kinds)
    told = [_told(change, () if before is None else before.to(change, ids)) for change in plan.changes]
    for positions in by_address(told).values():
        if any(told[position].cause is Cause.CONFIG for position in positions):
            for position in positions:  # an invite that replaces another one is one thing to whoever reads it
                told[position] = _along(told[position])
    return tuple(told)


def with_note_causes(notes: Sequence[_Noted], base: Sequence[_Noted]) -> tuple[_Noted, ...]:
    """The notes or manual steps, each as brought about by this change of the files, or as it was before."""
    known = {_said(note) for note in base}
    return tuple(replace(note, cause=Cause.DRIFT if _said(note) in known else Cause.CONFIG) for note in notes)


def is_old(change: Change, plan: Plan) -> bool:
    """Whether a plan with causes would make this change without this change of the files as well."""
    if change.cause in _OWN:
        compared = plan.base is not None and all(note.code != Code.BASE_UNUSABLE for note in plan.findings)
        return compared and not change.reason.endswith(NEW)
    return change.cause is Cause.DRIFT


def _said(note: Note | ManualStep | Blocked) -> tuple[str, ...]:
    return (note.address, note.code, note.message, getattr(note, "expected", ""))


def _told(change: Change, others: Sequence[Change]) -> Change:
    before = {field.path: field for other in others for field in other.fields}
    same = [field.path for field in change.fields if _agrees(field, before.get(field.path))]
    already = bool(others) and len(same) == len(change.fields)
    if change.cause in _OWN:
        return change if already else _because(change, change.cause, NEW)
    if already:
        return replace(change, cause=Cause.DRIFT)
    if same:
        return _because(change, Cause.CONFIG, f"different before this change of the files: {', '.join(same)}")
    return replace(change, cause=Cause.CONFIG)


def _agrees(field: FieldChange, other: FieldChange | None) -> bool:
    return other is not None and other.after == field.after


def _along(change: Change) -> Change:
    return _because(change, Cause.CONFIG, _ALONG) if change.cause is Cause.DRIFT else change


def _because(change: Change, cause: Cause, remark: str) -> Change:
    return replace(change, cause=cause, reason="; ".join(part for part in (change.reason, remark) if part))
