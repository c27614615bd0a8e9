"""The JSON form of a plan: its version, its schema, the adapter between both and `Plan`, and its own two digests.

The digests are what a reviewer approves, and what shows that a plan file was edited.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from orgsync.core.model.change import Plan
from orgsync.core.words.digest import sha256_hex
from orgsync.core.words.json_schema import ADDRESS, DIGEST, MOMENT, closed_schema, count_from_one
from orgsync.core.words.versions import FIRST, VERSION

FORMAT_VERSION = 2
READERS = {2: "orgsync 0.2 and later"}
"""Which orgsync reads which format; a plan of any other format is refused, with this as the explanation."""

RETIRED = {1: FIRST}
"""Formats that are told and never read: which orgsync wrote them."""


@cache
def plan_adapter() -> TypeAdapter[Plan]:
    """Reads and writes `Plan` as JSON-ready data. Made once: building it costs more than a small plan."""
    return TypeAdapter(Plan)


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of a plan file."""
    schema = closed_schema(plan_adapter(), "plan", "plan", FORMAT_VERSION)
    sharpen(schema["properties"], schema["$defs"])
    return schema


def sharpen(plan: dict[str, Any], definitions: dict[str, Any]) -> None:
    """What types alone do not say: the spelling of addresses and digests, that counts are not negative."""
    plan["orgsync"] = dict(VERSION)
    plan["planned_at"] = dict(MOMENT)
    plan["seen_at"] = {**MOMENT, "type": ["string", "null"]}
    plan["requests"]["minimum"] = 0
    plan["present"]["additionalProperties"]["minimum"] = 0
    plan["identities"]["propertyNames"] = {"pattern": ADDRESS["pattern"]}
    for name in ("Change", "Note", "ManualStep", "Blocked", "Allowance"):
        definitions[name]["properties"]["address"] = dict(ADDRESS)
    definitions["Blocked"]["properties"]["dependents"]["items"] = dict(ADDRESS)
    definitions["Change"]["properties"]["after"]["items"] = dict(ADDRESS)
    definitions["Verdict"]["properties"]["addresses"]["items"] = dict(ADDRESS)
    for name in ("along", "held_back"):
        definitions["Selection"]["properties"][name]["items"] = dict(ADDRESS)
    count_from_one(definitions)
    for name in definitions["Digests"]["properties"]:
        definitions["Digests"]["properties"][name] = dict(DIGEST)
    for count in definitions["Summary"]["properties"].values():
        count["minimum"] = 0
    sharpen_coverage(definitions)


def sharpen_coverage(definitions: dict[str, Any]) -> None:
    """The same for what the files manage and what they do not."""
    for part, name in (("Coverage", "covered"), ("Coverage", "requests"), ("Uncovered", "requests")):
        definitions[part]["properties"][name]["minimum"] = 0
    definitions["Uncovered"]["properties"]["inside"] = {**ADDRESS, "type": ["string", "null"]}


def sealed(plan: Plan) -> Plan:
    """The plan with its own two digests filled in."""
    changes, plan_itself = _digests(plan)
    return replace(plan, digests=replace(plan.digests, changes=changes, plan=plan_itself))


def is_intact(plan: Plan) -> bool:
    """Whether nothing in the plan was edited since it was sealed. This finds accidents and editors, not forgers."""
    return _digests(plan) == (plan.digests.changes, plan.digests.plan)


def _digests(plan: Plan) -> tuple[str, str]:
    """Of the changes with the live objects they are bound to, and of everything in the plan but the latter digest."""
    data = plan_adapter().dump_python(plan, mode="json", by_alias=True)
    changes = sha256_hex({"changes": data["changes"], "identities": data["identities"]})
    data["digests"] = {"files": plan.digests.files, "live": plan.digests.live, "changes": changes}
    return changes, sha256_hex(data)
