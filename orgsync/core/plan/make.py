"""From desired and live to a plan: pure, and the same bytes for the same input."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from orgsync.core.coverage.measure import coverage_of, not_managed
from orgsync.core.document.container import container
from orgsync.core.document.expiry import expired_notes
from orgsync.core.document.look_alikes import look_alike_notes
from orgsync.core.document.root_file import elsewhere_notes, left_out_notes, renamed_notes
from orgsync.core.model.change import (
    EVERYTHING,
    MAKING,
    Action,
    Blocked,
    Cause,
    Change,
    Digests,
    ManualStep,
    Note,
    Plan,
    Protection,
    Rules,
    Summary,
)
from orgsync.core.model.context import NO_PAST, Context, Decision, Evidence
from orgsync.core.model.diff import with_fields
from orgsync.core.model.things import Found, Key, Mode, Named, Pair
from orgsync.core.model.understood import Sight, as_far_as_seen, is_left_alone, notes_of
from orgsync.core.plan.allowances import allowances, named_by, raised
from orgsync.core.plan.blocked import Blocking, Held
from orgsync.core.plan.dependencies import after_freed_names
from orgsync.core.plan.guarded import judged
from orgsync.core.plan.guards import judge
from orgsync.core.plan.judgement import made_by, weighed
from orgsync.core.plan.protection import Keeping, refused_ends
from orgsync.core.plan.schema import FORMAT_VERSION, sealed
from orgsync.core.plan.scope import Access, access_of, scoped
from orgsync.core.plan.selection import check_meaning, divided, names_of
from orgsync.core.plan.unused_protection import protects_nothing
from orgsync.core.words.digest import sha256_hex
from orgsync.core.words.timestamp import written_moment
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from orgsync.core.document.read import Desired
    from orgsync.core.document.settings import GuardSettings
    from orgsync.core.model.change import Selection, Verdict
    from orgsync.core.model.context import Past
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.words.address import Address

_ENDING = frozenset({Action.REMOVE, Action.ARCHIVE})
"""What ends a thing, and what stands inside it; an invite that is withdrawn was no such thing yet."""

NO_VERDICTS: Mapping[Address, Verdict] = MappingProxyType({})

_Noted = TypeVar("_Noted", Note, ManualStep, Blocked)


@dataclass(slots=True)
class _Draft:
    """What the kinds decided so far, and how to find the change of anything by kind and key."""

    changes: list[Change] = field(default_factory=list)
    manual: list[ManualStep] = field(default_factory=list)
    waiting: list[Note] = field(default_factory=list)
    findings: list[Note] = field(default_factory=list)
    blocking: Blocking = field(default_factory=Blocking)
    keys: dict[Address, tuple[str, Key]] = field(default_factory=dict)

    def add(self, decision: Decision, kind: Kind, pair: Pair) -> None:
        self.changes.extend(decision.changes)
        self.manual.extend(decision.manual)
        self.waiting.extend(decision.waiting)
        self.findings.extend(decision.findings)
        self.blocking.add(kind, pair.key, decision.blocked)
        for change in decision.changes:
            self.keys[change.address] = (kind.name, pair.key)


def make_plan(
    desired: Desired,
    seen: Observation,
    now: datetime,
    kinds: Kinds,
    *,
    selection: Selection = EVERYTHING,
    allow: Sequence[str] = (),
    manual: Sequence[ManualStep] = (),
    seen_at: str | None = None,
    past: Past = NO_PAST,
    new: AbstractSet[Named] = frozenset(),
    refused: Mapping[Address, Verdict] = NO_VERDICTS,
    strict_coverage: bool = False,
) -> Plan:
    """What would have to be done, by whom, and whether the guards let it.

    `selection` chooses by address: other changes are left out, unless a chosen one depends on them. `allow` are the
    addresses named on the command line. `manual` are steps that no kind decides. `seen_at` is when live was read, where
    that was not now. `past` is what is known of earlier files and runs; `new` names what this change of the files
    declares, and no line did before. What ends on its day and a guard refuses to end is kept, and the rest is planned;
    `refused` is what other guards refuse so. `strict_coverage` as `manage: {coverage: strict}`. Raises UsageError for a
    selection of nothing that is known.
    """
    made = partial(
        plan_of,
        desired,
        seen,
        now,
        kinds,
        selection=selection,
        allow=allow,
        manual=manual,
        seen_at=seen_at,
        past=past,
        new=new,
        strict_coverage=strict_coverage,
    )
    kept = dict(refused)
    while more := refused_ends(plan := made(kept), desired, kinds):
        kept |= more
    return plan


def plan_of(
    desired: Desired,
    seen: Observation,
    now: datetime,
    kinds: Kinds,
    refused: Mapping[Address, Verdict] = NO_VERDICTS,
    *,
    selection: Selection = EVERYTHING,
    allow: Sequence[str] = (),
    manual: Sequence[ManualStep] = (),
    seen_at: str | None = None,
    past: Past = NO_PAST,
    new: AbstractSet[Named] = frozenset(),
    strict_coverage: bool = False,
) -> Plan:
    """What would be done, whatever the guards say of it; but nothing of what is `refused` ends."""
    read_at = now if seen_at is None else datetime.fromisoformat(seen_at)
    allowed = allowances(desired, desired.today, allow)
    context = Context.of(desired, seen, now)
    context.past, context.allowed = past, named_by(allowed, kinds)
    context.requested = new | context.allowed
    draft = _decided(desired, seen, context, kinds, Evidence(seen.live, read_at), refused)
    changes = _connected(draft, seen, kinds)
    changes = sorted(changes, key=lambda change: (kinds.rank(change.address), change.address))
    blocked = tuple(draft.blocking.all())
    held = Held.of(blocked, kinds)
    plan = Plan(
        format_version=FORMAT_VERSION,
        orgsync=__version__,
        organization=seen.organization,
        planned_at=written_moment(now),
        digests=Digests(desired.digest, live_digest(seen)),
        seen_at=seen_at,
        changes=tuple(changes),
        manual=_in_order((*draft.manual, *manual)),
        waiting=_in_order(draft.waiting),
        findings=_in_order(draft.findings),
        blocked=_in_order(blocked),
        allowed=allowed,
        raised=raised(desired, desired.today),
        rules=rules_of(desired.settings.guards),
        present={name: sum(1 for one in found if _is_counted(one, held)) for name, found in seen.live.items()},
        coverage=coverage_of(desired, seen, kinds, strict=strict_coverage),
        requests=seen.requests,
    )
    plan = _chosen(plan, selection, seen, kinds)
    plan = replace(plan, identities=_identities(plan.changes, draft, seen, kinds))
    return sealed(replace(plan, guards=judge(judged(plan, seen, kinds)), summary=summary_of(plan)))


def _is_counted(found: Found, held: Held) -> bool:
    """Whether a thing remains that guards may count on: not one that is not understood, or that is blocked."""
    return found.exists and not found.unknown and not held.covers(found)


def live_digest(seen: Observation) -> str:
    """Of everything that was read: what it is, by which id, and how it stands."""
    return sha256_hex(
        {
            name: [
                [one.id, list(one.segments), one.standing, dict(one.attributes)]
                for one in sorted(found, key=lambda one: (one.id, one.segments, one.standing))
            ]
            for name, found in seen.live.items()
        }
    )


def _decided(
    desired: Desired,
    seen: Observation,
    context: Context,
    kinds: Kinds,
    evidence: Evidence,
    refused: Mapping[Address, Verdict],
) -> _Draft:
    """Every kind's word on every pair, as far as the files give authority; each kind sees what is planned before it."""
    draft = _Draft()
    context.blocked = draft.blocking.named
    keeping = Keeping(rules_of(desired.settings.guards).protect, seen.pairs, kinds, refused)
    draft.findings.extend((*notes_of(seen), *protects_nothing(desired, seen, kinds)))
    place = desired.place("organization", "name")
    draft.findings.extend(renamed_notes(desired.settings.organization, seen.organization, place))
    draft.findings.extend((*elsewhere_notes(desired.document, kinds), *left_out_notes(desired.document, kinds)))
    draft.findings.extend(expired_notes(desired.declared, kinds))
    draft.findings.extend(not_managed(desired, seen, kinds))
    sight, made = Sight.of(seen.pairs), frozenset[Named]()
    managed = desired.managed(kinds)
    for kind in kinds:
        if kind.name not in seen.pairs:
            continue
        context.mode = desired.mode(kind)
        projected = context.projected[kind.name] = {}
        context.prepared = kind.prepare(context) if kind.name in managed else None
        for pair in seen.pairs[kind.name]:
            decision, current = Decision(), _current(pair)
            if draft.blocking.covers(kind, pair) or is_left_alone(pair, kind, context, sight):
                pass
            elif kind.name in managed and current != Pair(None, None):
                decided = as_far_as_seen(kind.decide(current, context), pair, kind, context)
                access = _beyond(pair, kind, context.mode, seen, kinds)
                decision = scoped(decided, pair, kind, context.mode, access)
                made |= made_by(decision.changes, kinds)
                changes = weighed(_marked(decision.changes, pair, kind, desired), kind, evidence, keeping.covers, made)
                decision = keeping.kept(replace(decision, changes=changes))
                draft.add(decision, kind, pair)
            if projected.get(pair.key) is None:  # an archived namesake must not hide the live one
                projected[pair.key] = _afterwards(pair, decision.changes)
        if kind.name in managed:
            draft.findings.extend(kind.survey(context))
            if context.mode is not Mode.OBSERVE:
                draft.findings.extend(look_alike_notes(kind, seen.pairs[kind.name]))
    return draft


