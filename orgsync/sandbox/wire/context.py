"""What one request carries through the sandbox: the call, who makes it, the organization it meets, the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import Refusal, envelope
from orgsync.sandbox.wire.switches import Part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from orgsync.sandbox.wire.store import Store
    from orgsync.sandbox.wire.switches import Credential, Settings

PREFIX = "/v1/organizations"
DEFAULT_WORKSPACE = "Default"
"""The name of the workspace that every organization has."""
PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as received. `console` marks what a colleague does in the Console: it skips the API's own refusals.

    `colleague` is the e-mail address of that one; None: the first admin.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    raw_query: str = ""
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    console: bool = False
    colleague: str | None = None

    @property
    def writes(self) -> bool:
        """Whether the request asks for a change."""
        return self.method != "GET"

    def one(self, name: str) -> str | None:
        """A query parameter that may be given once; the last one counts."""
        values = [value for key, value in self.query if key == name]
        return values[-1] if values else None

    def many(self, name: str) -> list[str] | None:
        """A repeatable query parameter in the bracket form of the API (`roles[]=a&roles[]=b`)."""
        values = [value for key, value in self.query if key == f"{name}[]"]
        return values or None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a handler may look at."""

    store: Store
    settings: Settings
    organization: Mapping[str, str]
    now: datetime
    call: Call
    caller: Credential
    request_id: str = ""

    @property
    def enterprise(self) -> bool:
        """Claude Enterprise instead of a Console organization."""
        return self.settings.organization_type == "enterprise"

    @property
    def written_now(self) -> str:
        """The organization's present, as timestamps are written."""
        return moments.written(self.now)

    def switches(self, shape: type[PartT]) -> PartT:
        """The switches that a resource brought itself."""
        if not isinstance(self.settings, shape):
            raise TypeError(f"{shape.__name__} belongs to no resource of this organization")
        return self.settings

    def new_id(self, prefix: str, content: str) -> str:
        """An id nothing else has, the same one when the same history is played again."""
        return ids.identifier(prefix, self.organization["id"], self.store.next_number(), content)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as sent."""

    status: int
    content: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        """The JSON of the response."""
        return json.loads(self.content)


def encoded(value: object) -> bytes:
    """JSON as the API sends it: UTF-8, no needless spaces."""
    # Half of a surrogate pair has no UTF-8, and is spelled as JSON does.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def answered(value: object, headers: Mapping[str, str]) -> Answer:
    """200: the Admin API answers every success with it, creates and deletes included."""
    return Answer(200, encoded(value), {"content-type": "application/json", **headers})


def refused(refusal: Refusal, settings: Settings, headers: Mapping[str, str]) -> Answer:
    """A refusal in the API's error envelope."""
    with_code = refusal.status == 503 and refusal.details is not None
    content = encoded(envelope(refusal, headers["request-id"], settings.coded_503_type if with_code else None))
    retried = settings.coded_503_should_retry
    told = {"x-should-retry": retried} if with_code and retried != "absent" else {}
    return Answer(refusal.status, content, {"content-type": "application/json", **headers, **told, **refusal.headers})
