"""When a call is sent again, and how long to wait before. Facts: admin-api §4; why tenacity: docs/decisions/0002."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_exponential

from orgsync.api.answers import Answer, Call, Trouble
from orgsync.api.failures import LONGEST_WAIT, failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tenacity import RetryCallState

    from orgsync.api.limiter import Timing

ATTEMPTS = 4
_FINAL = frozenset({400, 401, 403, 404})
_PASSING = frozenset({408, 409, 429})
_backoff = wait_exponential(multiplier=0.5, exp_base=2, max=8)  # seconds: 0.5, 1, 2, 4, 8, 8, ...


def harmless(trouble: Trouble) -> bool:
    """Whether to repeat a read, or a write that sets absolute values."""
    if trouble.retry_after is not None and trouble.retry_after > LONGEST_WAIT:
        return False
    status = trouble.status
    if status is None:
        return True
    if status in _FINAL or trouble.should_retry is False:
        return False
    return trouble.should_retry is True or trouble.malformed or status in _PASSING or status >= 500


def surely_undone(trouble: Trouble) -> bool:
    """Whether to repeat a write that makes something new: only where it surely did not happen."""
    refused = trouble.status == 429 or (trouble.status, trouble.error_code) == (409, "concurrent_membership_change")
    return harmless(trouble) and (refused or not trouble.sent)


class Retries:
    """Sends a call up to four times."""

    def __init__(self, attempt: Callable[[Call], Awaitable[Answer | Trouble]], timing: Timing) -> None:
        self._attempt = attempt
        self._timing = timing

    async def answer(self, call: Call, repeatable: Callable[[Trouble], bool]) -> Answer:
        """The answer. Raises a Failure; OutcomeUnknown where a write may have happened."""
        troubles: list[Trouble] = []

        async def once() -> Answer | Trouble:
            result = await self._attempt(call)
            if isinstance(result, Trouble):
                troubles.append(result)
            return result

        # Made anew for every call: one AsyncRetrying keeps the state of one conversation only.
        retrying = AsyncRetrying(
            sleep=self._timing.sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            retry=retry_if_result(lambda result: isinstance(result, Trouble) and repeatable(result)),
            retry_error_callback=_last_result,
        )
        result: Answer | Trouble = await retrying(once)
        if isinstance(result, Answer):
            return result
        raise failure(call, troubles)

    def _wait(self, state: RetryCallState) -> float:
        trouble = _last_result(state)
        if isinstance(trouble, Trouble) and trouble.retry_after is not None:
            return trouble.retry_after
        return _backoff(state) * (1 - 0.25 * self._timing.chance())


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
