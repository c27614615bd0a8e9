"""Every way the API can fail, as errors for a person: what was asked, what came back, what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.api.answers import NO_DETAILS
from orgsync.api.budget import Bound
from orgsync.api.codes import CODES, Meaning
from orgsync.api.rejections import next_step
from orgsync.errors import USABLE_CREDENTIAL, ApiError, OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.api.answers import Call, Details, FailedCheck, Trouble

LONGEST_WAIT = 120.0
"""Seconds. What a server may ask for with `retry-after` before waiting is no longer reasonable."""

_OF_THE_CREDENTIAL = frozenset({401, 403})
"""Statuses that say who may not do this, and nothing of what was asked."""


class Failure(ApiError):
    """The API refused, or gave no usable answer.

    `status` is None where no whole answer arrived; `error_code` is the machine-readable code (admin-api §3.3),
    `details` what the API says as data, `request_id` what its support asks for.
    """

    def __init__(self, message: str, trouble: Trouble | None = None, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = None if trouble is None else trouble.status
        self.by_the_api = trouble is not None and trouble.error_type is not None
        self.details = NO_DETAILS if trouble is None else trouble.details
        self.error_code = self.details.error_code
        self.request_id = None if trouble is None else trouble.request_id
        self.rejected = trouble is not None and trouble.is_rejection
        code = None if trouble is None else trouble.code
        self.replan = code is not None and code.replan
        self.may_be_so = self.rejected and (self.status not in _OF_THE_CREDENTIAL if code is None else code.may_be_so)


class Unauthorized(Failure):
    """401: the credential is malformed, revoked or expired."""

    hint = USABLE_CREDENTIAL


class Forbidden(Failure):
    """403: the credential is known, but may not do this."""

    hint = f"{USABLE_CREDENTIAL}; a key that belongs to one workspace cannot manage the organization"


class NotFound(Failure):
    """404: there is no such thing, or the credential may not see it."""


class Rejected(Failure):
    """Any other 4xx: the request itself is refused, and sending it again would not help."""


class RateLimited(Failure):
    """429, although the request was repeated."""

    hint = "another client uses up the request limit; try again in a minute, or lower --requests-per-minute"


class Unavailable(Failure):
    """408 or 5xx (529 is "overloaded"), although the request was repeated."""

    hint = "the API reports an internal error; try again later"


class Unreachable(Failure):
    """No connection, or it broke before the whole answer was here."""

    hint = "check the network, HTTPS_PROXY and ANTHROPIC_BASE_URL"


class Malformed(Failure):
    """A success that is not a JSON object: HTML, half an answer, something between here and the API."""

    hint = "check ANTHROPIC_BASE_URL, and whether a proxy answers instead of the API"


class Redirected(Failure):
    """3xx. Never followed: the credential would be sent to wherever the answer points."""

    hint = "correct ANTHROPIC_BASE_URL; redirects are not followed, to protect the credential"


class Unsendable(Failure, ValueError):
    """What was asked for has no address in the API: an id that the API gave is none, or a caller made a mistake."""

    hint = "nothing was sent; check the id that the API returned"


class IncompleteRead(Failure):
    """A list could not be proven complete, so none of it is used."""

    hint = "run the command again; the incomplete list was not used"


class OverBudget(Failure):
    """More would have had to be read, or waited for, than the budget allows."""


class AnswerLost(Failure, OutcomeUnknown):
    """OutcomeUnknown with the facts of the last attempt."""

    def __init__(self, message: str, trouble: Trouble, *, hint: str | None = None) -> None:
        super().__init__(message, trouble, hint=hint)
        code = trouble.code
        if code is None:
            return
        self.accepted = code.meaning is Meaning.MADE
        self.made = trouble.details.workspace_id if self.accepted else None
        self.shown = code.shown or self.shown
        self.left = code.hint if code.stays and code.hint else ""


_BY_STATUS: dict[int, type[Failure]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    429: RateLimited,
}

_SHOWN_CHECKS = 3


def failure(call: Call, troubles: Sequence[Trouble]) -> Failure:
    """The error for a call that failed as often as it was tried; `troubles` has one entry per attempt, at least one.

    A write of which any attempt may have taken effect is AnswerLost, whatever came later: a 404 after a lost answer
    to a removal may well be the success of the first attempt.
    """
    last = troubles[-1]
    place = f"{call}, page {call.page}" if call.page and last.bound else call
    message = f"{place}: {_told(last)}{_notes(last, len(troubles))}"
    if call.writes and any(trouble.may_have_happened for trouble in troubles):
        became = (last.code and last.code.became) or "it is unknown whether it took effect"
        return AnswerLost(f"{message}; {became}", last, hint=_hint(last))
    return _class(last)(message, last, hint=_hint(last) or _hint_without_code(call, last))


def _class(trouble: Trouble) -> type[Failure]:
    status = trouble.status
    if trouble.bound is not None:
        return OverBudget
    if trouble.malformed:
        return Malformed
    if status is None:
        return Unreachable
    if status < 400:  # 2xx is an Answer or malformed
        return Redirected
    return _BY_STATUS.get(status, Rejected if status < 500 else Unavailable)


def _told(trouble: Trouble) -> str:
    code = trouble.details.error_code and f"({trouble.details.error_code})"
    head = " ".join(str(part) for part in (trouble.status, trouble.error_type, code) if part)
    told = f"{trouble.message}{_data(trouble.details)}"
    return f"{head}: {told}" if head else told


def _data(details: Details) -> str:
    """What the message need not repeat: which workspace, which field, which checks."""
    checks = [_failed(check) for check in details.failed_checks[:_SHOWN_CHECKS]]
    more = len(details.failed_checks) - len(checks)
    told = [
        details.workspace_id and f"workspace {details.workspace_id}",
        details.field and f"field {details.field}",
        *checks,
        more > 0 and f"and {more} more",
    ]
    return "".join(f"; {part}" for part in told if part)


def _failed(check: FailedCheck) -> str:
    of = f" of {check.role}" if check.role else ""
    return f"failed check {check.check}{of}: {check.message}" if check.message else f"failed check {check.check}{of}"


def _notes(trouble: Trouble, attempts: int) -> str:
    notes = [
        trouble.request_id and f"request id {trouble.request_id}",
        f"after {attempts} attempts" if attempts > 1 else "",
        f"the server asks to wait {trouble.retry_after:.0f} seconds" if _too_long(trouble) else "",
    ]
    told = ", ".join(note for note in notes if note)
    return f" [{told}]" if told else ""


def _too_long(trouble: Trouble) -> bool:
    return trouble.retry_after is not None and trouble.retry_after > LONGEST_WAIT


def more_of(bound: Bound) -> str:
    """The next step where a budget was not enough."""
    slow = bound in {Bound.REQUEST, Bound.READING}
    return f"if the {'connection is that slow' if slow else 'organization is that large'}, raise {bound.value}"


def _hint_without_code(call: Call, trouble: Trouble) -> str | None:
    """The next step after a rejection that no code explains. That of a rejected credential is in its class."""
    if not call.writes or not trouble.is_rejection or trouble.status in _OF_THE_CREDENTIAL:
        return None
    return next_step(call, trouble.status)


def _hint(trouble: Trouble) -> str | None:
    if trouble.bound is not None:
        return more_of(trouble.bound)
    if "CERTIFICATE_VERIFY_FAILED" in trouble.message:
        return "if your network inspects TLS, set SSL_CERT_FILE to your organization's CA bundle"
    code = CODES.get(trouble.details.error_code or "")
    hint, appeal = None if code is None else code.hint, trouble.details.appeal_url
    return f"{hint}; appeal at {appeal}" if hint and appeal else hint
