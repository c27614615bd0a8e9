"""What one attempt asks and what comes back, as plain data: an Answer, or the Trouble there was instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orgsync.api.codes import MAY_HAVE_HAPPENED, Code, Meaning, known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.api.budget import Bound
    from orgsync.core.model.rows import Row

_PASSING = frozenset({408, 429})
"""Statuses below 500 that say nothing against the request itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, before it is sent any number of times."""

    method: str
    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    """A list is a parameter that is repeated."""
    body: Mapping[str, Any] | None = None
    betas: tuple[str, ...] = ()
    page: int = 0
    """Which page of a list it asks for, from 1; 0 where it asks for none."""

    @property
    def writes(self) -> bool:
        """Whether it could change something."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: the JSON object, and the request id the API gave it."""

    body: Row
    request_id: str | None


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """One check that external storage did not pass; `role` is the one in the cloud account that it was about."""

    check: str
    message: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What an error says as data, beside its message. All text is already masked and neutralised."""

    error_code: str | None = None
    workspace_id: str | None = None
    field: str | None = None
    """Of the request, where the error is about one."""
    failed_checks: tuple[FailedCheck, ...] = ()
    appeal_url: str | None = None


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one attempt brought no usable answer. All text is already masked and neutralised.

    Envelope and codes: admin-api §3; the two retry headers: admin-api §4.
    """

    message: str
    status: int | None = None
    """None where no whole answer arrived."""
    sent: bool = True
    """False only where surely nothing reached the server."""
    malformed: bool = False
    """Something answered, but not as the Admin API does."""
    bound: Bound | None = None
    """What was given up over, where it is the client itself that gave up."""
    error_type: str | None = None
    details: Details = NO_DETAILS
    request_id: str | None = None
    should_retry: bool | None = None
    retry_after: float | None = None
    """Seconds."""

    @property
    def code(self) -> Code | None:
        """What the table of codes says of this answer."""
        return known(self.details.error_code, self.status)

    @property
    def may_have_happened(self) -> bool:
        """Whether a write that met this may have taken effect: its code says so, or no refusal was received."""
        if self.code is not None and self.code.meaning is not None:
            return self.code.meaning in MAY_HAVE_HAPPENED
        if self.status is None:
            return self.sent
        return self.status < 300 or self.status == 408 or self.status >= 500

    @property
    def is_rejection(self) -> bool:
        """Whether the API itself rejects what was asked, and would reject it again."""
        if self.status is None or self.error_type is None or not 400 <= self.status < 500 or self.may_have_happened:
            return False
        if self.code is not None:
            return self.code.meaning is Meaning.REFUSED and not self.code.passes
        return self.status not in _PASSING
