"""Which records of the Activity Feed explain a spend limit.

Facts: amounts are in cents, whatever the field is called; the ids of limits are none of the Admin API's; another amount
is recorded as a limit that was deleted and one that was made; what is set by API may not be recorded at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.feed.rules import EXISTS, ORGANIZATION, Explains, Handles, Hint, Says, gone
from orgsync.core.model.things import LIVE
from orgsync.kinds.spend_limit.money import from_minor

if TYPE_CHECKING:
    from orgsync.core.feed.records import Activity
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

_SCOPE, _WORKSPACE = "scope", "workspace"
_CURRENCY = "USD"


def handles(pair: Pair, seen: Observation) -> Handles:
    """The organization, or the id of the workspace."""
    if pair.key == (ORGANIZATION,):
        return {_SCOPE: frozenset({ORGANIZATION})}
    found = (one.found for one in seen.pairs.get(_WORKSPACE, ()) if one.key == pair.key[1:])
    return {_WORKSPACE: frozenset(one.id for one in found if one is not None and one.standing == LIVE)}


def _monthly(cents: Any) -> Any:
    whole = isinstance(cents, int) and not isinstance(cents, bool)
    return from_minor(str(cents), _CURRENCY) if whole else Hint.UNTOLD


def _limited(record: Activity) -> Says:
    return {EXISTS: True, "monthly": _monthly(record.fields.get("limit_usd"))}


def _credits_limited(record: Activity) -> Says:
    return {EXISTS: True, "monthly": _monthly(record.fields.get("amount"))}


_OF_ORGANIZATION, _OF_CREDITS = {ORGANIZATION: _SCOPE}, {"limit_type": _SCOPE}
_OF_WORKSPACE = {"workspace_id": _WORKSPACE}

ACTIVITIES = (
    Explains("platform_spend_limit_created", _OF_ORGANIZATION, _limited),
    Explains("platform_spend_limit_deleted", _OF_ORGANIZATION, gone),
    Explains("platform_spend_limit_updated", _OF_ORGANIZATION),
    Explains("workspace_spend_limit_created", _OF_WORKSPACE, _limited),
    Explains("workspace_spend_limit_deleted", _OF_WORKSPACE, gone),
    Explains("extra_usage_spend_limit_created", _OF_CREDITS, _credits_limited),
    Explains("extra_usage_spend_limit_updated", _OF_CREDITS, _credits_limited),
    Explains("extra_usage_spend_limit_deleted", _OF_CREDITS, gone),
)
"""Of the limits of Claude Enterprise, that of the organization is told by its type."""
