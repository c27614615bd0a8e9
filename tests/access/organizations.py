"""Generated organizations as the API shows them, and what the table of facts says of everybody in them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from access.facts import PEOPLE, ROLES, VERBS, allowed
from orgsync.core.model.recording import ME, Read, Recording
from orgsync.engine.read_live import read_chosen
from orgsync.engine.recording import Replay
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.observation import Observation

MOMENT = datetime(2026, 11, 22, 10, tzinfo=UTC)
NEW_WORD = "astronaut"
"""A role that nobody knows yet."""
KNOWN_PEOPLE, KNOWN_ROLES = PEOPLE[:-1], ROLES[1:-1]
EMAILS = ("ana@acme.example", "bo@acme.example", "cy@acme.example", "di@acme.example")
NAMES = ("Default", "production", "Claude Code", "old")
SORTS = {"Default": "default", "production": "ordinary", "Claude Code": "claude_code", "old": "archived"}
ACCOUNTS = ("svac_one", "svac_two")
STATUSES = ("active", "inactive", "archived", "expired", NEW_WORD)


def word(role: str | None, known: tuple[str, ...]) -> str:
    """The word of the table for a role."""
    return "none" if role is None else role if role in known else "not understood"


@dataclass(frozen=True, slots=True)
class Key:
    """One generated key. `principal`: nobody, an e-mail, the id of a service account, or of somebody who left."""

    id: str
    status: str
    workspace: str | None
    principal: str | None


@dataclass(frozen=True, slots=True)
class Acme:
    """One organization: roles by e-mail (None: was invited), rows by workspace, keys, and roles of service accounts."""

    people: dict[str, str | None]
    listed: dict[tuple[str, str], str]
    keys: tuple[Key, ...]
    accounts: dict[tuple[str, str], str]

    def seen(self, *names: str) -> Observation:
        """What orgsync sees of it, through the code that reads the API."""
        return asyncio.run(read_chosen(Replay(self._recording(), MOMENT), KINDS, names, None))

    def role(self, email: str) -> str:
        """The word of the table for somebody's role in the organization."""
        if email not in self.people:
            return "left"
        role = self.people[email]
        return "invited" if role is None else word(role, KNOWN_PEOPLE)

    def listed_word(self, workspace: str, email: str) -> str:
        """The word of the table for somebody's role in a workspace."""
        return word(self.listed.get((workspace, email)), KNOWN_ROLES)

    def verbs(self, workspace: str, email: str) -> dict[str, str]:
        """What the table says that the person can do there."""
        role, listed = self.role(email), self.listed_word(workspace, email)
        return {verb: allowed(role, SORTS[workspace], listed, verb) for verb in VERBS}

    def works(self, key: Key, workspace: str) -> str:
        """What the table says of a key in a workspace."""
        if key.workspace not in {None, workspace}:
            return "no"
        state = "-" if key.status == "active" else word(key.status, STATUSES[:-1])
        sort, where = SORTS[workspace], "" if key.workspace else "_everywhere"
        if key.principal is None:
            return allowed("-", sort, "none", "use_api", "workspace_key", state)
        if key.principal.startswith("svac_"):
            role = self.accounts.get((workspace, key.principal))
            listed = role or ("implicit" if sort == "default" else "none")
            return allowed("svac_developer", sort, listed, "use_api", f"service_account_key{where}", state)
        role, listed = self.role(key.principal), self.listed_word(workspace, key.principal)
        role = "left" if role == "invited" else role  # nobody has that id
        return allowed(role, sort, listed, "use_api", f"personal_key{where}", state)

    def _recording(self) -> Recording:
        members = [
            Read(f"/v1/organizations/workspaces/{_id(name)}/members", {}, tuple(self._members(name)))
            for name in NAMES
            if SORTS[name] not in {"default", "archived"}
        ]
        workspaces = {"include_archived": "true", "include_default": "true"}
        accounts = {"include_archived": "true", "limit": "100"}
        return Recording(
            (
                Read(ME, {}, ({"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme"},)),
                Read("/v1/organizations/users", {}, tuple(self._users())),
                Read("/v1/organizations/invites", {}, tuple(self._invites())),
                Read("/v1/organizations/workspaces", workspaces, tuple(map(_workspace, NAMES))),
                Read("/v1/organizations/api_keys", {}, tuple(map(_key, self.keys))),
                Read("/v1/organizations/service_accounts", accounts, tuple(map(_account, ACCOUNTS))),
                *members,
            )
        )

    def _users(self) -> Any:
        for email, role in self.people.items():
            if role is not None:
                yield {"id": f"user_{email[:2]}", "email": email, "role": role}

    def _invites(self) -> Any:
        for email, role in self.people.items():
            if role is None:
                times = {"invited_at": "2026-11-20T00:00:00Z", "expires_at": "2026-12-11T00:00:00Z"}
                yield {"id": f"invite_{email[:2]}", "email": email, "role": "user", "status": "pending", **times}

    def _members(self, name: str) -> Any:
        for (workspace, email), role in self.listed.items():
            if workspace == name and self.people.get(email) is not None:
                yield {"user_id": f"user_{email[:2]}", "workspace_role": f"workspace_{role}"}


