"""The official SDK makes, lists, changes and archives service accounts, with the token of a person."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.conftest import served
from sandbox.org import CEO_TOKEN, NOW, SEED, seeded

from .sdk_shapes import problems, response_type

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = {"secret": "token-of-program", "kind": "oauth_token"}
ACCOUNTS = [{"id": "svac_ci", "name": "ci"}, {"id": "svac_old", "name": "old", "archived_at": "2026-01-01T00:00:00Z"}]
SEEDED = seeded({**SEED, "service_accounts": ACCOUNTS}, credentials=[CEO_TOKEN, PROGRAM])
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("accounts") / "organization.db"
    seed.create(path, SEEDED, now=NOW)
    with served(path) as url:
        yield url


def as_who(secret: object, url: str) -> Any:
    return anthropic.Anthropic(auth_token=str(secret), base_url=url, max_retries=0).beta.organization.service_accounts


@pytest.fixture
def accounts(url: str) -> Any:
    return as_who(CEO_TOKEN["secret"], url)


@pytest.fixture
def bot(accounts: Any) -> str:
    """The id of an account that no other test uses."""
    return str(accounts.create(name=f"bot-{next(NUMBERS)}", description="works").id)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("create", {"name": "deployer", "description": "deploys", "organization_role": "admin"}),
        ("retrieve", {"service_account_id": "svac_old"}),
        ("list", {"include_archived": True, "limit": 100}),
        ("update", {"description": None, "organization_role": "admin"}),
        ("archive", {}),
    ],
)
def test_answers_are_of_the_types_of_the_sdk(accounts: Any, bot: str, method: str, fields: dict[str, Any]) -> None:
    if method in {"update", "archive"}:
        fields = {**fields, "service_account_id": bot}
    call = getattr(accounts.with_raw_response, method)
    assert problems(response_type(getattr(accounts, method)), call(**fields).http_response.json()) == []


def test_lists_are_newest_first_and_hide_the_archived(accounts: Any, bot: str) -> None:
    living = [one.id for one in accounts.list()]
    assert (living[0], living[-1]) == (bot, "svac_ci")
    every = [one.id for one in accounts.list(include_archived=True, limit=1)]
    assert {*every} >= {*living, "svac_old"}
    assert len(every) == len(set(every))


def test_more_than_a_hundred_a_page_are_refused(accounts: Any) -> None:
    with pytest.raises(anthropic.BadRequestError, match="100"):
        accounts.list(limit=101)


def test_what_is_not_named_stays(accounts: Any, bot: str) -> None:
    made = accounts.retrieve(service_account_id=bot)
    assert (made.organization_role, made.created_by_actor_id) == ("developer", "user_ceo")
    assert accounts.update(service_account_id=bot, organization_role="admin").description == "works"
    assert accounts.update(service_account_id=bot, description=None).organization_role == "admin"


def test_a_name_is_taken_by_the_living(accounts: Any) -> None:
    accounts.create(name="old")
    with pytest.raises(anthropic.ConflictError):
        accounts.create(name="ci")


@pytest.mark.parametrize("name", ["", "CI", "a b", "a_b", "a\n", "x" * 256])
def test_names_are_short_and_plain(accounts: Any, name: str) -> None:
    with pytest.raises(anthropic.BadRequestError):
        accounts.create(name=name)


def test_archived_is_for_ever_and_once(accounts: Any, bot: str) -> None:
    first = accounts.archive(service_account_id=bot).archived_at
    assert accounts.archive(service_account_id=bot).archived_at == first
    with pytest.raises(anthropic.BadRequestError, match="archived"):
        accounts.update(service_account_id=bot, description="x")


def test_a_program_gives_no_administration(url: str) -> None:
    accounts = as_who(PROGRAM["secret"], url)
    accounts.create(name=f"made-by-a-program-{next(NUMBERS)}")
    with pytest.raises(anthropic.PermissionDeniedError, match="a person"):
        accounts.create(name="more", organization_role="admin")


def test_no_key_reaches_them(url: str) -> None:
    with pytest.raises(anthropic.PermissionDeniedError, match="OAuth"):
        as_who(ADMIN_KEY, url).list()
