"""How a spend limit is spelled to the API, and to the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change
from orgsync.core.model.context import Instead
from orgsync.core.model.request import Request
from orgsync.core.model.rows import checked
from orgsync.kinds.spend_limit.live import MONTHLY, ORGANIZATION, ROW, SPEND_LIMITS, WORKSPACE
from orgsync.kinds.spend_limit.money import from_minor, in_currency, parsed, to_minor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.rows import Row
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
    body = {"amount": to_minor(change.fields[0].after), "scope": where, "period": MONTHLY}
    return Request("POST", SPEND_LIMITS, body)


def answered(answer: Row) -> Mapping[str, Any]:
    """The limit that was set, in the currency in which it was; nothing where the answer is no limit."""
    read = checked([answer], ROW)
    if read.flawed or answer["period"] != MONTHLY:
        return {}
    return {"monthly": from_minor(answer["amount"], answer["currency"])}


def instead(change: Change, shown: Mapping[str, Any]) -> Instead | None:
    """That an amount was set in the organization's currency, and declared in another: requests name no currency."""
    meant, monthly = change.fields[0].after, shown.get("monthly")
    if meant is None or monthly is None:
        return None
    currency = parsed(monthly)[1]
    if currency == parsed(meant)[1]:
        return None
    message = f"the organization's currency is {currency}: {monthly} was set where {meant} was declared"
    return Instead(message, in_currency(currency))


def exported(limit: Found[Money], _live: Live) -> Any:
    """The amount in major units and the currency; None for what is no limit of its own."""
    if not limit.exists:
        return None
    amount, currency = parsed(limit.attributes["monthly"])
    return {"monthly": int(amount) if amount == amount.to_integral_value() else amount, "currency": currency}
