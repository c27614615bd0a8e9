"""One row of the table of switches, and probes that show what an organization answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.org import SEED, Org

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Switch(NamedTuple):
    """`probe` gives `default` in the usual organization and `turned` in one where the switch has this value."""

    name: str
    value: Any
    probe: Callable[[Org], Any]
    default: Any
    turned: Any
    seed: Mapping[str, Any] = SEED


def status(method: str, path: str, body: object = None, *, times: int = 1) -> Callable[[Org], int]:
    """The status of a request; with `times`, of its last repetition."""
    return lambda org: [org.call(method, path, body).status for _ in range(times)][-1]


def field(method: str, path: str, body: object, name: str) -> Callable[[Org], Any]:
    """One field of a successful answer, its status otherwise."""

    def probe(org: Org) -> Any:
        reply = org.call(method, path, body)
        return reply.body[name] if reply.status == 200 else reply.status

    return probe


def listed(path: str, **query: str) -> Callable[[Org], Any]:
    """The ids of a list, its status otherwise."""

    def probe(org: Org) -> Any:
        reply = org.get(path, **query)
        return reply.ids if reply.status == 200 else reply.status

    return probe
