"""`renamed_from`: where it means nothing, nothing is created; what it has done is told; a revert renames back."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes
from core.review.support import compare

PROD = {"id": "wrkspc_prod", "name": "prod"}
KEY = {"id": "apikey_01Etl", "name": "etl", "workspace_id": "wrkspc_prod"}
KEYS = "manage: {api_keys: authoritative}\n"


def org(files: str = "", **seed: Any) -> Org:
    return Org(files, **{"users": ADMINS, "workspaces": [PROD], **seed})


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("prd", 'no workspace has the name "prd" (renamed_from), so there is nothing to rename'),
        ("prd", 'did you mean "prod"? Or delete `renamed_from` to ask for a new workspace'),
        ("elsewhere", "correct it, or delete `renamed_from` to ask for a new workspace"),
        ("gone", '"gone" (renamed_from) was archived (wrkspc_gone), so it cannot be renamed'),
    ],
)
def test_no_workspace_is_created_in_place_of_one_that_is_not_there(written: str, message: str) -> None:
    gone = {"id": "wrkspc_gone", "name": "gone", "archived_at": "2026-10-01T00:00:00Z"}
    plan = org(f"workspaces: {{production: {{renamed_from: {written}}}}}", workspaces=[PROD, gone]).plan()
    assert actions(plan) == []
    (blocked,) = plan.blocked
    assert (blocked.code, blocked.address) == ("wrong_former_name", "workspace:production")
    assert message in {blocked.message, blocked.hint}


def test_a_new_one_can_be_asked_for() -> None:
    files = "workspaces: {production: {renamed_from: old}}"
    assert actions(org(files).plan(allow=["workspace:production"])) == ["create workspace:production"]


def test_a_key_that_is_not_there_is_not_to_be_created_in_its_place() -> None:
    plan = org("workspaces: {prod: {api_keys: {loader: {renamed_from: elt}}}}", api_keys=[KEY]).plan()
    assert plan.manual == ()
    assert codes(plan.blocked) == ["wrong_former_name api_key:prod/loader"]


def test_a_rename_that_is_done_is_told() -> None:
    files = "workspaces: {production: {renamed_from: prod, api_keys: {loader: {renamed_from: etl}}}}"
    of = org(files, api_keys=[KEY])
    assert codes(of.plan().findings) == []
    assert of.apply().complete
    plan = of.plan()
    assert actions(plan) == []
    assert codes(plan.findings) == ["rename_done api_key:production/loader", "rename_done workspace:production"]
    assert plan.findings[1].message == "has its new name: delete `renamed_from: prod`"
    assert plan.findings[1].level == "info"


def test_a_revert_renames_back() -> None:
    before = KEYS + "workspaces: {production: {renamed_from: prod, api_keys: {loader: {renamed_from: etl}}}}"
    of = org(before, api_keys=[KEY])
    assert of.apply().complete
    after = KEYS + "workspaces: {prod: {api_keys: {etl: active}}}"
    plan = compare(of, before, after)
    assert actions(plan) == ["update workspace:prod", "update api_key:prod/etl"]
    assert [change.id for change in plan.changes] == ["wrkspc_prod", "apikey_01Etl"]
    assert {change.cause for change in plan.changes} == {"config"}
    assert not plan.refusals
    assert of.apply(after, plan=plan).complete
    assert actions(compare(of, before, after)) == []


def test_a_revert_of_what_was_not_applied_yet_changes_nothing() -> None:
    before = "workspaces: {production: {renamed_from: prod}}"
    plan = compare(org(before), before, "workspaces: {prod: {}}")
    assert (actions(plan), codes(plan.findings)) == ([], [])


def test_what_the_files_still_declare_is_not_renamed_back() -> None:
    """Another workspace gets the former name again: that is no revert."""
    before = "workspaces: {production: {renamed_from: prod}}"
    of = org(before)
    assert of.apply().complete
    plan = compare(of, before, "workspaces: {production: {}, prod: {}}")
    assert actions(plan) == ["create workspace:prod"]
