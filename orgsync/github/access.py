"""Which repository on which GitHub, and the token for it. The token is never part of a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orgsync.api.redaction import Redactor
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
REPOSITORY = "GITHUB_REPOSITORY"
API_URL = "GITHUB_API_URL"
DEFAULT_API_URL = "https://api.github.com"

_TOKEN = re.compile(r"[\x21-\x7e]+")
_REPOSITORY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*")
_PLAIN_URL = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to write to one repository."""

    repository: str
    url: str
    token: str = field(repr=False)

    def masked(self, text: str) -> str:
        """`text` without the token or a part of it, whoever put it there."""
        return Redactor(self.token).masked(text)


def access(env: Mapping[str, str]) -> Access:
    """What GitHub puts into the environment of a job. Raises UsageError where it is missing or unsafe."""
    token = env.get(TOKEN, "")
    if not token:
        raise UsageError(f"{TOKEN} is not set", hint="in a workflow: env: {GITHUB_TOKEN: ${{ github.token }}}")
    if not _TOKEN.fullmatch(token):
        raise UsageError(f"{TOKEN} contains a space, a line break or another invalid character")
    repository = env.get(REPOSITORY, "")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(
            f"{REPOSITORY} is not set, or is not a repository", hint="use OWNER/NAME, such as acme/console"
        )
    return Access(repository, _api_url(env.get(API_URL) or DEFAULT_API_URL), token)


def _api_url(text: str) -> str:
    """The base of the API, if a token may be sent there. It is not quoted: it may hold a password."""
    try:
        url = urlsplit(text)
        host = url.hostname
        _ = url.port
    except ValueError:
        raise UsageError(f"{API_URL} is not a URL", hint=f"for example {DEFAULT_API_URL}") from None
    if not _PLAIN_URL.fullmatch(text) or not host or "@" in url.netloc or url.query or url.fragment:
        raise UsageError(f"{API_URL} is not a valid URL with a host", hint=f"for example {DEFAULT_API_URL}")
    if url.scheme != "https" and not (url.scheme == "http" and _is_this_machine(host)):
        raise UsageError(f"{API_URL} must start with https:// (http:// is accepted for this machine only)")
    return text.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
