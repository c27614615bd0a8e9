"""An organization whose keys are old, left behind, unused or in breach, and the files that say so."""

from __future__ import annotations

from typing import Any

from cli.support import CEO

GREG = "user_01GregLeft"
ROBOT = {"type": "service_account_actor", "service_account_id": "svac_01robot"}
SEED: dict[str, Any] = {
    "users": [
        CEO,
        {"email": "tomas.vega@acme.example", "role": "developer"},
        {"email": "ana.ruiz@acme.example", "role": "developer"},
    ],
    "workspaces": [{"name": "production"}, {"name": "lab"}],
    "api_keys": [
        {
            "id": "apikey_01LegacyEtl",
            "name": "legacy etl",
            "workspace": "production",
            "created_at": "2025-05-21T09:00:00Z",
            "created_by": {"type": "user", "id": GREG},
        },
        {
            "id": "apikey_01MyKey",
            "name": "my key",
            "created_at": "2025-08-16T09:00:00Z",
            "created_by_email": "tomas.vega@acme.example",
            "principal_email": "tomas.vega@acme.example",
        },
        {
            "id": "apikey_01Chatbot",
            "name": "chatbot",
            "workspace": "production",
            "created_at": "2026-11-02T09:00:00Z",
            "created_by_email": "ana.ruiz@acme.example",
        },
        {
            "id": "apikey_01Nightly",
            "name": "nightly",
            "workspace": "lab",
            "status": "inactive",
            "created_at": "2026-08-24T10:00:00Z",
            "created_by": {"type": "service_account", "id": "svac_01robot"},
        },
        {
            "id": "apikey_01Gone",
            "name": "gone",
            "workspace": "lab",
            "status": "archived",
            "created_at": "2024-01-01T09:00:00Z",
        },
    ],
    "usage": [
        {"at": "2026-11-22T08:00:00Z", "api_key": "legacy etl", "model": "m", "input_tokens": 41},
        {"at": "2026-11-10T08:00:00Z", "api_key": "chatbot", "model": "m", "input_tokens": 41},
    ],
}
FILES = """\
members: {ceo@acme.example: admin, tomas.vega@acme.example: developer, ana.ruiz@acme.example: developer}
key_policies:
  rotate: {max_age: 90d}
  naming: {name: "[a-z0-9-]+"}
  idle: {unused_for: 7d}
waivers:
  - {policy: naming, key: "api_key:Default/my key", until: 2027-01-31, reason: "CH-12"}
"""
