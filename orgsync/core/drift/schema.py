"""The JSON form of a drift report: its schema, its digest, and the adapter between both and `DriftReport`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from orgsync.core.drift.report import FORMAT_VERSION, DriftReport
from orgsync.core.model.code_rows import DRIFT_CODES
from orgsync.core.plan.schema import sharpen_coverage
from orgsync.core.words.digest import sha256_hex
from orgsync.core.words.json_schema import ADDRESS, DIGEST, MOMENT, closed_schema, count_from_one
from orgsync.core.words.versions import FIRST, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ADDED: Mapping[int, Mapping[str, Sequence[str]]] = {
    2: {
        "DriftReport": ("orgsync", "coverage", "feed"),
        "DriftEntry": ("meaning", "risk", "hint", "dependents", "shown", "gives", "by"),
        "Place": ("column", "through", "undeclared", "deleted"),
    }
}
"""The keys that each format brought, by what they are of: reports of a format before it are read without them.

What such a report lacks has the default of its field; a key without one gets its value in `report_of`.
"""


@cache
def drift_adapter() -> TypeAdapter[DriftReport]:
    """Reads and writes `DriftReport` as JSON-ready data."""
    return TypeAdapter(DriftReport)


def drift_schema(format_version: int = FORMAT_VERSION) -> dict[str, Any]:
    """The JSON Schema of a drift report; of a former format as far as it differs from this one."""
    schema = closed_schema(drift_adapter(), "drift", "drift report", FORMAT_VERSION)
    definitions = schema["$defs"]
    report, entry = schema["properties"], definitions["DriftEntry"]["properties"]
    report["orgsync"] = dict(VERSION)
    report["checked_at"], entry["since"] = dict(MOMENT), dict(MOMENT)
    report["previous"] = {**MOMENT, "type": ["string", "null"]}
    definitions["Acceptance"]["properties"]["until"] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    report["files"], report["digest"] = {**DIGEST, "description": report["files"]["description"]}, dict(DIGEST)
    report["requests"]["minimum"] = 0
    entry["id"] = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
    entry["code"] = {"type": "string", "enum": list(DRIFT_CODES)}
    entry["address"] = dict(ADDRESS)
    entry["dependents"]["items"] = dict(ADDRESS)
    for part, name in (("FeedReading", "since"), ("Explanation", "at")):
        times = definitions[part]["properties"]
        times[name] = dict(MOMENT) if part == "FeedReading" else {**MOMENT, "type": ["string", "null"]}
    count_from_one(definitions)
    sharpen_coverage(definitions)
    for count in definitions["DriftSummary"]["properties"].values():
        count["minimum"] = 0
    return schema if format_version == FORMAT_VERSION else _former(schema, format_version)


def _former(schema: dict[str, Any], format_version: int) -> dict[str, Any]:
    """The schema without what later formats added. Codes are those of that time, which may be told no more."""
    parts = {**schema["$defs"], "DriftReport": schema}
    added = [by_part for version, by_part in _ADDED.items() if version > format_version]
    for part, name in ((part, name) for by_part in added for part, names in by_part.items() for name in names):
        del parts[part]["properties"][name]
        parts[part]["required"].remove(name)
    schema["properties"]["format_version"] = {"const": format_version, "type": "integer"}
    parts["DriftEntry"]["properties"]["code"] = {"type": "string", "pattern": "^[a-z_]+$"}
    return schema


def report_of(data: dict[str, Any]) -> DriftReport:
    """The report in data that fits the schema of its format; what its format lacks is as it was at that time."""
    return drift_adapter().validate_python({"orgsync": FIRST, **data, "format_version": FORMAT_VERSION})


def sealed(report: DriftReport) -> DriftReport:
    """The report with its digest filled in."""
    return replace(report, digest=_digest(drift_adapter().dump_python(report, mode="json", by_alias=True)))


def is_intact(data: dict[str, Any]) -> bool:
    """Whether nothing in the JSON form of a report, of any format, was edited since it was sealed.

    This finds accidents and editors, not forgers.
    """
    return bool(data["digest"] == _digest(data))


def _digest(data: dict[str, Any]) -> str:
    return sha256_hex({**data, "digest": ""})
