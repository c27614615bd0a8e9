"""What to do about a spend limit, and what people should know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action, Change, FieldChange, Level, ManualStep, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision
from orgsync.core.model.things import LIVE, Declared, Found, Pair
from orgsync.core.words.address import Address, address, in_sentence
from orgsync.core.words.problems import Unsuitable
from orgsync.core.words.source import Problem
from orgsync.kinds.spend_limit.live import ORGANIZATION, SPENT, TIER, WORKSPACE
from orgsync.kinds.spend_limit.money import in_currency, parsed, spelled
from orgsync.kinds.workspace.spec import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.declarations import Declarations
    from orgsync.kinds.spend_limit.spec import Money, SpendLimit

_FAR_ABOVE = 2
"""Workspace limits that add up to more than so many times the organization's limit are pointed out."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What every limit is held against, in major units.

    `currency` is what live shows; `organization` the limit as it will be; `tier` the cap; `spent` this month's cost,
    by scope (segments of the address), in `spent_currency`.
    """

    currency: str | None = None
    organization: Decimal | None = None
    tier: Decimal | None = None
    spent: Mapping[tuple[str, ...], Decimal] = field(default_factory=dict)
    spent_currency: str = ""


def prepare(context: Context) -> Sums:
    """Everything that is the same for all limits."""
    found = [pair.found for pair in context.pairs["spend_limit"] if pair.found is not None and not pair.found.unknown]
    spent = {one.segments[1:]: one.facts for one in found if one.standing == SPENT}
    limits = [one for one in found if one.standing != SPENT]
    tier = next((parsed(one.facts.monthly)[0] for one in limits if one.standing == TIER), None)
    currency = next((one.facts.currency for one in limits), None)
    return Sums(
        currency=currency,
        organization=_organization(context, currency),
        tier=tier,
        spent={scope: parsed(facts.monthly)[0] for scope, facts in spent.items()},
        spent_currency=next((facts.currency for facts in spent.values()), ""),
    )


def _organization(context: Context[Sums], currency: str | None) -> Decimal | None:
    """The organization's limit as the files want it; where they do not say, or that is blocked, as live has it."""
    for pair in context.pairs["spend_limit"]:
        if pair.key == (ORGANIZATION,):
            line = pair.declared
            if line is not None and pair.blocked is None and not _is_stuck(line, currency):
                monthly: Decimal | None = line.spec.monthly
                return monthly
            known = pair.found is not None and not pair.found.unknown
            return parsed(pair.found.attributes["monthly"])[0] if pair.found is not None and known else None
    return None


def decide(pair: Pair[SpendLimit, Money], context: Context[Sums]) -> Decision:
    """What to do about one limit. Limits that nobody declared are left alone."""
    if pair.declared is None:
        return NOTHING
    scope, *name = pair.key
    place = context.after(WORKSPACE, tuple(name)) if scope == WORKSPACE else None
    if scope == WORKSPACE and (place is None or place.standing != LIVE):
        return NOTHING
    if "spend_limit" in context.refused:
        return _by_hand(pair, pair.declared)
    sums = context.prepared
    desired = pair.declared.spec.monthly
    if desired is None:
        return NOTHING if pair.found is None else Decision(changes=(_removal(pair, pair.found),))
    wrong = _wrong_currency(pair.declared, sums.currency)
    if wrong is not None:
        return Decision(blocked=(wrong,))
    above = _above(pair, desired, sums)
    if above is not None:
        return Decision(findings=(above,))
    wanted = spelled(desired, sums.currency or pair.declared.spec.currency)
    if pair.found is not None and pair.found.attributes["monthly"] == wanted:
        return Decision(findings=tuple(_overspent(pair, desired, sums)))
    below = _below(pair, desired, context)
    if below is not None:
        return Decision(findings=(below,))
    change = _setting(pair, pair.declared, wanted)
    return Decision(changes=(change,), findings=tuple(_overspent(pair, desired, sums)))


def _removal(pair: Pair[SpendLimit, Money], found: Found[Money]) -> Change:
    return Change(
        pair.address,
        Action.REMOVE,
        (FieldChange("monthly", found.attributes["monthly"], None),),
        id=found.id,
        reason="the file declares no limit (null)",
        source=pair.place,
    )


def _setting(pair: Pair[SpendLimit, Money], declared: Declared[SpendLimit], wanted: str) -> Change:
    live = None if pair.found is None else pair.found.attributes["monthly"]
    return Change(
        pair.address,
        Action.CREATE if live is None else Action.UPDATE,
        (FieldChange("monthly", live, wanted),),
        id=None if pair.found is None else pair.found.id,
        reason="there is no limit" if live is None else f"is {live}",
        source=declared.place,
    )


def _is_stuck(line: Declared[SpendLimit], currency: str | None) -> bool:
    """Whether a person has to decide about the amount first."""
    return line.spec.monthly is not None and _wrong_currency(line, currency) is not None


def _wrong_currency(declared: Declared[SpendLimit], currency: str | None) -> Blocked | None:
    """A currency that is not the organization's, or an amount that it cannot pay."""
    spec = declared.spec
    hint: str | None
    if currency is None and not spec.currency:
        message, hint = "the organization's currency is unknown", "declare it: {monthly: 5000, currency: USD}"
    elif spec.currency and currency not in {None, spec.currency}:
        message = f"the organization pays in {currency}, not in {spec.currency}"
        hint = in_currency(currency or "")
    else:
        try:
            spelled(spec.monthly or Decimal(), currency or spec.currency)
        except Unsuitable as error:
            message, hint = str(error), error.hint
        else:
            return None
    return declared.blocked(Code.CURRENCY_CONFLICT, message, hint)


