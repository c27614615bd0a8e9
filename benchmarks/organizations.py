"""Organizations of four sizes: the seed of a sandbox, and the file that declares all of it, as an export would.

    python -m benchmarks.organizations SIZE FOLDER

writes FOLDER/seed.json, FOLDER/same.yaml (what the seed has) and FOLDER/org.yaml (1 % of the workspace roles differ).

| size | workspaces x members | users | keys | lines of YAML | requests |
|---|---|---|---|---|---|
| S | 5 x 8 | 30 | 20 | 176 | 15 |
| M | 50 x 30 | 300 | 300 | 2,928 | 60 |
| L | 200 x 100 | 3,000 | 4,000 | 33,082 | 218 |
| XL | 500 x 200 | 10,000 | 20,000 | 155,190 | 547 |
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ORGANIZATION = {"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme"}
ADMINS = 2
ROLES = ("user", "developer")
WORKSPACE_ROLES = ("user", "restricted_developer", "developer", "admin")
LIMITED = "-limited"
"""How the names of the workspaces end that have rate limits of their own: the list of each costs a request."""
_PAGE = 1000
_ONCE = ("me", "invites", "workspaces", "rate_limits", "spend_limits", "spend_limits/ID", "cost_report")
_EVERY_LIMITED = 50
_EVERY_SPENDING = 10
_EVERY_DIFFERENT = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each; `members` is for one workspace."""

    workspaces: int
    members: int
    users: int
    keys: int

    @property
    def requests(self) -> int:
        """How many a plan makes."""
        limited = sum(name.endswith(LIMITED) for name in self.names())
        return ceil(self.users / _PAGE) + ceil(self.keys / _PAGE) + self.workspaces + limited + len(_ONCE)

    def people(self) -> list[str]:
        return [f"person-{number:05}@acme.example" for number in range(self.users)]

    def names(self) -> list[str]:
        """The names of the workspaces."""
        return [
            f"workspace-{number:03}{LIMITED if number % _EVERY_LIMITED == 0 else ''}"
            for number in range(self.workspaces)
        ]

    def roles(self) -> dict[str, dict[str, str]]:
        """By workspace, who has which role in it. Admins of the organization are in all of them, without a line."""
        members = self.people()[ADMINS:]
        return {
            name: {
                members[(number * 37 + one) % len(members)]: WORKSPACE_ROLES[(number + one) % len(WORKSPACE_ROLES)]
                for one in range(self.members)
            }
            for number, name in enumerate(self.names())
        }

    def keys_of(self, place: int) -> list[str]:
        """The names of the API keys in the workspace at this place."""
        return [f"key-{number:05}" for number in range(place, self.keys, self.workspaces)]


SIZES = {
    "S": Size(5, 8, 30, 20),
    "M": Size(50, 30, 300, 300),
    "L": Size(200, 100, 3_000, 4_000),
    "XL": Size(500, 200, 10_000, 20_000),
}


def seed(size: Size) -> dict[str, Any]:
    """The rows of a sandbox that holds such an organization."""
    people, names = size.people(), size.names()
    return {
        "organization": ORGANIZATION,
        "users": [{"email": email, "role": role_of(place)} for place, email in enumerate(people)],
        "workspaces": [{"name": name, "display_color": "#6c5bb9", "tags": {"env": "prod"}} for name in names],
        "workspace_members": [
            {"email": email, "workspace": name, "workspace_role": f"workspace_{role}"}
            for name, inside in size.roles().items()
            for email, role in inside.items()
        ],
        "api_keys": [
            {"name": key, "workspace": name, "created_by_email": people[ADMINS + place % (size.users - ADMINS)]}
            for place, name in enumerate(names)
            for key in size.keys_of(place)
        ],
        "spend_limits": [
            {"amount": "10000000"},
            *({"workspace": name, "amount": "250000"} for name in names[::_EVERY_SPENDING]),
        ],
        "workspace_rate_limits": [
            {"workspace": name, "group_type": "files", "limits": [{"type": "requests_per_minute", "value": 50}]}
            for name in names
            if name.endswith(LIMITED)
        ],
        "settings": {"workspace_limit": None},
    }


def role_of(place: int) -> str:
    """The role in the organization of the person at this place."""
    return "admin" if place < ADMINS else ROLES[place % len(ROLES)]


def changes(size: Size) -> int:
    """How many roles differ in the file."""
    return ceil(size.workspaces * size.members / _EVERY_DIFFERENT)


def org_yaml(size: Size, *, different: bool) -> str:
    """The file that declares all of it; `different`, with another role for every hundredth member of a workspace."""
    return "\n".join(_lines(size, different=different)) + "\n"


def _lines(size: Size, *, different: bool) -> Iterator[str]:
    yield from ("version: 1", "organization:", f"  id: {ORGANIZATION['id']}", f"  name: {ORGANIZATION['name']}")
    if different:  # 1 % of 100,000 roles are more than guards let pass
        yield "guards: {max_removals: {count: 1000000}, max_grants: {count: 1000000}}"
    yield "members:"
    yield from (f"  {email}: {role_of(place)}" for place, email in enumerate(size.people()))
    yield "workspaces:"
    number = 0
    for place, (name, inside) in enumerate(size.roles().items()):
        yield from (f"  {name}:", "    color: '#6c5bb9'", "    tags:", "      env: prod")
        yield from ("    data_residency:", "      workspace_geo: us", "      default_inference_geo: global")
        yield "      allowed_inference_geos: unrestricted"
        yield "    members:"
        for email, role in inside.items():
            changed = different and number % _EVERY_DIFFERENT == 0
            yield f"      {email}: {_other(role) if changed else role}"
            number += 1
        if place % _EVERY_SPENDING == 0:
            yield from ("    spend_limit:", "      monthly: 2500", "      currency: USD")
        if name.endswith(LIMITED):
            yield from ("    rate_limits:", "      files:", "        requests_per_minute: 50")
        yield "    api_keys:"
        for key in size.keys_of(place):
            yield from (f"      {key}:", "        status: active")
    yield from ("spend_limit:", "  monthly: 100000", "  currency: USD")


def _other(role: str) -> str:
    return WORKSPACE_ROLES[(WORKSPACE_ROLES.index(role) + 1) % len(WORKSPACE_ROLES)]


def main() -> None:
    size, folder = SIZES[sys.argv[1]], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seed.json").write_text(json.dumps(seed(size)), encoding="utf-8")
    (folder / "same.yaml").write_text(org_yaml(size, different=False), encoding="utf-8")
    (folder / "org.yaml").write_text(org_yaml(size, different=True), encoding="utf-8")


if __name__ == "__main__":
    main()
