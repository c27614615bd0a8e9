"""Lists read to their end, in the three paging styles of admin-api §5. Promise: all rows, each once, or Flaw.

A page that was promised comes with rows, and a list shows what it shows of every organization: else it is not whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from orgsync.core.model.request import PAGE_SIZE, Listing, Paging
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from orgsync.core.model.request import Always
    from orgsync.core.model.rows import Row

    Fetch = Callable[[str, Mapping[str, str]], Awaitable[Row]]

_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""Of a later page: its cursor is not accepted any more. Of a first page it says that there is no such list."""


class Flaw(Exception):
    """The pages do not add up to a whole list. Says which page or rows, and quotes nothing but errors."""


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Row]
    cursor: str | None
    """None on the last page."""


async def proven_rows(listing: Listing, fetch: Fetch, *, again: bool) -> list[Row]:
    """All rows of a list that shows what it shows of every organization. Raises Flaw, and whatever `fetch` raises.

    What that is may be called something else by now. Where it seems to be missing `again`, the list is compared with
    the one that leaves it out.
    """
    rows = await every_row(listing, fetch, again=again)
    always = listing.always
    if always is None or any(map(always.is_it, rows)) or (again and await _is_the_rest(always, listing, rows, fetch)):
        return rows
    raise Flaw(f"it does not show {always.what}, which every organization has")


async def _is_the_rest(always: Always, listing: Listing, rows: Sequence[Row], fetch: Fetch) -> bool:
    """Whether these rows are one more than those of the list without the parameter that brings what is always there."""
    if always.only_with is None:
        return False
    query = {name: value for name, value in listing.query.items() if name != always.only_with}
    others = await every_row(replace(listing, query=query), fetch, again=True)
    more, fewer = ({str(row.get(listing.identity)) for row in some} for some in (rows, others))
    return fewer < more and len(rows) == len(others) + 1


async def every_row(listing: Listing, fetch: Fetch, *, again: bool = False) -> list[Row]:
    """All rows of a list, in the API's order. Raises Flaw, and whatever `fetch` raises: it ends lists that never end.

    A refusal of the first page is one of the list; of any other page, or `again` of a list that was begun before, it is
    a Flaw. A `limit` in the listing's query wins over 1000: service accounts accept 100 at most, reports count buckets.
    """
    parameter = "after_id" if listing.paging is Paging.IDS else "page"
    query = {"limit": str(PAGE_SIZE), **listing.query}
    rows: list[Row] = []
    numbers: dict[str, int] = {}
    cursors: set[str] = set()
    while True:
        name = f"page {len(cursors) + 1}"
        try:
            body = await fetch(listing.path, query)
        except ApiError as error:
            if error.status in _REFUSED and (cursors or again):
                why = "the page before it promises more" if cursors else "it was answered before"
                raise Flaw(f"{name} was refused, although {why}: {error}") from error
            raise
        page = _page(body, listing.paging, name)
        _require_new(page.rows, listing.identity, numbers)
        rows += page.rows
        if page.cursor is None:
            if cursors and not page.rows:
                raise Flaw(f"{name} has no rows, although the page before it promises more")
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
