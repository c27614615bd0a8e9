"""What can go wrong: `SandboxError` for the person running the sandbox, `Refusal` for the client calling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class SandboxError(Exception):
    """The state file, the seed or the faults cannot be used. The message says why, one line for each problem."""

    @classmethod
    def listing(cls, subject: str, problems: Iterable[str]) -> SandboxError:
        """All problems of one input in one error, in the order they were found."""
        return cls("\n".join([f"{subject}:", *(f"  {problem}" for problem in problems)]))


class NotInvited(SandboxError):
    """Somebody without a pending invite cannot accept one."""


class Unusable(SandboxError):
    """The state file cannot be used now: it is locked, read-only, or its disk is full."""


class Refusal(Exception):
    """An answer outside 2xx: status, message and perhaps an error code.

    Raised, what was written is undone. What a handler returns instead of raising it, was done and is told as an error.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = dict(details) if details else None
        self.headers = dict(headers or {})


ERROR_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error_type(status: int) -> str:
    """The `error.type` that goes with a status (Admin API: errors); other 4xx share one type, other 5xx another."""
    fallback = "api_error" if status >= 500 else "invalid_request_error"
    return ERROR_TYPES.get(status, fallback)


def envelope(refusal: Refusal, request_id: str, kind: str | None = None) -> dict[str, Any]:
    """The JSON body of an error. `details` is absent, not null, when the error has no code."""
    error: dict[str, Any] = {"type": kind or error_type(refusal.status), "message": refusal.message}
    if refusal.details:
        error["details"] = refusal.details
    return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str, error_code: str | None = None, **details: str) -> Refusal:
    """400, with a code only where the API has one."""
    return Refusal(400, message, details={"error_code": error_code, **details} if error_code else None)


def forbidden(message: str, error_code: str | None = None) -> Refusal:
    """403, with a code only where the API has one."""
    return Refusal(403, message, details={"error_code": error_code} if error_code else None)


def not_found(what: str, identifier: str) -> Refusal:
    """404. The API has no codes for these: there is no `user_not_found`."""
    return Refusal(404, f"{what} not found: {identifier}")
