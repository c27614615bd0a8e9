"""The JSON Schema of the organization file, composed from the settings and the kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.kind import Segment
from orgsync.core.settings import EMAIL_PATTERN, TEAM_PREFIX, settings_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from orgsync.core.kind import Kind

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = "urn:orgsync:schema:org:1"


def org_schema(kinds: Sequence[Kind]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) for one complete organization file; `loads` of it is what editors complete from."""
    definitions: dict[str, Any] = {}
    root = _model_schema(settings_model(kinds), definitions)
    root["title"] = "The organization file of orgsync"
    for kind in kinds:
        things = _things(kind, definitions)
        inside = _things_around(root, definitions, kind, kinds)
        inside["properties"][kind.section[-2]] = things
    return {"$schema": _DIALECT, "$id": _ID, **root, "$defs": dict(sorted(definitions.items()))}


def _things(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    """A map from the keys a person chooses to things of this kind."""
    definitions[kind.spec.__name__] = _model_schema(kind.spec, definitions)
    thing: dict[str, Any] = {"$ref": f"#/$defs/{kind.spec.__name__}"}
    if kind.short is not None:
        short = definitions[kind.spec.__name__]["properties"][kind.short]
        thing = {"anyOf": [short, thing]}
    if kind.segments[-1] is Segment.NAME:
        return _or_none({"type": "object", "additionalProperties": thing})
    patterns = {EMAIL_PATTERN: thing, f"^{TEAM_PREFIX}.+$": thing}
    return _or_none({"type": "object", "patternProperties": patterns, "additionalProperties": False})


def _or_none(schema: dict[str, Any]) -> dict[str, Any]:
    """The map, or `null`: there shall be none."""
    return {**schema, "type": ["object", "null"]}


def _things_around(
    root: dict[str, Any], definitions: dict[str, Any], kind: Kind, kinds: Sequence[Kind]
) -> dict[str, Any]:
    """The schema of what this kind's section stands in: another kind's things, or the whole file."""
    outer = next((other for other in kinds if other.section == kind.parent_section), None)
    if outer is None:
        return root
    around: dict[str, Any] = definitions[outer.spec.__name__]
    return around


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
    if described.get("default", ...) in (None, "", {}, []):
        described.pop("default", None)
    choices = described.get("anyOf")
    if isinstance(choices, list):
        written = [choice for choice in choices if choice != {"type": "null"}]
        if len(written) == 1 and "default" not in described:
            described.pop("anyOf")
            described.update(written[0])