def _beyond(pair: Pair, kind: Kind, mode: Mode, seen: Observation, kinds: Kinds) -> Access:
    """What goes beyond the files, where that is left alone."""
    is_left = pair.declared is None or pair.declared.expired or mode is Mode.OBSERVE
    return access_of(pair, kind, seen, kinds) if is_left else Access()


def _marked(changes: Sequence[Change], pair: Pair, kind: Kind, desired: Desired) -> Sequence[Change]:
    """The changes, each knowing whether it is made only because no line declares the thing, and where one would."""
    if pair.declared is not None:
        return changes
    return [
        replace(change, absent=True, source=change.source or container(desired, kind, change.address))
        if change.cause is not Cause.POLICY
        else change
        for change in changes
    ]


def _current(pair: Pair) -> Pair:
    """The pair as it counts today: a declaration whose `until` day is over is none."""
    return Pair(None, pair.found) if pair.declared is not None and pair.declared.expired else pair


def _afterwards(pair: Pair, changes: Iterable[Change]) -> Found | None:
    """What live will show of a pair once these changes are made."""
    found = pair.found
    for change in changes:
        if change.action in {Action.REMOVE, Action.WITHDRAW}:
            found = None
        elif change.action in MAKING:
            standing = "invited" if change.action is Action.INVITE else "live"
            of = change.address
            found = Found(of.kind, of.segments, pair.key, "", with_fields({}, change.fields), standing)
        elif found is not None:
            standing = "archived" if change.action is Action.ARCHIVE else found.standing
            found = replace(found, attributes=with_fields(found.attributes, change.fields), standing=standing)
    return found


