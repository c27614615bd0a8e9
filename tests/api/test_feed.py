"""The Activity Feed as the client reads it: whatever the API does is a state, and it takes no longer than it may."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import settings_of

from orgsync.api.feed import MOST_PAGES, PATH
from orgsync.core.feed.records import SETTINGS_UPDATED
from orgsync.core.feed.window import FeedState
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.switches import ADMIN_KEY

from .support import KEY, ME, Reply, client, refusal, script, simulated
from .test_connections import connected, listening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.api.transport import AsgiApp
    from orgsync.core.feed.window import Feed
    from orgsync.sandbox.server.app import App

NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(minutes=1)
SENT, ROLE = "org_user_invite_sent", "claude_user_role_updated"
TYPES = (SENT, ROLE)
SEED = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}],
    "activities": [
        {
            "id": f"activity_{number}",
            "type": SENT,
            "by": "ceo@acme.example",
            "created_at": f"2026-10-{number:02}T12:00:00Z",
        }
        for number in range(10, 22)
    ],
    "settings": {"compliance": "on"},
}
ALL = [f"activity_{number}" for number in range(21, 9, -1)]


def sandbox(**settings: Any) -> App:
    return open_app(":memory:", now=NOW, seed_with=SEED | {"settings": {"compliance": "on", **settings}})


def read(
    app: AsgiApp, types: Sequence[str] = TYPES, *, key: str = ADMIN_KEY, seconds: float = 10.0, **options: Any
) -> tuple[Feed, float]:
    """What a reading finds, and how many seconds it took."""

    async def main() -> tuple[Feed, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with client(app, key=key, **options) as api:
            feed = await api.feed.read(types, SINCE, UNTIL, seconds=seconds)
        return feed, loop.time() - began

    return simulated(main)


def ids(feed: Feed) -> list[str]:
    return [record.id for record in feed.records]


def page(*numbers: int, more: bool = False, last: object = "cursor", **odd: Any) -> Reply:
    rows = [
        {"id": f"activity_{number}", "type": SENT, "created_at": f"2026-10-{number:02}T12:00:00Z", "actor": {}} | odd
        for number in numbers
    ]
    return Reply(body={"data": rows, "has_more": more, "first_id": None, "last_id": last if more else None})


def test_one_filtered_request_reads_the_window() -> None:
    app = sandbox()
    feed, _ = read(app)
    assert (feed.state, feed.requests, feed.says) == (FeedState.READ, 1, "The Activity Feed was read.")
    assert ids(feed) == ALL
    assert (feed.since, feed.until, feed.reaches) == (SINCE, UNTIL, SINCE)
    [line] = app.log()
    assert (line["method"], line["path"]) == ("GET", PATH)
    assert parse_qsl(line["query"]) == [
        ("activity_types[]", ROLE),
        ("activity_types[]", SETTINGS_UPDATED),
        ("activity_types[]", SENT),
        ("created_at.gte", "2026-10-02T10:00:00Z"),
        ("created_at.lte", "2026-11-01T10:01:00Z"),
        ("order", "desc"),
        ("limit", "5000"),
    ]


def test_the_key_goes_as_an_api_key_alone_and_everywhere_else_as_before() -> None:
    server = script(page(1))

    async def main() -> None:
        async with client(server) as api:
            await api.feed.read(TYPES, SINCE, UNTIL)
            await api.reader.get(ME)

    simulated(main)
    feed, admin = (seen.headers for seen in server.seen)
    assert (feed.get("x-api-key"), feed.get("authorization")) == (KEY, None)
    assert (admin.get("x-api-key"), admin.get("authorization")) == (None, f"Bearer {KEY}")
    assert feed["anthropic-version"] == admin["anthropic-version"]
    assert feed["user-agent"] == admin["user-agent"]


def test_nobody_is_asked_with_an_oauth_token() -> None:
    server = script(page(1))
    feed, _ = read(server, key="sk-ant-oat01-a-token-of-somebody")
    assert (feed.state, feed.requests) == (FeedState.NEEDS_ADMIN_KEY, 0)
    assert server.seen == []


def test_the_limit_and_the_budget_of_the_admin_api_are_left_alone() -> None:
    requests: list[str] = []
    server = script(page(1))

    async def main() -> tuple[float, int]:
        async with client(server, requests_per_minute=1, on_request=lambda _, path: requests.append(path)) as api:
            for _ in range(3):
                await api.feed.read(TYPES, SINCE, UNTIL)
            await api.reader.get(ME)
            return asyncio.get_running_loop().time(), api.reader.requests

    began = simulated(_time)
    ended, counted = simulated(main)
    assert (ended - began, counted) == (0, 1)
    assert requests == [PATH, PATH, PATH, ME]


async def _time() -> float:
    return asyncio.get_running_loop().time()


STATES: list[tuple[str, dict[str, Any], FeedState]] = [
    ("off", {"compliance": "off"}, FeedState.OFF),
    ("a key of before", {"feed_scope": False}, FeedState.NO_SCOPE),
    ("too many requests", {"feed_requests_per_minute": 1}, FeedState.SLOW),
]


@pytest.mark.parametrize(("settings", "state"), [case[1:] for case in STATES], ids=[case[0] for case in STATES])
def test_what_the_sandbox_refuses_is_a_state(settings: dict[str, Any], state: FeedState) -> None:
    app = sandbox(**settings)
    if state is FeedState.SLOW:
        assert read(app)[0].state is FeedState.READ
    feed, seconds = read(app)
    assert (feed.state, feed.records, feed.reaches) == (state, (), None)
    assert feed.requests <= 2
    assert seconds <= 10


TROUBLES: list[tuple[Reply | Exception, FeedState, str, int]] = [
    (refusal(400, message="limit: too large"), FeedState.REFUSED, "400: limit: too large", 1),
    (refusal(401, message="API key is invalid."), FeedState.REFUSED, "401: API key is invalid.", 1),
    (refusal(403, message="Compliance API is not enabled for this organization"), FeedState.OFF, "", 1),
    (refusal(403, message="no"), FeedState.REFUSED, "403: no", 1),
    (refusal(404, message="Not found"), FeedState.REFUSED, "404: Not found", 1),
    (refusal(429, message="slow", retry_after="60"), FeedState.SLOW, "429: slow", 1),
    (refusal(429, message="slow", retry_after="2"), FeedState.SLOW, "429: slow", 2),
    (refusal(500, message="oops"), FeedState.BROKEN, "500: oops", 2),
    (refusal(529, message="busy"), FeedState.BROKEN, "529: busy", 2),
    (Reply(404, b"<html>no</html>"), FeedState.BROKEN, "404: ", 1),
    (Reply(body=b"<html>hello</html>"), FeedState.BROKEN, "200: an HTML page", 2),
    (Reply(body=b"["), FeedState.BROKEN, "200: not a JSON object", 2),
    (Reply(302, headers={"location": "http://elsewhere"}), FeedState.BROKEN, "302: a redirect", 1),
    (Reply(body={"rows": []}), FeedState.BROKEN, "it has no list of records", 1),
    (Reply(body={"data": {}, "has_more": False}), FeedState.BROKEN, "it has no list of records", 1),
    (ConnectionResetError(), FeedState.BROKEN, "ReadError", 2),
    (TimeoutError(), FeedState.BROKEN, "ReadTimeout", 2),
    (Reply(seconds=60.0), FeedState.SLOW, "gave up after 10 seconds", 1),
    (Reply(body=b" " * (33 * 2**20)), FeedState.BROKEN, "the answer is larger than 32 MiB", 1),
]


@pytest.mark.parametrize(("reply", "state", "detail", "requests"), TROUBLES, ids=lambda value: str(value)[:40])
def test_whatever_comes_back_is_a_state(reply: Reply | Exception, state: FeedState, detail: str, requests: int) -> None:
    feed, seconds = read(script(reply))
    assert (feed.state, feed.requests) == (state, requests)
    assert feed.detail.startswith(detail) if detail else feed.detail == ""
    assert feed.records == ()
    assert seconds <= 10


def test_what_passes_is_asked_for_once_more() -> None:
    feed, seconds = read(script(refusal(503), page(3, 2)))
    assert (feed.state, ids(feed), feed.requests) == (FeedState.READ, ["activity_3", "activity_2"], 2)
    assert seconds == pytest.approx(0.5)


def test_a_type_that_the_api_does_not_know_is_left_out() -> None:
    feed, _ = read(sandbox(feed_types=[SENT, SETTINGS_UPDATED]), (*TYPES, "org_user_left"))
    assert (feed.state, feed.refused_types, feed.requests) == (FeedState.READ, (ROLE, "org_user_left"), 3)
    assert ids(feed) == ALL


def test_too_many_types_that_it_does_not_know_end_it() -> None:
    feed, _ = read(sandbox(feed_types=[SENT]), (*TYPES, "a", "b", "c"))
    assert (feed.state, feed.requests, len(feed.refused_types)) == (FeedState.REFUSED, 4, 3)
    assert "Input is not one of the permitted values" in feed.says


def test_a_position_that_was_not_asked_for_is_not_followed() -> None:
    feed, _ = read(script(refusal(400, message="activity_types[].7: Input is not one of the permitted values.")))
    assert (feed.state, feed.requests) == (FeedState.REFUSED, 1)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_pages_are_read_to_the_end_and_no_further_than_ten(rows: int) -> None:
    app = sandbox(feed_duplicates=1 if rows > 1 else 0)
    app.set_faults([{"fault": "small_pages", "rows": rows, "times": 100}])
    feed, _ = read(app)
    if rows == 5:
        assert (feed.state, ids(feed)) == (FeedState.READ, ALL)
    else:
        assert (feed.state, feed.requests) == (FeedState.INCOMPLETE, MOST_PAGES)
        assert ids(feed) == ALL[: len(feed.records)]
        assert feed.reaches == feed.records[-1].at
        assert "(page 11: at most 10 pages of 5,000 records are read)" in feed.says


ODD_PAGES: list[tuple[list[Reply | Exception], list[int], str]] = [
    ([page(5, 4, more=True), page(4, 3)], [5, 4, 3], ""),
    ([page(5, 4, more=True), page(5, 4, more=True, last="other")], [5, 4], "page 3: the page before says"),
    ([page(5, 4, more=True), page(3, more=True)], [5, 4, 3], "page 3: the page before says"),
    ([page(5, 4, more=True), page(more=True, last="other")], [5, 4], "page 3: the page before says"),
    ([page(more=True)], [], "page 2: the page before says"),
    ([page(5, more=True, last=None)], [5], "page 2: the page before says"),
    ([page(5, more=True, last=7)], [5], "page 2: the page before says"),
    ([page(5, more=True), refusal(400, message="Compliance API is not enabled")], [5], "page 2: "),
    ([page(5, more=True), refusal(400, message="Invalid activity_id format: 'x'")], [5], "page 2: 400: Invalid"),
    ([page(5, more=True), Reply(seconds=60.0)], [5], "page 2: gave up after 10 seconds"),
    ([page(5, more=True), Reply(body={"data": None})], [5], "page 2: it has no list"),
    ([page(5, more=True), ConnectionResetError()], [5], "page 2: ReadError"),
]


@pytest.mark.parametrize(("replies", "numbers", "detail"), ODD_PAGES, ids=lambda value: str(value)[:40])
def test_odd_pages_end_it_with_what_was_read(replies: list[Reply | Exception], numbers: list[int], detail: str) -> None:
    feed, seconds = read(script(*replies))
    assert feed.state is (FeedState.INCOMPLETE if detail else FeedState.READ)
    assert [int(one.removeprefix("activity_")) for one in ids(feed)] == numbers
    assert feed.detail.startswith(detail)
    assert seconds <= 10


def test_rows_that_are_no_records_are_counted_and_other_types_are_left_out() -> None:
    odd = page(4, type="compliance_api_accessed"), page(3, created_at=None), page(2, id=7), page(1)
    rows = [row for reply in odd for row in reply.body["data"]]  # type: ignore[index]
    feed, _ = read(script(Reply(body={"data": [*rows, None, "row"], "has_more": False})))
    assert (ids(feed), feed.dropped) == (["activity_1"], 4)


def test_the_credential_is_in_no_record_and_in_no_message() -> None:
    feed, _ = read(script(page(1, user_email=KEY)), key=KEY)
    assert KEY not in str(feed)
    feed, _ = read(script(refusal(400, message=f"who is {KEY}?")), key=KEY)
    assert KEY not in feed.says


def test_an_answer_that_never_ends_is_left_in_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    async def main() -> tuple[Feed, float]:
        async with listening(drip) as port, connected(port) as api:
            began = asyncio.get_running_loop().time()
            feed = await api.feed.read(TYPES, SINCE, UNTIL, seconds=0.2)
            return feed, asyncio.get_running_loop().time() - began

    feed, seconds = asyncio.run(main())
    assert feed.state is FeedState.SLOW
    assert seconds < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
PAGES = st.builds(
    page,
    st.integers(1, 28),
    more=st.booleans(),
    last=st.sampled_from(["a", "b", "c"]) | JSON,
    type=st.sampled_from(TYPES) | JSON,
    created_at=st.sampled_from(["2026-10-05T12:00:00Z", "2026-10-06"]) | JSON,
    actor=JSON,
)
STATUSES = st.sampled_from([200, 204, 302, 400, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504, 529])
REFUSALS = st.builds(
    refusal,
    STATUSES,
    message=st.sampled_from(["no", "not enabled", "activity_types[].0: no", "activity_types[].9: no"])
    | st.text(max_size=9),
    retry_after=st.sampled_from(["0", "1", "5", "1000", "-1", "soon", "nan", "inf"]),
)
BODIES = st.builds(Reply, STATUSES, JSON | st.binary(max_size=30))
SLOW = st.builds(Reply, STATUSES, JSON, seconds=st.floats(0, 30))
BREAKS = st.sampled_from([ConnectionResetError(), TimeoutError(), BrokenPipeError()])
ANSWERS = st.lists(PAGES | REFUSALS | BODIES | SLOW | BREAKS, min_size=1, max_size=14)


@settings_of(400)
@given(ANSWERS, st.floats(0.01, 20))
def test_whatever_happens_it_ends_within_its_seconds(answers: list[Reply | Exception], most: float) -> None:
    feed, seconds = read(script(*answers), seconds=most)
    assert seconds <= most + 0.001
    assert feed.requests <= 2 * (MOST_PAGES + 3)
    assert feed.usable or not feed.records
    assert len(set(ids(feed))) == len(feed.records)
    assert [record.at for record in feed.records] == sorted((record.at for record in feed.records), reverse=True)
    assert feed.says


FAULTS = st.fixed_dictionaries(
    {
        "fault": st.sampled_from(
            [
                *("status_before", "drop_before", "delay", "repeat_page", "loop_cursor", "empty_page", "small_pages"),
                *("promised_page", "vanished_cursor", "odd_rows", "truncate", "html", "console"),
            ]
        ),
        "nth": st.integers(1, 6),
        "times": st.integers(1, 20),
    }
)
DETAILS: dict[str, dict[str, Any]] = {
    "status_before": {"status": 503},
    "delay": {"seconds": 4.0},
    "small_pages": {"rows": 2},
    "odd_rows": {"drop": ["actor"], "set": {"updates": None}},
    "console": {"edit": {"method": "POST", "path": "/settings", "body": {"compliance": "off"}}},
}


@settings_of(100)
@given(st.lists(FAULTS, max_size=4))
def test_what_is_read_of_a_disturbed_feed_is_the_newest_part_of_it(rules: list[dict[str, Any]]) -> None:
    app = sandbox()
    app.set_faults([rule | DETAILS.get(rule["fault"], {}) for rule in rules])
    feed, seconds = read(app)
    assert seconds <= 10.001
    if feed.state is FeedState.READ:
        assert set(ids(feed)) == set(ALL)
    elif feed.state is FeedState.INCOMPLETE:
        assert ids(feed) == ALL[: len(feed.records)]
    else:
        assert feed.records == ()
    app.close()
