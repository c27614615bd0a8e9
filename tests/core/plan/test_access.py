"""What goes beyond the files: what it lets somebody do, and who is behind it, in words and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org

from orgsync.core.model.meaning import Meaning

if TYPE_CHECKING:
    from orgsync.core.model.change import Note

FILES = """\
manage: {members: MODE, workspace_members: MODE, api_keys: MODE}
members: {ceo@acme.example: admin, cto@acme.example: admin}
workspaces:
  lab: {members: {}, api_keys: {}}
"""
ANA = {"email": "ana@acme.example", "role": "developer"}
RAJ = {"email": "raj@acme.example", "role": "billing"}
KEY = {"name": "etl", "workspace": "lab", "created_by_email": "ana@acme.example"}


def organization(mode: str) -> Org:
    seed: dict[str, Any] = {
        "users": [*ADMINS, ANA, RAJ],
        "workspaces": [{"name": "lab"}, {"name": "hackathon"}],
        "workspace_members": [
            {"workspace": "lab", "email": "ana@acme.example", "workspace_role": "workspace_admin"},
            {"workspace": "lab", "email": "raj@acme.example", "workspace_role": "workspace_user"},
        ],
        "api_keys": [KEY, {**KEY, "name": "off", "status": "inactive"}],
    }
    return Org(FILES.replace("MODE", mode), **seed)


def beyond(mode: str) -> dict[str, Note]:
    """By address, everything that is said of what goes beyond the files."""
    findings = organization(mode).plan().findings
    return {note.address: note for note in findings if note.code in {"undeclared", "observed"}}


@pytest.mark.parametrize("mode", ["additive", "observe"])
def test_what_it_gives_is_data(mode: str) -> None:
    found = beyond(mode)
    expected = {
        "member:ana@acme.example": (Meaning.GRANTS,),
        "member:raj@acme.example": (Meaning.ELEVATES, Meaning.GRANTS),
        "workspace:hackathon": (Meaning.ELEVATES,),
        "workspace_member:lab/ana@acme.example": (Meaning.ELEVATES, Meaning.GRANTS),
        "api_key:lab/etl": (Meaning.ELEVATES,),
    }
    assert {address: found[address].gives for address in expected} == expected
    assert found["member:raj@acme.example"].shown == {"role": "billing"}


def test_role_status_and_owner_are_in_the_words() -> None:
    found = beyond("additive")
    key = found["api_key:lab/etl"]
    assert key.message.startswith("not declared, status active, owner ana@acme.example; not changed")
    assert key.shown["owner"] == "ana@acme.example"
    assert str(key.shown["owner_id"]).startswith("user_")
    assert found["member:raj@acme.example"].message.startswith("not declared, role billing; not changed")
