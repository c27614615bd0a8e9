"""The judge itself: every kind of difference from the SDK's types is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anthropic.pagination import SyncPage
from anthropic.types.beta.organization import BetaOrganizationUser, BetaWorkspace

from sandbox.org import EFS

from .sdk_shapes import problems

if TYPE_CHECKING:
    from sandbox.org import Org


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"extra": 1}, "$.extra: undeclared"),
        ({"name": None}, "$.name: None is not a string"),
        ({"created_at": "yesterday"}, "$.created_at: 'yesterday' is not a time"),
        ({"created_at": "2026-01-01T00:00:00+01:00"}, "is not in UTC"),
        ({"type": "space"}, "$.type: 'space' is not one of"),
        ({"tags": {"a": 1}}, "$.tags.a: 1 is not a string"),
        ({"archived_at": 3}, "$.archived_at: fits no alternative"),
        ({"data_residency": None}, "$.data_residency: not an object"),
    ],
)
def test_a_difference_is_named(org: Org, change: dict[str, Any], problem: str) -> None:
    workspace = org.get("/workspaces/wrkspc_prod").body
    assert problems(BetaWorkspace, workspace) == []
    assert problem in "\n".join(problems(BetaWorkspace, workspace | change))


def test_missing_fields_are_named_at_any_depth(org: Org) -> None:
    workspace = org.get("/workspaces/wrkspc_prod").body
    for field in workspace:
        assert problems(BetaWorkspace, without(workspace, field)) == [f"$.{field}: missing"]
    workspace["data_residency"] = without(workspace["data_residency"], "workspace_geo")
    assert problems(BetaWorkspace, workspace) == ["$.data_residency.workspace_geo: missing"]


def test_a_field_of_a_beta_comes_exactly_with_it(org: Org) -> None:
    plain = org.get("/workspaces/wrkspc_prod").body
    with_beta = org.call("GET", "/workspaces/wrkspc_prod", headers=EFS).body
    assert problems(BetaWorkspace, with_beta, betas=["efs-2026-10-01"]) == []
    assert problems(BetaWorkspace, plain, betas=["efs-2026-10-01"]) == ["$.inference_data_privacy: missing"]
    assert problems(BetaWorkspace, with_beta, betas=["other"]) == ["$.inference_data_privacy: undeclared"]


def test_pages_are_walked(org: Org) -> None:
    page = org.get("/users").body
    assert problems(SyncPage[BetaOrganizationUser], page) == []
    page["data"][2]["role"] = "boss"
    assert [problem.partition(":")[0] for problem in problems(SyncPage[BetaOrganizationUser], page)] == [
        "$.data[2].role"
    ]
