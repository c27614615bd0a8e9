"""The official SDK drives every method of the sandbox's resources over HTTP and finds exactly its own types."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from anthropic import Anthropic, AsyncAnthropic, AuthenticationError, NotFoundError

from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.conftest import served
from sandbox.org import ENTERPRISE, NOW

from .sdk_resources import EMULATED, methods, resources
from .sdk_shapes import problems, response_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROD = "wrkspc_prod"
START = "2026-10-30T00:00:00Z"
EFS_BETA = "efs-2026-10-01"


@pytest.fixture(scope="module")
def client(server: tuple[str, Path]) -> Iterator[Anthropic]:
    with Anthropic(auth_token=ADMIN_KEY, base_url=server[0], max_retries=0) as sdk:
        yield sdk


NUMBERS = itertools.count()


def invited(sdk: Any) -> str:
    """A pending invite nobody else uses."""
    return str(sdk.invites.create(email=f"guest{next(NUMBERS)}@acme.com", role="user").id)


def joined(sdk: Any, role: str = "workspace_user") -> dict[str, str]:
    """The keys of a membership nobody else uses."""
    workspace = sdk.workspaces.create(name=f"workspace {next(NUMBERS)}")
    sdk.workspaces.members.add(workspace_id=workspace.id, user_id="user_kim", workspace_role=role)
    return {"workspace_id": workspace.id, "user_id": "user_kim"}


def limited(sdk: Any) -> str:
    """The spend limit of a workspace nobody else uses."""
    workspace = sdk.workspaces.create(name=f"workspace {next(NUMBERS)}")
    scope = {"type": "workspace", "workspace_id": workspace.id}
    return str(sdk.spend_limits.set(amount="1", scope=scope).id)


# One call of every method, each of which can stand alone. `sdk` is `client[.beta].organization`.
CALLS: dict[str, Callable[[Any], tuple[Any, dict[str, Any]]]] = {
    "retrieve": lambda sdk: (sdk, {}),
    "users.list": lambda sdk: (sdk.users, {"roles": ["admin", "billing", "developer", "user"], "limit": 100}),
    "users.retrieve": lambda sdk: (sdk.users, {"user_id": "user_kim"}),
    "users.update": lambda sdk: (sdk.users, {"user_id": "user_kim", "role": "claude_code_user"}),
    "invites.create": lambda sdk: (sdk.invites, {"email": "new@acme.com", "role": "developer", "rbac_group_ids": []}),
    "invites.list": lambda sdk: (sdk.invites, {"statuses": ["pending"], "roles": ["user"]}),
    "invites.retrieve": lambda sdk: (sdk.invites, {"invite_id": invited(sdk)}),
    "invites.delete": lambda sdk: (sdk.invites, {"invite_id": invited(sdk)}),
    "workspaces.create": lambda sdk: (
        sdk.workspaces,
        {
            "name": "made by the SDK",
            "display_color": "#6C5BB9",
            "tags": {"team": "platform"},
            "data_residency": {"allowed_inference_geos": ["us", "global"], "default_inference_geo": "us"},
            "external_key_id": None,
            "user_profile_id": None,
        },
    ),
    "workspaces.list": lambda sdk: (sdk.workspaces, {"include_archived": True, "include_default": True}),
    "workspaces.retrieve": lambda sdk: (sdk.workspaces, {"workspace_id": PROD}),
    "workspaces.update": lambda sdk: (
        sdk.workspaces,
        {
            "workspace_id": PROD,
            "name": "production",
            "tags": {"env": None, "tier": "1"},
            "data_residency": {"allowed_inference_geos": "unrestricted"},
        },
    ),
    "workspaces.archive": lambda sdk: (sdk.workspaces, {"workspace_id": joined(sdk)["workspace_id"]}),
    "workspaces.members.add": lambda sdk: (
        sdk.workspaces.members,
        {"workspace_id": PROD, "user_id": "user_kim", "workspace_role": "workspace_user"},
    ),
    "workspaces.members.list": lambda sdk: (sdk.workspaces.members, {"workspace_id": PROD}),
    "workspaces.members.retrieve": lambda sdk: (
        sdk.workspaces.members,
        {"workspace_id": PROD, "user_id": "user_dev"},
    ),
    "workspaces.members.update": lambda sdk: (
        sdk.workspaces.members,
        {**joined(sdk), "workspace_role": "workspace_restricted_developer"},
    ),
    "workspaces.members.remove": lambda sdk: (sdk.workspaces.members, joined(sdk)),
    "api_keys.list": lambda sdk: (sdk.api_keys, {"limit": 100}),
    "api_keys.retrieve": lambda sdk: (sdk.api_keys, {"api_key_id": "apikey_kim"}),
    "api_keys.update": lambda sdk: (sdk.api_keys, {"api_key_id": "apikey_off", "name": "on", "status": "active"}),
    "rate_limits.list": lambda sdk: (sdk.rate_limits, {"limit": 100}),
    "workspaces.rate_limits.list": lambda sdk: (
        sdk.workspaces.rate_limits,
        {"workspace_id": PROD, "include_inherited": True},
    ),
    "workspaces.rate_limits.update": lambda sdk: (
        sdk.workspaces.rate_limits,
        {
            "rate_limit_id": "limit-of-sonnet",
            "workspace_id": PROD,
            "limits": [
                {"type": "requests_per_minute", "value": 5000},
                {"type": "tokens_per_day", "value": 1},
                {"type": "output_tokens_per_minute", "value": None},
            ],
        },
    ),
    "spend_limits.list": lambda sdk: (sdk.spend_limits, {"scope_type": ["workspace", "organization", "usage_tier"]}),
    "spend_limits.retrieve": lambda sdk: (sdk.spend_limits, {"spend_limit_id": "spl_org"}),
    "spend_limits.set": lambda sdk: (
        sdk.spend_limits,
        {"amount": "60000", "scope": {"type": "workspace", "workspace_id": PROD}, "period": "monthly"},
    ),
    "spend_limits.delete": lambda sdk: (sdk.spend_limits, {"spend_limit_id": limited(sdk)}),
    "analytics.cost.list": lambda sdk: (
        sdk.analytics.cost,
        {"starting_at": START, "group_by": ["actor", "model", "workspace_id", "cost_type", "token_type"]},
    ),
    "analytics.usage.list": lambda sdk: (
        sdk.analytics.usage,
        {
            "starting_at": START,
            "ending_at": "2026-11-01T00:00:00Z",
            "time_bucket_width": "1d",
            "group_by": ["actor_type", "api_key_id", "inference_geo", "service_tier", "speed"],
            "api_key_ids": ["apikey_ci", "apikey_kim", ""],
        },
    ),
}
# What the usual organization cannot answer: it has nobody to spare, and sign-out is for enterprises.
ELSEWHERE = {"users.remove", "users.sign_out"}


def methods_of(sdk: Any) -> set[str]:
    """Every method the SDK has for the resources of the sandbox."""
    return {prefix + name for prefix, resource in resources(sdk) if prefix in EMULATED for name in methods(resource)}


def is_stable(name: str) -> bool:
    """Whether the stable surface reads it, too; cost and usage are there under other names only."""
    return name.endswith(("retrieve", "list")) and not name.startswith(("spend_limits.", "analytics."))


def test_no_method_of_the_sdk_is_forgotten(client: Anthropic) -> None:
    assert methods_of(client.beta.organization) == set(CALLS) | ELSEWHERE
    assert methods_of(client.organization) <= set(CALLS) | ELSEWHERE


@pytest.mark.parametrize("name", CALLS)
def test_every_answer_has_exactly_the_type_the_sdk_declares(client: Anthropic, name: str) -> None:
    resource, arguments = CALLS[name](client.beta.organization)
    method = name.rpartition(".")[2]
    raw = getattr(resource.with_raw_response, method)(**arguments).http_response.json()
    assert problems(response_type(getattr(type(resource), method)), raw) == []


@pytest.mark.parametrize("method", ["create", "list", "retrieve", "update", "archive"])
def test_workspaces_show_where_data_goes_to_who_names_the_beta(client: Anthropic, method: str) -> None:
    resource, arguments = CALLS[f"workspaces.{method}"](client.beta.organization)
    answer = getattr(resource.with_raw_response, method)(**arguments, betas=[EFS_BETA])
    expected = response_type(getattr(type(resource), method))
    assert problems(expected, answer.http_response.json(), betas=[EFS_BETA]) == []


@pytest.mark.parametrize("name", sorted(filter(is_stable, CALLS)))
def test_the_stable_surface_reads_the_same(client: Anthropic, name: str) -> None:
    method = name.rpartition(".")[2]
    resource, arguments = CALLS[name](client.organization)
    raw = getattr(resource.with_raw_response, method)(**arguments).http_response.json()
    assert problems(response_type(getattr(type(resource), method)), raw) == []


def test_a_member_is_removed(server: tuple[str, Path], client: Anthropic) -> None:
    app = open_app(server[1])
    user = app.console("POST", "/users", {"email": "leaver@acme.com", "role": "user"}).body
    app.close()
    users = client.beta.organization.users
    raw = users.with_raw_response.remove(user["id"]).http_response.json()
    assert problems(response_type(type(users).remove), raw) == []
    with pytest.raises(NotFoundError):
        users.retrieve(user["id"])


def test_a_member_is_signed_out(tmp_path: Path) -> None:
    seed.create(tmp_path / "state", ENTERPRISE, now=NOW)
    with (
        served(tmp_path / "state") as url,
        Anthropic(auth_token="scoped", base_url=url, max_retries=0) as sdk,
    ):
        users = sdk.beta.organization.users
        raw = users.with_raw_response.sign_out("user_keeper").http_response.json()
    assert problems(response_type(type(users).sign_out), raw) == []


def test_all_pages_forwards_and_backwards(client: Anthropic) -> None:
    workspaces = client.beta.organization.workspaces
    made = [workspaces.create(name=f"page-{number:02}").id for number in range(7)]
    newest_first = made[::-1]
    forwards = [each.id for each in workspaces.list(ids=made, limit=2)]
    assert forwards == newest_first
    page = workspaces.list(ids=made, limit=2, before_id=made[0])
    backwards: list[list[str]] = []
    for each in page.iter_pages():
        backwards.insert(0, [workspace.id for workspace in each.data])
    assert [each for page in backwards for each in page] == newest_first[:-1]
    assert [len(each) for each in backwards] == [2, 2, 2]


def test_cursors_lead_through_all_pages(client: Anthropic) -> None:
    organization = client.beta.organization
    groups = [each.group.type for each in organization.rate_limits.list(limit=1)]
    assert groups == ["model_group", "batch", "files"]
    listed = organization.workspaces.rate_limits.list(PROD, include_inherited=True, limit=2)
    assert [[each.group.type for each in page.data] for page in listed.iter_pages()] == [groups[:2], groups[2:]]
    ids = [each.id for each in organization.spend_limits.list(limit=1)]
    assert ids == [each.id for each in organization.spend_limits.list(limit=1000).data]
    pages = list(organization.analytics.cost.list(starting_at=START, group_by=["model"], limit=1).iter_pages())
    assert [page.data[0].group.model for page in pages] == [None, "claude-sonnet-5", "claude-opus-5"]
    assert [page.has_more for page in pages] == [True, True, False]


def test_an_empty_page_with_a_cursor_is_followed(server: tuple[str, Path], client: Anthropic) -> None:
    app = open_app(server[1])
    app.set_faults([{"fault": "empty_page", "path": path} for path in ("/rate_limits", "/analytics/usage")])
    app.close()
    assert len(list(client.beta.organization.rate_limits.list())) == 3
    usage = client.beta.organization.analytics.usage.list(starting_at=START, group_by=["model"], limit=2)
    assert [len(page.data) for page in usage.iter_pages()] == [0, 2, 1]


def test_the_key_works_in_either_header(server: tuple[str, Path]) -> None:
    with Anthropic(api_key=ADMIN_KEY, base_url=server[0], max_retries=0) as sdk:
        assert sdk.organization.retrieve().name == "Acme"
        legacy = {"authorization": "", "x-api-key": ADMIN_KEY}
        assert sdk.organization.retrieve(extra_headers=legacy).name == "Acme"
    with Anthropic(auth_token="wrong", base_url=server[0], max_retries=0) as sdk:
        with pytest.raises(AuthenticationError) as caught:
            sdk.organization.retrieve()
        assert caught.value.type == "authentication_error"
        assert caught.value.request_id is not None
        assert caught.value.request_id.startswith("req_")


def test_the_async_client_reads_and_writes(server: tuple[str, Path]) -> None:
    async def scenario() -> list[str]:
        async with AsyncAnthropic(auth_token=ADMIN_KEY, base_url=server[0], max_retries=0) as sdk:
            organization = sdk.beta.organization
            invite = await organization.invites.create(email="async@acme.com", role="user")
            await organization.invites.delete(invite.id)
            return [user.id async for user in organization.users.list(limit=1)]

    assert asyncio.run(scenario()) == ["user_kim", "user_dev", "user_bill", "user_ceo"]
