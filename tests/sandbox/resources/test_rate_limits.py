"""Rate limits of the organization, and what workspaces override of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import NOW, SEED, Org, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

PROD = "/workspaces/wrkspc_prod/rate_limits"
OLD_VERSION = {"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01"}


def put(org: Org, limits: dict[str, int | None], entry: str = "limit-of-sonnet", workspace: str = "prod") -> Reply:
    rows = [{"type": kind, "value": value} for kind, value in limits.items()]
    return org.post(f"/workspaces/wrkspc_{workspace}/rate_limits/{entry}", {"limits": rows})


def overrides(org: Org, **query: str) -> dict[str, dict[str, tuple[int, str]]]:
    """By entry and type: the value and where it comes from."""
    return {
        row["rate_limit_id"]: {each["type"]: (each["value"], each["source"]["type"]) for each in row["limits"]}
        for row in org.get(PROD, **query).body["data"]
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["limit-of-sonnet", "limit-of-batches", "limit-of-files"]),
        ({"group_type": "batch"}, ["limit-of-batches"]),
        ({"group_type": "skills"}, []),
        ({"model": "claude-sonnet-5"}, ["limit-of-sonnet"]),
        ({"model": "claude-sonnet-latest"}, ["limit-of-sonnet"]),
        ({"model": "claude-sonnet-5", "group_type": "batch"}, []),
    ],
)
def test_filters_narrow_the_list(org: Org, query: dict[str, str], ids: list[str]) -> None:
    reply = org.get("/rate_limits", **query)
    assert (reply.ids, reply.body["next_page"]) == (ids, None)


def test_unknown_models_and_groups(org: Org) -> None:
    assert org.get("/rate_limits", model="claude-1").status == 404
    assert org.get("/rate_limits", group_type="models").status == 400
    assert org.get(PROD, group_type="models").status == 400
    assert org.get("/workspaces/wrkspc_no/rate_limits").status == 404


def test_only_model_groups_have_names_and_models(org: Org) -> None:
    sonnet, batch, _ = org.get("/rate_limits").body["data"]
    assert sonnet == {
        "type": "rate_limit",
        "id": "limit-of-sonnet",
        "group": {"id": "rlg_sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
        "limits": [
            {"type": "requests_per_minute", "value": 4000},
            {"type": "output_tokens_per_minute", "value": 400000},
        ],
        "models": ["claude-sonnet-5", "claude-sonnet-latest"],
    }
    assert (batch["group"], batch["models"]) == ({"id": "rlg_batch", "type": "batch"}, None)


def test_the_old_version_has_the_group_type_beside_the_group(org: Org) -> None:
    for path in ("/rate_limits", PROD):
        old = org.call("GET", path, headers=OLD_VERSION).body["data"]
        new = org.get(path).body["data"]
        assert old == [{**row, "group_type": row["group"]["type"]} for row in new]


def test_organizations_without_seeded_limits_have_the_usual_ones(make_org: Callable[..., Org]) -> None:
    first, second = (make_org({"organization": {"name": name}}).get("/rate_limits").body["data"] for name in "ab")
    kinds = {row["group"]["type"] for row in first}
    assert kinds == {"model_group", "batch", "token_count", "files", "skills", "web_search"}
    assert [row["group"] for row in first] == [row["group"] for row in second]
    assert not {row["id"] for row in first} & {row["id"] for row in second}


def test_a_workspace_lists_what_it_overrides(org: Org) -> None:
    assert org.get(PROD).body["data"] == [
        {
            "type": "workspace_rate_limit",
            "rate_limit_id": "limit-of-sonnet",
            "workspace_id": "wrkspc_prod",
            "group": {"id": "rlg_sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
            "limits": [
                {"type": "requests_per_minute", "value": 1000, "org_limit": 4000, "source": {"type": "workspace"}}
            ],
            "models": ["claude-sonnet-5", "claude-sonnet-latest"],
        }
    ]
    assert org.get("/workspaces/wrkspc_default/rate_limits").body == {"data": [], "next_page": None}


def test_inherited_values_name_their_source(org: Org) -> None:
    assert overrides(org, include_inherited="true") == {
        "limit-of-sonnet": {
            "requests_per_minute": (1000, "workspace"),
            "output_tokens_per_minute": (400000, "organization"),
        },
        "limit-of-batches": {"enqueued_batch_requests": (500000, "organization")},
        "limit-of-files": {"requests_per_minute": (100, "organization")},
    }
    assert list(overrides(org, include_inherited="true", group_type="files")) == ["limit-of-files"]
    assert overrides(org, group_type="files") == {}
    assert org.get(PROD, include_inherited="yes").status == 400


def test_an_update_changes_the_types_it_names(org: Org) -> None:
    assert put(org, {"output_tokens_per_minute": 7, "tokens_per_day": 0}).status == 200
    reply = put(org, {"requests_per_minute": None, "output_tokens_per_minute": 9_007_199_254_740_991})
    assert [(each["type"], each["value"], each["org_limit"]) for each in reply.body["limits"]] == [
        ("output_tokens_per_minute", 9_007_199_254_740_991, 400000),
        ("tokens_per_day", 0, None),
    ]
    assert reply.body == org.get(PROD).body["data"][0]


def test_a_group_without_overrides_leaves_the_list(org: Org) -> None:
    reply = put(org, {"requests_per_minute": None})
    assert (reply.status, reply.body["limits"]) == (200, [])
    assert overrides(org) == {}
    assert put(org, {"requests_per_minute": None}).status == 200


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ([], "limits: List should have at least 1 item"),
        ([{"type": "fast_otpm", "value": 1}] * 17, "limits: List should have at most 16 items"),
        ([{"type": "enqueued_batch_requests", "value": 1}], "limits.0.type: Input should be"),
        ([{"type": "fast_otpm"}], "limits.0.value: Field required"),
        ([{"type": "fast_otpm", "value": -1}], "limits.0.value: Input should be greater than or equal to 0"),
        ([{"type": "fast_otpm", "value": 9007199254740992}], "limits.0.value: Input should be less than or equal to"),
        ([{"type": "fast_otpm", "value": "1"}], "limits.0.value: Input should be a valid integer"),
        ([{"type": "fast_otpm", "value": True}], "limits.0.value: Input should be a valid integer"),
        ([{"type": "fast_otpm", "value": 1, "org_limit": 2}], "limits.0.org_limit: Extra inputs are not permitted"),
        ([{"type": "fast_otpm", "value": 1}] * 2, "limits: a limiter type may be named once"),
    ],
)
def test_updates_are_strict(org: Org, limits: list[dict[str, Any]], message: str) -> None:
    reply = org.post(f"{PROD}/limit-of-sonnet", {"limits": limits})
    assert (reply.status, message in reply.message) == (400, True), reply.message


def test_which_workspaces_take_no_overrides(org: Org) -> None:
    assert put(org, {"fast_otpm": 1}, workspace="default").status == 400
    assert put(org, {"fast_otpm": 1}, workspace="old").status == 400
    assert put(org, {"fast_otpm": 1}, workspace="no").status == 404
    assert put(org, {"fast_otpm": 1}, entry="rlg_sonnet").status == 404
    assert org.get("/workspaces/wrkspc_old/rate_limits").status == 200


def test_rows_of_the_api_make_the_same_limits(make_org: Callable[..., Org], org: Org) -> None:
    inherited = org.get(PROD, include_inherited="true").body["data"]
    rows = {"rate_limits": org.get("/rate_limits").body["data"], "workspace_rate_limits": inherited}
    again = make_org({**SEED, **rows})
    assert again.get("/rate_limits").body == org.get("/rate_limits").body
    assert again.get(PROD).body == org.get(PROD).body


GROUP = {"type": "model_group", "display_name": "A"}
OVERRIDE: dict[str, Any] = {"workspace": "prod", "group_type": "batch", "limits": []}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"rate_limits": [{"group": GROUP, "limits": []}]}, "rate_limits.0: models and group.display_name"),
        ({"rate_limits": [{"group": {"type": "files"}, "limits": []}] * 2}, "rate_limits.1.group.id: rlg_"),
        (
            {
                "rate_limits": [
                    {"group": {**GROUP, "display_name": name}, "limits": [], "models": ["m"]} for name in "ab"
                ]
            },
            "rate_limits.1.models: m is also in rate_limits.0",
        ),
        (
            {"rate_limits": [{"group": {"type": "files"}, "limits": [{"type": "a", "value": 1}] * 2}]},
            "rate_limits.0.limits.1.type: a is also rate_limits.0.limits.0",
        ),
        ({"workspace_rate_limits": [{**OVERRIDE, "workspace": "x"}]}, "workspace_rate_limits.0: there is no workspace"),
        ({"workspace_rate_limits": [{**OVERRIDE, "group_type": "web"}]}, "workspace_rate_limits.0: rate_limit_id, gr"),
        ({"workspace_rate_limits": [OVERRIDE, OVERRIDE]}, "workspace_rate_limits.1: the workspace has a row for this"),
        (
            {
                "workspace_rate_limits": [
                    {**OVERRIDE, "workspace": "Default", "limits": [{"type": "fast_otpm", "value": 1}]}
                ]
            },
            "workspace_rate_limits.0: the default workspace has no rate limits",
        ),
        ({"settings": {"organization_type": "enterprise"}}, "rate_limits: Claude Enterprise organizations have none"),
    ],
)
def test_seeds_are_checked(rows: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with={**SEED, "workspace_rate_limits": [], **rows})
    assert problem in str(caught.value)
