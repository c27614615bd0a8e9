"""The limiter on a simulated clock: never too many starts, never a needless wait, and one gate for all."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.api.limiter import MINUTE, Limiter, seconds_for

from .support import Reply, Server, client, clock, refusal, simulated, timing

ARRIVALS = st.lists(st.floats(0, 200), max_size=40).map(sorted)


def starts(arrivals: list[float], per_minute: float | None, holds: dict[float, float] | None = None) -> list[float]:
    """When requests that arrive at these times start, in order; `holds` maps a time to the seconds held from then."""

    async def main() -> list[float]:
        limiter = Limiter(per_minute, timing())
        started: list[float] = []

        async def arrive(at: float) -> None:
            await asyncio.sleep(at)
            await limiter.start()
            started.append(clock())

        async def hold(at: float, seconds: float) -> None:
            await asyncio.sleep(at)
            limiter.hold(seconds)

        await asyncio.gather(*(hold(*item) for item in (holds or {}).items()), *(arrive(at) for at in arrivals))
        return started

    return simulated(main)


@settings(deadline=None)
@given(ARRIVALS, st.integers(1, 12))
def test_no_sixty_seconds_hold_more_starts_than_allowed(arrivals: list[float], limit: int) -> None:
    started = starts(arrivals, limit)
    assert all(later - earlier >= 60 for earlier, later in zip(started, started[limit:], strict=False))


@settings(deadline=None)
@given(ARRIVALS, st.integers(1, 12))
def test_nothing_waits_longer_than_the_limit_asks(arrivals: list[float], limit: int) -> None:
    started = starts(arrivals, limit)
    for index, (arrived, start) in enumerate(zip(arrivals, started, strict=True)):
        due = started[index - limit] + MINUTE if index >= limit else 0.0
        assert start == pytest.approx(max(arrived, due), abs=1e-6)


def test_the_first_ninety_go_at_once_and_the_next_after_a_minute() -> None:
    assert starts([0.0] * 181, 90) == pytest.approx([0.0] * 90 + [MINUTE] * 90 + [2 * MINUTE])


def test_who_came_first_starts_first() -> None:
    async def main() -> tuple[list[int], list[int]]:
        limiter = Limiter(7, timing())
        arrived: list[int] = []
        started: list[int] = []

        async def arrive(number: int) -> None:
            await asyncio.sleep(number % 3 if number < 30 else 30 + number)
            arrived.append(number)
            await limiter.start()
            started.append(number)

        await asyncio.gather(*(arrive(number) for number in range(60)))
        return arrived, started

    arrived, started = simulated(main)
    assert arrived == started


def test_unlimited_is_unlimited() -> None:
    assert starts([0.0] * 1000, None) == [0.0] * 1000


@pytest.mark.parametrize(("rate", "apart"), [(0.5, 2 * MINUTE), (1, MINUTE), (1.9, MINUTE)])
def test_a_rate_of_about_one_a_minute_rounds_to_the_safe_side(rate: float, apart: float) -> None:
    assert starts([0.0] * 3, rate) == pytest.approx([0.0, apart, 2 * apart])


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="positive number"):
        Limiter(rate, timing())


def test_a_hold_stops_even_the_unlimited() -> None:
    assert starts([0.0, 1.0, 2.0, 40.0], None, {0.5: 30.0}) == pytest.approx([0.0, 30.5, 30.5, 40.0])


def test_holds_do_not_add_up_and_a_shorter_one_does_not_open_the_gate() -> None:
    assert starts([2.0], None, {0.5: 10.0, 0.6: 10.0, 0.7: 1.0}) == pytest.approx([10.6])


def test_a_hold_that_comes_while_waiting_for_the_limit_counts() -> None:
    assert starts([0.0, 0.0], 1, {50.0: 30.0}) == pytest.approx([0.0, 80.0])


def test_a_start_given_up_is_not_counted_and_blocks_nobody() -> None:
    async def main() -> float:
        limiter = Limiter(1, timing())
        await limiter.start()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(limiter.start(), 5)
        await limiter.start()
        return clock()

    assert simulated(main) == pytest.approx(MINUTE)


def test_one_429_makes_everybody_wait_and_the_gate_opens_once() -> None:
    """Eight requests are out; the first is told to wait 30 seconds, and only it is sent again among those eight."""

    async def main() -> list[float]:
        server = Server(lambda seen: refusal(429, retry_after="30") if len(server.seen) == 1 else Reply(seconds=1.0))
        async with client(server) as api:
            await asyncio.gather(*(api.reader.get(f"/v1/organizations/users/user_{n}") for n in range(20)))
        return server.times

    assert simulated(main) == [0.0] * 8 + [30.0] * 8 + [31.0] * 5


def test_several_429s_at_once_are_one_wait() -> None:
    async def main() -> list[float]:
        server = Server(lambda seen: refusal(429, retry_after="10") if seen.at < 10 else Reply())
        async with client(server) as api:
            await asyncio.gather(*(api.reader.get(f"/v1/organizations/users/user_{n}") for n in range(8)))
        return server.times

    assert simulated(main) == [0.0] * 8 + [10.0] * 8


class Counter:
    """Three ways a server may count a hundred a minute (admin-api §16 row 25): which of them would have refused?"""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.level, self.checked = 100.0, 0.0

    def refuses(self, now: float) -> bool:
        self.times.append(now)
        self.level = min(100.0, self.level + (now - self.checked) * 100 / 60) - 1
        self.checked = now
        fixed = sum(1 for time in self.times if time // 60 == now // 60)
        sliding = sum(1 for time in self.times if time > now - 60)
        return fixed > 100 or sliding > 100 or self.level < 0


@examples(3)
@given(st.lists(st.floats(0, 70), min_size=1, max_size=20), st.lists(st.floats(0, 90), max_size=5))
def test_no_429_of_its_own_making_whatever_the_server_counts_and_the_network_delays(
    delays: list[float], pauses: list[float]
) -> None:
    """A request reaches the server some time after it was sent: the ten that are not used have to cover that."""

    async def main() -> int:
        counter = Counter()
        refused = 0
        arrived = 0

        async def app(scope: object, receive: object, send: object) -> None:
            nonlocal refused, arrived
            arrived += 1
            await asyncio.sleep(delays[arrived % len(delays)])
            refused += counter.refuses(clock())
            await Server(lambda _: Reply())(scope, receive, send)  # type: ignore[arg-type]

        async with client(app) as api:
            for pause in [*pauses, 0.0]:
                await asyncio.sleep(pause)
                paths = [f"/v1/organizations/users/user_{n}" for n in range(120)]
                await asyncio.gather(*(api.reader.get(path) for path in paths))
        return refused

    assert simulated(main) == 0


def test_two_limiters_that_share_their_starts_are_one() -> None:
    """A command that reads with one client and writes with another sends no minute's worth twice."""

    async def main() -> list[float]:
        known: deque[float] = deque()
        begun = []
        for limiter in (Limiter(90, timing(), known), Limiter(90, timing(), known)):
            for _ in range(60):
                await limiter.start()
                begun.append(clock())
        return begun

    assert simulated(main) == pytest.approx([0.0] * 90 + [MINUTE] * 30)


