"""A plan held against what the files said before: causes, privileged changes, and the guards as they were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.document.read import desired_state
from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NO_PAST, Past
from orgsync.core.plan.guarded import elevated_within, judged
from orgsync.core.plan.guards import judge
from orgsync.core.plan.make import make_plan, summary_of
from orgsync.core.plan.schema import sealed
from orgsync.core.review.base_rules import organization_in, rules_in
from orgsync.core.review.cause import with_causes, with_note_causes
from orgsync.core.review.lines import with_lines
from orgsync.core.review.privileged import privileged_changes
from orgsync.core.words.address import Address
from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import ManualStep, Organization, Plan, Rules
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Named
    from orgsync.core.words.source import Document

_IF_FIRST = "add --first if these are the first files"
_OTHERWISE = "correct the base first, or lift this by hand with --without-base-guards REASON"


@dataclass(frozen=True, slots=True)
class Base:
    """What the files said before, under the name by which the person asked for it.

    `document` None: there were no files, or none that can be read. `rules` are the limits of their guards, read from
    the files alone; `closed` says why they cannot be read. `desired` None, or `trouble`, which says why: the files
    cannot be compared. `seen` is what live shows of what they manage, and `manual` what a person has to look up for
    them. `missing`: it is proven that there was no organization file, and a person said so beforehand if `first`.
    `without_guards` is the reason why a person lifts the guards of the base.
    """

    name: str
    document: Document | None = None
    rules: Rules | None = None
    closed: str | None = None
    desired: Desired | None = None
    trouble: str | None = None
    seen: Observation | None = None
    manual: tuple[ManualStep, ...] = ()
    missing: bool = False
    first: bool = False
    without_guards: str | None = None

    @property
    def protect(self) -> tuple[str, ...]:
        """The globs of what its guards protect."""
        return () if self.rules is None else tuple(entry.address for entry in self.rules.protect)


def with_files(base: Base, document: Document, kinds: Kinds, today: date) -> Base:
    """The base, with what these files say. Their guards are read even if nothing else can be."""
    base = replace(base, document=document)
    try:
        base = replace(base, rules=rules_in(document.data, kinds))
    except InputError as error:
        base = replace(base, closed=_first(error))
    if document.problems:
        return unusable(base, InputError(document.problems))
    try:
        # Version 0.1 read a key with nothing behind it as null, and so it was meant.
        return replace(base, desired=desired_state(replace(document, blank=frozenset()), kinds, today))
    except InputError as error:
        return unusable(base, error)


def unreadable(base: Base, error: Exception) -> Base:
    """The base, of which nothing can be read, not even its guards."""
    return replace(base, trouble=_first(error), closed=_first(error))


def unusable(base: Base, error: Exception) -> Base:
    """The base, with what is wrong with it, in a line. It cannot be compared; its guards are another matter."""
    return replace(base, trouble=_first(error))


def new_since(base: Base | None, desired: Desired, organization: Organization) -> frozenset[Named]:
    """What the files declare and the base did not. Nothing, where that cannot be told: then no line counts as new."""
    if base is None:
        return frozenset()
    base = _of_this_organization(base, organization)
    if base.closed is not None or (base.desired is None and not base.missing):
        return frozenset()
    return frozenset(
        (kind, key)
        for kind, declared in desired.declared.items()
        for key in declared
        if base.desired is None or base.desired.find(kind, key) is None
    )


def past_of(base: Base, organization: Organization, made: Mapping[Named, str]) -> Past:
    """What the base and the journal of earlier runs tell of things that live does not show; see `Past` for `made`."""
    if base.desired is None or _why_of_another(base, organization) is not None:
        return Past(made=made)
    declared = {(name, key): line for name, lines in base.desired.declared.items() for key, line in lines.items()}
    pairs = {} if base.seen is None else base.seen.pairs
    meant = {
        (name, pair.key): pair.found.id
        for name, some in pairs.items()
        for pair in some
        if pair.declared is not None and pair.found is not None and pair.found.exists
    }
    return Past(declared, meant, made)


def compared(
    plan: Plan, seen: Observation, desired: Desired, base: Base, now: datetime, kinds: Kinds, *, past: Past = NO_PAST
) -> Plan:
    """The plan, with what the comparison tells. It holds the same changes, in the same order.

    `past` is what the plan was made with.
    """
    base = _of_this_organization(base, seen.organization)
    trouble, before = base.trouble, None
    if base.desired is not None and base.seen is not None:
        before = make_plan(base.desired, base.seen, now, kinds, manual=base.manual, past=past)
    notes = list(privileged_changes(base.document, desired, kinds))
    if trouble is not None:
        notes = notes if base.document is not None else []
        notes.append(_note(Code.BASE_UNUSABLE, f"cannot be used for comparison, so causes are unknown: {trouble}"))
    else:
        plan = _with_causes(plan, before, kinds)
        if base.desired is not None:
            plan = replace(plan, changes=with_lines(plan.changes, base.desired, kinds))
        if before is None:
            notes.append(_note(Code.BASE_MISSING, "has no such files: everything counts as this change", Level.INFO))
    findings = sorted((*plan.findings, *notes), key=lambda note: (note.address, note.code, note.message))
    plan = _guarded(replace(plan, base=base.name, findings=tuple(findings)), seen, base, kinds)
    return sealed(replace(plan, summary=summary_of(plan)))


def _with_causes(plan: Plan, before: Plan | None, kinds: Kinds) -> Plan:
    return replace(
        plan,
        changes=with_causes(plan, before, kinds),
        manual=with_note_causes(plan.manual, () if before is None else before.manual),
        waiting=with_note_causes(plan.waiting, () if before is None else before.waiting),
        findings=with_note_causes(plan.findings, () if before is None else before.findings),
        blocked=with_note_causes(plan.blocked, () if before is None else before.blocked),
    )


def _of_this_organization(base: Base, organization: Organization) -> Base:
    """The base, closed where its files are not for this organization: their guards were set for another one."""
    why = _why_of_another(base, organization)
    return base if why is None else replace(base, closed=base.closed or why, trouble=base.trouble or why)


def _why_of_another(base: Base, organization: Organization) -> str | None:
    """Why its files are not for this organization, as far as there are any; None where they are."""
    named = None if base.document is None else organization_in(base.document.data)
    if base.document is None or (named is not None and named.is_(organization)):
        return None
    return "its files name no organization" if named is None else f"its files are for another organization ({named})"


def _guarded(plan: Plan, seen: Observation, base: Base, kinds: Kinds) -> Plan:
    """The plan, judged by the guards of the base as well; refused where nobody can tell what those refuse."""
    closed = base.closed
    if closed is not None:
        closed = f"{closed}; {_OTHERWISE}" + ("; --first has no effect here" if base.first else "")
    elif base.missing and not base.first:
        closed = f"there is no organization file; {_IF_FIRST}"
    plan = replace(
        plan,
        base_rules=base.rules if closed is None else None,
        base_unreadable=closed,
        first=base.missing and base.first,
        without_base_guards=base.without_guards,
    )
    if plan.base_rules is not None:
        plan = elevated_within(plan, plan.base_rules.protect, kinds)
    return replace(plan, guards=judge(judged(plan, seen, kinds)))


def _first(error: Exception) -> str:
    if not isinstance(error, InputError):
        return str(error)
    problems = error.problems
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0].told}{more}"


def _note(code: Code, message: str, level: Level = Level.WARNING) -> Note:
    return Note(Address("setting:base"), code, message, level)
