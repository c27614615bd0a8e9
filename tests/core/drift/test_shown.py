"""What a drift report says of keys and money is there as data, also where a plan would act on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from acme import ADMINS, NOW, Org

from core.drift.support import drift

OLD = (NOW - timedelta(days=143)).isoformat().replace("+00:00", "Z")
SEED: dict[str, Any] = {
    "users": [*ADMINS, {"email": "ana@acme.example", "role": "developer"}],
    "workspaces": [{"name": "lab"}],
    "api_keys": [
        {
            "id": "apikey_01Old",
            "name": "old",
            "workspace": "lab",
            "created_at": OLD,
            "created_by_email": "ana@acme.example",
            "expires_at": "2026-11-29T10:00:00Z",
        }
    ],
    "spend_limits": [{"workspace": "lab", "amount": "50000"}],
}
OF_THE_KEY = {
    "policy": "rotate",
    "rules": "max_age",
    "id": "apikey_01Old",
    "owner": "ana@acme.example",
    "expires_on": "2026-11-29",
    "created_on": OLD[:10],
    "age_days": 143,
    "max_age": "90d",
}


def shown(files: str, code: str) -> dict[str, Any]:
    """Of the only entry of this code."""
    report = drift(Org(files, **SEED))
    (found,) = [one.shown for one in report.entries if one.code == code]
    return dict(found)


def test_a_policy_says_the_same_whether_it_reports_or_acts() -> None:
    for then in ("report", "deactivate"):
        policy = f"key_policies: {{rotate: {{max_age: 90d, then: {then}}}}}\n"
        found = shown(f"workspaces: {{lab: {{api_keys: {{old: active}}}}}}\n{policy}", "policy_breach")
        assert found.pop("owner_id").startswith("user_")
        assert found == {**OF_THE_KEY, "then": then}


def test_a_key_that_expires_says_whose_it_is() -> None:
    found = shown("workspaces: {lab: {api_keys: {old: active}}}\n", "key_expires")
    assert (found["id"], found["expires_on"], found["owner"]) == ("apikey_01Old", "2026-11-29", "ana@acme.example")


def test_what_ends_says_on_which_day() -> None:
    files = "workspaces: {lab: {members: {ana@acme.example: {role: developer, until: 2026-11-25}}}}\n"
    assert shown(files, "access_expires") == {"until": "2026-11-25"}
