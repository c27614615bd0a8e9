"""Lists: read whole, in as few requests as possible, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.api.budget import Budget
from orgsync.api.failures import Failure, IncompleteRead, OverBudget, Unavailable
from orgsync.core.model.request import Always, Listing, Paging
from orgsync.errors import ApiError

from .support import Reply, Seen, Server, client, refusal, script, simulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.rows import Row

USERS = "/v1/organizations/users"
STYLES = list(Paging)
ANY = Always("any row", lambda _row: True)


def page(paging: Paging, rows: Sequence[object], cursor: str | None, **changed: object) -> Reply:
    """One page in the envelope of its style (admin-api §5); `changed` fields replace, `...` removes them."""
    body: dict[str, Any] = {"data": list(rows)}
    if paging is Paging.IDS:
        body |= {"has_more": cursor is not None, "first_id": None, "last_id": cursor}
    elif paging is Paging.CURSOR:
        body |= {"next_page": cursor}
    else:
        body |= {"has_more": cursor is not None, "next_page": cursor}
    return Reply(body={key: value for key, value in (body | changed).items() if value is not ...})


def rows(*numbers: int) -> list[Row]:
    return [{"id": f"user_{number}"} for number in numbers]


def list_server(paging: Paging, size: int) -> Server:
    """A list of this many rows, cut as the API cuts it, starting after the cursor it is given."""
    parameter = "after_id" if paging is Paging.IDS else "page"

    def answer(seen: Seen) -> Reply:
        start = int(seen.query.get(parameter, "_0").partition("_")[2])
        stop = min(size, start + int(seen.query["limit"]))
        return page(paging, rows(*range(start + 1, stop + 1)), f"user_{stop}" if stop < size else None)

    return Server(answer)


def read(server: Server, listing: Listing) -> tuple[list[Row], int]:
    """The rows, and how many reads the reader says were answered."""

    async def main() -> tuple[list[Row], int]:
        async with client(server) as api:
            return await api.reader.rows(listing), api.reader.requests

    return simulated(main)


@pytest.mark.parametrize("paging", STYLES)
@pytest.mark.parametrize(("size", "requests"), [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (2500, 3)])
def test_a_list_is_read_whole_with_one_request_per_thousand(paging: Paging, size: int, requests: int) -> None:
    server = list_server(paging, size)
    found, answered = read(server, Listing(USERS, {"status": "active"}, paging))
    assert found == rows(*range(1, size + 1))
    assert len(server.seen) == answered == requests
    assert all(seen.query["limit"] == "1000" and seen.query["status"] == "active" for seen in server.seen)


def test_a_list_that_accepts_fewer_rows_a_page_can_say_so() -> None:
    server = list_server(Paging.CURSOR, 250)
    found, _ = read(server, Listing("/v1/organizations/service_accounts", {"limit": "100"}, Paging.CURSOR))
    assert len(found) == 250
    assert [seen.query["limit"] for seen in server.seen] == ["100"] * 3


@pytest.mark.parametrize("paging", [Paging.CURSOR, Paging.REPORT])
def test_an_empty_page_with_a_cursor_is_followed(paging: Paging) -> None:
    server = script(
        page(paging, [], "p2"), page(paging, rows(1), "p3"), page(paging, [], "p4"), page(paging, rows(2), None)
    )
    assert read(server, Listing(USERS, {}, paging)) == (rows(1, 2), 4)


def test_rows_without_an_identity_may_repeat_where_the_listing_says_so() -> None:
    server = script(page(Paging.REPORT, [{"amount": "1"}] * 2, None))
    assert len(read(server, Listing("/v1/organizations/cost_report", {}, Paging.REPORT, identity=""))[0]) == 2


def test_a_cursor_used_before_is_a_loop_even_where_rows_may_repeat() -> None:
    server = script(page(Paging.REPORT, [{"amount": "1"}], "p2"))
    with pytest.raises(IncompleteRead, match="the cursor after page 2 is repeated"):
        read(server, Listing("/v1/organizations/cost_report", {}, Paging.REPORT, identity=""))


def test_the_identity_is_the_field_the_listing_names() -> None:
    members = [{"user_id": "user_1", "id": "same"}, {"user_id": "user_2", "id": "same"}]
    server = script(page(Paging.IDS, members, None))
    assert read(server, Listing(USERS, identity="user_id")) == (members, 1)


A, B, C = Paging.IDS, Paging.CURSOR, Paging.REPORT
FLAWED: dict[str, tuple[Paging, list[Reply]]] = {
    "A: no data": (A, [page(A, [], None, data=...)]),
    "A: data is no list": (A, [page(A, [], None, data={"id": "user_1"})]),
    "A: data is null": (A, [page(A, [], None, data=None)]),
    "A: a row is no object": (A, [page(A, [*rows(1), "user_2"], None)]),
    "A: no has_more": (A, [page(A, rows(1), None, has_more=...)]),
    "A: has_more is text": (A, [page(A, rows(1), None, has_more="false")]),
    "A: has_more is a number": (A, [page(A, rows(1), None, has_more=0)]),
    "A: has_more without cursor": (A, [page(A, rows(1), None, has_more=True)]),
    "A: has_more with an empty cursor": (A, [page(A, rows(1), ""), page(A, rows(2), None)]),
    "A: has_more with a numeric cursor": (A, [page(A, rows(1), None, has_more=True, last_id=7)]),
    "A: has_more and nothing in it": (A, [page(A, [], "user_1"), page(A, rows(1), None)]),
    "A: a promised page without rows": (A, [page(A, rows(1), "user_1"), page(A, [], None)]),
    "A: a later page refused": (A, [page(A, rows(1), "user_1"), refusal(400)]),
    "A: a later page forbidden": (A, [page(A, rows(1), "user_1"), refusal(403)]),
    "A: a later page not found": (A, [page(A, rows(1), "user_1"), refusal(404)]),
    "A: a row twice on a page": (A, [page(A, rows(1, 2, 1), None)]),
    "A: a row twice on two pages": (A, [page(A, rows(1, 2), "user_2"), page(A, rows(2, 3), None)]),
    "A: the same page for ever": (A, [page(A, rows(1), "user_1")]),
    "A: two pages in a circle": (A, [page(A, rows(1), "user_1"), page(A, rows(2), "user_2")] * 2),
    "B: no data": (B, [page(B, [], None, data=...)]),
    "B: no next_page": (B, [page(B, rows(1), None, next_page=...)]),
    "B: next_page is false": (B, [page(B, rows(1), None, next_page=False)]),
    "B: next_page is empty": (B, [page(B, rows(1), ""), page(B, rows(2), None)]),
    "B: a row twice on two pages": (B, [page(B, rows(1), "p2"), page(B, rows(1), None)]),
    "B: empty pages in a circle": (B, [page(B, [], "p2"), page(B, [], "p3")] * 2),
    "B: a promised page without rows": (B, [page(B, rows(1), "p2"), page(B, [], None)]),
    "B: a promised page without rows, after another": (B, [page(B, [], "p2"), page(B, [], None)]),
    "B: a later page refused": (B, [page(B, rows(1), "p2"), refusal(400)]),
    "C: a promised page without rows": (C, [page(C, rows(1), "p2"), page(C, [], None)]),
    "C: an outdated cursor": (C, [page(C, rows(1), "p2"), refusal(410)]),
    "C: no has_more": (C, [page(C, rows(1), None, has_more=...)]),
    "C: has_more is null": (C, [page(C, rows(1), None, has_more=None)]),
    "C: has_more without cursor": (C, [page(C, rows(1), None, has_more=True)]),
    "C: has_more without the field": (C, [page(C, rows(1), "p2", next_page=...)]),
    "C: the same cursor for ever": (C, [page(C, [], "p2")]),
}


ROOT = Always("the root", lambda row: row.get("id") == "user_7", only_with="include_root")


def without_root(well: list[Reply], plain: list[Reply]) -> Server:
    """A list that never shows its root; `plain` is what it shows where the root is not asked for."""
    return Server(lambda seen: (well if "include_root" in seen.query else plain)[0])


def test_a_list_is_read_again_where_it_lacks_what_it_always_has() -> None:
    server = script(page(A, rows(1), None), page(A, rows(1, 7), None))
    assert read(server, Listing(USERS, {"include_root": "true"}, always=ROOT)) == (rows(1, 7), 2)
    assert read(script(page(A, [], None), page(A, rows(1), None)), Listing(USERS, always=ANY)) == (rows(1), 2)


def test_a_list_that_shows_what_it_always_has_costs_one_request() -> None:
    assert read(script(page(A, rows(1, 7), None)), Listing(USERS, always=ROOT)) == (rows(1, 7), 1)


def test_what_a_list_always_has_may_be_called_something_else_by_now() -> None:
    """It is the one row that only comes with its parameter."""
    server = without_root([page(A, rows(1, 2, 9), None)], [page(A, rows(1, 2), None)])
    assert read(server, Listing(USERS, {"include_root": "true"}, always=ROOT)) == (rows(1, 2, 9), 3)


@pytest.mark.parametrize("plain", [(), (1, 2), (1, 2, 3), (2, 3)], ids=str)
def test_a_list_that_lacks_what_it_always_has_is_not_whole(plain: tuple[int, ...]) -> None:
    server = without_root([page(A, rows(1, 2), None)], [page(A, rows(*plain), None)])
    with pytest.raises(IncompleteRead, match="it does not show the root, which every organization has"):
        read(server, Listing(USERS, {"include_root": "true"}, always=ROOT))


@pytest.mark.parametrize("always", [ROOT, ANY], ids=lambda always: always.what)
def test_nothing_is_compared_where_no_parameter_brings_it(always: Always) -> None:
    server = script(page(A, [], None))
    with pytest.raises(IncompleteRead, match=f"it does not show {always.what}"):
        read(server, Listing(USERS, always=replace(always, only_with=None)))
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_first_page_is_a_refusal(status: int) -> None:
    server = script(refusal(status))
    with pytest.raises(ApiError) as caught:
        read(server, Listing(USERS, always=ANY))
    assert (caught.value.status, caught.value.says_not_offered, len(server.seen)) == (status, True, 1)


def test_a_list_that_was_begun_once_is_not_one_that_is_not_offered() -> None:
    server = script(page(A, rows(1), "user_1"), page(A, [], None), refusal(403))
    with pytest.raises(IncompleteRead, match="page 1 was refused, although it was answered before: ") as caught:
        read(server, Listing(USERS))
    assert not caught.value.says_not_offered


def test_the_error_says_which_page_was_refused_and_why() -> None:
    server = from_start([page(A, rows(1), "user_1"), page(A, rows(2), "user_2"), refusal(404)])
    with pytest.raises(IncompleteRead, match="page 3 was refused, although the page before it promises more: ") as info:
        read(server, Listing(USERS))
    assert (info.value.status, info.value.says_not_offered) == (None, False)


def from_start(pages: list[Reply], *, well: list[Reply] | None = None) -> Server:
    """Serves `pages` from the first whenever a list is begun; from the second time on `well`, if given."""
    left: list[Reply] = []
    begun = 0

    def answer(seen: Seen) -> Reply:
        nonlocal begun
        if not {"after_id", "page"} & seen.query.keys():
            begun += 1
            left[:] = well if well and begun > 1 else pages
        return left.pop(0) if len(left) > 1 else left[0]

    return Server(answer)


@pytest.mark.parametrize(("paging", "pages"), FLAWED.values(), ids=FLAWED.keys())
def test_a_list_not_proven_whole_is_read_twice_and_then_refused(paging: Paging, pages: list[Reply]) -> None:
    server = from_start(pages)
    with pytest.raises(IncompleteRead, match=f"the list {USERS} could not be read in full, twice: ") as caught:
        read(server, Listing(USERS, {}, paging))
    assert caught.value.exit_code == 7
    assert len([seen for seen in server.seen if seen.query == {"limit": "1000"}]) == 2
    assert len(server.seen) <= 8


@pytest.mark.parametrize(("paging", "pages"), FLAWED.values(), ids=FLAWED.keys())
def test_a_list_that_is_whole_the_second_time_is_taken_from_there_only(paging: Paging, pages: list[Reply]) -> None:
    well = [page(paging, rows(7), "user_7"), page(paging, rows(8), None)]
    found, _ = read(from_start(pages, well=well), Listing(USERS, {}, paging))
    assert found == rows(7, 8)


@pytest.mark.parametrize(
    ("page_rows", "error", "told"),
    [
        ([], OverBudget, "the list has more than 20 pages"),
        (rows(1), IncompleteRead, "rows 1 and 2 have the same `id`"),
    ],
)
def test_new_cursors_for_ever_do_not_keep_it_reading_for_ever(
    page_rows: list[Row], error: type[Failure], told: str
) -> None:
    count = 0

    def answer(_: Seen) -> Reply:
        nonlocal count
        count += 1
        return page(Paging.CURSOR, page_rows, f"p{count}")

    async def main() -> None:
        async with client(Server(answer), budget=Budget(pages=20)) as api:
            await api.reader.rows(Listing(USERS, {}, Paging.CURSOR))

    with pytest.raises(error, match=told):
        simulated(main)
    assert count <= 20


@pytest.mark.parametrize("odd", [{"name": "x"}, {"id": ""}, {"id": None}, {"id": ["user_1"]}], ids=str)
def test_rows_without_identity_are_handed_on(odd: Row) -> None:
    """What they are is decided where rows are held against what their kind declares; each of them is one row."""
    found, _ = read(script(page(A, [*rows(1), odd, odd], None)), Listing(USERS))
    assert found == [*rows(1), odd, odd]


def test_a_page_that_fails_is_repeated_from_that_page() -> None:
    server = script(page(A, rows(1), "user_1"), refusal(500), page(A, rows(2), None))
    assert read(server, Listing(USERS)) == (rows(1, 2), 2)
    assert [seen.query.get("after_id") for seen in server.seen] == [None, "user_1", "user_1"]


def test_a_page_that_keeps_failing_fails_the_list() -> None:
    server = script(page(A, rows(1), "user_1"), refusal(500))
    with pytest.raises(Unavailable):
        read(server, Listing(USERS))
    assert len(server.seen) == 5


def test_a_list_keeps_its_slot_from_its_first_page_to_its_last() -> None:
    """With two slots, the third list begins when one of the others is through, not in between."""
    paths = [f"/v1/organizations/workspaces/wrkspc_{number}/members" for number in range(3)]

    async def main() -> list[str]:
        server = list_server(Paging.IDS, 3500)
        async with client(server, concurrency=2) as api:
            await asyncio.gather(*(api.reader.rows(Listing(path)) for path in paths))
        return [seen.path for seen in server.seen]

    order = simulated(main)
    assert set(order[:8]) == set(paths[:2])
    assert order[8:] == [paths[2]] * 4
