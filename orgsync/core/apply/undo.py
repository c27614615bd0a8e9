"""The plan that takes back what an apply did. What cannot be taken back is listed, each with the reason.

An undo is a plan like any other: judged by the same guards, held against live by the same ceiling. This module knows no
kind by name: a change is taken back by the opposite action with its fields swapped, where the API has that action.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from orgsync.core.apply.names_after import OURS, Aftermath, aftermath_of, identities_of, old_names, renamed
from orgsync.core.apply.outcome import Outcome, Report, Status
from orgsync.core.model.change import NAME, Action, Change, Digests, FieldChange, Level, Note, Plan, Risk
from orgsync.core.model.codes import Code
from orgsync.core.model.context import Evidence
from orgsync.core.model.diff import in_words, value_at
from orgsync.core.model.observation import Observation
from orgsync.core.model.things import LIVE, Found
from orgsync.core.plan.guarded import judged, reweighed
from orgsync.core.plan.guards import judge
from orgsync.core.plan.make import live_digest, summary_of
from orgsync.core.plan.schema import sealed
from orgsync.core.words.address import Address, address, in_sentence
from orgsync.core.words.timestamp import written_moment
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.things import Live

_BOUND = frozenset({Action.UPDATE, Action.REMOVE, Action.WITHDRAW})
"""Actions on a live thing, which a plan names by its id."""

_TAKING_BACK = frozenset({Action.REMOVE, Action.WITHDRAW})
"""How an undo takes back what was made; it archives nothing."""

_OPPOSITES: Mapping[Action, tuple[Action, ...]] = {
    Action.CREATE: (Action.REMOVE,),
    Action.UPDATE: (Action.UPDATE,),
    Action.REMOVE: (Action.CREATE, Action.INVITE),
    Action.ARCHIVE: (),
    Action.INVITE: (Action.WITHDRAW,),
    Action.WITHDRAW: (Action.INVITE,),
}
"""What takes an action back, the better one first: the first that the API has for the kind is used."""

_SIDE_EFFECTS: Mapping[Action, tuple[Risk, tuple[str, ...]]] = {
    Action.INVITE: (Risk.R1, ("sends 1 e-mail",)),
    Action.WITHDRAW: (Risk.R1, ("the link in the invite stops working",)),
    Action.REMOVE: (Risk.R0, ("the access it gives ends immediately",)),
}


@dataclass(slots=True)
class _Draft:
    """What is taken back so far, under the addresses of the applied plan, and what is not."""

    changes: list[Change] = field(default_factory=list)
    findings: list[Note] = field(default_factory=list)

    def note(self, change: Change, code: Code, message: str) -> None:
        self.findings.append(Note(change.address, code, message, Level.WARNING, change.source))


def undo_plan(report: Report, plan: Plan, live: Live, kinds: Kinds, now: datetime) -> Plan:
    """The plan that takes back what `report` says was done of `plan`.

    `live` is what the lists that `plan` touches show after the apply (`read_touched`). Every change that was done is
    either taken back by one change or named by a finding. No limit and no protection of the applied plan keeps that
    from being taken back which it did, and none of its allowances is worth anything here.
    """
    aftermath = aftermath_of(report, plan, live, kinds)
    draft = _Draft()
    for group in _groups_done(report):
        _take_back(group, aftermath, draft)
    changes = _connected(draft.changes, plan)
    names = old_names(changes, aftermath)
    changes = [renamed(change, names, aftermath) for change in changes]
    findings = sorted(draft.findings, key=lambda note: (note.address, note.code, note.message))
    undo = Plan(
        format_version=plan.format_version,
        orgsync=__version__,
        organization=report.organization,
        planned_at=written_moment(now),
        digests=Digests(plan.digests.files, live_digest(Observation(report.organization, live))),
        changes=tuple(sorted(changes, key=lambda change: (-kinds.rank(change.address), change.address))),
        findings=tuple(findings),
        rules=plan.rules,
        undo=True,
        identities=identities_of(draft.changes, names, aftermath),
        present={name: sum(1 for one in found if one.exists) for name, found in live.items()},
    )
    seen = Observation(report.organization, live)
    undo = reweighed(replace(undo, summary=summary_of(undo)), Evidence(live, now), kinds)
    return sealed(replace(undo, guards=judge(judged(undo, seen, kinds))))


def _groups_done(report: Report) -> list[list[Outcome]]:
    """What was done, by address, the last first: steps are taken back in the order opposite to theirs."""
    groups: dict[Address, list[Outcome]] = {}
    for outcome in report.outcomes:
        if outcome.status in OURS:
            groups.setdefault(outcome.change.address, []).insert(0, outcome)
    return list(groups.values())


def _take_back(group: Sequence[Outcome], aftermath: Aftermath, draft: _Draft) -> None:
    """Each change of one address, given what live will show once those after it are taken back."""
    kind = aftermath.kinds.of(group[0].change.address)
    found = aftermath.index.about(kind, [outcome.change for outcome in reversed(group)])
    found = found if found is not None and found.exists else None
    paths = {part.path for outcome in group for part in outcome.change.fields}
    shown = {path: None if found is None else value_at(found.attributes, path) for path in paths}
    if found is not None and found.implied:
        group = [_left_over(outcome, shown) for outcome in group]
    for outcome in group:
        change, action = outcome.change, _opposite(outcome.change, kind, found)
        if action is None:
            draft.note(change, *_no_way_back(change, kind))
            continue
        hindrance = _hindrance(outcome, action, found, aftermath)
        if hindrance is not None:
            draft.note(change, Code.UNDO_CHANGED, hindrance)
            continue
        parts = []
        for part in change.fields:
            why = _left(part, outcome, action, shown[part.path], kind) or _taken_since(part, change, aftermath)
            if why is None:
                parts.append(part)
            else:
                draft.note(change, *why)
        if parts and (change.action is Action.UPDATE or len(parts) == len(change.fields)):  # only updates have parts
            identity = found.id if found is not None and action in _BOUND else None
            draft.changes.append(_reverse(change, action, parts, identity, aftermath.plan))
            shown.update((part.path, part.before) for part in parts)
            if change.action is Action.REMOVE and action is Action.INVITE:
                draft.note(change, Code.UNDO_LOST, _lost_words(change))


def _opposite(change: Change, kind: Kind, found: Found | None) -> Action | None:
    """What takes a change back, of the writes the API has for this kind; None: nothing does."""
    options = _OPPOSITES[change.action]
    if change.action is Action.UPDATE and _falls_back(change, found):
        options = (Action.REMOVE,)
    if kind.nullable and Action.REMOVE not in kind.actions:  # there, being none is a value like any other
        if change.action is Action.CREATE:
            options = (Action.UPDATE,)
        if change.action is Action.UPDATE and all(part.after is None for part in change.fields):
            options = (Action.CREATE,)
    return next((action for action in options if action in kind.actions), None)


def _left_over(outcome: Outcome, shown: Mapping[str, Any]) -> Outcome:
    """A removal led to what is there by itself, and not to nothing."""
    if outcome.change.action not in _TAKING_BACK:
        return outcome
    fields = tuple(replace(part, after=shown[part.path]) for part in outcome.change.fields)
    return replace(outcome, change=replace(outcome.change, fields=fields))


def _falls_back(change: Change, found: Found | None) -> bool:
    """Whether the old values come back by themselves once the new ones are taken away."""
    beneath = None if found is None else found.beneath
    return bool(beneath) and all((beneath or {}).get(part.path) == part.before for part in change.fields)


def _no_way_back(change: Change, kind: Kind) -> tuple[Code, str]:
    if change.action is Action.CREATE and Action.ARCHIVE in kind.actions:
        message = "was created and is kept: to archive it, set archived: true in the file"
        return Code.UNDO_KEPT, message
    return Code.UNDO_IMPOSSIBLE, f"{change.action} cannot be undone for this {kind.noun}"


def _hindrance(outcome: Outcome, action: Action, found: Found | None, aftermath: Aftermath) -> str | None:
    """What live lacks by now for the opposite action; None where nothing stands in its way."""
    change = outcome.change
    if change.action is Action.INVITE and found is not None and found.standing == LIVE:
        return "the invite was accepted: decide whether the person stays"
    if found is not None and outcome.id not in {None, found.id}:
        return f"another one was created since ({found.id}), and is kept"
    if action in _TAKING_BACK and found is not None and found.implied:
        return "the remaining access is inherited and cannot be removed"
    if action in _BOUND and (found is None or change.id not in {None, found.id}):
        if outcome.status is Status.UNCONFIRMED:
            return "was sent, but the organization does not show it: check again later"
        return "no longer exists"
    for name in aftermath.mentioned(change.address):
        thing = aftermath.standing_for(name)
        if name in aftermath.ids and (thing is None or thing.standing != LIVE):
            return f"cannot be restored: {in_sentence(address(name[0], *name[1]))} no longer exists"
    return None


def _left(part: FieldChange, outcome: Outcome, action: Action, value: Any, kind: Kind) -> tuple[Code, str] | None:
    """Why a field that shows this value cannot have its old one again; None where it can."""
    if _is_set_once(part, outcome.change):
        return Code.UNDO_IMPOSSIBLE, f"{part.path} was set to {part.after} and cannot be changed again"
    if action not in _TAKING_BACK and not _is_offered(part, kind):
        message = f"{part.path} was {part.before}, which the API cannot set; it stays {in_words(part.after)}"
        return Code.UNDO_IMPOSSIBLE, message
    # A write that was sent may still come to show: then its opposite is wanted, and until then it is so already.
    if value == part.after or (value == part.before and outcome.status is Status.UNCONFIRMED):
        return None
    return Code.UNDO_CHANGED, f"{part.path} was changed since to {in_words(value)}, and is kept"


def _taken_since(part: FieldChange, change: Change, aftermath: Aftermath) -> tuple[Code, str] | None:
    """That something which the plan created has the old name, and is kept; None where nothing has."""
    kind, key = aftermath.kinds.named(change.address)
    former = (kind, (*key[:-1], part.before))
    made = (aftermath.kinds.named(one.address) for one in aftermath.plan.changes if one.action is Action.CREATE)
    if part.path != NAME or former not in made:
        return None
    holder = aftermath.index.by_key.get(former)
    if holder is None or not holder.exists:
        return None
    return Code.UNDO_CHANGED, f'"{part.before}" is the name of {holder.id} now, so it stays "{part.after}"'


def _is_set_once(part: FieldChange, change: Change) -> bool:
    """Only something set for good makes an update irreversible: a whole field that was empty, not a part of a map."""
    empty = part.before is None and "." not in part.path
    return change.action is Action.UPDATE and change.risk is Risk.R2 and empty


def _is_offered(part: FieldChange, kind: Kind) -> bool:
    """Where the files offer a closed choice, that is what the API takes: `billing` comes by itself, or not at all."""
    known = kind.spec.model_fields.get(part.path)
    if part.before is None or known is None or get_origin(known.annotation) is not Literal:
        return True
    return part.before in get_args(known.annotation)


def _reverse(change: Change, action: Action, fields: Sequence[FieldChange], identity: str | None, plan: Plan) -> Change:
    risk, effects = _SIDE_EFFECTS.get(action, (Risk.R0, ()))
    return Change(
        change.address,
        action,
        tuple(FieldChange(part.path, part.after, None if action in _TAKING_BACK else part.before) for part in fields),
        id=identity,
        risk=risk,
        reason=f"reverts: {change.action} by the plan of {plan.planned_at}",
        effects=effects,
    )


def _lost_words(change: Change) -> str:
    ended = f" ({'; '.join(change.effects)})" if change.effects else ""
    return (
        f"is invited again. What ended with the removal{ended} is not restored: workspace roles can be given again once"
        " the invite is accepted, personal API keys cannot"
    )


def _connected(changes: Sequence[Change], plan: Plan) -> list[Change]:
    """The changes, each after those that take back what had to wait for it."""
    taken = {change.address for change in changes}
    followers: dict[Address, set[Address]] = {}
    for done in plan.changes:
        for before in done.after:
            if done.address in taken and before != done.address:
                followers.setdefault(before, set()).add(done.address)
    return [replace(change, after=tuple(sorted(followers.get(change.address, ())))) for change in changes]
