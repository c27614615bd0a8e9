"""The header `anthropic-beta`: on exactly the requests that ask for it, on every page and every attempt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from acme import Org

from orgsync.core.model.request import Listing, Paging, Request
from orgsync.engine.recording import Recorder, Replay

from .support import ME, Reply, Seen, Server, client, refusal, script, simulated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orgsync.api.client import AdminClient

ONE, TWO = "efs-2026-10-01", "user-profiles-2026-08-01"
HEADER = "anthropic-beta"
WORKSPACES = "/v1/organizations/workspaces"
SPEND = "/v1/organizations/spend_limits"
EMPTY = Reply(body={"data": [], "has_more": False, "next_page": None})


def headers(server: Server, work: Callable[[AdminClient], Awaitable[Any]]) -> list[str | None]:
    """What each request had, in order."""

    async def main() -> Sequence[Seen]:
        async with client(server) as api:
            await work(api)
        return server.seen

    return [seen.headers.get(HEADER) for seen in simulated(main)]


@pytest.mark.parametrize(
    ("listing", "sent"),
    [
        (Listing(WORKSPACES), None),
        (Listing(WORKSPACES, betas=(ONE,)), ONE),
        (Listing(WORKSPACES, betas=(ONE, TWO)), f"{ONE},{TWO}"),
        (Listing(SPEND, paging=Paging.CURSOR, betas=(ONE,)), f"spend-limit-reads-2026-09-26,{ONE}"),
        (
            Listing(SPEND, paging=Paging.CURSOR, betas=("spend-limit-reads-2026-09-26",)),
            "spend-limit-reads-2026-09-26",
        ),
    ],
    ids=["none", "one", "two", "one more", "once only"],
)
def test_a_list_asks_for_its_betas(listing: Listing, sent: str | None) -> None:
    assert headers(script(EMPTY), lambda api: api.reader.rows(listing)) == [sent]


def test_every_page_and_every_attempt_asks_for_them() -> None:
    first = Reply(body={"data": [{"id": "a"}], "has_more": True, "last_id": "a"})
    last = Reply(body={"data": [{"id": "b"}], "has_more": False, "last_id": "b"})
    server = script(refusal(500), first, refusal(503), last)
    assert headers(server, lambda api: api.reader.rows(Listing(WORKSPACES, betas=(ONE,)))) == [ONE] * 4


def test_a_list_that_is_read_a_second_time_asks_for_them_again() -> None:
    broken = Reply(body={"data": 5})
    assert headers(script(broken, EMPTY), lambda api: api.reader.rows(Listing(WORKSPACES, betas=(ONE,)))) == [ONE, ONE]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_asks_for_its_betas(method: str) -> None:
    request = Request(method, f"{WORKSPACES}/wrkspc_1", betas=(ONE, TWO))
    assert headers(script(refusal(409), Reply()), lambda api: api.writer.send(request)) == [f"{ONE},{TWO}"] * 2


def test_the_requests_beside_it_do_not() -> None:
    async def work(api: AdminClient) -> None:
        await api.reader.rows(Listing(WORKSPACES, betas=(ONE,)))
        await api.reader.rows(Listing(WORKSPACES))
        await api.reader.get(ME)
        await api.writer.send(Request("POST", WORKSPACES, {}, betas=(TWO,)))
        await api.writer.send(Request("POST", WORKSPACES, {}))

    assert headers(Server(lambda _: EMPTY), work) == [ONE, None, None, TWO, None]


def test_a_recording_answers_whichever_betas_are_asked_for() -> None:
    """A snapshot is what the organization showed, and not how it was asked."""
    org = Org(workspaces=[{"name": "lab"}])

    async def main() -> None:
        async with org.client() as api:
            recorder = Recorder(api.reader)
            rows = await recorder.rows(Listing(WORKSPACES, betas=(ONE,)))
            replay = Replay(recorder.recording, org.now)
            assert [row["name"] for row in rows] == ["lab"]
            assert (
                await replay.rows(Listing(WORKSPACES)) == await replay.rows(Listing(WORKSPACES, betas=(TWO,))) == rows
            )

    asyncio.run(main())
