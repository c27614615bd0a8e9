"""How far authority reaches: what a decision becomes under each `manage:` mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Change, Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.diff import in_words
from orgsync.core.model.things import Mode

if TYPE_CHECKING:
    from orgsync.core.model.context import Decision
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Pair


def scoped(decision: Decision, pair: Pair, kind: Kind, mode: Mode) -> Decision:
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
            left_alone = (*decision.findings, _left_alone(pair, kind))
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


def _left_alone(pair: Pair, kind: Kind) -> Note:
    mode = f"manage.{kind.collection}: additive"
    if pair.declared is not None:
        other = pair.declared.ends_with
        along = "" if other is None else f" with {other.address}"
        message = f"expired on {pair.declared.until}{along}, but still exists; not changed ({mode})"
        return Note(pair.address, Code.EXPIRED, message, Level.WARNING, pair.declared.place)
    return Note(pair.address, Code.UNDECLARED, f"not declared{_standing(pair)}; not changed ({mode})", Level.INFO)


def _standing(pair: Pair) -> str:
    """What somebody can do with it, where it is known: that is what its reader has to judge."""
    known = {} if pair.found is None or pair.found.unknown else pair.found.attributes
    return "".join(f", {path} {known[path]}" for path in ("role", "status") if isinstance(known.get(path), str))
