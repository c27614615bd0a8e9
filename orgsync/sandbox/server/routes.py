"""Every endpoint of the sandbox: which one a request is for, and whether its ids can be ids."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from starlette.routing import compile_path

from orgsync.sandbox.server.organization import COMPLIANCE, ME, SETTINGS
from orgsync.sandbox.wire.context import PREFIX, Call
from orgsync.sandbox.wire.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from re import Pattern

    from orgsync.sandbox.model.resource import Resource
    from orgsync.sandbox.model.route import Route
    from orgsync.sandbox.wire.context import Context


def every_route(resources: tuple[Resource, ...]) -> Iterator[Route]:
    """What these resources have, and the organization itself."""
    yield ME
    yield from COMPLIANCE
    for resource in resources:
        yield from resource.routes
    yield SETTINGS


class Shown(NamedTuple):
    """Whose endpoint a path leads to, and what the path itself says."""

    resource: Resource
    route: Route
    parameters: Mapping[str, str]


class Router:
    """The endpoints of these resources."""

    def __init__(self, resources: tuple[Resource, ...]) -> None:
        self._paths: dict[str, tuple[Pattern[str], dict[str, Route], dict[str, Route]]] = {}
        # An id without a prefix is opaque.
        self._prefixes = {one.parameter: f"{one.prefix}_" for one in resources if one.parameter}
        self._owners = {route.template: one for one in resources for route in one.routes}
        for route in every_route(resources):
            pattern = compile_path(PREFIX + route.template)[0]
            _, by_api, by_console = self._paths.setdefault(route.template, (pattern, {}, {}))
            by_console[route.method] = route
            if not route.console_only:
                by_api[route.method] = route

    def find(self, call: Call) -> tuple[Route, dict[str, str]]:
        """The endpoint of a request and its path parameters; 404 for unknown paths, 405 for unknown methods on others.

        Paths that only the Console has do not exist for the API.
        """
        for pattern, by_api, by_console in self._paths.values():
            routes = by_console if call.console else by_api
            match = pattern.match(call.path)
            if match is None or not routes:
                continue
            if call.method not in routes:
                raise Refusal(405, "Method Not Allowed", headers={"allow": ", ".join(sorted(routes))})
            return routes[call.method], match.groupdict()
        raise Refusal(404, f"Not found: {call.path}")

    def shown_at(self, path: str) -> Shown | None:
        """What a read of this path shows, if a resource has such an endpoint."""
        try:
            route, parameters = self.find(Call("GET", path))
        except Refusal:
            return None
        owner = self._owners.get(route.template)
        return None if owner is None else Shown(owner, route, parameters)

    def check_ids(self, ctx: Context, parameters: dict[str, str]) -> None:
        """Ids that cannot be ids: unknown by default, a bad request when the organization says so."""
        for name, value in parameters.items():
            if not value.startswith(self._prefixes.get(name, "")):
                raise Refusal(ctx.settings.malformed_id, f"{name}: {value} is not found")


@cache
def router(resources: tuple[Resource, ...]) -> Router:
    """The same one for the same resources: many organizations in memory have them."""
    return Router(resources)
