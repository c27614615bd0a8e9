"""Rows that the API answered become the seed of a sandbox: the same organization, with the same ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from orgsync.core.model.recording import ME
from orgsync.sandbox.model.resource import Answered, Assigned
from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.server.routes import router

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from orgsync.core.model.change import Plan
    from orgsync.core.model.recording import Read, Recording
    from orgsync.sandbox.model.resource import Resource

TOKEN = "token-of-rehearsals"  # noqa: S105 - it is one nowhere else


def seed_of(
    recording: Recording, plan: Plan, now: datetime, resources: tuple[Resource, ...] = RESOURCES
) -> dict[str, Any]:
    """The seed. What was not read is empty; fields that the sandbox does not know are left out.

    What the plan refers to and no list shows, such as an encryption key, is taken to be there and in order.
    """
    # What an Admin key cannot set may be in the plan: it was made with a credential that can.
    settings: dict[str, Any] = {
        "clock": now.isoformat(),
        "credentials": [{"secret": TOKEN, "kind": "oauth_token"}],
    }
    seed: dict[str, Any] = {"settings": settings}
    assigned = [
        Assigned(change.address.segments, {field.path: field.after for field in change.fields})
        for change in plan.changes
    ]
    lists: dict[Resource, dict[str, tuple[Read, Mapping[str, str]]]] = {}
    for read in recording.reads:
        shown = router(resources).shown_at(read.path)
        if read.path == ME:
            seed["organization"] = {"id": read.rows[0]["id"], "name": read.rows[0]["name"]}
        elif shown is not None and shown.route.template == shown.resource.path:
            lists.setdefault(shown.resource, {})[read.path] = (read, shown.parameters)
    for resource, reads in lists.items():
        rows = [row for read, said in reads.values() for row in _rows(resource, read, said)]
        refused = any(read.refusal is not None for read, _said in reads.values())
        seed[resource.section] = rows
        settings |= resource.assumed(Answered(rows, refused, assigned))
    return seed


def _rows(resource: Resource, read: Read, said: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of one list as a seed has them.

    Whose they are, the path may say; a snapshot keeps it nowhere else. A seed has the oldest first: it is filled in its
    order where times are equal.
    """
    rows = read.rows[::-1] if resource.newest_first else read.rows
    return [_known_fields({**said, **row}, [resource.shape]) for row in rows]


def _known_fields(row: Mapping[str, Any], shapes: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The row without what the sandbox has no place for: answers may grow fields at any time."""
    fields = {name: field.annotation for shape in shapes for name, field in shape.model_fields.items()}
    return {name: _known(value, fields[name]) for name, value in row.items() if name in fields}


def _known(value: Any, annotation: Any) -> Any:
    shapes = list(_shapes(annotation))
    if not shapes:
        return value
    if isinstance(value, list):
        return [_known(one, annotation) for one in value]
    return _known_fields(value, shapes) if isinstance(value, dict) else value


def _shapes(annotation: Any) -> Iterator[type[BaseModel]]:
    """The shapes that an annotation names, itself or inside of a list or a choice."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _shapes(argument)
