"""Lists cut by cursors: `limit` and `page` in; the rows and `next_page` out.

Source: Admin API: pagination, styles B and C; SDK: SyncPageCursor, SyncReportPageCursor. A cursor is good for the
path and the filters it was made with. It names a place, so rows that come and go meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire import paging
from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.sandbox.wire.context import Call, Context

PARAMETERS = ("limit", "page", "beta")
PREFIX = "page_"
BEFORE_ALL = -(1 << 62)
AFTER_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class Window:
    """How many entries a page may have. Without a default, a request without `limit` gets all of them."""

    default: int | None = paging.DEFAULT_LIMIT
    largest: int = paging.LARGEST_LIMIT


@dataclass(frozen=True, slots=True)
class _Cursor:
    place: int
    filters: str
    edition: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The page a request asks for: at most `limit` entries, from behind the place `after`."""

    call: Call
    limit: int | None
    after: int | None
    edition: str

    def page(self, entries: Iterable[tuple[int, Any]]) -> tuple[list[Any], str | None]:
        """The rows of the page, and the cursor of the next one.

        An entry comes with its place, a number that grows along the list; entries beyond the page are not made.
        """
        after = self.after
        if after is None:
            return [], None
        rest = (entry for entry in entries if entry[0] > after)
        shown = list(rest) if self.limit is None else list(islice(rest, self.limit))
        more = self.limit is not None and next(rest, None) is not None
        return [row for _, row in shown], _written(self.call, shown[-1][0], self.edition) if more else None


def cut_of(ctx: Context, *parameters: str, window: Window, edition: str = "") -> Cut:
    """What `limit` and `page` of a request mean. Cursors of another `edition` of the list are outdated: 410."""
    paging.check_parameters(ctx, (*PARAMETERS, *parameters))
    asked = paging.optional_limit(ctx, largest=window.largest)
    limit = window.default if asked is None else asked
    return Cut(ctx.call, limit, _place(ctx, edition), edition)


def page(
    ctx: Context, entries: Iterable[tuple[int, Any]], *parameters: str, window: Window | None = None
) -> tuple[list[Any], str | None]:
    """The page a request asks for, and the cursor of the next one."""
    return cut_of(ctx, *parameters, window=window or Window()).page(entries)


def beginning(call: Call) -> str:
    """A cursor that leads to the first page of the list a request is about."""
    return _written(call, BEFORE_ALL, "")


def end(call: Call) -> str:
    """A cursor behind the last entry of the list a request is about."""
    return _written(call, AFTER_ALL, "")


def _place(ctx: Context, edition: str) -> int | None:
    text = ctx.call.one("page")
    if text is None:
        return BEFORE_ALL
    cursor = _read(text)
    if cursor is None:
        if ctx.settings.unknown_cursor == "refused":
            raise invalid("page: this is not a cursor of this list")
        return None
    if cursor.filters != _filters(ctx.call):
        raise invalid("page: cursor does not match current query parameters")
    if cursor.edition not in ("", edition):
        raise Refusal(410, "page: the data changed since this cursor was made; start over without it")
    return cursor.place


def _written(call: Call, place: int, edition: str) -> str:
    content = json.dumps([place, _filters(call), edition]).encode()
    return PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read(text: str) -> _Cursor | None:
    content = text.removeprefix(PREFIX)
    try:
        value = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    except (ValueError, RecursionError):
        return None
    match value:
        case [int(place), str(filters), str(edition)]:
            return _Cursor(place, filters, edition)
    return None


def _filters(call: Call) -> str:
    pairs = sorted(pair for pair in call.query if pair[0] not in PARAMETERS)
    return sha256(json.dumps([call.path, *pairs]).encode()).hexdigest()[:16]