def _connected(draft: _Draft, seen: Observation, kinds: Kinds) -> list[Change]:
    """The changes, each with the addresses whose changes must succeed before it."""
    gates = {draft.keys[change.address]: change.address for change in draft.changes if _is_gate(change, kinds)}
    order: dict[Address, tuple[Address, ...]] = {}
    for kind in kinds:
        order.update(kind.order([change for change in draft.changes if change.address.kind == kind.name]))
    names = after_freed_names(draft.changes)
    connected = []
    for change in draft.changes:
        name, key = draft.keys[change.address]
        after = tuple(gates[ref] for ref in kinds.by_name[name].refers_to(key) if ref in gates)
        ending = change.action in _ENDING
        if not ending:
            after = (*after, *order.get(change.address, ()), *names.get(change.address, ()))
        told = _with_effects(change, key, seen, kinds) if ending else change
        connected.append(replace(told, after=after) if after else told)
    return connected


def _is_gate(change: Change, kinds: Kinds) -> bool:
    """Whether what mentions this thing has to wait for this change."""
    gates = kinds.of(change.address).gates
    return change.action is Action.CREATE or any(field.path in gates for field in change.fields)


def _with_effects(change: Change, key: Key, seen: Observation, kinds: Kinds) -> Change:
    """A removal, with what becomes of everything that has to do with the thing."""
    name = change.address.kind
    effects, risk = list(change.effects), change.risk
    for kind in kinds:
        ended = 0
        if name in kind.refs:
            ended = sum(1 for one in seen.live.get(kind.name, ()) if (name, key) in kind.refers_to(one.key))
        if ended:
            effects.append(f"ends {kind.counted(ended)}")
        consequences = kind.consequences(change, key, seen.live)
        effects.extend(consequences.effects)
        risk = max(risk, consequences.risk or risk)
    return replace(change, effects=tuple(effects), risk=risk)


