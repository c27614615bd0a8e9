"""What the API shows of spend limits, and of what was spent this month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from orgsync.core.model.request import Listing, Need, Paging
from orgsync.core.model.rows import (
    ID,
    OBJECT,
    OBJECTS,
    TIMESTAMP,
    IgnoredRows,
    Row,
    RowField,
    Rows,
    ignored,
    like,
    odd_of,
    one_of,
)
from orgsync.core.model.things import Found
from orgsync.kinds.spend_limit.money import from_minor, is_currency
from orgsync.kinds.spend_limit.spec import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.context import Reading

SPEND_LIMITS = "/v1/organizations/spend_limits"
ORGANIZATION, WORKSPACE = "organization", "workspace"
MONTHLY = "monthly"
"""The period of the limits that files declare."""
TIER, SPENT = "usage_tier", "spent"
"""Standings of what is no limit a file could declare: the cap of the usage tier, and money spent this month."""

# Retrieving a limit is refused where the early access is missing, and says nothing but "not found" where it is there:
# so this asks about writing without writing.
_PROBE = f"{SPEND_LIMITS}/spl_orgsync"
_COST = "/v1/organizations/cost_report"
_COST_CURRENCY = "USD"
_LONGEST_MONTH = "31"

_CURRENCY = replace(like("[A-Z]{3}", "a currency", "USD", "EUR"), fits=is_currency)
ROW = (
    RowField("id", ID, identity=True),
    RowField("period", one_of("daily", "weekly", "monthly"), identity=True),
    RowField("scope", OBJECT, identity=True),
    RowField(
        "scope.type",
        one_of(
            *(ORGANIZATION, WORKSPACE, TIER),
            *("user", "seat_tier", "rbac_group", "organization_service"),
        ),
        identity=True,
    ),
    RowField("scope.workspace_id", ID, identity=True, only_with=("type", WORKSPACE)),
    RowField("amount", like("[0-9]{1,18}", "a whole number of minor units", "0", "12300")),
    RowField("currency", _CURRENCY),
)
"""What rows look like (SDK: BetaSpendLimit and its scopes). A limit without a number, which the API has for other
scopes, is not understood where the files could declare one."""

_SPENT = (
    RowField("starting_at", TIMESTAMP, identity=True),
    RowField("results", OBJECTS),
    RowField("results.currency", like("[A-Z]{3}", "a currency", "USD", "EUR")),
    RowField("results.amount", like(r"-?[0-9]{1,18}(\.[0-9]+)?", "an amount", "0", "12.5")),
    RowField("results.workspace_id", ID, null=True),
)
"""What buckets of the cost report look like."""


ROWS = (
    Rows(
        SPEND_LIMITS,
        (
            *ROW,
            *ignored("who wrote it last, and when, is no setting", "updated_at"),
            *ignored("nothing tells who can switch a limit off", "is_enabled"),
        ),
        (
            IgnoredRows(
                "limits that no file can declare",
                "files declare monthly limits of the organization and of workspaces",
                lambda row: row["period"] != MONTHLY or row["scope"]["type"] not in {ORGANIZATION, WORKSPACE},
            ),
            IgnoredRows("limits of archived workspaces", "nothing in them works any more"),
        ),
    ),
    Rows(_PROBE, ()),
    Rows(_COST, _SPENT, (IgnoredRows("what was spent", "is no setting", lambda _row: True),)),
)


def listings(reading: Reading) -> Sequence[Listing]:
    """All limits, whether they can be written, and, where changes are judged, the cost of this month by workspace."""
    limits = (
        Listing(SPEND_LIMITS, paging=Paging.CURSOR, need=Need.FEATURE, fields=ROW),
        Listing(_PROBE, paging=Paging.ONE, need=Need.FEATURE),
    )
    if reading.day is None:
        return limits
    query = {
        "starting_at": reading.day.replace(day=1).isoformat() + "T00:00:00Z",
        "group_by[]": "workspace_id",
        "limit": _LONGEST_MONTH,
    }
    return (*limits, Listing(_COST, query, Paging.REPORT, identity="starting_at", need=Need.EXTRA, fields=_SPENT))


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[Found[Money]]:
    """The monthly limits, the cap of the usage tier, and what was spent, each under the name the files use."""
    rows = {listing.path: answer for listing, answer in answers}
    names = reading.called(WORKSPACE)
    for row in rows[SPEND_LIMITS]:
        if row["period"] == MONTHLY:
            yield from _limit(row, names)
    if _COST in rows:
        default = next((one.id for one in reading.live[WORKSPACE] if one.implied), "")
        yield from _spent(rows[_COST], names, names.get(default, ""))


def _limit(row: Row, names: Mapping[str, str]) -> Iterable[Found[Money]]:
    scope, monthly, odd = row["scope"]["type"], from_minor(row["amount"], row["currency"]), odd_of(row)
    facts = Money(monthly, row["currency"])
    if scope == TIER:
        yield Found("spend_limit", (TIER,), (TIER,), row["id"], {}, TIER, facts, implied=True, odd=odd)
    elif scope == ORGANIZATION:
        segments: tuple[str, ...] = (ORGANIZATION,)
        yield Found("spend_limit", segments, segments, row["id"], {"monthly": monthly}, facts=facts, odd=odd)
    elif scope == WORKSPACE and row["scope"]["workspace_id"] in names:
        segments = (WORKSPACE, names[row["scope"]["workspace_id"]])
        yield Found("spend_limit", segments, segments, row["id"], {"monthly": monthly}, facts=facts, odd=odd)


def _spent(buckets: Sequence[Row], names: Mapping[str, str], default: str) -> Iterable[Found[Money]]:
    """The month's cost so far, by scope. Amounts are cents with fractions, and no workspace is the default one."""
    cents: dict[tuple[str, ...], Decimal] = defaultdict(Decimal, {(ORGANIZATION,): Decimal()})
    for bucket in buckets:
        for result in bucket["results"]:
            if result["currency"] == _COST_CURRENCY:
                cents[ORGANIZATION,] += Decimal(result["amount"])
                identity = result["workspace_id"]
                name = default if identity is None else names.get(identity, "")
                cents[WORKSPACE, name] += Decimal(result["amount"])
    for scope, amount in sorted(cents.items()):
        facts = Money(from_minor(format(amount, "f"), _COST_CURRENCY), _COST_CURRENCY)
        segments = (SPENT, *scope)
        yield Found("spend_limit", segments, segments, "/".join(segments), {}, SPENT, facts, implied=True)
