"""Which limit refuses the requests of a workspace: money that was spent, or a rate limit and where it comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Column, Table
from orgsync.core.model.things import LIVE, Pair
from orgsync.kinds.rate_limit import KIND as RATE_LIMIT
from orgsync.kinds.rate_limit_group import KIND as GROUP
from orgsync.kinds.spend_limit import KIND as SPEND_LIMIT
from orgsync.kinds.spend_limit.live import ORGANIZATION, SPENT, TIER, WORKSPACE
from orgsync.kinds.spend_limit.money import parsed
from orgsync.questions.why.access import workspace_links
from orgsync.questions.why.chain import Link, fails, holds, noted, unknown
from orgsync.questions.why.places import APPLY, line_of, place_of
from orgsync.questions.why.trace import moment, shown, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found
    from orgsync.questions.why.history import History
    from orgsync.questions.why.trace import Trace

KINDS_READ = (SPEND_LIMIT.name, RATE_LIMIT.name)
"""The kinds whose lists it needs."""

COLUMNS = (
    Column("group", "models"),
    Column("limiter", "limiter"),
    Column("applies", "applies", right=True),
    Column("from", "limit of the"),
    Column("workspace"),
    Column("organization"),
)

COST_IS_BEHIND = "What was spent is from the cost report, which is usually up to 5 minutes behind."

_ORGANIZATION_PAGE = "Console > Settings > Limits"
_NOT_OFFERED = "spend limits by API are in early access, which this organization does not have"


def limit_links(
    place: Pair, seen: Observation, desired: Desired | None, history: History, today: date
) -> Iterator[Link]:
    """That the workspace can be used, that no spend limit is reached, and that no rate limit refuses everything."""
    yield from workspace_links(place, seen, history)
    name = place.key[-1]
    if SPEND_LIMIT.name in seen.refused:
        yield unknown("spend", f"{_NOT_OFFERED}: what may be spent, the Console shows ({_ORGANIZATION_PAGE})")
    else:
        spent = _Spent(seen, history, today)
        yield spent.check("usage_tier", "the usage tier", (TIER,), (ORGANIZATION,), desired)
        yield spent.check("organization_limit", "the organization", (ORGANIZATION,), (ORGANIZATION,), desired)
        if place.found is not None and place.found.implied:
            yield holds("workspace_limit", "the default workspace has no spend limit of its own")
        elif _shares_its_name(place, seen):
            text = f"{name} shares its name with another workspace: which limit is whose was not told apart"
            yield unknown("workspace_limit", text)
        else:
            yield spent.check("workspace_limit", name, (WORKSPACE, name), (WORKSPACE, name), desired)
    yield from _rate_links(place, seen, history)


def _shares_its_name(place: Pair, seen: Observation) -> bool:
    """Whether another workspace goes by the same name: limits are found by it."""
    living = [one for one in seen.live.get("workspace", ()) if one.standing == LIVE]
    return place.found is not None and sum(one.segments == place.found.segments for one in living) > 1


class _Spent:
    """What was spent this month, held against limits."""

    def __init__(self, seen: Observation, history: History, today: date) -> None:
        self._seen, self._history = seen, history
        found = seen.live.get(SPEND_LIMIT.name, ())
        self._limits = {one.segments: one for one in found if one.standing in {LIVE, TIER}}
        self._spent = {one.segments[1:]: parsed(one.facts.monthly) for one in found if one.standing == SPENT}
        self._resets = date_after(today)

    def check(
        self, link: str, whose: str, limit: tuple[str, ...], scope: tuple[str, ...], desired: Desired | None
    ) -> Link:
        """That less was spent than this limit allows."""
        line = line_of(desired, SPEND_LIMIT.name, limit)
        where, found = place_of(line), self._limits.get(limit)
        if found is None:
            return holds(link, f"{whose} has no monthly spend limit that the API shows", where)
        if found.unknown:
            return unknown(link, f"the spend limit of {whose} is not understood: {found.odd[0].told}", where)
        most, currency = parsed(found.facts.monthly)
        if not self._spent:
            text = f"{whose} may spend {_money(most, currency)} a month; what was spent is not shown"
            return unknown(link, text, where)
        spent, spent_in = self._spent.get(scope, (Decimal(), currency))
        text = f"{_money(spent, spent_in)} of {_money(most, currency)} spent this month: the limit of {whose}"
        if spent_in != currency:
            return unknown(link, f"{text}; the API reports the cost in another currency", where)
        if spent < most:
            return holds(link, text, where)
        text = f"{text} is reached; requests are refused until {self._resets.isoformat()} (UTC)"
        told, traces = _set_by(SPEND_LIMIT, found, "monthly", self._seen, self._history) if found.exists else ("", ())
        return fails(link, f"{text}{told}", where, fixes=_raised(link, whose, where), traces=traces)


def _set_by(kind: Kind, found: Found, path: str, seen: Observation, history: History) -> tuple[str, tuple[Trace, ...]]:
    """Which apply set a limit to what it is, in words, or what tells who else it was."""
    last = history.last(found.address, identity=found.id, path=path)
    if last is not None and last.value(path) == found.attributes[path]:
        return f"; the limit was set {last.told}", ()
    unlike = moment(last.at if last else None)
    return "", (trace_of(kind, Pair(None, found), seen, shown(found, path), unlike=unlike),)


def _raised(link: str, whose: str, where: str) -> Iterator[str]:
    if link == "usage_tier":
        yield f"ask for a higher usage tier ({_ORGANIZATION_PAGE})"
    elif where:
        yield f"raise `spend_limit` in {where}, then {APPLY}"
    elif link == "organization_limit":
        yield f"raise the spend limit of the organization ({_ORGANIZATION_PAGE})"
    else:
        yield f"raise the spend limit (Console > Settings > Workspaces > {whose} > Limits), or declare `spend_limit`"


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f} {currency}"


def date_after(today: date) -> date:
    """The first day of the month after this day: then the spent money counts from nothing again."""
    return today.replace(year=today.year + today.month // 12, month=today.month % 12 + 1, day=1)


def _rate_links(place: Pair, seen: Observation, history: History) -> Iterator[Link]:
    if seen.refused.keys() & {GROUP.name, RATE_LIMIT.name}:
        yield unknown("rate_limit", "rate limits are not shown by the API to this organization")
        return
    rows = _limiters(place, seen)
    empty = [row for row in rows if row["applies"] == 0]
    if empty:
        first = empty[0]
        text = f"the {first['from']} allows 0 {first['limiter']} of {first['group']}: every such request is refused"
        fix = f"raise it: `orgsync why rate_limit:{place.key[-1]}/{first['group']}/{first['limiter']}` shows where"
        if first["from"] != "workspace":
            yield fails("rate_limit", text, fixes=[_ORGANIZATION_PAGE])
            return
        own = _own(place, seen)[first["group"], first["limiter"]]
        told, traces = _set_by(RATE_LIMIT, own, "value", seen, history)
        yield fails("rate_limit", f"{text}{told}", fixes=[fix], traces=traces)
        return
    yield unknown(
        "rate_limit",
        "how much of the rate limits is used right now, the API does not show: a response with 429 has `retry-after`, "
        "and every response has `anthropic-ratelimit-…` headers",
    )
    for row in rows:
        if row["workspace"] is not None and row["organization"] is not None and row["workspace"] > row["organization"]:
            text = (
                f"{row['limiter']} of {row['group']}: the workspace's {row['workspace']:,} is above the organization's"
            )
            yield noted("above", f"{text} {row['organization']:,}, which is enforced")


def limiters(place: Pair, seen: Observation) -> Table:
    """Every limiter, with the value that applies to the workspace, and whose it is."""
    title = (
        f"Rate limits that apply to {place.key[-1]}; requests of all workspaces count towards the organization's too"
    )
    return Table("limiters", COLUMNS, tuple(_limiters(place, seen)), title=title)


def _limiters(place: Pair, seen: Observation) -> list[Mapping[str, Any]]:
    own = _own(place, seen)
    rows: list[Mapping[str, Any]] = []
    for group in seen.live.get(GROUP.name, ()):
        if group.facts.usual and not group.unknown:
            name = group.segments[0]
            kinds = dict.fromkeys((*group.attributes, *(key[1] for key in own if key[0] == name)))
            rows.extend(_row(group, limiter, own.get((name, limiter))) for limiter in kinds)
    return rows


def _own(place: Pair, seen: Observation) -> dict[tuple[str, ...], Found]:
    """The rate limits of the workspace itself, by group and limiter."""
    identity = "" if place.found is None else place.found.id
    return {one.segments[1:]: one for one in seen.live.get(RATE_LIMIT.name, ()) if one.id.startswith(f"{identity}/")}


def _row(group: Found, limiter: str, own: Found | None) -> dict[str, Any]:
    mine = None if own is None else own.attributes["value"]
    theirs = group.attributes.get(limiter)
    is_own = mine is not None and (theirs is None or mine <= theirs)
    return {
        "group": group.segments[0],
        "limiter": limiter,
        "applies": mine if is_own else theirs,
        "from": "workspace" if is_own else "organization",
        "workspace": mine,
        "organization": theirs,
    }
