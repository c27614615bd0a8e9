"""How far authority reaches: what a decision becomes under each `manage:` mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Change, Level, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.diff import in_words
from orgsync.core.model.meaning import GIVES, Meaning
from orgsync.core.model.things import Mode
from orgsync.core.plan.judgement import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.context import Decision
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair


_BEYOND = frozenset({Code.UNDECLARED, Code.OBSERVED, Code.EXPIRED})
"""What may be said of what goes beyond the files."""

_WORDS = ("role", "status")
"""The fields whose word says what somebody can do."""


@dataclass(frozen=True, slots=True)
class Access:
    """What goes beyond the files, and who is behind it, as in `Note`. Nothing: it cannot be told."""

    shown: Mapping[str, str] = field(default_factory=dict)
    gives: tuple[Meaning, ...] | None = None

    @property
    def in_words(self) -> str:
        """`, role admin, owner ana@acme.com`."""
        return "".join(f", {path} {self.shown[path]}" for path in _WORDS if path in self.shown) + self.behind

    @property
    def behind(self) -> str:
        """`, owner ana@acme.com`, and what became of them, where somebody is behind it."""
        if "owner" not in self.shown:
            return f", owner {self.shown['owner_id']} (e-mail unknown)" if "owner_id" in self.shown else ""
        remark = f" ({self.shown['owner_is']})" if "owner_is" in self.shown else ""
        return f", owner {self.shown['owner']}{remark}"


def access_of(pair: Pair, kind: Kind, seen: Observation, kinds: Kinds) -> Access:
    """What a live thing lets somebody do beyond its line, or whatever it lets them do if it has none.

    Whatever stands inside a thing that no line declares is not managed either: it may let anybody do anything.
    """
    found = pair.found
    if found is None or found.unknown or not found.exists:
        return Access()
    words = {path: found.attributes[path] for path in _WORDS if isinstance(found.attributes.get(path), str)}
    shown = {**words, **kind.behind(found, seen)}
    line = None if pair.declared is None or pair.declared.expired else pair.declared.spec.attributes
    if line is None and any(other.stands_inside(kind) for other in kinds):
        return Access(shown, (Meaning.ELEVATES,))
    differing = [path for path in words if line is None or (path in line and line[path] != words[path])]
    try:
        meanings = [kind.meaning[path](None if line is None else line[path], words[path]) for path in differing]
    except KeyError:
        return Access(shown)
    return Access(shown, in_order(frozenset[Meaning]().union(*meanings) & GIVES))


def scoped(decision: Decision, pair: Pair, kind: Kind, mode: Mode, access: Access) -> Decision:
    """The decision as far as the files give authority for it; the rest becomes findings, which say what that gives."""
    decision = _within(decision, pair, kind, mode, access)
    if access.gives is None and not access.shown:
        return decision
    findings = (
        replace(note, shown={**note.shown, **access.shown}, gives=access.gives)
        if note.code in _BEYOND and note.address == pair.address
        else note
        for note in decision.findings
    )
    return replace(decision, findings=tuple(findings))


def _within(decision: Decision, pair: Pair, kind: Kind, mode: Mode, access: Access) -> Decision:
    """The decision as far as the files give authority for it; the rest becomes findings.

    authoritative: undeclared things are removed. additive: they are reported. observe: every difference is reported.
    """
    if pair.declared is not None and pair.declared.expired:
        decision = _because_expired(decision, pair)
    if not (decision.changes or decision.manual):
        return decision
    if mode is Mode.OBSERVE:
        seen = tuple(_observed(change, kind) for change in decision.changes)
        steps = tuple(
            Note(step.address, Code.OBSERVED, f"{step.message} (manage.{kind.collection}: observe)", source=step.source)
            for step in decision.manual
        )
        return replace(decision, changes=(), manual=(), findings=(*decision.findings, *seen, *steps))
    undeclared = pair.declared is None or pair.declared.expired
    if mode is Mode.ADDITIVE and undeclared:
        # A policy says itself what shall be done, whether the thing is declared or not.
        asked_for = tuple(change for change in decision.changes if change.cause is Cause.POLICY)
        if asked_for != decision.changes or decision.manual:
            left_alone = (*decision.findings, _left_alone(pair, kind, access))
            return replace(decision, changes=asked_for, manual=(), findings=left_alone)
    return decision


def _because_expired(decision: Decision, pair: Pair) -> Decision:
    declared = pair.declared
    if declared is None:
        return decision
    changes = (
        replace(change, address=declared.address, cause=Cause.EXPIRY, reason=declared.ended, source=declared.place)
        for change in decision.changes
    )
    return replace(decision, changes=tuple(changes))


def _observed(change: Change, kind: Kind) -> Note:
    fields = ", ".join(f"{field.path} {in_words(field.before)} -> {in_words(field.after)}" for field in change.fields)
    message = f"differs: {fields} (manage.{kind.collection}: observe, nothing is changed)"
    return Note(change.address, Code.OBSERVED, message, Level.WARNING, change.source)


def _left_alone(pair: Pair, kind: Kind, access: Access) -> Note:
    mode = f"manage.{kind.collection}: additive"
    if pair.declared is not None:
        other = pair.declared.ends_with
        along = "" if other is None else f" with {other.address}"
        message = f"expired on {pair.declared.until}{along}, but still exists; not changed ({mode})"
        shown: Shown = {"until": str(pair.declared.until)}
        return Note(pair.address, Code.EXPIRED, message, Level.WARNING, pair.declared.place, shown=shown)
    return Note(pair.address, Code.UNDECLARED, f"not declared{access.in_words}; not changed ({mode})", Level.INFO)
