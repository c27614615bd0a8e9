"""The JSON form of a drift report: its schema, its digest, and the adapter between both and `DriftReport`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from orgsync.core.digest import sha256_hex
from orgsync.core.drift import FORMAT_VERSION, DriftReport
from orgsync.core.drift_codes import TOLD
from orgsync.core.json_schema import ADDRESS, DIGEST, MOMENT, closed_schema


@cache
def drift_adapter() -> TypeAdapter[DriftReport]:
    """Reads and writes `DriftReport` as JSON-ready data."""
    return TypeAdapter(DriftReport)


def drift_schema() -> dict[str, Any]:
    """The JSON Schema of a drift report."""
    schema = closed_schema(drift_adapter(), "drift", "drift report", FORMAT_VERSION)
    definitions = schema["$defs"]
    report, entry = schema["properties"], definitions["DriftEntry"]["properties"]
    report["checked_at"], entry["since"] = dict(MOMENT), dict(MOMENT)
    report["previous"] = {**MOMENT, "type": ["string", "null"]}
    definitions["Acceptance"]["properties"]["until"] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    report["files"], report["digest"] = {**DIGEST, "description": report["files"]["description"]}, dict(DIGEST)
    report["requests"]["minimum"] = 0
    entry["id"] = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
    entry["code"] = {"type": "string", "enum": list(TOLD)}
    entry["address"] = dict(ADDRESS)
    definitions["Place"]["properties"]["line"]["minimum"] = 1
    for count in definitions["DriftSummary"]["properties"].values():
        count["minimum"] = 0
    return schema


def sealed(report: DriftReport) -> DriftReport:
    """The report with its digest filled in."""
    return replace(report, digest=_digest(report))


def is_intact(report: DriftReport) -> bool:
    """Whether nothing in the report was edited since it was sealed. This finds accidents and editors, not forgers."""
    return report.digest == _digest(report)


def _digest(report: DriftReport) -> str:
    data = drift_adapter().dump_python(replace(report, digest=""), mode="json", by_alias=True)
    return sha256_hex(data)