def _chosen(plan: Plan, selection: Selection, seen: Observation, kinds: Kinds) -> Plan:
    """What the selection chooses of the plan, and how much it leaves out."""
    if selection.is_everything:
        return plan
    names = names_of(seen.pairs, kinds)
    known = {pair.address for pairs in seen.pairs.values() for pair in pairs}
    known |= {change.address for change in plan.changes} | {step.address for step in plan.manual}
    known |= {note.address for note in (*plan.waiting, *plan.findings)}
    known |= {address for one in plan.blocked for address in (one.address, *one.dependents)}
    check_meaning(selection, {name for one in known for name in names(one)}, kinds)
    kept, rest = divided(plan, selection, names)
    return replace(kept, selection=replace(kept.selection, outside=summary_of(rest)))


def _in_order(notes: Iterable[_Noted]) -> tuple[_Noted, ...]:
    return tuple(sorted(notes, key=lambda note: (note.address, note.code, note.message)))


def rules_of(guards: GuardSettings) -> Rules:
    """The limits the files set for the guards."""
    limits = guards.max_removals
    protect = tuple(Protection(entry.address, any=entry.protect_from == "any") for entry in guards.protect)
    return Rules(
        guards.min_admins, limits.percent, limits.count, guards.max_grants.count, protect, guards.credential_of
    )


def _identities(changes: Sequence[Change], draft: _Draft, seen: Observation, kinds: Kinds) -> dict[str, str]:
    """The live ids of everything the changes are about or mention; where live has another name for it, under both."""
    known = {
        (name, pair.key): pair
        for name, pairs in seen.pairs.items()
        for pair in reversed(pairs)
        if pair.found is not None and pair.found.exists
    }
    identities: dict[str, str] = {}
    names: dict[str, str] = {}
    made = {change.address for change in changes if change.action is Action.CREATE}
    for change in changes:
        name, key = draft.keys[change.address]
        for where in ((name, key), *kinds.by_name[name].refers_to(key)):
            pair = known.get(where)
            if pair is not None and pair.found is not None:
                identities[pair.address] = pair.found.id
                if pair.found.key != pair.key and pair.found.address not in made:
                    names[pair.found.address] = pair.found.id
    return dict(sorted((names | identities).items()))


def summary_of(plan: Plan) -> Summary:
    """How much of everything is in a plan."""
    counts = Counter(change.action.value for change in plan.changes)
    notes = {name: len(getattr(plan, name)) for name in ("manual", "waiting", "findings", "blocked")}
    return Summary(**counts, **notes)
