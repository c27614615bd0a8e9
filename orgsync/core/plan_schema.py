"""The JSON form of a plan: its format version, its schema, and the adapter between both and `Plan`."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from orgsync.core.change import Plan

FORMAT_VERSION = 1
READERS = {1: "orgsync 0.1 and later"}
"""Which orgsync reads which format; a plan of any other format is refused, with this as the explanation."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = "urn:orgsync:schema:plan:1"
_ADDRESS = {"type": "string", "pattern": "^[a-z_]+:.+"}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$", "maxLength": 64}


@cache
def plan_adapter() -> TypeAdapter[Plan]:
    """Reads and writes `Plan` as JSON-ready data. Made once: building it costs more than a small plan."""
    return TypeAdapter(Plan)


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a plan file, made from the `Plan` dataclass: both cannot drift apart."""
    generated = plan_adapter().json_schema(by_alias=True, mode="serialization")
    definitions = generated.pop("$defs")
    for schema in (generated, *definitions.values()):
        close(schema)
    _sharpen(generated["properties"], definitions)
    head = {"$schema": DIALECT, "$id": _ID, "title": "A plan of orgsync"}
    return {**head, **{key: generated[key] for key in generated if key != "title"}, "$defs": definitions}


def close(schema: dict[str, Any]) -> None:
    """Every key must be there and no other: what orgsync would overlook, a reviewer may have relied on."""
    properties = schema.get("properties")
    if properties is None:
        return
    schema["required"] = list(properties)
    schema["additionalProperties"] = False
    for prop in properties.values():
        prop.pop("title", None)
        prop.pop("default", None)


def _sharpen(plan: dict[str, Any], definitions: dict[str, Any]) -> None:
    """What types alone do not say: the format, the spelling of addresses and digests, that counts are not negative."""
    plan["format_version"] = {"const": FORMAT_VERSION, "type": "integer"}
    plan["planned_at"] = dict(MOMENT)
    plan["seen_at"] = {**MOMENT, "type": ["string", "null"]}
    plan["requests"]["minimum"] = 0
    plan["present"]["additionalProperties"]["minimum"] = 0
    plan["identities"]["propertyNames"] = {"pattern": _ADDRESS["pattern"]}
    for name in ("Change", "Note", "ManualStep", "Allowance"):
        definitions[name]["properties"]["address"] = dict(_ADDRESS)
    definitions["Change"]["properties"]["after"]["items"] = dict(_ADDRESS)
    definitions["Verdict"]["properties"]["addresses"]["items"] = dict(_ADDRESS)
    definitions["Place"]["properties"]["line"]["minimum"] = 1
    for name in definitions["Digests"]["properties"]:
        definitions["Digests"]["properties"][name] = dict(DIGEST)
    for count in definitions["Summary"]["properties"].values():
        count["minimum"] = 0
