"""An organization as facts that can be compared: who has which role where, which names, limits and keys there are.

A fact has a key that says what it is about, and every value that it has: two live workspaces of one name are two
values of one fact. What the facts of a resource are, the resource says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.context import Reading
from orgsync.core.model.request import Need
from orgsync.errors import UsageError
from orgsync.sandbox.model.resource import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Live
    from orgsync.sandbox.model.resource import Resource, Tables
    from orgsync.sandbox.server.app import App

Values = tuple[str, ...]
Facts = dict[Fact, Values]

_SOMEWHERE = "somewhere"


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


def check_known(plan: Plan, live: Live, kinds: Kinds, app: App) -> None:
    """Raises UsageError where nobody could tell what a change leads to: the sandbox knows no facts of its kind.

    Such a change would be right whatever became of it, be it made twice.
    """
    for kind in kinds:
        mine = [change.address for change in plan.changes if change.address.kind == kind.name]
        # A list inside of something is told by its path alone, whichever thing that is.
        inside = {kind.outer_segments(address.segments): _SOMEWHERE for address in mine}
        lists = kind.listings(Reading(inside, live, {}, changed=frozenset())) if mine else ()
        shown = [app.router.shown_at(one.path) for one in lists if one.need is not Need.EXTRA]
        if mine and not (shown and all(one is not None and one.resource.facts is not None for one in shown)):
            raise UsageError(
                f"changes of the kind {kind.name} cannot be rehearsed: the sandbox does not know what they lead to",
                hint="rehearse a plan of everything else (`orgsync plan --only GLOB`)",
            )
