"""Lists cut by cursors: whole pages, cursors that fit, rows that come and go, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.org import Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

WORKSPACES = [{"id": f"wrkspc_{number}", "name": f"w{number}"} for number in range(7)]
LIMITS = [{"id": f"spl_{number}", "workspace": f"w{number}", "amount": "1"} for number in range(7)]
MANY: dict[str, Any] = {"workspaces": WORKSPACES, "spend_limits": LIMITS, "settings": {"usage_tier": "custom"}}


def walked(org: Org, path: str, **query: str) -> list[list[str]]:
    """The ids of every page."""
    pages, reply = [], org.beta(path, **query)
    pages.append(reply.ids)
    while reply.body["next_page"] is not None:
        reply = org.beta(path, **query, page=reply.body["next_page"])
        pages.append(reply.ids)
    return pages


def test_pages_meet_every_row_once(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    everything = [f"spl_{number}" for number in reversed(range(7))]
    for limit in range(1, 9):
        pages = walked(org, "/spend_limits", limit=str(limit))
        assert [each for page in pages for each in page] == everything
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert pages[-1] != []


def test_rate_limits_come_whole_unless_a_limit_is_given(org: Org) -> None:
    everything = ["limit-of-sonnet", "limit-of-batches", "limit-of-files"]
    assert walked(org, "/rate_limits") == [everything]
    assert walked(org, "/rate_limits", limit="3") == [everything]
    assert walked(org, "/rate_limits", limit="2") == [everything[:2], everything[2:]]
    cursor = org.get("/rate_limits", limit="1").body["next_page"]
    assert org.get("/rate_limits", page=cursor).body["next_page"] is None


def test_spend_limits_come_twenty_at_a_time(make_org: Callable[..., Org]) -> None:
    workspaces = [{"name": f"w{number}"} for number in range(21)]
    limits = [{"workspace": f"w{number}", "amount": "1"} for number in range(21)]
    org = make_org({"workspaces": workspaces, "spend_limits": limits, "settings": {"usage_tier": "custom"}})
    assert [len(page) for page in walked(org, "/spend_limits")] == [20, 1]


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/spend_limits", {"scope_type__": "workspace"}),
        ("/spend_limits", {"workspace_id": "wrkspc_prod"}),
        ("/rate_limits", {"group_type": "batch"}),
        ("/workspaces/wrkspc_prod/rate_limits", {"include_inherited": "true"}),
    ],
)
def test_a_cursor_belongs_to_its_filters(org: Org, path: str, other: dict[str, str]) -> None:
    inherited = {"include_inherited": "false"} if "wrkspc" in path else {}
    org.post("/workspaces/wrkspc_prod/rate_limits/limit-of-files", {"limits": [{"type": "fast_otpm", "value": 1}]})
    cursor = org.beta(path, **inherited, limit="1").body["next_page"]
    assert org.beta(path, **inherited, limit="2", page=cursor, beta="true").status == 200
    reply = org.beta(path, **{**inherited, **other}, limit="1", page=cursor)
    assert (reply.status, reply.message) == (400, "page: cursor does not match current query parameters")
    if not inherited:
        assert org.beta("/workspaces/wrkspc_prod/rate_limits", page=cursor).status == 400


@pytest.mark.parametrize("page", ["", "x", "page_", "page_e30", "page_W10", "page_\u00e9", "page_" + "W" * 4000])
def test_what_is_no_cursor_is_refused(make_org: Callable[..., Org], org: Org, page: str) -> None:
    assert org.get("/rate_limits", page=page).status == 400
    lenient = make_org(seeded(unknown_cursor="empty"))
    assert lenient.get("/rate_limits", page=page).body == {"data": [], "next_page": None}


@pytest.mark.parametrize("limit", ["0", "1001", "x", ""])
def test_limits_out_of_range_are_refused(org: Org, limit: str) -> None:
    for path in ("/rate_limits", "/workspaces/wrkspc_prod/rate_limits", "/spend_limits"):
        assert org.beta(path, limit=limit).status == 400


def test_a_list_is_not_a_snapshot(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    first = org.beta("/spend_limits", limit="2")
    assert first.ids == ["spl_6", "spl_5"]
    for gone in ("spl_5", "spl_4"):
        org.delete(f"/spend_limits/{gone}")
    org.post("/spend_limits", {"amount": "1", "scope": {"type": "organization"}})
    assert org.beta("/spend_limits", limit="2", page=first.body["next_page"]).ids == ["spl_3", "spl_2"]


def test_an_empty_page_leads_to_what_it_left_out(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    everything = walked(org, "/spend_limits", limit="3")
    org.app.set_faults([{"fault": "empty_page", "path": "/spend_limits", "nth": nth} for nth in (1, 3)])
    assert walked(org, "/spend_limits", limit="3") == [[], everything[0], [], *everything[1:]]
    org.app.set_faults([{"fault": "empty_page"}])
    assert org.get("/workspaces").ids != []


def test_lists_can_end_early_or_promise_more_than_there_is(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    everything = [one for page in walked(org, "/spend_limits") for one in page]
    org.app.set_faults([{"fault": "short_list", "rows": 1}])
    short = org.beta("/spend_limits")
    assert (short.ids, short.body["next_page"]) == (everything[:1], None)
    org.app.set_faults([{"fault": "promised_page", "path": "/spend_limits"}])
    assert walked(org, "/spend_limits", limit="1000") == [everything, []]
    org.app.set_faults([{"fault": "small_pages", "rows": 1, "times": 99}])
    assert walked(org, "/spend_limits", limit="1000") == [[one] for one in everything]
    org.app.set_faults([{"fault": "vanished_cursor", "nth": 2}])
    first = org.beta("/spend_limits", limit="1")
    assert org.beta("/spend_limits", limit="1", page=first.body["next_page"]).status == 400


def test_lists_can_start_over_or_never_end(make_org: Callable[..., Org]) -> None:
    org = make_org(MANY)
    first = org.beta("/spend_limits", limit="3")
    org.app.set_faults([{"fault": "repeat_page"}])
    assert org.beta("/spend_limits", limit="3", page=first.body["next_page"]).ids == first.ids
    org.app.set_faults([{"fault": "loop_cursor", "times": 3}])
    reply = org.beta("/spend_limits")
    for _ in range(2):
        again = org.beta("/spend_limits", page=reply.body["next_page"])
        assert (again.ids, again.body["next_page"]) == (reply.ids, reply.body["next_page"])
    org.app.set_faults([{"fault": "loop_cursor"}])
    report = org.get("/cost_report", starting_at="2026-10-30T00:00:00Z")
    assert report.body["has_more"] is True
