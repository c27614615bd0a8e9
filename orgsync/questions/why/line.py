"""Whether the organization has what the files say of one resource, and if not, what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.core.document.container import container
from orgsync.core.model.change import Cause
from orgsync.core.model.codes import Code
from orgsync.core.model.diff import steps
from orgsync.core.model.things import Mode
from orgsync.core.plan.guards import GUARDS
from orgsync.core.plan.protection import is_within, names_in_pairs
from orgsync.core.words.address import Address, folded, in_sentence
from orgsync.core.words.globs import any_matches
from orgsync.kinds.api_key.spec import KEY_POLICIES, WAIVERS
from orgsync.questions.why.chain import Link, fails, holds, noted, unknown
from orgsync.questions.why.places import APPLY, place_of, through, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Change, Note, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Declared, Pair
    from orgsync.questions.why.history import History

_MOST = 3
"""Addresses that are named of many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One resource, or one field of it, as the files see it; with the plan, where the organization was read.

    `seen` is what was read for the plan.
    """

    address: Address
    field: str
    kind: Kind
    desired: Desired
    plan: Plan | None = None
    seen: Observation | None = None

    @property
    def line(self) -> Declared | None:
        """The line that declares it."""
        return self.desired.declared[self.kind.name].get(self.kind.key(self.address.segments))

    @property
    def pair(self) -> Pair | None:
        """The line and what the organization shows, if that was read."""
        pairs = () if self.seen is None else self.seen.pairs.get(self.kind.name, ())
        key = self.kind.key(self.address.segments)
        return next((pair for pair in pairs if pair.key == key), None)

    def is_it(self, address: Address) -> bool:
        """Whether an address is that of the resource."""
        return folded(address) == folded(self.address)

    def concerns(self, note: Note) -> bool:
        """Whether a finding is about the resource, and the field that was named."""
        field = str(note.shown.get("field") or "")
        return self.is_it(note.address) and not (self.field and field and not _overlap(steps(field), steps(self.field)))

    def changes(self, change: Change) -> bool:
        """Whether a change is about the resource, and the field that was named."""
        if not self.is_it(change.address):
            return False
        wanted = steps(self.field) if self.field else ()
        return any(_overlap(steps(one.path), wanted) for one in change.fields) or not change.fields


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(mine == theirs for mine, theirs in zip(one, other, strict=False))


def line_links(asked: Asked, kinds: Kinds, history: History) -> Iterator[Link]:
    """That a line declares it and counts, that the files may act on it, and that nothing stands between the two."""
    line = asked.line
    if line is None:
        yield _undeclared(asked)
        return
    yield from _declared(asked, line)
    if line.expired:
        fix = f"extend `until` in {place_of(line)}, then {APPLY}"
        yield fails("counts", f"it is {line.ended}, so the line no longer counts", place_of(line), fixes=[fix])
    yield holds("counts", "the line counts today" if line.until is None else f"the line counts: it is {line.ended}")
    yield _managed(asked)
    yield from _protections(asked, kinds)
    yield from policies_of(asked.desired, asked.kind, asked.address)
    if asked.plan is None:
        yield from _waivers(asked)
        yield unknown("applied", "what the organization has was not read")
        return
    yield from _planned(asked, asked.plan)
    last = history.last(asked.address, path=asked.field)
    if last is not None:
        yield holds("history", f"was changed last {last.told}")


def _undeclared(asked: Asked) -> Link:
    """That no line declares it, and what comes of that."""
    desired, kind = asked.desired, asked.kind
    place = where(container(desired, kind, asked.address))
    changes = [] if asked.plan is None else [one for one in asked.plan.changes if asked.is_it(one.address)]
    if changes:
        text = f"no line declares it: the next apply will {changes[0].action.value} it ({changes[0].reason})"
    elif (kind.name, kind.outer_segments(asked.address.segments)) not in desired.collections:
        text = "no line declares it, and the files do not manage where it stands"
    else:
        text = f"no line declares it; its collection is managed in mode {desired.mode(kind)}"
    if asked.pair is None and asked.seen is not None and kind.name in asked.seen.whole:
        text += "; nor does the organization show it"
    return fails("declared", text, place, fixes=["declare it to manage it"])


def _declared(asked: Asked, line: Declared) -> Iterator[Link]:
    """The line, and the field where one was named."""
    if not asked.field:
        yield holds("declared", f"the files declare it{_values(line)}{through(line)}", place_of(line))
        return
    value = _value(line.spec.model_dump(mode="json", exclude_unset=True), steps(asked.field))
    if value is _MISSING:
        text = f"the line does not set `{asked.field}`, so it is not managed: it stays as it is"
        yield fails("declared", text, place_of(line), fixes=[f"set `{asked.field}` in {place_of(line)} to manage it"])
    place = where(line.place) if line.through else where(asked.desired.place(*_path(asked), *steps(asked.field)))
    yield holds("declared", f"the files declare {asked.field}: {_shown(value)}{through(line)}", place)


_MISSING: Any = object()


def _value(data: Any, path: Sequence[str]) -> Any:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return _MISSING
        data = data[step]
    return data


def _values(line: Declared) -> str:
    """The fields of a line in words; only their names where there are many."""
    data = line.spec.model_dump(mode="json", exclude_unset=True)
    told = ", ".join(f"{name}: {_shown(value)}" for name, value in data.items())
    return f" ({told})" if 0 < len(told) <= 60 else ""


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(one)}" for key, one in value.items()) + "}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _path(asked: Asked) -> tuple[str, ...]:
    """The keys that lead to the line."""
    section = asked.kind.section_of(asked.address.segments)
    names = iter(asked.address.segments[len(section.lead) :])
    return tuple(next(names) if step == "*" else step for step in section.things)


def _managed(asked: Asked) -> Link:
    """That the files may act on the collection."""
    mode, collection = asked.desired.mode(asked.kind), asked.kind.collection
    place = where(asked.desired.place("manage", collection))
    if mode is Mode.OBSERVE:
        text = f"`manage.{collection}` is `observe`: differences are reported, nothing is changed"
        fix = f"write `{collection}: additive` under `manage` ({place}), then {APPLY}"
        return fails("managed", text, place, fixes=[fix])
    return holds("managed", f"the collection is managed in mode {mode}")


def _protections(asked: Asked, kinds: Kinds) -> Iterator[Link]:
    """The entries of `guards.protect` that cover it."""
    protect = asked.desired.settings.guards.protect
    pairs = () if asked.seen is None else (pair for some in asked.seen.pairs.values() for pair in some)
    names = names_in_pairs(pairs)
    for index, entry in enumerate(protect):
        if is_within(asked.address, [entry], names, kinds):  # type: ignore[list-item]
            what = "nothing may change it" if entry.protect_from == "any" else "nothing may withdraw or stop it"
            place = where(asked.desired.place("guards", "protect", index))
            yield noted("protect", f"`guards.protect` covers it ({entry.address}): {what}", place)


def policies_of(desired: Desired, kind: Kind, address: Address) -> Iterator[Link]:
    """The key policies that cover a key; nothing for other kinds."""
    if KEY_POLICIES not in kind.settings:
        return
    workspace, name = address.segments
    declared = desired.find("workspace", (workspace,))
    tags = {} if declared is None else declared.spec.attributes.get("tags") or {}
    for policy, terms in KEY_POLICIES.of(desired).items():
        here = None if workspace == "*" else workspace
        if terms.match.covers_place([here], [tags]) and any_matches(terms.match.names, name):
            rules = ", ".join(rule.name for rule, _value in terms.every_rule)
            text = f"the key policy {policy} covers it ({rules}; then: {terms.then})"
            yield noted("policy", text, where(desired.place("key_policies", policy)))


def _waivers(asked: Asked) -> Iterator[Link]:
    """The waivers of a key, as far as the files tell; a plan says more about them."""
    if WAIVERS not in asked.kind.settings:
        return
    for index, waiver in enumerate(WAIVERS.of(asked.desired)):
        if any_matches([waiver.key], asked.address):
            text = f"{waiver.policy} is {waiver.told}"
            if not waiver.counts_on(asked.desired.today):
                text = f"the waiver of {waiver.policy} ended on {waiver.until.isoformat()}"
            yield noted("waiver", text, where(asked.desired.place("waivers", index)))


def _planned(asked: Asked, plan: Plan) -> Iterator[Link]:
    """What the plan has to say of it, first what keeps it from anything else."""
    yield _decided(asked, plan)
    yield _possible(asked, plan)
    yield _ready(asked, plan)
    changes = [change for change in plan.changes if asked.changes(change)]
    if KEY_POLICIES in asked.kind.settings:
        yield _no_policy(asked, changes)
    if changes:
        yield _allowed(plan, changes)
    yield _applied(asked, plan, changes)


def _decided(asked: Asked, plan: Plan) -> Link:
    for one in plan.blocked:
        if asked.is_it(one.address) or any(map(asked.is_it, one.dependents)):
            about = "" if asked.is_it(one.address) else f"{one.address}: "
            text = f"a person has to decide first: {about}{one.message}"
            return fails("decided", text, where(one.source), fixes=[one.hint] if one.hint else [])
    return holds("decided", "nothing has to be decided by a person first")


_OF_A_FIELD: Mapping[str, str] = {Code.PRIVACY_BY_HAND: "inference_data_privacy"}
"""Manual steps that are about one field."""


def _is_about(field: str, code: str) -> bool:
    one = _OF_A_FIELD.get(code)
    return not field or one is None or _overlap(steps(field), steps(one))


def _possible(asked: Asked, plan: Plan) -> Link:
    for step in plan.manual:
        if asked.is_it(step.address) and _is_about(asked.field, step.code):
            fix = f"{step.where}: {step.expected}"
            return fails("possible", step.message, where(step.source), fixes=[fix])
    return holds("possible", "the API can set it")


def _ready(asked: Asked, plan: Plan) -> Link:
    for note in plan.waiting:
        if asked.is_it(note.address):
            fixes = [f"`orgsync why {asked.address.segments[-1]}` shows the invite"] if _is_person(asked) else []
            return fails("ready", f"waits: {note.message}", where(note.source), fixes=fixes)
    return holds("ready", "it does not wait for another person")


def _is_person(asked: Asked) -> bool:
    return "@" in asked.address.segments[-1]


def _no_policy(asked: Asked, changes: Sequence[Change]) -> Link:
    for change in changes:
        if change.cause is Cause.POLICY:
            policy = change.reason.removeprefix("policy ").partition(":")[0]
            waiver = f"{{policy: {policy}, key: {asked.address}, until: YYYY-MM-DD, reason: …}}"
            fix = f"add a waiver under `waivers`: `{waiver}`"
            return fails("policy", f"the next apply will act on it: {change.reason}", where(change.source), fixes=[fix])
    return holds("policy", "no key policy acts on it")


def _allowed(plan: Plan, changes: Sequence[Change]) -> Link:
    """That the guards let the plan pass."""
    lifted = {guard.name: guard.lifted_by for guard in GUARDS}
    addresses = {folded(change.address) for change in changes}
    mine = [one for one in plan.refusals if addresses & {folded(address) for address in one.addresses}]
    for verdict in (*mine, *plan.refusals):
        told = f"; lifted by {lifted[verdict.guard]}" if verdict.guard in lifted else ""
        others = ", ".join(map(in_sentence, verdict.addresses[:_MOST]))
        whose = "refuses that" if verdict in mine else f"refuses the whole plan because of {others or 'other changes'}"
        text = f"the next apply would {_told(changes)}, but the guard {verdict.guard} {whose}: {verdict.message}"
        fix = f"see docs/guards.md, `{verdict.guard}`{told}"
        return fails("guard", text, where(changes[0].source), fixes=[fix])
    return holds("guard", "the guards let it pass")


_UNMET = frozenset(
    {
        Code.ARCHIVED_NAMESAKE,
        Code.IMMUTABLE,
        Code.INHERITED_ACCESS,
        Code.REMOVED_IN_CONSOLE,
        Code.RESIDENCY_CONFLICT,
        Code.SPEND_LIMIT_ABOVE,
        Code.SPEND_LIMIT_BELOW,
    }
)
"""Findings that say why the organization will not have what a line declares although nothing is planned."""


def _applied(asked: Asked, plan: Plan, changes: Sequence[Change]) -> Link:
    """That the organization has it, and nothing is left to change."""
    if changes:
        return fails("applied", f"the next apply will {_told(changes)}", where(changes[0].source), fixes=[APPLY])
    for note in plan.findings:
        if note.code in _UNMET and asked.concerns(note):
            return fails("applied", note.message, where(note.source))
    pair = asked.pair
    if pair is not None and pair.found is not None and pair.found.unknown:
        return unknown("applied", f"what the organization shows is not understood: {pair.found.odd[0].told}")
    if _is_missing(pair):
        return fails("applied", "the organization does not show it, and the next apply does nothing about it")
    return holds("applied", "the next apply changes nothing about it")


def _is_missing(pair: Pair | None) -> bool:
    """Whether the files want something to be there, and it is not."""
    if pair is None or pair.declared is None or pair.declared.spec.asks_to_archive:
        return False
    wanted = pair.declared.spec.attributes.values()
    wants_none = bool(wanted) and all(value is None for value in wanted)
    return not wants_none and (pair.found is None or not pair.found.exists)


def _told(changes: Sequence[Change]) -> str:
    return "; ".join(map(_in_words, changes))


def _in_words(change: Change) -> str:
    fields = ", ".join(f"{one.path} {_shown(one.before)} -> {_shown(one.after)}" for one in change.fields)
    return f"{change.action.value} it ({fields}): {change.reason}" if fields else f"{change.action.value} it"


def said_of(asked: Asked, plan: Plan) -> Iterator[Link]:
    """The findings of a plan about the resource, whatever the chain ends with."""
    for note in plan.findings:
        if asked.concerns(note):
            yield noted(note.code, note.message, where(note.source))


def next_of(asked: Asked, plan: Plan) -> Iterator[Link]:
    """What the next apply will do to the resource, and what is found about it, for a chain about something else."""
    changes = [change for change in plan.changes if asked.is_it(change.address)]
    for change in changes:
        yield noted("next", f"the next apply will {_in_words(change)}", where(change.source))
    yield from said_of(asked, plan)
