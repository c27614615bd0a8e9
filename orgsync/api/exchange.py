"""One attempt at one call: sent behind the limiter, and whatever comes back turned into an Answer or a Trouble."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING, Any

import httpx

from orgsync.api.answers import Answer, Call, Details, FailedCheck, Trouble
from orgsync.api.body import body_of, parsed
from orgsync.api.budget import Bound
from orgsync.api.failures import LONGEST_WAIT, Unsendable
from orgsync.api.retry import asked_again, asked_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.api.budget import Spent
    from orgsync.api.limiter import Limiter
    from orgsync.api.redaction import Redactor
    from orgsync.api.retry import Begin

# Nothing left this machine for the API: no connection, or the proxy refused to make one.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# Endpoints that answer only to a beta header (admin-api §1).
_BETAS = {
    "/v1/organizations/spend_limits": "spend-limit-reads-2026-09-26",
    "/v1/organizations/analytics/cost": "analytics-usage-cost-2026-08-24",
    "/v1/organizations/analytics/usage": "analytics-usage-cost-2026-08-24",
}
# No empty segment (`DELETE /users/` for a user without an id), no dot segments, nothing that starts a query.
_PATH = re.compile(r"/v1(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~%@:+-]+)+")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~%@:+-]+")
_SNIPPET = 200
_MOST_CHECKS = 20


class Exchange:
    """Sends calls over one httpx client. Raises nothing for what the network or the server does."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        limiter: Limiter,
        redactor: Redactor,
        spent: Spent,
        *,
        wall_clock: Callable[[], float],
        on_request: Callable[[str, str], None] | None,
    ) -> None:
        self._http = http
        self._limiter = limiter
        self._redactor = redactor
        self._clean = redactor.clean
        self._spent = spent
        self._wall_clock = wall_clock
        self._on_request = on_request

    async def attempt(self, call: Call, begin: Begin) -> Answer | Trouble:
        """Send it once, after `begin`, and raise what that raises. Raises Unsendable where the path is none."""
        request = self._request(call)
        started = await self._limiter.start()
        seconds, bound = self._time_for(call)
        if seconds <= 0:
            self._limiter.give_back(started)
            return self._given_up(bound, sent=False)
        try:
            begin()
        except BaseException:
            self._limiter.give_back(started)
            raise
        if self._on_request is not None:
            self._on_request(call.method, call.path)
        try:
            async with asyncio.timeout(seconds):
                if call.writes:
                    return await self._exchanged(request, None)
                with self._spent.stopwatch:
                    return await self._exchanged(request, self._spent)
        except TimeoutError:
            return self._given_up(bound)
        except (httpx.RequestError, ssl.SSLError) as error:  # httpx lets a TLS failure in mid-connection through
            # The exception itself goes no further: it can quote bytes of the answer, and so the credential.
            return Trouble(
                self._clean(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__),
                sent=not isinstance(error, _NOTHING_SENT),
                malformed=isinstance(error, httpx.DecodingError),
            )

    async def _exchanged(self, request: httpx.Request, spent: Spent | None) -> Answer | Trouble:
        response = await self._http.send(request, stream=True)
        try:
            body = await body_of(response, self._spent.budget, spent)
        finally:
            await response.aclose()
        return self._given_up(body) if isinstance(body, Bound) else self._judged(response, body)

    def _time_for(self, call: Call) -> tuple[float, Bound]:
        """How many seconds an attempt may take, and which bound says so."""
        most = self._spent.budget.request_seconds
        left = most if call.writes else self._spent.seconds_left
        return (left, Bound.READING) if left < most else (most, Bound.REQUEST)

    def _given_up(self, bound: Bound, *, sent: bool = True) -> Trouble:
        return Trouble(self._spent.budget.exceeded(bound), sent=sent, bound=bound)

    def _request(self, call: Call) -> httpx.Request:
        if not _PATH.fullmatch(call.path):
            raise Unsendable(self._clean(f"not a path of the Admin API: {call.path!r}"))
        needed = () if call.writes or call.path not in _BETAS else (_BETAS[call.path],)
        betas = ",".join(dict.fromkeys((*needed, *call.betas)))
        return self._http.build_request(
            call.method,
            call.path,
            params=dict(call.query) or None,
            json=None if call.body is None else dict(call.body),
            headers={"anthropic-beta": betas} if betas else None,
        )

    def _judged(self, response: httpx.Response, content: bytearray) -> Answer | Trouble:
        request_id = self._text(response.headers.get("request-id"))
        body = self._json(content)
        if response.is_success and isinstance(body, dict):
            return Answer(body, request_id)
        trouble = self._trouble(response, content, body, request_id)
        wait = trouble.retry_after
        if trouble.status == 429 and wait is not None and wait <= LONGEST_WAIT:
            self._limiter.hold(wait)
        return trouble

    def _trouble(self, response: httpx.Response, content: bytearray, body: Any, request_id: str | None) -> Trouble:
        envelope = _mapping(body)
        error = _mapping(envelope.get("error"))
        return Trouble(
            self._text(error.get("message")) or self._described(response, content),
            status=response.status_code,
            malformed=response.is_success,
            error_type=self._text(error.get("type")),
            details=self._details(_mapping(error.get("details"))),
            request_id=request_id or self._text(envelope.get("request_id")),
            should_retry=asked_again(response.headers),
            retry_after=asked_wait(response.headers, self._wall_clock),
        )

    def _details(self, details: dict[str, Any]) -> Details:
        return Details(
            error_code=self._text(details.get("error_code")),
            workspace_id=self._id(details.get("workspace_id")),
            field=self._text(details.get("field")),
            failed_checks=tuple(self._failed_checks(details.get("failed_checks"))),
            appeal_url=self._text(details.get("appeal_url")),
        )

    def _failed_checks(self, checks: Any) -> Iterator[FailedCheck]:
        """The checks that say what they are; of anything else there is nothing to tell."""
        for each in checks[:_MOST_CHECKS] if isinstance(checks, list) else ():
            row = _mapping(each)
            check = self._text(row.get("check"))
            if check is not None:
                yield FailedCheck(check, self._text(row.get("message")) or "", self._text(row.get("role")))

    def _json(self, content: bytearray) -> Any:
        """The body without the credential, or None; deep nesting ends in RecursionError, bad UTF-8 in a ValueError."""
        try:
            return self._redactor.without(parsed(content), content)
        except (ValueError, RecursionError):
            return None

    def _described(self, response: httpx.Response, content: bytearray) -> str:
        """What there is to say about an answer without an API message."""
        # Decoded here and not by `response.text`, which would use whatever codec the answer names.
        start = self._clean(content.decode(errors="replace").strip(), _SNIPPET)
        if response.is_redirect:
            return self._clean(f"a redirect to {response.headers.get('location', 'nowhere')}")
        if not start:
            return "an empty answer"
        kind = "an HTML page" if start.startswith("<") else "not a JSON object"
        return f"{kind}, beginning {start}" if response.is_success else start

    def _id(self, value: object) -> str | None:
        text = self._text(value)
        return text if text and _SEGMENT.fullmatch(text) else None

    def _text(self, value: object) -> str | None:
        return self._clean(value) if isinstance(value, str) and value else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
