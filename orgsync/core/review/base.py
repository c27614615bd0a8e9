"""A plan held against what the files said before: causes, privileged changes, and the guards as they were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.plan.guarded import elevated_within, judged
from orgsync.core.plan.guards import judge
from orgsync.core.plan.make import make_plan, rules_of, summary_of
from orgsync.core.plan.seal import sealed
from orgsync.core.review.cause import with_causes, with_note_causes
from orgsync.core.review.privileged import privileged_changes
from orgsync.core.words.address import Address
from orgsync.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import ManualStep, Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation


@dataclass(frozen=True, slots=True)
class Base:
    """What the files said before, under the name by which the person asked for it.

    `desired` None: there were no files, or `trouble` says why nothing can be done with them. `seen` is what live
    shows of what they manage, and `manual` what a person has to look up for them.
    """

    name: str
    desired: Desired | None = None
    seen: Observation | None = None
    trouble: str | None = None
    manual: tuple[ManualStep, ...] = ()


def compared(plan: Plan, seen: Observation, desired: Desired, base: Base, now: datetime, kinds: Kinds) -> Plan:
    """The plan, with what the comparison tells. It holds the same changes, in the same order."""
    plan = replace(plan, base=base.name)
    trouble, before = base.trouble, None
    if base.desired is not None and base.seen is not None:
        try:
            before = make_plan(base.desired, base.seen, now, kinds, manual=base.manual)
        except InputError as error:
            trouble = _first(error)
    notes = list(privileged_changes(base.desired, desired, kinds))
    if trouble is not None:
        notes = notes if base.desired is not None else []
        notes.append(_note(Code.BASE_UNUSABLE, f"cannot be used for comparison, so causes are unknown: {trouble}"))
    else:
        plan = replace(
            plan,
            changes=with_causes(plan, before, kinds),
            manual=with_note_causes(plan.manual, () if before is None else before.manual),
            waiting=with_note_causes(plan.waiting, () if before is None else before.waiting),
            findings=with_note_causes(plan.findings, () if before is None else before.findings),
        )
        if before is None:
            notes.append(_note(Code.BASE_MISSING, "has no such files: everything counts as this change", Level.INFO))
    findings = sorted((*plan.findings, *notes), key=lambda note: (note.address, note.code, note.message))
    plan = replace(plan, findings=tuple(findings))
    if base.desired is not None:
        rules = rules_of(base.desired)
        plan = elevated_within(replace(plan, base_rules=rules), rules.protect, kinds)
        plan = replace(plan, guards=judge(judged(plan, seen, kinds)))
    return sealed(replace(plan, summary=summary_of(plan)))


def unusable(base: Base, error: Exception) -> Base:
    """The base, with what is wrong with it, in a line."""
    return replace(base, trouble=_first(error))


def _first(error: Exception) -> str:
    if not isinstance(error, InputError):
        return str(error)
    problems = error.problems
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0].told}{more}"


def _note(code: Code, message: str, level: Level = Level.WARNING) -> Note:
    return Note(Address("setting:base"), code, message, level)