def _above(pair: Pair[SpendLimit, Money], desired: Decimal, sums: Sums) -> Note | None:
    """A limit that would never be reached, and that the API does not take: it lies above the one that contains it."""
    if pair.key == (ORGANIZATION,):
        above, what = sums.tier, "the cap of the usage tier"
    else:
        above, what = sums.organization, "the organization's limit"
    if above is None or desired <= above:
        return None
    message = f"{desired} exceeds {what} ({above}) and would have no effect; it is not set"
    shown: Shown = {"limit": f"{desired:f}", "highest": f"{above:f}"}
    return Note(pair.address, Code.SPEND_LIMIT_ABOVE, message, Level.ERROR, pair.place, shown=shown)


def _below(pair: Pair[SpendLimit, Money], desired: Decimal, context: Context[Sums]) -> Note | None:
    """A limit of the organization that the API does not take: one of a workspace lies above it, and stays."""
    if pair.key != (ORGANIZATION,):
        return None
    kept = [
        (other, parsed(other.found.attributes["monthly"])[0])
        for other in context.pairs["spend_limit"]
        if other.key[0] == WORKSPACE and other.found and not other.found.unknown and not _is_cut(other, desired)
    ]
    above = [f"{in_sentence(other.address)} ({amount:f})" for other, amount in kept if amount > desired]
    if not above:
        return None
    message = f"{desired:f} is below {', '.join(above)}, which the file does not lower; it is not set"
    shown: Shown = {"limit": f"{desired:f}", "lowest": f"{max(amount for _other, amount in kept):f}"}
    return Note(pair.address, Code.SPEND_LIMIT_BELOW, message, Level.ERROR, pair.place, shown=shown)


def _is_cut(pair: Pair[SpendLimit, Money], organization: Decimal) -> bool:
    """Whether a workspace's limit will be at most so much, or gone. One declared higher is not set, and stays."""
    if pair.declared is None or pair.declared.expired:
        return False
    limit = pair.declared.spec.monthly
    return limit is None or limit <= organization


def _overspent(pair: Pair[SpendLimit, Money], desired: Decimal, sums: Sums) -> Iterable[Note]:
    spent = sums.spent.get(pair.key)
    if spent is not None and sums.spent_currency == sums.currency and desired <= spent:
        message = f"{spent:f} {sums.currency} of {desired:f} {sums.currency} are already spent this month"
        shown: Shown = {"spent": f"{spent:f}", "limit": f"{desired:f}", "currency": sums.currency or ""}
        yield Note(pair.address, Code.OVERSPENT, message, Level.WARNING, pair.place, shown=shown)


def _by_hand(pair: Pair[SpendLimit, Money], declared: Declared[SpendLimit]) -> Decision:
    """The same change as a manual step, where the API does not offer spend limits to this organization."""
    monthly, currency = declared.spec.monthly, declared.spec.currency
    amount = "no limit" if monthly is None else f"{monthly:f} {currency}".rstrip()
    where = "Console > Settings > Limits > Monthly limit"
    if declared.segments[0] == WORKSPACE:
        where = f"Console > Settings > Workspaces > {declared.segments[1]} > Limits > Monthly limit"
    message = "spend limits by API are not available to this organization: set the limit in the Console"
    step = ManualStep(pair.address, Code.SPEND_LIMIT_BY_HAND, message, where, amount, source=declared.place)
    return Decision(manual=(step,))


def check(declared: Declared[SpendLimit], desired: Declarations) -> Iterable[Problem]:
    """The default workspace takes no limit."""
    del desired
    if declared.segments == (WORKSPACE, DEFAULT):
        hint = "the organization's limit holds for it"
        yield Problem("the default workspace cannot have a spend limit", declared.source, declared.address, hint)


def survey(context: Context[Sums]) -> Iterable[Note]:
    """What the tier allows, and workspaces that together may spend far more than the organization."""
    pairs = context.pairs["spend_limit"]
    for pair in pairs:
        if pair.found is not None and pair.found.standing == TIER and not pair.found.unknown:
            message = f"the usage tier allows {pair.found.facts.monthly} a month"
            shown: Shown = {"limit": str(pair.found.facts.monthly)}
            yield Note(address("spend_limit", ORGANIZATION), Code.USAGE_TIER, message, Level.INFO, shown=shown)
    sums = context.prepared
    limits = [pair.declared.spec.monthly for pair in pairs if pair.declared and pair.key[0] == WORKSPACE]
    total = sum((limit for limit in limits if limit is not None), Decimal())
    if sums.organization is not None and total > _FAR_ABOVE * sums.organization:
        message = f"the workspaces may spend {total:f} in total, the organization {sums.organization:f}"
        both: Shown = {"total": f"{total:f}", "limit": f"{sums.organization:f}"}
        yield Note(address("spend_limit", ORGANIZATION), Code.SPEND_LIMIT_SUM, message, Level.WARNING, shown=both)


def order(changes: Sequence[Change]) -> Mapping[Address, tuple[Address, ...]]:
    """Raises before cuts: the organization's limit goes up before those below it, and comes down after them."""
    organization = next((change for change in changes if change.address.segments == (ORGANIZATION,)), None)
    if organization is None:
        return {}
    others = tuple(sorted(change.address for change in changes if change is not organization))
    if _raises(organization):
        return dict.fromkeys(others, (organization.address,))
    return {organization.address: others}


def _raises(change: Change) -> bool:
    field_change = change.fields[0]
    if field_change.after is None:
        return True
    return field_change.before is not None and parsed(field_change.after)[0] > parsed(field_change.before)[0]
