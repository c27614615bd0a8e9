"""The JSON form of answers: what each of them has, and that what a question adds is data."""

from __future__ import annotations

from typing import Any

from orgsync.core.words.json_schema import DIALECT, MOMENT

FORMAT_VERSION = 1

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def answer_schema() -> dict[str, Any]:
    """The JSON Schema of what a question prints with `--format json`.

    Beside the keys that all have, a question has one list of objects for each of its tables, and single values.
    """
    properties: dict[str, Any] = {
        "format_version": {"const": FORMAT_VERSION, "type": "integer"},
        "question": {**_TEXT, "description": "The command."},
        "answer": {**_TEXT, "description": "The answer in one line, for people."},
        "organization": {
            "anyOf": [_object({"id": _TEXT, "name": _TEXT}), {"type": "null"}],
            "description": "Null where nobody was asked.",
        },
        "data": {
            "type": "array",
            "items": _object({"source": _TEXT, "at": {"anyOf": [MOMENT, {"type": "null"}]}}),
            "description": "Where the data are from, and as of when.",
        },
        "requests": {"type": "integer", "minimum": 0, "description": "How many the answer cost."},
        "steps": {
            "type": "array",
            "items": _object(
                {"check": {"enum": ["holds", "fails", "unknown", "notes"], **_TEXT}, "text": _TEXT, "where": _TEXT}
            ),
            "description": "The checks of a chain, in their order.",
        },
        "fixes": {**_TEXTS, "description": "What would change how the chain ends."},
        "notes": {**_TEXTS, "description": "What is not known, and why."},
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:orgsync:schema:answer:{FORMAT_VERSION}",
        "title": "An answer of orgsync",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": {
            "anyOf": [
                {"type": "array", "items": {"type": "object"}, "description": "A table: one object for each row."},
                {"type": ["string", "number", "boolean", "null", "object"]},
            ]
        },
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