def _id(name: str) -> str:
    return f"wrkspc_{name.replace(' ', '')}"


def _workspace(name: str) -> dict[str, Any]:
    residency = {"workspace_geo": "us", "default_inference_geo": "global", "allowed_inference_geos": "unrestricted"}
    archived = "2026-10-01T00:00:00Z" if SORTS[name] == "archived" else None
    row: dict[str, Any] = {
        "id": _id(name),
        "name": name,
        "archived_at": archived,
        "tags": {},
        "display_color": "#000000",
    }
    return {**row, "data_residency": residency}


def _account(identity: str) -> dict[str, Any]:
    name = identity.replace("_", "-")
    return {"id": identity, "name": name, "organization_role": "developer", "description": "", "archived_at": None}


def _key(key: Key) -> dict[str, Any]:
    scope = {"type": "workspace", "workspace_id": _id(key.workspace)} if key.workspace else {"type": "organization"}
    principal: dict[str, Any] | None = None
    if key.principal is not None and key.principal.startswith("svac_"):
        principal = {"type": "service_account_actor", "service_account_id": key.principal}
    elif key.principal is not None:
        principal = {"type": "user_actor", "user_id": f"user_{key.principal[:2]}"}
    row = {"id": key.id, "name": key.id, "status": key.status, "created_at": "2026-10-01T00:00:00Z", "scope": scope}
    return {**row, "expires_at": None, "created_by": None, "principal": principal}


@st.composite
def organizations(draw: st.DrawFn) -> Acme:
    """Any organization of a few people and the four sorts of workspaces."""
    roles = st.none() | st.sampled_from([*KNOWN_PEOPLE, NEW_WORD])
    people = draw(st.dictionaries(st.sampled_from(EMAILS), roles, min_size=1))
    workspaces = st.sampled_from(["production", "Claude Code"])
    members = st.tuples(workspaces, st.sampled_from(sorted(people)))
    listed = draw(st.dictionaries(members, st.sampled_from([*KNOWN_ROLES, NEW_WORD])))
    listed = {place: role for place, role in listed.items() if people[place[1]] is not None}
    keys = []
    for number in range(draw(st.integers(0, 4))):
        principal = draw(st.none() | st.sampled_from([*EMAILS, *ACCOUNTS]))
        workspace = draw(st.sampled_from(NAMES) if principal is None else st.none() | st.sampled_from(NAMES))
        keys.append(Key(f"apikey_{number}", draw(st.sampled_from(STATUSES)), workspace, principal))
    roles_of_accounts = st.sampled_from(["user", "restricted_developer", "developer", "admin"])
    places = st.tuples(st.sampled_from(["Default", "production", "Claude Code"]), st.sampled_from(ACCOUNTS))
    return Acme(people, listed, tuple(keys), draw(st.dictionaries(places, roles_of_accounts)))
