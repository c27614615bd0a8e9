"""Lists cut by ids: `limit`, `after_id` or `before_id` in; `data`, `has_more`, `first_id`, `last_id` out.

Source: Admin API: pagination, style A; SDK: SyncPage. Lists are not snapshots: a page continues from where its cursor
stands now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire.errors import invalid

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 1000
INTEGER = re.compile(r"-?[0-9]{1,9}")
PARAMETERS = ("limit", "after_id", "before_id", "beta")


@dataclass(slots=True)
class Listing:
    """A query to be cut into pages. `source` is the FROM clause; it has a column `seq` that gives the order."""

    columns: str
    source: str
    newest_first: bool = True
    identity: str = "id"
    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def only(self, condition: str, **values: Any) -> None:
        """Keep the rows that also meet this condition."""
        self.conditions.append(condition)
        self.values.update(values)


@dataclass(frozen=True, slots=True)
class _Cut:
    limit: int
    cursor: str | None
    backwards: bool


def page(ctx: Context, listing: Listing, *parameters: str) -> tuple[list[Row], bool]:
    """The rows of the page a request asks for, in list order, and whether more follow in its direction."""
    check_parameters(ctx, (*PARAMETERS, *parameters))
    cut = _cut(ctx)
    ascending = listing.newest_first == cut.backwards
    conditions = list(listing.conditions)
    values = dict(listing.values)
    if cut.cursor is not None:
        position = _position(ctx, listing, cut.cursor)
        if position is None:
            return [], False
        conditions.append("seq > :position" if ascending else "seq < :position")
        values["position"] = position
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "ORDER BY seq" if ascending else "ORDER BY seq DESC"
    rows = ctx.store.rows(
        f"SELECT {listing.columns} FROM {listing.source} {where} {order} LIMIT :most",  # noqa: S608 - constants
        **values,
        most=cut.limit + 1,
    )
    more = len(rows) > cut.limit
    del rows[cut.limit :]
    return rows[::-1] if cut.backwards else rows, more


def envelope(data: list[Row], *, more: bool, identity: str = "id") -> dict[str, Any]:
    """A page as the API sends it; the ids of an empty page are null."""
    return {
        "data": data,
        "has_more": more,
        "first_id": data[0][identity] if data else None,
        "last_id": data[-1][identity] if data else None,
    }


def flag(ctx: Context, name: str) -> bool:
    """A query parameter that is `true`, `false` or absent."""
    text = ctx.call.one(name)
    if text not in (None, "true", "false"):
        raise invalid(f"{name}: Input should be a valid boolean")
    return text == "true"


def check_parameters(ctx: Context, known: tuple[str, ...]) -> None:
    """Unknown query parameters are ignored unless the organization refuses them."""
    if ctx.settings.unknown_parameters == "ignored":
        return
    for name, _ in ctx.call.query:
        if name not in known:
            raise invalid(f"{name}: Extra inputs are not permitted")


def _cut(ctx: Context) -> _Cut:
    after, before = ctx.call.one("after_id"), ctx.call.one("before_id")
    if after is not None and before is not None:
        if ctx.settings.both_cursors == "refused":
            raise invalid("Only one of after_id and before_id may be given")
        before = None
    limit = optional_limit(ctx, largest=LARGEST_LIMIT)
    return _Cut(
        DEFAULT_LIMIT if limit is None else limit, after if before is None else before, backwards=before is not None
    )


def optional_limit(ctx: Context, *, largest: int) -> int | None:
    """How many rows `limit` asks for, from 1 to `largest`; None when it is absent."""
    text = ctx.call.one("limit")
    if text is None:
        return None
    if not INTEGER.fullmatch(text):
        raise invalid("limit: Input should be a valid integer")
    limit = int(text)
    within = min(max(limit, 1), largest)
    if limit != within and ctx.settings.limit_out_of_range == "refused":
        raise invalid(f"limit: Input should be between 1 and {largest}")
    return within


def _position(ctx: Context, listing: Listing, cursor: str) -> int | None:
    # The cursor's row need not match the filters: it may have stopped matching while the client was paging.
    row = ctx.store.row(
        f"SELECT seq FROM {listing.source} WHERE {listing.identity} = :cursor",  # noqa: S608 - constants
        cursor=cursor,
        **listing.values,
    )
    if row is None and ctx.settings.unknown_cursor == "refused":
        raise invalid(f"The cursor {cursor} names nothing in this list")
    return None if row is None else int(row["seq"])
