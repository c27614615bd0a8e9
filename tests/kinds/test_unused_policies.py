"""A policy that covers nothing is pointed out; one that covers a workspace without keys does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import Org, codes
from core.drift.support import drift, told
from probes.world import World

if TYPE_CHECKING:
    from orgsync.core.model.change import Note, Plan
    from orgsync.core.model.rows import Row

LAB = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"
SEED: dict[str, Any] = {
    "workspaces": [
        {"name": "production", "tags": {"env": "prod"}},
        {"name": "lab", "id": LAB},
        {"name": "gone", "archived_at": "2026-03-01T00:00:00Z"},
    ],
    "api_keys": [{"name": "etl", "workspace": "production"}],
}


def policy(match: str) -> str:
    return f"key_policies: {{rotate: {{max_age: 3000d, match: {match}}}}}\n"


def unused(plan: Plan) -> list[Note]:
    return [note for note in plan.findings if note.code == "policy_unused"]


@pytest.mark.parametrize(
    ("match", "hint"),
    [
        ("{workspaces: [prodution]}", '; did you mean "production"?'),
        ("{workspaces: [x, 'prodoction*']}", '; did you mean "production"?'),
        ("{workspaces: [new-wokspace]}", '; did you mean "new-workspace"?'),
        ("{workspaces: [prodution], names: [etl]}", '; did you mean "production"?'),
        ("{workspaces: ['staging-*']}", ": correct its `workspaces` or `tags`, or delete the policy"),
        ("{workspaces: [gone]}", ": correct its `workspaces` or `tags`, or delete the policy"),
        ("{tags: {evn: prod}}", ": correct its `workspaces` or `tags`, or delete the policy"),
        ("{workspaces: [Production]}", '; did you mean "production"?'),
    ],
)
def test_a_policy_that_covers_nothing_is_a_warning_at_its_line(match: str, hint: str) -> None:
    [note] = unused(Org(f"{policy(match)}workspaces: {{new-workspace: {{}}}}", **SEED).plan())
    assert (note.address, note.level, note.source and note.source.line) == ("api_key:*", "warning", 3)
    assert note.message == f"rotate: `match` covers no workspace{hint}"


@pytest.mark.parametrize(
    "match",
    [
        "{}",
        "{names: ['tmp-*']}",  # that there is no such key may be what the policy is for
        "{workspaces: [typo, '*']}",
        "{workspaces: [production]}",
        "{workspaces: [Default]}",
        "{workspaces: [office]}",  # a new name
        "{workspaces: [lab]}",  # and the former one
        "{workspaces: [new-workspace]}",
        "{tags: {env: prod}}",
        "{tags: {env: new}}",
        "{tags: {env: old}}",
    ],
)
def test_a_policy_that_covers_a_workspace_under_any_name_is_used(match: str) -> None:
    files = "workspaces: {office: {renamed_from: lab, tags: {env: new}}, new-workspace: {}}"
    lab = {**SEED["workspaces"][1], "tags": {"env": "old"}}
    seed = {**SEED, "workspaces": [SEED["workspaces"][0], lab]}
    assert unused(Org(policy(match) + files, **seed).plan()) == []


def test_it_is_not_said_of_lists_that_could_not_be_seen() -> None:
    org = Org(f"{policy('{workspaces: [typo]}')}workspaces: {{}}", **SEED)
    org.app.set_faults([{"fault": "status_before", "path": "*/api_keys", "status": 403, "times": 9, "method": "GET"}])
    plan = org.plan()
    assert "not_offered api_key:*" in codes(plan.findings)
    assert unused(plan) == []


def test_tags_that_are_not_understood_may_be_any() -> None:
    def odd(path: str, rows: list[Row]) -> list[Row]:
        return [{**row, "tags": 7} for row in rows] if path.endswith("/workspaces") else rows

    world = World(policy("{tags: {team: a}}"))
    assert codes(unused(world.plan())) == ["policy_unused api_key:*"]
    world.change = odd
    assert unused(world.plan()) == []


def test_drift_counts_it() -> None:
    """A policy that looks at no key is not the same as no breach."""
    org = Org(f"{policy('{workspaces: [typo]}')}workspaces: {{}}", **SEED)
    report = drift(org)
    assert "policy_unused api_key:*" in told(report.entries)
    accepted = "accept: [{address: 'api_key:*', code: policy_unused, reason: soon, until: 2026-12-01}]\n"
    assert "policy_unused api_key:*" in told(drift(org, accepted + org.files).accepted)
