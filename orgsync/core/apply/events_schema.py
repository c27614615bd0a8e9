"""The JSON form of events: the schema of one line, and the adapter between both and `Event`."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from orgsync.core.apply.events import Event
from orgsync.core.plan.schema import sharpen
from orgsync.core.words.json_schema import ADDRESS, DIALECT, MOMENT, close

FORMAT_VERSION = 1

_COUNTED = ("ready", "already", "number", "seconds", "longest", "exit_code")
"""The numbers of events that are never negative."""


@cache
def event_adapter() -> TypeAdapter[Event]:
    """Writes an `Event` as JSON-ready data; `event` says which it is."""
    return TypeAdapter(Annotated[Event, Field(discriminator="event")])


def event_data(event: Event) -> dict[str, Any]:
    """What stands in the line of an event."""
    return {"format_version": FORMAT_VERSION, **event_adapter().dump_python(event, mode="json", by_alias=True)}


def events_schema() -> dict[str, Any]:
    """The JSON Schema of one line: every key must be there, and no other."""
    definitions = event_adapter().json_schema(mode="serialization")["$defs"]
    sharpen(definitions["Plan"]["properties"], definitions)
    events = [one for one in definitions.values() if "event" in one.get("properties", ())]
    for one in events:
        properties = one["properties"]
        properties["at"] = dict(MOMENT)
        if "address" in properties:
            properties["address"] = dict(ADDRESS)
        for name in properties.keys() & set(_COUNTED):
            properties[name]["minimum"] = 0
        one["properties"] = {"format_version": {"const": FORMAT_VERSION, "type": "integer"}, **properties}
    for count in definitions["Counts"]["properties"].values():
        count["minimum"] = 0
    for definition in definitions.values():
        close(definition)
    names = [name for name, one in definitions.items() if one in events]
    return {
        "$schema": DIALECT,
        "$id": f"urn:orgsync:schema:events:{FORMAT_VERSION}",
        "title": "A line of orgsync apply --format json",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in names],
        "$defs": definitions,
    }
