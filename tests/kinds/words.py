"""What fields can hold, kind by kind: samples from which every pair of words is tried, and a table of them is made."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change, FieldChange
from orgsync.core.model.context import Evidence
from orgsync.core.plan.judgement import weighed
from orgsync.core.words.address import Address
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.model.kind import Kind

NOTHING_SEEN = Evidence({}, datetime(2026, 11, 22, 10, tzinfo=UTC))

_ROLES = [None, "user", "claude_code_user", "developer", "billing", "admin"]

WORDS: dict[tuple[str, str], list[Any]] = {
    ("member", "role"): _ROLES,
    ("workspace", "name"): ["lab", "office"],
    ("workspace", "archived"): [False, True],
    ("workspace", "color"): ["#000000", "#ffffff"],
    ("workspace", "tags.env"): [None, "test", "prod"],
    ("workspace", "data_residency.allowed_inference_geos"): ["unrestricted", ["us"], ["global", "us"]],
    ("workspace", "data_residency.default_inference_geo"): ["global", "us"],
    ("workspace", "inference_data_privacy.human_review"): ["enabled", "disabled"],
    ("workspace", "inference_data_privacy.safeguards_storage"): ["internal", "estrg_01"],
    ("workspace", "inference_data_privacy.transcripts_storage"): ["internal", "estrg_01"],
    ("workspace", "external_key_id"): [None, "key_01"],
    ("workspace", "user_profile_id"): [None, "uprof_01"],
    ("workspace_member", "role"): [None, "user", "restricted_developer", "developer", "billing", "admin"],
    ("api_key", "name"): ["ci", "deploy"],
    ("api_key", "status"): ["active", "inactive", "expired", "archived"],
    ("spend_limit", "monthly"): [None, "500.00 USD", "1000.00 USD"],
    ("rate_limit", "value"): [None, 0, 10, 20],
    ("service_account", "name"): ["ci", "deploy"],
    ("service_account", "role"): [None, "developer", "admin"],
    ("service_account", "description"): [None, "builds", "deploys"],
    ("service_account", "archived"): [False, True],
}
"""Of closed sets every word; of texts and numbers one of each sort. None: there is none."""

ADDRESSES = {
    "member": "member:ana@acme.example",
    "workspace": "workspace:lab",
    "workspace_member": "workspace_member:lab/ana@acme.example",
    "api_key": "api_key:lab/ci",
    "spend_limit": "spend_limit:workspace/lab",
    "rate_limit": "rate_limit:lab/claude-sonnet-5/requests_per_minute",
    "service_account": "service_account:ci",
}


def pairs() -> Iterator[tuple[Kind, str, Any, Any]]:
    """Every kind, field and pair of words between which a change is possible."""
    for (name, path), words in WORDS.items():
        for before, after in permutations(words, 2):
            if (name, path) == ("api_key", "status") and (before == "archived" or after == "expired"):
                continue  # archived is for ever, and nobody makes a key expire
            if (name, path) == ("api_key", "status") and before == "expired" and after != "archived":
                continue  # an expired key can only be archived
            if path == "archived" and before:
                continue
            if (name, path) == ("service_account", "role") and after is None:
                continue  # an account has one of the two
            if path in {"external_key_id", "user_profile_id"} and before is not None:
                continue  # set once
            yield KINDS.by_name[name], path, before, after


def change_of(kind: Kind, path: str, before: Any, after: Any) -> Change:
    """The change of one field of one thing that is there, as plans hold it, weighed without any evidence."""
    identity = None if before is None and len(kind.meaning) == 1 else "id_1"
    change = Change(
        Address(ADDRESSES[kind.name]), _action(kind, after), (FieldChange(path, before, after),), id=identity
    )
    [made] = weighed((change,), kind, NOTHING_SEEN, lambda _address: False)
    return made


def _action(kind: Kind, after: Any) -> Action:
    return Action.REMOVE if after is None and Action.REMOVE in kind.actions else Action.UPDATE


def table() -> Iterator[str]:
    """The rows of the table in docs/guards.md."""
    for kind, path, before, after in pairs():
        made = change_of(kind, path, before, after)
        meaning = ", ".join(made.meaning) or "neutral"
        effects = "; ".join(made.effects)
        yield f"| {kind.name} | `{path}` | {_shown(before)} → {_shown(after)} | {meaning} | {made.risk} | {effects} |"


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    return (
        ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
    )
