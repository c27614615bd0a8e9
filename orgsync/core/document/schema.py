"""The JSON Schema of the organization file, composed from the settings and the kinds, with what editors show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from orgsync.core.document.root_file import ANYWHERE, ROOT
from orgsync.core.document.settings import WHO_PATTERN, settings_model
from orgsync.core.model.things import Segment
from orgsync.core.words.json_schema import DIALECT, matching
from orgsync.core.words.plural import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pydantic import BaseModel

    from orgsync.core.model.kind import Kind, Kinds, Section

_ID = "urn:orgsync:schema:{}:1"
_WHO = {
    "title": "E-mail or team",
    **matching(WHO_PATTERN, "This is neither an e-mail address nor a team; write ana@acme.com or team:NAME."),
}
_BELONGS = f"This setting belongs in the root file, which has `{ROOT}:`; move it there."
_PART = "What one file of the folder says of the organization. The root file names it and has the settings of orgsync."
_NULL = {"type": "null"}


class _Untitled(GenerateJsonSchema):
    """Makes no titles out of the names of fields: editors would show both."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def org_schema(kinds: Kinds) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) for one complete organization file; `loads` of it is what editors complete from."""
    definitions: dict[str, Any] = {}
    root = _model_schema(settings_model(kinds), definitions)
    for kind in kinds:
        for section in kind.sections:
            around = _around(section, root, definitions, kinds)
            things = _things(kind, section, definitions)
            around["properties"][section.path[-1]] = {
                **things,
                "title": things.get("title") or _title(plural(2, kind.noun)),
                "description": section.about,
                **_shown(section.example),
            }
    return {"$schema": DIALECT, "$id": _ID.format("org"), **root, "$defs": dict(sorted(definitions.items()))}


def part_schema(kinds: Kinds) -> dict[str, Any]:
    """JSON Schema of the files of a folder that are not its root file: whatever may stand there, and nothing must."""
    schema = org_schema(kinds)
    for name in schema.pop("required"):  # each of them once in a folder, in the root file
        del schema["properties"][name]
    for name, described in schema["properties"].items():
        if name in settings_model(kinds).model_fields.keys() - ANYWHERE:
            # written out, because yaml-language-server offers a deprecated property whose schema is a reference
            meant = schema["$defs"].get(described.pop("$ref", "").rpartition("/")[2], {})
            told = {"deprecated": True, "deprecationMessage": _BELONGS}
            schema["properties"][name] = {**meant, **described, **told}
    head = {"title": "One file of an organization folder of orgsync", "description": _PART}
    return {**schema, "$id": _ID.format("org-part"), **head}


def _shown(example: Any) -> dict[str, Any]:
    """An example for editors; yaml-language-server would call one that is a map "[object Object]"."""
    if not isinstance(example, dict):
        return {"examples": [example]}
    return {"defaultSnippets": [{"label": next(iter(example)), "body": example}]}


def _title(noun: str) -> str:
    return noun[0].upper() + noun[1:]


def _things(kind: Kind, section: Section, definitions: dict[str, Any]) -> dict[str, Any]:
    """One thing of this kind, below as many levels of keys that a person chooses as the section has."""
    name = kind.spec.__name__
    definitions[name] = _model_schema(kind.spec, definitions, kind.spec.model_fields.keys() - kind.spec.directives)
    thing: dict[str, Any] = {"$ref": f"#/$defs/{name}"}
    if kind.short is not None:
        short = definitions[name]["properties"][kind.short]
        thing = {"title": definitions[name]["title"], "anyOf": [short, thing]}
    for level in range(section.depth):
        thing = _keyed(thing, kind.segments[-1 - level])
    return thing


def _keyed(thing: dict[str, Any], segment: Segment) -> dict[str, Any]:
    """A map from keys to things; or `null`: there shall be none.

    Not `patternProperties`, although e-mails have a pattern: yaml-language-server offers no values below those.
    """
    names = {"propertyNames": _WHO} if segment is Segment.EMAIL else {}
    return {"type": ["object", "null"], **names, "additionalProperties": thing}


def _around(section: Section, root: dict[str, Any], definitions: dict[str, Any], kinds: Kinds) -> dict[str, Any]:
    """The schema of what a section stands in: another kind's things, or the whole file."""
    for kind in kinds:
        if any(section.outer == other.things for other in kind.sections):
            around: dict[str, Any] = definitions[kind.spec.__name__]
            return around
    return root


def _model_schema(model: type[BaseModel], definitions: dict[str, Any], null: Collection[str] = ()) -> dict[str, Any]:
    """A model's schema as whoever writes a file needs it; what it refers to goes to `definitions`.

    `null` names the fields of which `null` is a value. Of every other it only says that the field is not written.
    """
    schema = model.model_json_schema(ref_template="#/$defs/{model}", schema_generator=_Untitled)
    inner = schema.pop("$defs", {})
    for properties in _properties([*schema["properties"].values(), *inner.values()]):
        for described in properties.values():
            _tidy(described, nullable=False)
    for name, described in schema["properties"].items():
        _tidy(described, nullable=name in null)
    definitions.update(inner)
    return schema


def _properties(schema: Any) -> Iterator[dict[str, Any]]:
    """The properties of every object in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema["properties"]
        for inner in schema.values():
            yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)


def _tidy(described: dict[str, Any], *, nullable: bool) -> None:
    """Leaves out defaults that only say "not written".

    The default of a map is what the fields in it say.
    """
    default = described.get("default")
    if default == "" or not isinstance(default, str | int):
        described.pop("default", None)
    choices = described.get("anyOf", [])
    written = [choice for choice in choices if choice != _NULL]
    if len(written) == 1:
        described.pop("anyOf")
        described.update(written[0])
        if nullable:
            described["type"] = [described["type"], "null"]
