"""What the answer to a write, and the organization after it, say of the change that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.apply.outcome import Outcome, Status
from orgsync.core.model.diff import value_at
from orgsync.errors import PLAN_AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.change import Change
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Found


def set_instead(change: Change, kind: Kind, shown: Mapping[str, Any], request_id: str | None = None) -> Outcome | None:
    """How a change ended that set something else than it was to set; None where it is not known to have."""
    told = kind.instead(change, shown)
    if told is None:
        return None
    return Outcome(
        change,
        Status.UNCONFIRMED,
        told.message,
        request_id,
        next_step=f"{told.edit}, then {PLAN_AGAIN}",
        replan=True,
        accepted=True,
    )


def shown_of(change: Change, found: Found | None) -> Mapping[str, Any]:
    """The values that a live thing has in the fields of a change."""
    return {} if found is None else {field.path: value_at(found.attributes, field.path) for field in change.fields}