def test_a_narrower_limiter_honours_what_a_wider_one_started() -> None:
    async def main() -> float:
        known: deque[float] = deque()
        for _ in range(5):
            await Limiter(10, timing(), known).start()
        await Limiter(2, timing(), known).start()
        return clock()

    assert simulated(main) == pytest.approx(MINUTE)


@settings(deadline=None)
@given(ARRIVALS, st.integers(1, 12), st.integers(1, 40), st.floats(0, 100))
def test_what_it_foresees_is_what_it_does(arrivals: list[float], limit: int, requests: int, later: float) -> None:
    async def main() -> tuple[float, float]:
        known: deque[float] = deque()
        limiter = Limiter(limit, timing(), known)
        for at in arrivals:
            await asyncio.sleep(max(0.0, at - clock()))
            await limiter.start()
        await asyncio.sleep(later)
        foreseen, begun = seconds_for(requests, limit, known, clock()), clock()
        for _ in range(requests):
            await limiter.start()
        return foreseen, clock() - begun

    foreseen, took = simulated(main)
    assert took == pytest.approx(foreseen, abs=1e-6)


def test_without_a_limit_or_requests_nothing_is_foreseen() -> None:
    assert seconds_for(1_000, None, [], 5.0) == seconds_for(0, 90, [1.0] * 90, 5.0) == 0.0
