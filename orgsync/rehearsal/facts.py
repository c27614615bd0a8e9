"""An organization as facts that can be compared: who has which role where, which names, limits and keys there are.

A fact has a key that says what it is about, and every value that it has: two live workspaces of one name are two
values of one fact. What the facts of a resource are, the resource says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.model.resource import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orgsync.sandbox.model.resource import Resource, Tables

Values = tuple[str, ...]
Facts = dict[Fact, Values]


def facts(resources: Iterable[Resource], tables: Tables, label: Callable[[str], str]) -> Facts:
    """What is so. `label` names what a run made in a way that does not depend on the id it happened to get."""
    found: dict[Fact, list[str]] = {}
    for resource in resources:
        for fact, value in resource.facts(tables, label) if resource.facts else ():
            found.setdefault(fact, []).append(value)
    return {fact: tuple(sorted(values)) for fact, values in found.items()}


def told(fact: Fact, values: Values) -> str:
    """A fact in words: `role of ana@acme.com in production: developer`."""
    about, *rest = fact
    return f"{about} {' / '.join(rest)}: {' and '.join(values) or 'none'}"
