"""When a call is sent again, and how long to wait before. Facts: admin-api §4; why tenacity: docs/decisions/0002."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, retry_if_result, wait_exponential

from orgsync.api.answers import Answer, Call, Trouble
from orgsync.api.budget import Bound
from orgsync.api.codes import REPEATABLE, Meaning
from orgsync.api.failures import LONGEST_WAIT, failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tenacity import RetryCallState

    from orgsync.api.budget import Spent
    from orgsync.api.limiter import Timing

    Begin = Callable[[], None]
    OnWait = Callable[[str, float, float], None]
    """Is told why, for how many seconds, and for how many at most in all."""

ATTEMPTS = 4
"""How often a call is sent for any trouble but 429."""

LIMITED_FOR = 180.0
"""Seconds to wait in all for a 429 to pass: whoever used up a minute's requests may use up the next one, too."""

TOO_MANY = 429
LIMIT_REACHED = "the API's request limit is reached"
NO_ANSWER = "the API is unavailable"
_FINAL = frozenset({400, 401, 403, 404})
_PASSING = frozenset({408, 409, TOO_MANY})
_backoff = wait_exponential(multiplier=0.5, exp_base=2, max=30)  # seconds: 0.5, 1, 2, 4, 8, 16, 30, 30, ...


def at_once() -> None:
    """Nothing is to be done before a call is sent."""


def harmless(trouble: Trouble) -> bool:
    """Whether to repeat a read, or a write that sets absolute values."""
    if trouble.bound not in {None, Bound.REQUEST}:
        return False  # it would be as much again, or more of what is used up
    if trouble.retry_after is not None and trouble.retry_after > LONGEST_WAIT:
        return False
    status = trouble.status
    if status is None:
        return True
    if status in _FINAL or trouble.should_retry is False:
        return False
    if (meaning := _meaning(trouble)) is not None:
        return meaning in REPEATABLE
    return trouble.should_retry is True or trouble.malformed or status in _PASSING or status >= 500


def surely_undone(trouble: Trouble) -> bool:
    """Whether to repeat a write that makes something new: only where it surely did not happen."""
    undone = trouble.status == TOO_MANY or _meaning(trouble) is Meaning.UNDONE or not trouble.sent
    return harmless(trouble) and undone


def _meaning(trouble: Trouble) -> Meaning | None:
    return None if trouble.code is None else trouble.code.meaning


class Retries:
    """Sends a call up to four times, and more often where all that is wrong is that there were too many."""

    def __init__(
        self,
        attempt: Callable[[Call, Begin], Awaitable[Answer | Trouble]],
        timing: Timing,
        spent: Spent,
        on_wait: OnWait | None = None,
    ) -> None:
        self._attempt = attempt
        self._timing = timing
        self._spent = spent
        self._on_wait = on_wait

    async def answer(self, call: Call, repeatable: Callable[[Trouble], bool], begin: Begin = at_once) -> Answer:
        """The answer. Raises a Failure; OutcomeUnknown where a write may have happened.

        `begin` is called before the call is sent for the first time; what it raises is raised.
        """
        first = await self._attempt(call, begin)
        if isinstance(first, Answer):  # as nearly all do: they cost no conversation about what to do next
            return first
        troubles: list[Trouble] = []

        async def once() -> Answer | Trouble:
            result = await self._attempt(call, at_once) if troubles else first
            if isinstance(result, Trouble):
                troubles.append(result)
            return result

        # Made anew for every call: one AsyncRetrying keeps the state of one conversation only.
        retrying = AsyncRetrying(
            sleep=self._timing.sleep if call.writes else self._pause,
            stop=lambda state: _enough(troubles, waited=state.idle_for),
            wait=self._wait,
            before_sleep=self._tell,
            retry=retry_if_result(lambda result: isinstance(result, Trouble) and repeatable(result)),
            retry_error_callback=_last_result,
        )
        result: Answer | Trouble = await retrying(once)
        if isinstance(result, Answer):
            return result
        raise failure(call, troubles)

    async def _pause(self, seconds: float) -> None:
        """Between two attempts of a read: part of the time that reads may take."""
        with self._spent.stopwatch:
            await self._timing.sleep(max(0.0, min(seconds, self._spent.seconds_left)))

    def _tell(self, state: RetryCallState) -> None:
        trouble, seconds = _last_result(state), state.upcoming_sleep
        if self._on_wait is None or not isinstance(trouble, Trouble):
            return
        if trouble.status == TOO_MANY:
            self._on_wait(LIMIT_REACHED, seconds, max(LIMITED_FOR, seconds))
        else:
            self._on_wait(NO_ANSWER, seconds, seconds * (ATTEMPTS - 1))

    def _wait(self, state: RetryCallState) -> float:
        trouble, own = _last_result(state), _backoff(state) * (1 - 0.25 * self._timing.chance())
        if not isinstance(trouble, Trouble) or trouble.retry_after is None:
            return own
        # Refused again after the wait that was asked for: others were faster. Asking as fast as they do helps nobody.
        return max(trouble.retry_after, own) if trouble.status == TOO_MANY else trouble.retry_after


def _enough(troubles: Sequence[Trouble], *, waited: float) -> bool:
    """Whether to give up. A 429 says that nothing was done, so it costs nothing but time to ask again."""
    others = sum(trouble.status != TOO_MANY for trouble in troubles)
    return others >= ATTEMPTS or (troubles[-1].status == TOO_MANY and waited >= LIMITED_FOR)


def asked_wait(headers: Mapping[str, str], wall_clock: Callable[[], float]) -> float | None:
    """Seconds the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.

    None where it does not ask, asks for nothing, or cannot be understood. `headers` are looked up in lower case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    return _number(text) or _until(text, wall_clock)


def asked_again(headers: Mapping[str, str]) -> bool | None:
    """What `x-should-retry` says; None where it says neither true nor false."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if number > 0 and not math.isnan(number) else None


def _until(text: str | None, wall_clock: Callable[[], float]) -> float | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    if moment.tzinfo is None:  # RFC 5322 reads "-0000" as "UTC, place unknown"
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.fromtimestamp(wall_clock(), UTC)).total_seconds()
    return seconds if seconds > 0 else None


def _last_result(state: RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None
