"""A key with nothing behind it is an error wherever `null` would mean something, and everywhere else, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import HEAD, desired_from, document_from

from orgsync.core.document.settings import settings_model
from orgsync.core.review.base import Base, with_files
from orgsync.errors import InputError
from orgsync.kinds import KINDS
from orgsync.policies.policy import POLICY, Match, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from orgsync.core.words.source import Problem

BLANK = "<nothing>"
LATER = {"until": "2027-01-31", "reason": "it was agreed"}
KEY_ID, WORKSPACE_ID = "apikey_01Ab", "wrkspc_01Ab"
EVERYTHING: dict[str, Any] = {
    "version": 1,
    "requires": ">=0.1",
    "organization": {"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme Robotics"},
    "manage": {"members": "observe"},
    "guards": {
        "min_admins": 1,
        "max_removals": {"percent": 1, "count": 1},
        "max_grants": {"count": 1},
        "protect": ["member:*", {"address": "workspace:*", "from": "any"}],
        "credential_of": "ceo@acme.example",
        "allow": [
            {"address": "workspace:lab", "id": WORKSPACE_ID, **LATER},
            {"guard": "max_grants", "count": 5, **LATER},
        ],
    },
    "accept": [{"address": "workspace:lab", "code": "differs", "fields": ["color"], **LATER}],
    "console": {"tax_id": "DE1", "auto_reload": {"expect": "off", "every": "90d"}},
    "teams": {"core": ["ana@acme.example"]},
    "members": {"ceo@acme.example": "admin", "ana@acme.example": {"role": "user", "until": "2027-01-31"}},
    "service_accounts": {
        "ci": {"id": "svac_01Ab", "role": "developer", "description": "builds"},
        "old-ci": {"archived": True},
    },
    "spend_limit": {"monthly": 100, "currency": "USD"},
    "workspaces": {
        "lab": {
            "id": WORKSPACE_ID,
            "color": "#000000",
            "tags": {"env": "prod"},
            "data_residency": {
                "workspace_geo": "us",
                "default_inference_geo": "us",
                "allowed_inference_geos": ["us"],
            },
            "inference_data_privacy": {
                "human_review": "enabled",
                "safeguards_storage": "internal",
                "transcripts_storage": "internal",
            },
            "external_key_id": "ekey_a",
            "user_profile_id": "uprof_a",
            "members": {"team:core": "user", "ceo@acme.example": {"role": "user", "until": "2027-01-31"}},
            "spend_limit": {"monthly": 10},
            "rate_limits": {"claude-sonnet": {"requests_per_minute": 1, "output_tokens_per_minute": {"value": 1}}},
            "api_keys": {"a": "active", "b": {"status": "active", "id": KEY_ID}, "c": {"renamed_from": "d"}},
        },
        "new": {"renamed_from": "old"},
        "again": {"recreate": WORKSPACE_ID},
        "gone": {"archived": True, "api_keys": {"e": {"archived": True}}},
    },
    "key_policies": {
        "all": {
            "description": "everything",
            "match": {"workspaces": ["lab"], "names": ["*"], "tags": {"env": "prod"}},
            "warn_before": "1d",
            "then": "report",
            "max_age": "90d",
            "expires_within": "90d",
            "must_expire": True,
            "unused_for": "30d",
            "max_active": 1,
            "name": "[a-z]+",
            "owner": "declared",
            "created_by": ["user"],
            "principal": ["user"],
            "scope": "workspace",
            "all": {"max_age": "90d", "unused_for": "30d"},
        }
    },
    "waivers": [{"policy": "all", "key": "api_key:lab/a", "id": KEY_ID, "approved_by": "cto", **LATER}],
}
"""A valid file that has every key of the format at least once, but for the settings of the Console."""


def keys_of(value: Any, *before: str | int) -> Iterator[tuple[str | int, ...]]:
    """The path of every key of every map."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*before, key)
            yield from keys_of(inner, *before, key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from keys_of(inner, *before, index)


def blanked(path: tuple[str | int, ...], written: str = "") -> str:
    """The file with nothing, or something, behind one key. JSON is YAML, where a value may be missing."""
    data = json.loads(json.dumps(EVERYTHING))
    inside = data
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = BLANK
    return "# JSON\n" + json.dumps(data).replace(json.dumps(BLANK), written)


PATHS = [path for path in keys_of(EVERYTHING) if not isinstance(path[-1], int)]


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        desired_from(text)
    except InputError as error:
        return error.problems
    return ()


def test_the_file_has_every_key() -> None:
    models: list[type[BaseModel]] = [*(kind.spec for kind in KINDS if kind.sections), POLICY, Match, Waiver]
    keys = {field for model in models for field in model.model_fields}
    keys |= settings_model(KINDS).model_fields.keys() | {
        section.path[-1] for kind in KINDS for section in kind.sections
    }
    assert keys <= {str(path[-1]) for path in PATHS}


def test_nothing_behind_a_key_is_an_error_everywhere_and_null_is_what_to_write_where_it_is_accepted() -> None:
    assert problems_of("# JSON\n" + json.dumps(EVERYTHING)) == ()
    told = {path: problems_of(blanked(path)) for path in PATHS}
    assert [path for path, problems in told.items() if not problems] == []
    nullable = {
        path
        for path, (first, *_more) in told.items()
        if first.message == "nothing is written here: write null for none"
    }
    assert {("members",), ("workspaces",), ("workspaces", "lab", "spend_limit"), ("workspaces", "lab", "members")} <= (
        nullable
    )
    for path in nullable:
        assert problems_of(blanked(path, "null")) == ()
        assert [problem.address for problem in told[path]] == [".".join(map(str, path))]


@pytest.mark.parametrize("written", ["  # TODO ask finance", "", " &later"])
def test_a_comment_is_nothing(written: str) -> None:
    with pytest.raises(InputError, match=r"org\.yaml:3:1: spend_limit: nothing is written here: write null for none"):
        desired_from(f"spend_limit:{written}\nmembers: {{}}\n")


def test_files_of_before_are_compared_as_they_were_read_then() -> None:
    """A change that writes null where nothing was can be told from others."""
    document = document_from(f"{HEAD}spend_limit:\n")
    assert with_files(Base("main"), document, KINDS, desired_from("").today).trouble is None
