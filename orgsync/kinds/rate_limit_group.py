"""The groups of models (and of batches, files …) whose rate limits the API knows. They can be read, never declared.

API facts: an entry's id differs between organizations, the `rlg_` id of its group does not; a model is in exactly one
group, and `models` has its aliases, too (Admin API: rate limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.kind import NOTHING, Context, Decision, Found, Ids, Kind, Live, Pair, Reading, Segment, Spec
from orgsync.core.request import Listing, Need, Paging, Request, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.change import Change

_PATH = "/v1/organizations/rate_limits"


class RateLimitGroup(Spec):
    """Nothing can be written about a group."""


def listings(_reading: Reading) -> Sequence[Listing]:
    """All groups of the organization, where the API offers them."""
    fields = ("id", "group.id", "group.type", "models", "limits.type", "limits.value")
    return (Listing(_PATH, paging=Paging.CURSOR, need=Need.FEATURE, fields=fields),)


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], _reading: Reading) -> Iterable[Found]:
    """Every group once under each of its names, with the organization's own limits as attributes."""
    for _listing, rows in answers:
        for row in rows:
            limits = {limit["type"]: limit["value"] for limit in row["limits"]}
            for name in names_of(row):
                yield Found(KIND.name, (name,), (name,), row["id"], limits, implied=True)


def names_of(row: Row) -> tuple[str, ...]:
    """What a file may call a group: its `rlg_` id and its models and aliases; without models, its type."""
    group = row["group"]
    return tuple(dict.fromkeys((group["id"], *(row["models"] or [group["type"]]))))


def decide(_pair: Pair, _context: Context) -> Decision:
    """Nothing: there is no way to write one."""
    return NOTHING


def request(change: Change, _found: Found | None, _ids: Ids) -> Request:
    """Never asked for. Raises ValueError."""
    raise ValueError(f"{change.address} cannot be written")


def exported(_found: Found, _live: Live) -> None:
    """Nothing to declare."""


KIND = Kind(
    name="rate_limit_group",
    noun="rate limit group",
    sections=(),
    spec=RateLimitGroup,
    segments=(Segment.NAME,),
    actions=frozenset(),
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
)
