"""Budgets: a server without end is left, and the error names the list, the page and the option that allows more."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.api.budget import MIB, Budget
from orgsync.api.failures import AnswerLost, Malformed, OverBudget
from orgsync.core.model.request import Listing, Paging, Repeat, Request

from .support import INVITES, ME, Reply, Seen, Server, client, clock, refusal, script, simulated
from .test_connections import Wire, connected, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.model.rows import Row

USERS = "/v1/organizations/users"
CREATE = Request("POST", INVITES, {"email": "a@example.com"}, repeat=Repeat.LOOK_UP)
UPDATE = Request("POST", f"{USERS}/user_1", {"role": "user"}, repeat=Repeat.SAFE)
LARGE = "if the organization is that large, raise "
SLOW = "if the connection is that slow, raise "


def zeros(mib: int) -> bytes:
    """So many MiB of zeros, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(mib)) + packer.flush()


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def over_the_wire(answer: bytes, request: Request | None = None, **budget: Any) -> tuple[object, Wire]:
    """What a server that always gives this answer gets one read, or one write, to end in."""

    async def main() -> tuple[object, Wire]:
        wire = Wire(answer)
        async with listening(wire) as port, connected(port, budget=Budget(**budget)) as api:
            return await (api.writer.send(request) if request else api.reader.get(ME)), wire

    return asyncio.run(main())


