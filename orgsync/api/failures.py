"""Every way the API can fail, as errors for a person: what was asked, what came back, what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.errors import ApiError, OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.api.answers import Call, Trouble

LONGEST_WAIT = 120.0
"""Seconds. What a server may ask for with `retry-after` before waiting is no longer reasonable."""

_CREDENTIAL = (
    "use an Admin key that is neither expired nor revoked (ANTHROPIC_ADMIN_KEY), or an OAuth token with the scope"
    " org:admin (ANTHROPIC_AUTH_TOKEN)"
)


class Failure(ApiError):
    """The API refused, or gave no usable answer.

    `status` is None where no whole answer arrived; `error_code` is the machine-readable code (admin-api §3.3),
    `api_message` the API's own words, `request_id` what its support asks for.
    """

    def __init__(self, message: str, trouble: Trouble | None = None, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = None if trouble is None else trouble.status
        self.by_the_api = trouble is not None and trouble.error_type is not None
        self.error_code = trouble and trouble.error_code
        self.api_message = trouble.message if trouble and trouble.status else None
        self.request_id = trouble and trouble.request_id


class Unauthorized(Failure):
    """401: the credential is malformed, revoked or expired."""

    hint = _CREDENTIAL


class Forbidden(Failure):
    """403: the credential is known, but may not do this."""

    hint = f"{_CREDENTIAL}; a key that belongs to one workspace cannot manage the organization"


class NotFound(Failure):
    """404: there is no such thing, or the credential may not see it."""


class Rejected(Failure):
    """Any other 4xx: the request itself is refused, and sending it again would not help."""


class RateLimited(Failure):
    """429, although the request was repeated."""

    hint = "somebody else uses up the organization's requests; try again in a minute, or lower --requests-per-minute"


class Unavailable(Failure):
    """408 or 5xx (529 is "overloaded"), although the request was repeated."""

    hint = "the API has a problem of its own; try again later"


class Unreachable(Failure):
    """No connection, or it broke before the whole answer was here."""

    hint = "check the network, HTTPS_PROXY and ANTHROPIC_BASE_URL"


class Malformed(Failure):
    """A success that is not a JSON object: HTML, half an answer, something between here and the API."""

    hint = "check ANTHROPIC_BASE_URL, and whether a proxy answers in place of the API"


class Redirected(Failure):
    """3xx. Never followed: the credential would be sent to wherever the answer points."""

    hint = "redirects are not followed, because the credential would go along; correct ANTHROPIC_BASE_URL"


class IncompleteRead(Failure):
    """A list could not be proven complete, so none of it is used."""

    hint = "run the command again; nothing was concluded from the part that could be read"


class AnswerLost(Failure, OutcomeUnknown):
    """OutcomeUnknown with the facts of the last attempt."""

    hint = "look at the live organization before this is sent again"


_BY_STATUS: dict[int, type[Failure]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    429: RateLimited,
}

_SPEND_LIMITS = "spend limits by API are in early access: ask Anthropic, or set this limit in the Console"
_KEY_LIMIT = "deactivate or archive a key first"

# By error code (admin-api §3.3): what to do. A code that is not here gets the hint of its class.
HINTS: dict[str, str] = {
    "already_member": "this address belongs to a member already; run `orgsync plan` again",
    "invite_already_exists": "a pending invite exists for this address; run `orgsync plan` again",
    "cannot_invite_emails_with_unverified_domains": "verify the domain for the parent organization, or use another"
    " address",
    "email_domain_not_allowed": "the organization only allows certain e-mail domains; an admin can change the list",
    "org_member_limit_exceeded": "remove members or withdraw invites first (pending invites count), or ask Anthropic",
    "cannot_remove_last_member": "an organization keeps at least one member",
    "concurrent_membership_change": "another membership change is running; try again in a moment",
    "org_api_key_limit_exceeded": _KEY_LIMIT,
    "workspace_api_key_limit_exceeded": _KEY_LIMIT,
    "workspace_member_limit_exceeded": "remove members of this workspace first, or ask Anthropic",
    "external_key_validation_timed_out": "try again in a minute",
    "external_key_changed": "the key changed while it was checked; try again",
    "workspace_policy_violation": "the organization's Workspace Policy forbids this; an admin can change it in the"
    " Console",
    "organization_type_not_supported": "this kind of organization does not have the endpoint",
    "spend_limits_admin_api_writes_not_enabled": _SPEND_LIMITS,
    "sandbox_egress_restricted": "this runs inside a network-restricted Claude sandbox, which may not change an"
    " organization; run orgsync elsewhere",
    "organization_on_hold": "Anthropic has put the organization on hold",
}


def failure(call: Call, troubles: Sequence[Trouble]) -> Failure:
    """The error for a call that failed as often as it was tried; `troubles` has one entry per attempt, at least one.

    A write of which any attempt may have taken effect is AnswerLost, whatever came later: a 404 after a lost answer
    to a removal may well be the success of the first attempt.
    """
    last = troubles[-1]
    message = f"{call}: {_told(last)}{_notes(last, len(troubles))}"
    if call.writes and any(trouble.may_have_happened for trouble in troubles):
        return AnswerLost(f"{message}; it may or may not have happened", last)
    return _class(last)(message, last, hint=_hint(last))


def _class(trouble: Trouble) -> type[Failure]:
    status = trouble.status
    if trouble.malformed:
        return Malformed
    if status is None:
        return Unreachable
    if status < 400:  # 2xx is an Answer or malformed
        return Redirected
    return _BY_STATUS.get(status, Rejected if status < 500 else Unavailable)


def _told(trouble: Trouble) -> str:
    code = trouble.error_code and f"({trouble.error_code})"
    head = " ".join(str(part) for part in (trouble.status, trouble.error_type, code) if part)
    return f"{head}: {trouble.message}" if head else trouble.message


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


def _hint(trouble: Trouble) -> str | None:
    if "CERTIFICATE_VERIFY_FAILED" in trouble.message:
        return "if your network inspects TLS, set SSL_CERT_FILE to your organization's CA bundle"
    hint = HINTS.get(trouble.error_code or "")
    return f"{hint}; appeal at {trouble.appeal_url}" if hint and trouble.appeal_url else hint
