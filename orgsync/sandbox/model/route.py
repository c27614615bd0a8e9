"""One endpoint: method, path, handler, and what a caller needs for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; `template` is its path below `/v1/organizations`.

    scope         what a scoped key needs
    org_admin     only an OAuth token reaches it: keys of every sort are refused
    item          a read that may lag
    console_only  no endpoint of the API, but what a colleague does in the Console
    enterprise    whether Claude Enterprise organizations have it
    e_mails       the field of its body that says who gets an e-mail
    """

    method: str
    template: str
    handler: Callable[..., Any]
    scope: str | None = None
    org_admin: bool = False
    item: bool = False
    console_only: bool = False
    enterprise: bool = True
    e_mails: str | None = None

    @property
    def writes(self) -> bool:
        """Whether a client of the API can change something with it."""
        return self.method != "GET" and not self.console_only


def not_in_enterprise(*routes: Route) -> tuple[Route, ...]:
    """The same endpoints, which Claude Enterprise organizations do not have."""
    return tuple(replace(route, enterprise=False) for route in routes)
