"""What is sent again and what is not, and after how long: every row of the table, against a server that misbehaves."""

from __future__ import annotations

import ssl
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.api import failures
from orgsync.api.retry import LIMIT_REACHED, NO_ANSWER, asked_wait
from orgsync.core.model.request import Repeat, Request
from orgsync.errors import ApiError, OutcomeUnknown

from .support import EPOCH, INVITES, ME, Reply, Server, client, refusal, script, simulated

if TYPE_CHECKING:
    from orgsync.core.model.rows import Row

OK = Reply(body={"id": "x"})
HTML = Reply(body=b"<!DOCTYPE html><title>Log in</title>", headers={"content-type": "text/html"})
HALF = Reply(body=b'{"data": [{"id": "us')
DROPPED = ConnectionResetError("gone")
TLS_BROKEN = ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac")
BUSY = refusal(409, "concurrent_membership_change")

PASSING = [refusal(408), refusal(409), BUSY, refusal(429), *(refusal(status) for status in (500, 502, 503, 504, 529))]
PASSING += [HTML, HALF, Reply(body=b""), Reply(204, b""), Reply(body=[]), Reply(body=b"\xff"), Reply(body=b"[" * 10**5)]
FINAL = [refusal(status) for status in (400, 401, 402, 403, 404, 410, 412, 413, 422, 301, 302, 303, 307, 308)]
# What may be the answer to a write that took effect.
LOST = [
    DROPPED,
    TLS_BROKEN,
    HTML,
    HALF,
    Reply(204, b""),
    *(refusal(status) for status in (408, 500, 502, 503, 504, 529)),
]

CREATE = Request("POST", INVITES, {"email": "a@example.com"}, Repeat.LOOK_UP)
UPDATE = Request("POST", "/v1/organizations/users/user_1", {"role": "developer"})
REMOVE = Request("DELETE", "/v1/organizations/users/user_1")


def name(reply: Reply | Exception) -> str:
    return f"{reply.status}-{reply.content[:20]!r}" if isinstance(reply, Reply) else type(reply).__name__


def read(server: Server, *, chance: float = 0.0) -> Row:
    async def main() -> Row:
        async with client(server, chance=chance) as api:
            return await api.reader.get(ME)

    return simulated(main)


def write(server: Server, request: Request) -> Row:
    async def main() -> Row:
        async with client(server) as api:
            return await api.writer.send(request)

    return simulated(main)


@pytest.mark.parametrize("trouble", [*PASSING, DROPPED, TLS_BROKEN], ids=name)
def test_a_read_survives_three_passing_troubles(trouble: Reply | Exception) -> None:
    server = script(trouble, trouble, trouble, OK)
    assert read(server) == {"id": "x"}
    assert len(server.seen) == 4


@pytest.mark.parametrize("trouble", [*(one for one in PASSING if one.status != 429), DROPPED, TLS_BROKEN], ids=name)
def test_a_read_is_given_up_after_four_attempts(trouble: Reply | Exception) -> None:
    server = script(trouble)
    with pytest.raises(ApiError, match="after 4 attempts"):
        read(server)
    assert len(server.seen) == 4


@pytest.mark.parametrize("refused", FINAL, ids=name)
@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
def test_a_refusal_is_never_sent_again(refused: Reply, request_: Request | None) -> None:
    server = script(refused, OK)
    with pytest.raises(failures.Failure) as caught:
        read(server) if request_ is None else write(server, request_)
    assert len(server.seen) == 1
    assert caught.value.status == refused.status
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("trouble", [*PASSING, DROPPED, TLS_BROKEN], ids=name)
@pytest.mark.parametrize("request_", [UPDATE, REMOVE], ids=["update", "remove"])
def test_a_write_of_absolute_values_is_repeated_like_a_read(trouble: Reply | Exception, request_: Request) -> None:
    server = script(trouble, trouble, trouble, OK)
    assert write(server, request_) == {"id": "x"}
    assert [(seen.method, seen.body) for seen in server.seen] == [(server.seen[0].method, server.seen[0].body)] * 4


@pytest.mark.parametrize("trouble", LOST, ids=name)
@pytest.mark.parametrize("later", [None, refusal(429), refusal(404), refusal(400)], ids=["same", "429", "404", "400"])
def test_a_write_that_may_have_happened_is_never_called_a_failure(
    trouble: Reply | Exception, later: Reply | None
) -> None:
    """A 404 after a lost answer to a removal may be the success of the first attempt."""
    with pytest.raises(OutcomeUnknown, match="it is unknown whether it took effect"):
        write(script(trouble, *([later] if later else [])), REMOVE)


@pytest.mark.parametrize("trouble", LOST, ids=name)
def test_a_create_whose_answer_is_lost_is_not_sent_again(trouble: Reply | Exception) -> None:
    server = script(trouble, OK)
    with pytest.raises(OutcomeUnknown):
        write(server, CREATE)
    assert len(server.seen) == 1


@pytest.mark.parametrize("trouble", [reply for reply in LOST if isinstance(reply, Reply)], ids=name)
def test_a_server_that_asks_for_a_repeat_does_not_get_a_second_create(trouble: Reply) -> None:
    server = script(Reply(trouble.status, trouble.body, {"x-should-retry": "true", "retry-after": "1"}), OK)
    with pytest.raises(OutcomeUnknown):
        write(server, CREATE)
    assert len(server.seen) == 1


@pytest.mark.parametrize("trouble", [refusal(429), BUSY], ids=name)
def test_a_create_that_surely_did_not_happen_is_sent_again(trouble: Reply) -> None:
    server = script(trouble, trouble, trouble, OK)
    assert write(server, CREATE) == {"id": "x"}


