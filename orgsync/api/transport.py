"""How bytes travel: one httpx client per process, over TLS, over loopback, or into an ASGI app in this process."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from orgsync.api.credentials import checked_base_url, is_loopback
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    Message = MutableMapping[str, Any]
    AsgiApp = Callable[
        [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
    ]

# Seconds an idle connection is kept. Shorter than what servers commonly keep (5 and more), so that a write does not
# meet a connection that is just being closed: its outcome would be unknown.
_KEEP_ALIVE = 4.0
_CONNECT = 10.0


class InProcess(httpx.AsyncBaseTransport):
    """Requests go straight into an ASGI app. ConnectionError: the connection broke; TimeoutError: no answer came."""

    def __init__(self, app: AsgiApp) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request. Raises httpx.ReadError and ReadTimeout as a socket would."""
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionError as error:
            raise httpx.ReadError("the connection was dropped", request=request) from error
        except TimeoutError as error:
            raise httpx.ReadTimeout("the request timed out", request=request) from error


def http_client(
    base_url: str, headers: Mapping[str, str], *, app: AsgiApp | None, timeout: float, connections: int
) -> httpx.AsyncClient:
    """The client, with its TLS context made once. `timeout` is seconds of silence. Raises UsageError.

    The one place where the environment is read, by httpx: SSL_CERT_FILE and SSL_CERT_DIR for https; HTTPS_PROXY,
    ALL_PROXY and NO_PROXY except for loopback, as a credential meant for this machine must not travel through a proxy.
    """
    limits = httpx.Limits(
        max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_KEEP_ALIVE
    )
    silence = httpx.Timeout(timeout, connect=min(timeout, _CONNECT))
    if app is not None:
        return httpx.AsyncClient(
            base_url=base_url, headers=headers, transport=InProcess(app), timeout=silence, trust_env=False
        )
    url = checked_base_url(base_url)
    outside = not is_loopback(url)
    try:
        return httpx.AsyncClient(
            base_url=url, headers=headers, verify=_tls(url), timeout=silence, limits=limits, trust_env=outside
        )
    except (httpx.InvalidURL, ImportError, OSError, ValueError) as error:
        raise UsageError(
            f"the HTTP client could not be set up: {type(error).__name__}",
            hint="check HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR (SOCKS needs httpx[socks])",
        ) from None  # not chained: the text may quote a proxy's password


def _tls(url: str) -> ssl.SSLContext:
    if urlsplit(url).scheme == "https":
        return httpx.create_ssl_context()
    # Plain http: httpx wants a context all the same, and reading the CA bundle is most of the cost of a client.
    # This one trusts nobody.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
