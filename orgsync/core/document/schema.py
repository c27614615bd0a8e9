"""The JSON Schema of the organization file, composed from the settings and the kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.document.settings import EMAIL_PATTERN, TEAM_PREFIX, settings_model
from orgsync.core.model.things import Segment
from orgsync.core.words.json_schema import DIALECT

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orgsync.core.model.kind import Kind, Kinds, Section

_ID = "urn:orgsync:schema:org:1"


def org_schema(kinds: Kinds) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) for one complete organization file; `loads` of it is what editors complete from."""
    definitions: dict[str, Any] = {}
    root = _model_schema(settings_model(kinds), definitions)
    root["title"] = "The organization file of orgsync"
    for kind in kinds:
        for section in kind.sections:
            around = _around(section, root, definitions, kinds)
            around["properties"][section.path[-1]] = _things(kind, section, definitions)
    return {"$schema": DIALECT, "$id": _ID, **root, "$defs": dict(sorted(definitions.items()))}


def _things(kind: Kind, section: Section, definitions: dict[str, Any]) -> dict[str, Any]:
    """One thing of this kind, below as many levels of keys that a person chooses as the section has."""
    definitions[kind.spec.__name__] = _model_schema(kind.spec, definitions)
    thing: dict[str, Any] = {"$ref": f"#/$defs/{kind.spec.__name__}"}
    if kind.short is not None:
        short = definitions[kind.spec.__name__]["properties"][kind.short]
        thing = {"anyOf": [short, thing]}
    for level in range(section.depth):
        thing = _keyed(thing, kind.segments[-1 - level])
    return thing


def _keyed(thing: dict[str, Any], segment: Segment) -> dict[str, Any]:
    """A map from keys to things; or `null`: there shall be none."""
    schema: dict[str, Any] = {"type": ["object", "null"]}
    if segment is Segment.NAME:
        return {**schema, "additionalProperties": thing}
    patterns = {EMAIL_PATTERN: thing, f"^{TEAM_PREFIX}.+$": thing}
    return {**schema, "patternProperties": patterns, "additionalProperties": False}


def _around(section: Section, root: dict[str, Any], definitions: dict[str, Any], kinds: Kinds) -> dict[str, Any]:
    """The schema of what a section stands in: another kind's things, or the whole file."""
    for kind in kinds:
        if any(section.outer == other.things for other in kind.sections):
            around: dict[str, Any] = definitions[kind.spec.__name__]
            return around
    return root


def _model_schema(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """A model's schema without the defaults that only say "not written"; what it refers to goes to `definitions`."""
    schema = model.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(schema.pop("$defs", {}))
    for one in (schema, *definitions.values()):
        for described in one.get("properties", {}).values():
            _tidy(described)
    return schema


def _tidy(described: dict[str, Any]) -> None:
    described.pop("title", None)
    is_optional = described.get("default", ...) is None  # null is a value of what has no such default
    if described.get("default", ...) in (None, "", {}, []):
        described.pop("default", None)
    choices = described.get("anyOf")
    if isinstance(choices, list) and is_optional:
        written = [choice for choice in choices if choice != {"type": "null"}]
        if len(written) == 1:
            described.pop("anyOf")
            described.update(written[0])
