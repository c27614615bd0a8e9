"""Lists read to their end, in the three paging styles of admin-api §5. Promise: all rows, each once, or Flaw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.core.model.request import Listing, Paging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from orgsync.core.model.rows import Row

PAGE_SIZE = "1000"


class Flaw(Exception):
    """The pages do not add up to a whole list. Says which page or rows; quotes nothing the server sent."""


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Row]
    cursor: str | None
    """None on the last page."""


async def every_row(listing: Listing, fetch: Callable[[str, Mapping[str, str]], Awaitable[Row]]) -> list[Row]:
    """All rows of a list, in the API's order. Raises Flaw, and whatever `fetch` raises: it ends lists that never end.

    A `limit` in the listing's query wins over 1000: service accounts accept 100 at most, reports count buckets.
    """
    parameter = "after_id" if listing.paging is Paging.IDS else "page"
    query = {"limit": PAGE_SIZE, **listing.query}
    rows: list[Row] = []
    numbers: dict[str, int] = {}
    cursors: set[str] = set()
    while True:
        page = _page(await fetch(listing.path, query), listing.paging, f"page {len(cursors) + 1}")
        _require_new(page.rows, listing.identity, numbers)
        rows += page.rows
        if page.cursor is None:
            return rows
        if page.cursor in cursors:
            raise Flaw(f"the cursor after page {len(cursors) + 1} is repeated")
        cursors.add(page.cursor)
        query[parameter] = page.cursor


def _page(body: Row, paging: Paging, name: str) -> _Page:
    data = body.get("data")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Flaw(f"{name} has no list of objects in `data`")
    if paging is Paging.CURSOR:
        return _Page(data, _cursor(body, "next_page", name))
    more = body.get("has_more")
    if not isinstance(more, bool):
        raise Flaw(f"{name} does not say in `has_more` whether there is more")
    if not more:
        return _Page(data, None)
    field = "last_id" if paging is Paging.IDS else "next_page"
    cursor = _cursor(body, field, name)
    if cursor is None:
        raise Flaw(f"{name} has `has_more: true` but no `{field}`")
    if paging is Paging.IDS and not data:
        raise Flaw(f"{name} has `has_more: true` but no rows")
    return _Page(data, cursor)


def _cursor(body: Row, field: str, name: str) -> str | None:
    cursor: Any = body.get(field, "")
    if cursor is None or (isinstance(cursor, str) and cursor):
        return cursor
    raise Flaw(f"{name} has no cursor or null in `{field}`")


def _require_new(rows: list[Row], identity: str, numbers: dict[str, int]) -> None:
    """Raises Flaw where a row is one that was there before. `numbers` remembers them, from 1.

    Rows of reports have no identity: `identity` is "" then. What a row without one is said to be is decided where rows
    are held against what their kind declares.
    """
    if not identity:
        return
    for number, row in enumerate(rows, len(numbers) + 1):
        name = row.get(identity)
        if not isinstance(name, str) or not name:
            name = f"\n{number}"  # no identity is like this
        if numbers.setdefault(name, number) != number:
            raise Flaw(f"rows {numbers[name]} and {number} have the same `{identity}`")
