"""A plan made by another orgsync, or by hand: nothing is done of it unless this one knows every word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from orgsync.core.document.known_address import known_address
from orgsync.core.model.change import NAME, Action
from orgsync.core.model.context import Evidence
from orgsync.core.model.diff import in_words, steps
from orgsync.core.words.address import Address
from orgsync.core.words.problems import Unsuitable, quoted
from orgsync.core.words.source import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.change import Change, FieldChange, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.things import Named

_ANOTHER = "run `orgsync plan` again with this version, or apply it with the version that created it"


def foreign(plan: Plan, kinds: Kinds) -> list[Problem]:
    """Everything in a plan that this orgsync could not do, or would not understand while doing it."""
    addresses = {
        *plan.identities,
        *(allowance.address for allowance in plan.allowed),
        *(address for change in plan.changes for address in (change.address, *change.after)),
    }
    problems = [problem for address in sorted(addresses) for problem in _unknown(address, kinds)]
    if problems:
        return problems
    known = {kinds.named(Address(text)) for text in plan.identities}
    known |= {kinds.named(change.address) for change in plan.changes if change.action is Action.CREATE}
    problems = [problem for change in plan.changes for problem in _impossible(change, kinds, known)]
    return problems or list(_circles(plan.changes))


def _unknown(address: str, kinds: Kinds) -> Iterator[Problem]:
    if any(not kind.sections and address.startswith(f"{kind.name}:") for kind in kinds):
        return  # of what is mentioned only, and cannot be declared
    try:
        known_address(address, kinds)
    except Unsuitable as error:
        yield Problem(str(error), hint=error.hint or _ANOTHER)


def _impossible(change: Change, kinds: Kinds, known: set[Named]) -> Iterator[Problem]:
    kind = kinds.of(change.address)
    key = kind.key(change.address.segments)
    if change.action not in kind.actions:
        possible = ", ".join(sorted(kind.actions))
        message = f"cannot {change.action} a {kind.noun}; possible: {possible}"
        yield Problem(message, address=change.address, hint=_ANOTHER)
    if not change.fields:
        yield Problem("the change has no fields", address=change.address, hint=_ANOTHER)
    for part in change.fields:
        if steps(part.path)[0] not in {*kind.spec.model_fields, NAME}:
            message = f"a {kind.noun} has no {quoted(part.path)}"
            yield Problem(message, address=change.address, hint=_ANOTHER)
        elif not _is_understood(part, change, kind):
            message = f"{part.path}: {in_words(part.before)} -> {in_words(part.after)} means nothing that is known"
            yield Problem(message, address=change.address, hint=_ANOTHER)
    for other, mentioned in kind.refers_to(key):
        if (other, mentioned) not in known:
            message = (
                f"the plan neither contains nor creates the {kinds.by_name[other].noun} {quoted('/'.join(mentioned))}"
            )
            yield Problem(message, address=change.address, hint=_ANOTHER)


def _is_understood(part: FieldChange, change: Change, kind: Kind) -> bool:
    """Whether the kind can say what a change of this field does."""
    try:
        kind.meaning_of([replace(change, fields=(part,))], Evidence({}, datetime.fromtimestamp(0, UTC)))
    except (KeyError, ValueError, ArithmeticError, TypeError):  # whatever a hand-made plan may hold in place of a word
        return False
    return True


def _circles(changes: Sequence[Change]) -> Iterator[Problem]:
    """Changes that wait for each other would wait for ever."""
    waits: dict[str, set[str]] = {}
    for change in changes:
        waits.setdefault(change.address, set()).update(change.after)
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        yield Problem(f"the changes depend on each other in a circle: {circle}", hint=_ANOTHER)
