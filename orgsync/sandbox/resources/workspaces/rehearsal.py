"""Workspaces in a rehearsal: what is so of them, what a colleague does to one, and what has to be there for a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.resource import Edit, Fact
from orgsync.sandbox.wire.error_details import SAFEGUARDS, TRANSCRIPTS
from orgsync.sandbox.wire.switches import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.sandbox.model.resource import Answered, Label, Tables

INTERNAL = "internal"


def facts(tables: Tables, label: Label) -> Iterator[tuple[Fact, str]]:
    """Names, places, tags, what is archived."""
    for row in tables["workspaces"]:
        name = label(row["id"])
        yield ("workspace", name, "name"), row["name"]
        yield ("workspace", name, "archived"), "yes" if row["archived_at"] else "no"
        yield ("workspace", name, "residency"), row["data_residency"]
        yield ("workspace", name, "data privacy"), row["inference_data_privacy"]
        for key, value in json.loads(row["tags"]).items():
            yield ("workspace", name, "tag", key), value
        if name == row["id"]:  # a new one has a colour that the server picks by its id
            yield ("workspace", name, "color"), row["display_color"]


def renamed(row: Mapping[str, Any]) -> Edit:
    """Another name."""
    return Edit("POST", f"/workspaces/{row['id']}", {"name": f"{row['name']} (renamed)"})


def archived(row: Mapping[str, Any]) -> Edit:
    """It is archived."""
    return Edit("POST", f"/workspaces/{row['id']}/archive", {})


def assumed(answered: Answered) -> dict[str, Any]:
    """What is attached is there and in order, although no list shows it; and there is room for what there is."""
    return _room(answered) | _attached(answered) | _storages(answered)


def _room(answered: Answered) -> dict[str, Any]:
    """An organization that has more workspaces than is usual was granted more."""
    live = sum(row["archived_at"] is None for row in answered.rows)
    usual = Settings().workspace_limit
    return {"workspace_limit": None} if usual is not None and live > usual else {}


def _attached(answered: Answered) -> dict[str, Any]:
    """Encryption keys and user profiles."""
    keys: dict[str, Any] = {}
    profiles: dict[str, str] = {}
    for _names, fields in answered.assigned:
        profile, key = fields.get("user_profile_id"), fields.get("external_key_id")
        if profile is not None:
            profiles[profile] = "active"
        if key is not None:
            keys[key] = {"user_profile_id": profile}
    return {"external_keys": keys or None, "user_profiles": profiles}


def _storages(answered: Answered) -> dict[str, Any]:
    """External storage, with the user profile of the workspace it is attached to."""
    profiles = {row["name"]: row.get("user_profile_id") for row in answered.rows}
    storages: dict[str, Any] = {}
    for names, fields in answered.assigned:
        profile = fields.get("user_profile_id") or profiles.get(names[0])
        for path in (SAFEGUARDS, TRANSCRIPTS):
            if fields.get(path, INTERNAL) != INTERNAL:
                storages[fields[path]] = {"user_profile_id": profile}
    return {"external_storages": storages or None}
