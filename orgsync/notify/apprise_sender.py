"""Sends one message to every service that was named. The URLs hold secrets: they are never printed, by anybody."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orgsync.errors import UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from apprise import NotifyBase
    from apprise.result import NotifyResult

TIMEOUT_SECONDS = 30.0
"""After which a service that does not answer has failed."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}(?=://)", re.IGNORECASE)
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")


class Sender:
    """Knows where to send to. Raises UsageError, without a URL in it, for one that no service has."""

    def __init__(self, urls: Sequence[str]) -> None:
        with _silent():
            self._services = [_service(url, number) for number, url in enumerate(urls, start=1)]

    def __bool__(self) -> bool:
        return bool(self._services)

    def send(self, title: str, body: str, *, bad: bool) -> list[str]:
        """Sends plain text, which Apprise turns into what each service shows. Answers with what failed, in words."""
        from apprise import Apprise, NotifyFormat, NotifyType

        kind = NotifyType.WARNING if bad else NotifyType.SUCCESS
        failures = []
        with _silent():
            for number, (name, service) in enumerate(self._services, start=1):
                one = Apprise(asset=service.asset)
                one.add(service)
                results = list(one.notify(body, title, notify_type=kind, body_format=NotifyFormat.TEXT))
                if not (results and all(results)):
                    failures.append(f"notification service {number} ({name}) rejected the message{_why(results)}")
        return failures


def _service(url: str, number: int) -> tuple[str, NotifyBase]:
    """The service behind a URL, and its scheme, which is all that is ever told of it."""
    require("notify", "notifications require")
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="orgsync",
        app_desc="orgsync",
        async_mode=False,
        http_redirects=False,
        interpret_escapes=False,  # or a name that is spelled out would be put together again
        service_timeout=TIMEOUT_SECONDS,
    )
    found = _SCHEME.match(url)
    name = found[0].lower() if found else "no scheme"
    try:
        service = Apprise.instantiate(url, asset=asset)
    except Exception:  # whatever a plug-in raises may quote the URL
        service = None
    if service is None:
        raise UsageError(
            f"notification URL {number} ({name}) cannot be used",
            hint="see https://appriseit.com for the form of each service's URL; it is not shown, because it is secret",
        )
    return name, service


def _why(results: Iterable[NotifyResult]) -> str:
    """The HTTP status, where there was one. Apprise's own words are not passed on: some quote tokens."""
    for result in results:
        for entry in result.logs():
            status = _STATUS.search(entry.message)
            if status:
                return f" (HTTP {status[1]})"
    return ""


@contextmanager
def _silent() -> Iterator[None]:
    """Without Apprise's log: Python prints warnings of whoever has no handler, and some of these hold a token."""
    loggers = [logging.getLogger(name) for name in ("apprise", "requests", "urllib3")]
    before = [(logger.propagate, list(logger.handlers)) for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.handlers = [logging.NullHandler()]
    try:
        yield
    finally:
        for logger, (propagate, handlers) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = propagate, handlers
