"""Which credential to use and where to send it, read from a mapping of environment variables. Nothing is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

ADMIN_KEY = "ANTHROPIC_ADMIN_KEY"
AUTH_TOKEN = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105  # the name of a variable
ORDINARY_KEY = "ANTHROPIC_API_KEY"
BASE_URL = "ANTHROPIC_BASE_URL"
DEFAULT_BASE_URL = "https://api.anthropic.com"

_SENDABLE = re.compile(r"[\x21-\x7e]+")
_PLAIN_URL = re.compile(r"[\x21-\x5b\x5d-\x7e]+")  # printable ASCII without the backslash, which parsers disagree about


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret and the variable it came from. Its repr shows the variable only.

    Raises UsageError where the value could not be sent in a header; the message never quotes it.
    """

    value: str = field(repr=False)
    variable: str = ADMIN_KEY

    @property
    def is_admin_key(self) -> bool:
        """Whether it is an Admin API key, by how such keys begin (Admin API: credentials)."""
        return self.value.startswith("sk-ant-admin")

    def __post_init__(self) -> None:
        if not _SENDABLE.fullmatch(self.value):
            raise UsageError(
                f"the value of {self.variable} is empty, or contains a space, a line break or a non-ASCII character",
                hint="copy it again, without a trailing line break",
            )


def credential(env: Mapping[str, str]) -> Credential:
    """The Admin key, else the OAuth token; an empty variable counts as unset. Raises UsageError where both are."""
    for variable in (ADMIN_KEY, AUTH_TOKEN):
        if value := env.get(variable):
            return Credential(value, variable)
    hint = "to try orgsync without an organization, add `--sandbox PATH`"
    if env.get(ORDINARY_KEY):
        raise UsageError(
            f"{ADMIN_KEY} is not set. {ORDINARY_KEY} is set, but is not used: the Admin API rejects ordinary keys, and"
            " a variable that many programs set must not select the organization",
            hint=hint,
        )
    raise UsageError(
        f"no credential: set {ADMIN_KEY} to an Admin key (created by an admin in the Console), or {AUTH_TOKEN} to an"
        " OAuth token with the scope org:admin",
        hint=hint,
    )


def base_url(env: Mapping[str, str]) -> str:
    """Where the API is, without a slash at the end. Raises UsageError where a credential must not be sent there."""
    return checked_base_url(env.get(BASE_URL) or DEFAULT_BASE_URL)


def checked_base_url(text: str) -> str:
    """`text` without a slash at the end, if it is https, or http to this machine; else UsageError.

    The messages do not quote the text: what is wrong with it may be that it holds a password.
    """
    if not _PLAIN_URL.fullmatch(text):
        raise UsageError(f"{BASE_URL} contains a space, a backslash, a control or a non-ASCII character")
    url = _split(text)
    if "@" in url.netloc:
        raise UsageError(f"{BASE_URL} must not contain a user name or password", hint=f"put the key into {ADMIN_KEY}")
    if "?" in text or "#" in text:
        raise UsageError(f"{BASE_URL} must not contain a query or a fragment")
    if not url.hostname:
        raise UsageError(f"{BASE_URL} is not a URL with a host", hint=f"for example {DEFAULT_BASE_URL}")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(text)):
        raise UsageError(f"{BASE_URL} must start with https:// (http:// is accepted for this machine only)")
    return text.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port  # parsed when asked for, so a port that is no number shows up here and not in the first request
    except ValueError:
        # Not chained: the ValueError quotes the text, which may hold a password.
        raise UsageError(f"{BASE_URL} is not a URL", hint=f"for example {DEFAULT_BASE_URL}") from None
    return url