@pytest.mark.parametrize("trouble", [refusal(429), BUSY], ids=name)
def test_a_create_that_is_refused_to_the_end_surely_did_not_happen(trouble: Reply) -> None:
    with pytest.raises(failures.Failure) as caught:
        write(script(trouble), CREATE)
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("refused", [refusal(409), refusal(400, "concurrent_membership_change")], ids=["409", "400"])
def test_any_other_conflict_of_a_create_is_a_refusal(refused: Reply) -> None:
    server = script(refused, OK)
    with pytest.raises(failures.Rejected):
        write(server, CREATE)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "says", "attempts"),
    [(500, "false", 1), (429, "false", 1), (409, "false", 1), (422, "true", 4), (422, "maybe", 1)]
    + [(status, "true", 1) for status in (400, 401, 403, 404)],
)
def test_x_should_retry_is_honoured_except_for_refusals_that_cannot_pass(status: int, says: str, attempts: int) -> None:
    server = script(refusal(status, x_should_retry=says))
    with pytest.raises(failures.Failure):
        read(server)
    assert len(server.seen) == attempts


def test_without_being_told_it_waits_longer_each_time() -> None:
    server = script(refusal(500))
    with pytest.raises(failures.Unavailable):
        read(server)
    assert server.times == [0.0, 0.5, 1.5, 3.5]


def test_chance_shortens_the_waits_by_up_to_a_quarter() -> None:
    server = script(refusal(500))
    with pytest.raises(failures.Unavailable):
        read(server, chance=1.0)
    assert server.times == [0.0, 0.375, 1.125, 2.625]


MINUTE = 60.0


def busy_until(seconds: float, **headers: str) -> Server:
    """A server whose requests of this minute are used up by somebody else."""
    return Server(lambda seen: OK if seen.at >= seconds else refusal(429, **headers))


@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
@pytest.mark.parametrize("headers", [{}, {"retry_after": "1"}], ids=["says nothing", "says too little"])
def test_a_429_is_outlasted_however_little_the_server_says(request_: Request | None, headers: dict[str, str]) -> None:
    server = busy_until(2 * MINUTE, **headers)
    assert (read(server) if request_ is None else write(server, request_)) == {"id": "x"}
    assert len(server.seen) < 15


@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
def test_a_429_that_does_not_pass_is_given_up_after_three_minutes(request_: Request | None) -> None:
    server = script(refusal(429))
    with pytest.raises(failures.RateLimited, match="after 12 attempts"):
        read(server) if request_ is None else write(server, request_)
    assert server.times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5, 151.5, 181.5]


def test_a_429_does_not_use_up_the_attempts_of_other_troubles() -> None:
    busy, failing = refusal(429), refusal(500)
    assert read(script(busy, failing, busy, failing, busy, failing, busy, OK)) == {"id": "x"}
    with pytest.raises(failures.Unavailable):
        read(script(busy, failing, busy, failing, busy, failing, busy, failing))


DATE = formatdate(EPOCH + 7, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "2.25"}, 2.25),
        ({"retry_after": "120"}, 120.0),
        ({"retry_after": DATE}, 7.0),
        ({"retry_after": DATE.replace("GMT", "-0000")}, 7.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after_ms": "1500", "retry_after": "60"}, 1.5),
        ({"retry_after_ms": "soon", "retry_after": "60"}, 60.0),
        ({"retry_after_ms": "0", "retry_after": "60"}, 60.0),
        ({"retry_after": "0"}, 0.5),
        ({"retry_after": "-5"}, 0.5),
        ({"retry_after": "nan"}, 0.5),
        ({"retry_after": "soon"}, 0.5),
        ({"retry_after": ""}, 0.5),
        ({"retry_after": formatdate(EPOCH - 7, usegmt=True)}, 0.5),
    ],
)
def test_it_waits_as_long_as_the_server_asks(status: int, headers: dict[str, str], seconds: float) -> None:
    server = script(refusal(status, **headers), OK)
    read(server)
    assert server.times == [0.0, seconds]


@pytest.mark.parametrize(
    ("header", "told"), [("121", "121"), ("86400", "86400"), ("inf", "inf"), (formatdate(EPOCH + 600), "600")]
)
@pytest.mark.parametrize("request_", [None, UPDATE, CREATE], ids=["read", "update", "create"])
def test_a_wait_beyond_reason_fails_at_once_and_is_told(header: str, told: str, request_: Request | None) -> None:
    server = script(refusal(429, retry_after=header))
    with pytest.raises(failures.RateLimited, match=f"the server asks to wait {told} seconds"):
        read(server) if request_ is None else write(server, request_)
    assert server.times == [0.0]


@given(st.text(), st.text())
def test_no_header_can_break_the_reading_of_it(milliseconds: str, seconds: str) -> None:
    asked = asked_wait({"retry-after-ms": milliseconds, "retry-after": seconds}, lambda: EPOCH)
    assert asked is None or asked > 0


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ([refusal(429, retry_after="20"), OK], [(LIMIT_REACHED, 20.0, 180.0)]),
        ([refusal(429), refusal(429), OK], [(LIMIT_REACHED, 0.5, 180.0), (LIMIT_REACHED, 1.0, 180.0)]),
        ([refusal(503, retry_after="60"), OK], [(NO_ANSWER, 60.0, 180.0)]),
        ([DROPPED, OK], [(NO_ANSWER, 0.5, 1.5)]),
        ([OK], []),
    ],
)
def test_whoever_wants_to_know_is_told_of_every_wait(
    replies: list[Reply | Exception], told: list[tuple[str, float, float]]
) -> None:
    heard = []

    async def main() -> None:
        async with client(script(*replies), on_wait=lambda *wait: heard.append(wait)) as api:
            await api.reader.get(ME)

    simulated(main)
    assert heard == told
