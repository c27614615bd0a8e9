"""What a change of a spend limit means in money: how much more or less may be spent, and whether requests stop."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from orgsync.core.model.meaning import Meaning, limit
from orgsync.kinds.spend_limit.live import SPENT
from orgsync.kinds.spend_limit.money import parsed, rounded, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.model.change import Change
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.meaning import Meanings

MONTHLY = limit(lambda amount: parsed(amount)[0], stops=lambda _amount: True)
"""A lower limit may stop requests, unless it is known that less was spent."""


def in_fact(change: Change, meanings: Meanings, evidence: Evidence) -> Meanings:
    """Without `stops` where the month's cost is known, and below the new limit."""
    spent = _spent(change, evidence)
    if Meaning.STOPS not in meanings or spent is None or parsed(change.fields[0].after)[0] <= spent:
        return meanings
    return meanings - {Meaning.STOPS}


def effects(change: Change, meanings: Meanings, evidence: Evidence) -> Iterable[str]:
    """The difference a month, in major units; and what is spent, where a limit falls."""
    before, after = change.fields[0].before, change.fields[0].after
    if after is None:
        yield "only the limits above it apply here"
        return
    amount, currency = parsed(after)
    if before is None:
        yield f"at most {after} a month can be spent here"
    else:
        difference = amount - parsed(before)[0]
        yield f"{spelled(abs(difference), currency)} {'more' if difference > 0 else 'less'} a month can be spent here"
    if Meaning.WITHDRAWS in meanings:
        yield _told(after, _spent(change, evidence), evidence, stops=Meaning.STOPS in meanings)


def _told(after: str, spent: Decimal | None, evidence: Evidence, *, stops: bool) -> str:
    if spent is None:
        return "requests are refused at once if that much is spent already: the cost of this month is not known"
    amount, currency = parsed(after)
    told = f"{rounded(spent, currency)} of {amount:f} {currency} spent, as of {evidence.read_at:%Y-%m-%d %H:%M} UTC"
    return f"requests are refused at once: {told}" if stops else told


def _spent(change: Change, evidence: Evidence) -> Decimal | None:
    """The cost of this month so far within the scope of the limit; None: it is not known in the limit's currency."""
    costs = {one.segments[1:]: one.facts for one in evidence.live.get("spend_limit", ()) if one.standing == SPENT}
    currency = parsed(change.fields[0].after)[1] if change.fields[0].after is not None else ""
    if not costs or any(cost.currency != currency for cost in costs.values()):
        return None
    cost = costs.get(change.address.segments)
    return Decimal() if cost is None else parsed(cost.monthly)[0]
