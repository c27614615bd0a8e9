"""A reviewed plan as a ceiling over a plan made afresh: what the files ask for now was reviewed, or is told here."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orgsync.core.apply.ceiling import Departure, ids_of
from orgsync.core.model.change import MAKING, Action
from orgsync.core.model.context import Evidence
from orgsync.core.model.diff import in_words
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.allowances import named
from orgsync.core.review.correspondence import Alike
from orgsync.core.words.address import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Named

_DIGEST = re.compile(r"[0-9a-f]{12,64}")


def is_digest(text: str) -> bool:
    """Whether this can be the beginning of a digest, long enough to tell plans apart."""
    return _DIGEST.fullmatch(text.lower()) is not None


def has_digest(plan: Plan, text: str) -> bool:
    """Whether the digest of the plan's changes is this one, or begins like it."""
    return plan.digests.changes.startswith(text.lower())


def unreviewed_allowances(plan: Plan, addresses: Iterable[str], kinds: Kinds) -> list[str]:
    """What the reviewed plan did not allow, of what `--allow` names; but for what may stop by now."""
    allowed = {folded(allowance.address) for allowance in plan.allowed}
    may_stop = {folded(change.address) for change in plan.changes if _may_stop(change, kinds)}
    return [text for text in addresses if folded(named(text).address) not in allowed | may_stop]


def _may_stop(change: Change, kinds: Kinds) -> bool:
    """Whether only what is known now says that nothing stops: nobody can allow before what `stops_now` is about."""
    nothing_known = Evidence({}, datetime.fromtimestamp(0, UTC))
    stops = Meaning.STOPS in kinds.of(change.address).meaning_of([change], nothing_known)
    return stops and Meaning.STOPS not in change.meaning


def requested_by(reviewed: Plan | None, kinds: Kinds) -> frozenset[Named]:
    """What a reviewed plan would make: a person approved it, and so wants it to be there."""
    changes = () if reviewed is None else reviewed.changes
    return frozenset(kinds.named(change.address) for change in changes if change.action in MAKING)


def beyond(plan: Plan, reviewed: Plan, kinds: Kinds) -> list[Departure]:
    """Every change of the plan that the reviewed one does not contain, by address. Fewer changes are no departure.

    A change is contained where the same is done to the same live object, or to what has the name where there was none:
    each field from and to the reviewed values, at no higher risk.
    """
    contained, ids = Alike(reviewed, kinds), ids_of(plan, kinds)
    departures = []
    for change in plan.changes:
        told = [list(_differences(change, other)) for other in contained.to(change, ids)]
        if not told:
            message = f"{change.action} is not in the reviewed plan ({_in_words(change)})"
            departures.append(Departure(change.address, message))
        elif all(told):
            departures.append(Departure(change.address, "; ".join(told[0])))
    return sorted(departures, key=lambda departure: departure.address)


def _differences(change: Change, reviewed: Change) -> Iterable[str]:
    """What differs from what was reviewed; an update may change fewer fields, and whatever makes or takes may not."""
    fields = {field.path: field for field in reviewed.fields}
    for field in change.fields:
        other = fields.pop(field.path, None)
        if other is None:
            yield f"{field.path}: not reviewed, would become {in_words(field.after)}"
        elif field.after != other.after:
            yield f"{field.path}: reviewed as {in_words(other.after)}, would become {in_words(field.after)}"
        elif field.before != other.before:
            yield (
                f"{field.path}: reviewed as {in_words(other.before)} -> {in_words(other.after)}, "
                f"the organization shows {in_words(field.before)}"
            )
    if change.action is not Action.UPDATE:
        yield from (
            f"{path}: reviewed as {in_words(other.after)}, no longer requested" for path, other in fields.items()
        )
    if change.risk > reviewed.risk:
        yield f"its risk is {change.risk}, reviewed as {reviewed.risk}"


def _in_words(change: Change) -> str:
    return ", ".join(f"{field.path} {in_words(field.before)} -> {in_words(field.after)}" for field in change.fields)
