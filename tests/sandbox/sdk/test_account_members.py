"""The official SDK puts service accounts into workspaces, with the token of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.conftest import served
from sandbox.org import CEO_TOKEN, NOW, SEED, seeded

from .sdk_shapes import problems, response_type

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS = [
    *({"id": "svac_ci", "name": "ci"}, {"id": "svac_bot", "name": "bot"}),
    {"id": "svac_old", "name": "old", "archived_at": "2026-01-01T00:00:00Z"},
]
IN_PROD = [
    {"service_account": "ci", "workspace_id": "wrkspc_prod", "workspace_role": "workspace_developer"},
    {"service_account": "old", "workspace_id": "wrkspc_prod"},
]
ROWS = {**SEED, "service_accounts": ACCOUNTS, "account_members": IN_PROD}
SEEDED = seeded(ROWS, credentials=[CEO_TOKEN])
CI = {"workspace_id": "wrkspc_prod", "service_account_id": "svac_ci"}
BOT = {"workspace_id": "wrkspc_prod", "service_account_id": "svac_bot"}


@pytest.fixture
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("members") / "organization.db"
    seed.create(path, SEEDED, now=NOW)
    with served(path) as url:
        yield url


def as_who(secret: object, url: str) -> Any:
    client = anthropic.Anthropic(auth_token=str(secret), base_url=url, max_retries=0)
    return client.beta.organization.workspaces.service_accounts


@pytest.fixture
def members(url: str) -> Any:
    return as_who(CEO_TOKEN["secret"], url)


def test_answers_are_of_the_types_of_the_sdk(members: Any) -> None:
    for method, fields in (
        ("add", {**BOT, "workspace_role": "workspace_user"}),
        ("retrieve", CI),
        ("list", {"workspace_id": "wrkspc_prod"}),
        ("update", {**CI, "workspace_role": "workspace_admin"}),
        ("remove", CI),
    ):
        answer = getattr(members.with_raw_response, method)(**fields).http_response.json()
        assert problems(response_type(getattr(members, method)), answer) == []


def test_lists_show_who_was_added_and_is_not_archived(members: Any) -> None:
    assert [one.service_account_id for one in members.list(workspace_id="wrkspc_prod")] == ["svac_ci"]
    members.add(**BOT, workspace_role="workspace_developer")
    assert [one.service_account_id for one in members.list(workspace_id="wrkspc_prod", limit=1)] == [
        "svac_bot",
        "svac_ci",
    ]


def test_adding_again_gives_the_new_role(members: Any) -> None:
    assert members.add(**CI, workspace_role="workspace_user").workspace_role == "workspace_user"
    assert [one.workspace_role for one in members.list(workspace_id="wrkspc_prod")] == ["workspace_user"]


def test_everyone_is_in_the_default_workspace_without_a_row(members: Any) -> None:
    default = {"workspace_id": "wrkspc_default", "service_account_id": "svac_ci"}
    one = members.retrieve(**default)
    assert (one.implicit, one.workspace_role) == (True, "workspace_user")
    assert list(members.list(workspace_id="wrkspc_default")) == []
    with pytest.raises(anthropic.NotFoundError):
        members.update(**default, workspace_role="workspace_admin")
    assert members.add(**default, workspace_role="workspace_admin").implicit is False
    members.remove(**default)
    assert members.retrieve(**default).implicit is True


def test_removing_again_changes_nothing(members: Any) -> None:
    for _ in range(2):
        assert members.remove(**BOT).type == "service_account_workspace_member_deleted"
    with pytest.raises(anthropic.NotFoundError):
        members.retrieve(**BOT)


def test_what_is_archived_takes_nobody(members: Any) -> None:
    with pytest.raises(anthropic.BadRequestError, match="archived"):
        members.add(workspace_id="wrkspc_prod", service_account_id="svac_old", workspace_role="workspace_user")
    with pytest.raises(anthropic.NotFoundError):
        members.retrieve(workspace_id="wrkspc_prod", service_account_id="svac_old")
    with pytest.raises(anthropic.BadRequestError, match="archived"):
        members.list(workspace_id="wrkspc_old")


def test_no_key_reaches_them(url: str) -> None:
    with pytest.raises(anthropic.PermissionDeniedError, match="OAuth"):
        as_who(ADMIN_KEY, url).list(workspace_id="wrkspc_prod")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"service_account": "nobody", "workspace_id": "wrkspc_prod"}, "there is no service account nobody"),
        ({"workspace_id": "wrkspc_prod"}, "service_account_id or service_account is missing"),
        ({"service_account": "ci", "workspace": "nowhere"}, "there is no workspace nowhere"),
        (IN_PROD[0], "is in the workspace already"),
    ],
)
def test_seeds_that_contradict_are_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        seed.filled(":memory:", seeded({**ROWS, "account_members": [*IN_PROD, row]}), now=NOW)
