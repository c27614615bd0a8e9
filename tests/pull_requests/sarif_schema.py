"""The part of SARIF 2.1.0 that orgsync writes, in our own words, with nothing else allowed.

Sections of the standard: 3.13 sarifLog, 3.14 run, 3.19 toolComponent, 3.49 reportingDescriptor, 3.27 result,
3.29 physicalLocation, 3.30 region, 3.4 artifactLocation. Code scanning asks for `help.text` and a location besides.
"""

from __future__ import annotations

from typing import Any


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


_TEXT = _object({"text": {"type": "string", "minLength": 1}})
_RULE = _object(
    {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": _TEXT,
        "fullDescription": _TEXT,
        "help": _TEXT,
    }
)
_PLACE = _object(
    {
        # A relative reference (RFC 3986): no scheme, no authority, no query, no fragment.
        "artifactLocation": _object({"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%-][A-Za-z0-9._~/%-]*$"}}),
        "region": _object(
            {"startLine": {"type": "integer", "minimum": 1}}, {"startColumn": {"type": "integer", "minimum": 1}}
        ),
    }
)
_RESULT = _object(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["note", "warning", "error"]},
        "message": _TEXT,
        "locations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": _object({"physicalLocation": _PLACE}),
        },
        "partialFingerprints": _object({"primaryLocationLineHash": {"type": "string", "pattern": "^[0-9a-f]{32}:1$"}}),
    }
)
_DRIVER = _object(
    {
        "name": {"const": "orgsync"},
        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "rules": {"type": "array", "items": _RULE, "uniqueItems": True},
    }
)
SCHEMA = _object(
    {
        "$schema": {"type": "string", "pattern": "sarif-schema-2\\.1\\.0\\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": _object(
                {
                    "tool": _object({"driver": _DRIVER}),
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "maxItems": 25_000, "items": _RESULT},
                }
            ),
        },
    }
)
