"""An organization as facts that can be compared: who has which role where, which names, limits and keys there are.

A fact has a key that says what it is about, and every value that it has: two live workspaces of one name are two
values of one fact.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Rows = Sequence[Mapping[str, Any]]

Fact = tuple[str, ...]
Values = tuple[str, ...]
Facts = dict[Fact, Values]


def facts(tables: Mapping[str, Rows], label: Callable[[str], str]) -> Facts:
    """What is so. `label` names what a run made in a way that does not depend on the id it happened to get."""
    found: dict[Fact, list[str]] = {}
    for fact, value in _all(tables, label):
        found.setdefault(fact, []).append(value)
    return {fact: tuple(sorted(values)) for fact, values in found.items()}


def told(fact: Fact, values: Values) -> str:
    """A fact in words: `role of ana@acme.com in production: developer`."""
    about, *rest = fact
    return f"{about} {' / '.join(rest)}: {' and '.join(values) or 'none'}"


def _all(tables: Mapping[str, Rows], label: Callable[[str], str]) -> Iterator[tuple[Fact, str]]:
    people: dict[str, str] = {row["id"]: row["email_person"] for row in tables["users"]}
    for row in tables["users"]:
        yield ("organization role", row["email_person"]), row["role"]
    for row in tables["invites"]:
        if row["status"] != "deleted":
            yield ("invite", row["email_person"]), f"{row['status']} as {row['role']}"
    for row in tables["workspaces"]:
        yield from _workspace(row, label(row["id"]))
    for row in tables["members"]:
        person = people.get(str(row["user_id"]), str(row["user_id"]))
        yield ("workspace role", label(row["workspace_id"]), person), row["workspace_role"]
    for row in tables["api_keys"]:
        yield ("API key", row["id"], "name"), row["name"]
        yield ("API key", row["id"], "status"), row["status"]
    for row in tables["workspace_rate_limits"]:
        fact = ("rate limit", label(row["workspace_id"]), row["rate_limit_id"], row["limiter"])
        yield fact, str(row["value"])
    for row in tables["spend_limits"]:
        scope = label(row["scope_id"]) if row["scope_id"] else row["scope_type"]
        yield ("spend limit", scope, row["period"]), f"{row['amount']}{'' if row['is_enabled'] else ' (off)'}"


def _workspace(row: Mapping[str, Any], name: str) -> Iterator[tuple[Fact, str]]:
    yield ("workspace", name, "name"), row["name"]
    yield ("workspace", name, "archived"), "yes" if row["archived_at"] else "no"
    yield ("workspace", name, "residency"), row["data_residency"]
    yield ("workspace", name, "data privacy"), row["inference_data_privacy"]
    for key, value in json.loads(row["tags"]).items():
        yield ("workspace", name, "tag", key), value
    if name == row["id"]:  # a new one has a colour that the server picks by its id
        yield ("workspace", name, "color"), row["display_color"]