ENDLESS = {
    "a gzip bomb": lambda: packed(zeros(100)),
    "much of an answer": lambda: b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n" + bytes(8 * MIB),
    "much of an error": lambda: b"HTTP/1.1 403 No\r\ncontent-length: 10737418240\r\n\r\n" + bytes(8 * MIB),
    "chunks": lambda: (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + (b"400\r\n" + bytes(1024) + b"\r\n") * 2048
    ),
    "what unpacks to nothing": lambda: packed(b"\x1f\x8b\x08\x08\0\0\0\0\0\3" + b"name" * 2 * MIB),
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_an_answer_is_left_where_the_budget_ends(answer: Callable[[], bytes]) -> None:
    endless = answer()
    tracemalloc.start()
    with pytest.raises(OverBudget) as caught:
        over_the_wire(endless, answer_mib=1)
    peak = tracemalloc.get_traced_memory()[1] / MIB
    tracemalloc.stop()
    assert str(caught.value) == f"GET {ME}: the answer is larger than 1 MiB"
    assert caught.value.hint == f"{LARGE}--max-answer-mib"
    assert caught.value.exit_code == 7
    assert peak < 16, "what waits to be sent is part of it"


def test_an_answer_that_is_too_large_is_not_asked_for_again() -> None:
    server = script(Reply(body=bytes(MIB)))

    async def main() -> None:
        async with client(server, budget=Budget(answer_mib=0.9)) as api:
            with pytest.raises(OverBudget):
                await api.reader.get(ME)

    simulated(main)
    assert len(server.seen) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_what_was_not_asked_for_is_not_unpacked(encoding: str) -> None:
    """Each layer of packing makes a thousand times as much of what it is given."""
    with pytest.raises(Malformed, match=f"encoded as {encoding}, which was not requested"):
        over_the_wire(packed(gzip.compress(gzip.compress(b"{}")), encoding))


@pytest.mark.parametrize("cut", [1, 9, 15])
def test_a_packed_answer_that_is_cut_off_is_none(cut: int) -> None:
    with pytest.raises(Malformed, match="the compressed answer is incomplete"):
        over_the_wire(packed(gzip.compress(b'{"id": "x"}')[:-cut]))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity", ""])
@pytest.mark.parametrize("rest", [b"", b"whatever follows"])
def test_a_packed_answer_is_read_to_its_end(encoding: str, rest: bytes) -> None:
    body = gzip.compress(b'{"id": "x"}') + rest if encoding.lower() == "gzip" else b'{"id": "x"}'
    assert over_the_wire(packed(body, encoding))[0] == {"id": "x"}


def test_an_answer_as_large_as_the_budget_is_read() -> None:
    body = b'{"id": "x"}'.ljust(MIB)
    assert over_the_wire(packed(gzip.compress(body)), answer_mib=1)[0] == {"id": "x"}


@pytest.mark.parametrize("request_", [CREATE, UPDATE], ids=["create", "update"])
def test_a_write_with_too_large_an_answer_has_an_unknown_outcome_and_is_not_sent_again(request_: Request) -> None:
    server = script(Reply(body=bytes(MIB)))

    async def main() -> None:
        async with client(server, budget=Budget(answer_mib=0.5)) as api:
            with pytest.raises(AnswerLost, match="; it is unknown whether it took effect") as caught:
                await api.writer.send(request_)
            assert caught.value.hint == f"{LARGE}--max-answer-mib"

    simulated(main)
    assert len(server.seen) == 1


def test_a_byte_at_a_time_is_not_waited_for() -> None:
    """Each byte ends the silence that httpx waits for; so it is the whole request that has its time."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    async def main() -> None:
        async with listening(drip) as port, connected(port, budget=Budget(request_seconds=0.05)) as api:
            await api.reader.get(ME)

    with pytest.raises(OverBudget) as caught:
        asyncio.run(main())
    assert str(caught.value) == f"GET {ME}: there was no whole answer within 0.05 seconds [after 4 attempts]"
    assert caught.value.hint == f"{SLOW}--request-timeout"


@pytest.mark.parametrize(("request_", "attempts"), [(CREATE, 1), (UPDATE, 4)], ids=["create", "update"])
def test_a_write_without_an_answer_in_time_has_an_unknown_outcome(request_: Request, attempts: int) -> None:
    server = script(Reply(seconds=1000))

    async def main() -> float:
        async with client(server, budget=Budget(request_seconds=100)) as api:
            with pytest.raises(AnswerLost, match="no whole answer within 100 seconds"):
                await api.writer.send(request_)
            return clock()

    assert simulated(main) == pytest.approx(attempts * 100, abs=10)
    assert len(server.seen) == attempts


def endless(seconds: float = 0.0, *, rows: int = 0) -> Server:
    """A list of which every page has another cursor."""
    count = 0

    def answer(_: Seen) -> Reply:
        nonlocal count
        count += 1
        data: list[Row] = [{"id": f"{count}-{number}"} for number in range(rows)]
        return Reply(body={"data": data, "has_more": True, "next_page": f"p{count}"}, seconds=seconds)

    return Server(answer)


LIST = Listing(USERS, {}, Paging.CURSOR)


def failed_list(server: Server, budget: Budget, **options: Any) -> tuple[OverBudget, float]:
    """The error that reading the list ends in, and when."""

    async def main() -> tuple[OverBudget, float]:
        async with client(server, budget=budget, **options) as api:
            with pytest.raises(OverBudget) as caught:
                await api.reader.rows(LIST)
            return caught.value, clock()

    return simulated(main)


@pytest.mark.parametrize("rows", [0, 3])
def test_a_list_without_end_ends_with_the_pages_of_the_budget(rows: int) -> None:
    server = endless(rows=rows)
    error, _ = failed_list(server, Budget(pages=7))
    assert str(error) == f"GET {USERS}: the list has more than 7 pages; the incomplete list was not used"
    assert error.hint == f"{LARGE}--max-pages"
    assert len(server.seen) == 7


def test_each_reading_of_a_list_has_all_the_pages() -> None:
    pages = [Reply(body={"data": [], "next_page": "p"}), Reply(body={"data": [], "next_page": "q"})]
    last = Reply(body={"data": [{"id": "x"}], "next_page": None})
    server = script(*pages, Reply(body={}), *pages, last)

    async def main() -> list[Row]:
        async with client(server, budget=Budget(pages=3)) as api:
            return await api.reader.rows(LIST)

    assert simulated(main) == [{"id": "x"}]
    assert len(server.seen) == 6


def test_all_reads_together_have_one_size() -> None:
    server = endless(rows=100)
    error, _ = failed_list(server, Budget(read_mib=0.1), requests_per_minute=None)
    page = len(server.seen)
    assert str(error) == f"GET {USERS}, page {page}: all answers together are larger than 0.1 MiB"
    assert error.hint == f"{LARGE}--max-read-mib"
    assert 50 < page < 100


def test_reads_at_once_share_the_size_and_writes_are_not_held_up() -> None:
    async def main() -> None:
        budget = Budget(read_mib=0.001)
        async with client(script(Reply(body={"id": "x" * 300}, seconds=1)), budget=budget) as api:
            results = await asyncio.gather(*(api.reader.get(ME) for _ in range(5)), return_exceptions=True)
            assert [isinstance(one, OverBudget) for one in results] == [False, False, False, True, True]
            assert (await api.writer.send(CREATE))["id"]

    simulated(main)


def test_all_reads_together_have_one_time() -> None:
    server = endless(seconds=10)
    error, ended = failed_list(server, Budget(read_seconds=25))
    assert (ended, len(server.seen)) == (25, 3)
    assert str(error) == f"GET {USERS}, page 3: waiting for answers took more than 25 seconds in all"
    assert error.hint == f"{SLOW}--read-timeout"


def test_after_that_time_nothing_is_read_and_writes_are_not_held_up() -> None:
    server = script(Reply(body={"id": "x"}, seconds=10))

    async def main() -> None:
        async with client(server, budget=Budget(read_seconds=5)) as api:
            for _ in range(2):
                with pytest.raises(OverBudget, match=f"GET {ME}: waiting for answers took more than 5 seconds"):
                    await api.reader.get(ME)
            assert clock() == 5
            assert await api.writer.send(CREATE) == {"id": "x"}

    simulated(main)
    assert [seen.method for seen in server.seen] == ["GET", "POST"]


def test_the_time_of_reads_at_once_counts_once() -> None:
    async def main() -> None:
        async with client(script(Reply(body={"id": "x"}, seconds=10)), budget=Budget(read_seconds=21)) as api:
            await asyncio.gather(*(api.reader.get(ME) for _ in range(16)))
            assert clock() == 20

    simulated(main)


def test_waiting_for_the_own_rate_limit_is_not_the_servers_fault() -> None:
    server = script(
        *(Reply(body={"data": [], "next_page": f"p{n}"}) for n in range(5)),
        Reply(body={"data": [{"id": "x"}], "next_page": None}),
    )

    async def main() -> None:
        async with client(server, budget=Budget(read_seconds=1), requests_per_minute=1) as api:
            await api.reader.rows(LIST)
            assert clock() > 300
            assert api.reader.requests == 6

    simulated(main)


def test_a_wait_that_the_server_asks_for_is() -> None:
    error, ended = failed_list(script(refusal(503, retry_after="100")), Budget(read_seconds=250))
    assert ended == 250
    assert "250 seconds in all" in str(error)


@pytest.mark.parametrize("field", ["answer_mib", "read_mib", "pages", "request_seconds", "read_seconds"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_budget_of_nothing_is_a_mistake_of_the_caller(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} must be a positive number"):
        Budget(**{field: value})  # type: ignore[arg-type]  # each in turn
