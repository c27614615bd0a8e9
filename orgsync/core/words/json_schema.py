"""JSON Schemas (draft 2020-12) of what orgsync writes to files, made from the dataclasses: both cannot drift apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ADDRESS = {"type": "string", "pattern": "^[a-z_]+:.+"}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$", "maxLength": 64}


def matching(pattern: str, says: str) -> dict[str, Any]:
    """A text of this pattern, and what editors say of one that does not match: they would show the pattern."""
    return {"pattern": pattern, "patternErrorMessage": says}


def closed_schema(adapter: TypeAdapter[Any], name: str, noun: str, format_version: int) -> dict[str, Any]:
    """The schema of one file: every key must be there and no other, in the file and in everything inside it.

    What orgsync would overlook, a reviewer may have relied on.
    """
    generated = adapter.json_schema(mode="serialization")
    definitions = generated.pop("$defs")
    for schema in (generated, *definitions.values()):
        close(schema)
    generated["properties"]["format_version"] = {"const": format_version, "type": "integer"}
    head = {"$schema": DIALECT, "$id": f"urn:orgsync:schema:{name}:{format_version}", "title": f"A {noun} of orgsync"}
    return {**head, **{key: generated[key] for key in generated if key != "title"}, "$defs": definitions}


def close(schema: dict[str, Any]) -> None:
    """Makes every property of an object one that must be there, and lets no other be."""
    properties = schema.get("properties")
    if properties is None:
        return
    schema["required"] = list(properties)
    schema["additionalProperties"] = False
    for prop in properties.values():
        prop.pop("title", None)
        prop.pop("default", None)


def count_from_one(definitions: dict[str, Any]) -> None:
    """Lines and columns of files, wherever they stand."""
    for name in ("Place", "Line", "Through"):
        properties = definitions[name]["properties"]
        properties["line"]["minimum"] = 1
        next(one for one in properties["column"]["anyOf"] if one["type"] == "integer")["minimum"] = 1
