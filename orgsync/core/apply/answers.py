"""What the answer to a write, and the organization after it, say of the change that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.apply.ceiling import departure, progress
from orgsync.core.apply.outcome import Outcome, Status
from orgsync.core.model.change import MAKING, Action
from orgsync.core.model.diff import value_at
from orgsync.errors import PLAN_AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.change import Change
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Found
    from orgsync.errors import ApiError


def failed(change: Change, error: ApiError) -> Outcome:
    """How a change ended that the API, or what lies before it, did not make."""
    return Outcome(
        change,
        Status.FAILED,
        str(error),
        error.request_id,
        next_step=error.hint or "",
        rejected=error.rejected,
        replan=error.replan,
    )


def rejected(change: Change, error: ApiError, found: Found | None) -> Outcome:
    """How a change ended that the API rejected, given what the organization shows after that.

    Where it is so already, it need not be made. Where it is neither so nor as it was, the plan is for another state.
    """
    done = progress((change,), found)
    if done == 1:
        message = f"{error}; the organization is already as planned"
        made = found.id if change.action in MAKING and found is not None else None
        return Outcome(change, Status.ALREADY, message, error.request_id, id=made)
    is_gone = change.action is Action.UPDATE and found is not None and not found.exists
    if done is None or is_gone:
        shown = f"{change.address} is archived" if is_gone else departure(change.address, (change,), found).message
        message = f"{error}; {shown}"
        return Outcome(change, Status.FAILED, message, error.request_id, next_step=PLAN_AGAIN, replan=True)
    return failed(change, error)


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
