"""The switches of service accounts, in both positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.org import CEO_TOKEN, SEED, Org, seeded

from .switching import Switch

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = {"secret": "token-of-program", "kind": "oauth_token"}
OLD = {"name": "old", "archived_at": "2026-01-01T00:00:00Z"}
KNOWN = seeded({**SEED, "service_accounts": [OLD]}, credentials=[CEO_TOKEN, PROGRAM])


def made(secret: object, **fields: Any) -> Callable[[Org], int]:
    headers = {"authorization": f"Bearer {secret}"}
    return lambda org: org.call("POST", "/service_accounts", {"name": "bot", **fields}, headers=headers).status


ACCOUNTS = [
    Switch("service_accounts", "absent", made(CEO_TOKEN["secret"]), 200, 404, KNOWN),
    Switch("admin_accounts", "anybody", made(PROGRAM["secret"], organization_role="admin"), 403, 200, KNOWN),
    Switch("archived_account_name", "taken", made(CEO_TOKEN["secret"], name="old"), 200, 409, KNOWN),
]
