"""How a spend limit is spelled to the API, and to the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change
from orgsync.core.model.request import Request
from orgsync.kinds.spend_limit.live import ORGANIZATION, SPEND_LIMITS, WORKSPACE
from orgsync.kinds.spend_limit.money import parsed, to_minor

if TYPE_CHECKING:
    from orgsync.core.model.things import Found, Ids, Live
    from orgsync.kinds.spend_limit.spec import Money


def request(change: Change, _found: Found[Money] | None, ids: Ids) -> Request:
    """The one write of a change. Setting a limit overwrites the one of its scope, so it can be repeated."""
    if change.action is Action.REMOVE:
        return Request("DELETE", f"{SPEND_LIMITS}/{change.id}")
    scope, *name = change.address.segments
    where: dict[str, Any] = {"type": ORGANIZATION}
    if scope == WORKSPACE:
        where = {"type": WORKSPACE, "workspace_id": ids[WORKSPACE, tuple(name)]}
    body = {"amount": to_minor(change.fields[0].after), "scope": where, "period": "monthly"}
    return Request("POST", SPEND_LIMITS, body)


def exported(limit: Found[Money], _live: Live) -> Any:
    """The amount in major units and the currency; None for what is no limit of its own."""
    if not limit.exists:
        return None
    amount, currency = parsed(limit.attributes["monthly"])
    return {"monthly": int(amount) if amount == amount.to_integral_value() else amount, "currency": currency}
