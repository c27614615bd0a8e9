"""The groups of models (and of batches, files …) whose rate limits the API knows. They can be read, never declared.

API facts: an entry's id differs between organizations, the `rlg_` id of its group does not; a model is in exactly one
group, and `models` has its aliases, too (Admin API: rate limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.context import NOTHING, Context, Decision, Reading
from orgsync.core.model.kind import Kind
from orgsync.core.model.request import Listing, Need, Paging, Request
from orgsync.core.model.rows import (
    ID,
    OBJECT,
    OBJECTS,
    TEXT,
    TEXTS,
    WHOLE_NUMBER,
    IgnoredRows,
    Row,
    RowField,
    Rows,
    odd_of,
    one_of,
)
from orgsync.core.model.things import Found, Ids, Live, Pair, Segment, Spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Change

_PATH = "/v1/organizations/rate_limits"

LIMITER = one_of(
    *("requests_per_minute", "input_tokens_per_minute", "input_tokens_per_minute_cache_aware"),
    *("output_tokens_per_minute", "tokens_per_minute", "tokens_per_day", "tool_uses_per_second"),
    *("fast_itpmca", "fast_otpm", "enqueued_batch_requests"),
)
"""Limiters (SDK: WorkspaceRateLimitType; the organization has one more, which is seen in the documentation)."""

_ROW = (
    RowField("id", ID, identity=True),
    RowField("group", OBJECT, identity=True),
    RowField("group.id", ID, identity=True),
    RowField("group.type", TEXT, identity=True),
    RowField("models", TEXTS, null=True, identity=True),
    RowField("limits", OBJECTS),
    RowField("limits.type", LIMITER),
    RowField("limits.value", WHOLE_NUMBER, null=True, optional=True),
)
"""What rows look like (SDK: OrganizationRateLimit); a limiter without a value is not limited."""


ROWS = (
    Rows(
        _PATH,
        _ROW,
        (IgnoredRows("the organization's own rate limits", "nobody can set them by API", lambda _row: True),),
    ),
)


class RateLimitGroup(Spec):
    """Nothing can be written about a group."""


@dataclass(frozen=True, slots=True)
class GroupName:
    """Whether a name is the one that orgsync itself uses for its group: the first model, or what else it has."""

    usual: bool


def listings(_reading: Reading) -> Sequence[Listing]:
    """All groups of the organization, where the API offers them."""
    return (Listing(_PATH, paging=Paging.CURSOR, need=Need.FEATURE, fields=_ROW),)


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], _reading: Reading) -> Iterable[Found[GroupName]]:
    """Every group once under each of its names, with the organization's own limits as attributes."""
    for _listing, rows in answers:
        for row in rows:
            limits = {limit["type"]: limit.get("value") for limit in row["limits"]}
            group_id, *others = _names(row)
            for name in (group_id, *others):
                facts = GroupName(usual=name == [*others, group_id][0])
                yield Found(KIND.name, (name,), (name,), row["id"], limits, facts=facts, implied=True, odd=odd_of(row))


def _names(row: Row) -> tuple[str, ...]:
    """What a file may call a group: its `rlg_` id and its models and aliases; without models, its type."""
    group = row["group"]
    return tuple(dict.fromkeys((group["id"], *(row["models"] or [group["type"]]))))


def decide(_pair: Pair[RateLimitGroup, GroupName], _context: Context) -> Decision:
    """Nothing: there is no way to write one."""
    return NOTHING


def request(change: Change, _found: Found[GroupName] | None, _ids: Ids) -> Request:
    """Never asked for. Raises ValueError."""
    raise ValueError(f"{change.address} is read-only")


def exported(_found: Found[GroupName], _live: Live) -> None:
    """Nothing to declare."""


KIND = Kind[RateLimitGroup, GroupName, None](
    name="rate_limit_group",
    noun="rate limit group",
    sections=(),
    spec=RateLimitGroup,
    segments=(Segment.NAME,),
    actions=frozenset(),
    rows=ROWS,
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
    meaning={},
)
