"""Lists that end too early: read again, and refused where that does not help. Nothing is made of what was not shown."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from acme import ByToken, Org, codes
from hypothesis import given
from hypothesis import strategies as st

from orgsync.engine.recording import Recorder
from orgsync.engine.take_snapshot import read_for_snapshot
from orgsync.errors import ApiError
from orgsync.kinds import KINDS
from properties.organizations import examples

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan

PREFIX = "/v1/organizations"
USERS, WORKSPACES = f"{PREFIX}/users", f"{PREFIX}/workspaces"
FILES = """
members: {ceo@x.example: admin, ana@x.example: developer, kim@x.example: user, new@x.example: user}
service_accounts: {ci: developer, cd: developer}
spend_limit: {monthly: 900}
workspaces:
  dev: {color: "#111111", members: {ana@x.example: developer, kim@x.example: user}, api_keys: {k: active}}
  prod:
    members: {ana@x.example: admin}
    spend_limit: {monthly: 50}
    rate_limits: {claude-sonnet-5: {requests_per_minute: 10}}
"""
SEED: dict[str, Any] = {
    "users": [
        {"email": "ceo@x.example", "role": "admin"},
        {"email": "ana@x.example", "role": "developer"},
        {"email": "kim@x.example", "role": "user"},
    ],
    "invites": [{"email": "new@x.example", "role": "user"}, {"email": "old@x.example", "role": "user"}],
    "workspaces": [{"id": "wrkspc_dev", "name": "dev"}, {"id": "wrkspc_prod", "name": "prod"}],
    "workspace_members": [
        {"email": "ana@x.example", "workspace": "dev", "workspace_role": "workspace_developer"},
        {"email": "kim@x.example", "workspace": "dev", "workspace_role": "workspace_user"},
        {"email": "ana@x.example", "workspace": "prod", "workspace_role": "workspace_admin"},
    ],
    "api_keys": [{"name": "k", "workspace": "dev"}, {"name": "l", "workspace": "prod"}],
    "spend_limits": [
        {"amount": "90000"},
        {"workspace": "prod", "amount": "5000"},
    ],
    "service_accounts": [{"name": "ci"}, {"name": "cd"}],
}
SMALL = {"fault": "small_pages", "rows": 1, "times": 99_999}
FOR_EVER = 99_999


def organization(*faults: dict[str, Any], **settings: Any) -> Org:
    """One whose lists come in pages of one row."""
    org = ByToken(FILES, **SEED, settings=settings)
    org.app.set_faults([SMALL, *faults])
    return org


def shown(plan: Plan) -> list[str]:
    """What is planned and told; ids are others in every organization."""
    return [*(f"{one.action} {one.address} {one.fields}" for one in plan.changes), *codes(plan.findings)]


@cache
def undisturbed() -> tuple[list[str], tuple[str, ...]]:
    """What is planned where nothing is wrong, and the path of every page that is read for that."""
    org = organization()
    plan = org.plan()
    assert plan.changes
    return shown(plan), tuple(org.reads())


ENDS = "no rows, and no more"
WAYS: dict[str, dict[str, Any]] = {
    "a promised page that is empty": {"fault": "promised_page"},
    "a cursor that is refused": {"fault": "vanished_cursor"},
    "a cursor that is not found": {"fault": "status_before", "status": 404},
    "a cursor that is forbidden": {"fault": "status_before", "status": 403},
    ENDS: {"fault": "short_list"},
}
BEGUN = {"a cursor that is not found", "a cursor that is forbidden", ENDS}
"""Ways that of a first page say something else; only what every organization has tells that a list cannot be empty."""


@st.composite
def cuts(draw: st.DrawFn) -> tuple[dict[str, Any], bool]:
    """One fault at one page, once or from then on; and whether a cursor that names nothing leads to nothing."""
    way = draw(st.sampled_from(sorted(WAYS)))
    pages = undisturbed()[1]
    path = draw(st.sampled_from(sorted(set(pages))))
    number = draw(st.integers(1, pages.count(path)))
    times = draw(st.sampled_from([1, FOR_EVER]))
    if way in BEGUN and path not in {USERS, WORKSPACES}:
        number, times = max(number, 2), times if way != ENDS else 1  # what always shows nothing may have nothing
    elif way in BEGUN - {ENDS}:
        number = max(number, 2)
    return {**WAYS[way], "path": path, "nth": number, "times": times}, draw(st.booleans())


@examples(100)
@given(cuts())
def test_a_list_cut_anywhere_is_whole_the_second_time_or_ends_the_run(cut: tuple[dict[str, Any], bool]) -> None:
    fault, empty = cut
    org = organization(fault, unknown_cursor="empty" if empty else "refused")
    end = ended(org)
    assert end == undisturbed()[0] or (end, fault["times"]) == (["7"], FOR_EVER)
    assert not org.writes()


def ended(org: Org) -> list[str]:
    """What is planned, or how it ends without a plan."""
    try:
        return shown(org.plan())
    except ApiError as error:
        return [str(error.exit_code)]


SHORT = {"fault": "short_list", "times": FOR_EVER}
FEW = "members: {ceo@x.example: admin}\nworkspaces: {dev: {}, prod: {}}"
LACKS = {"workspaces": "the default workspace", "users": "any member"}


def few(path: str, *, rows: int = 0, times: int = FOR_EVER) -> Org:
    """An organization with two workspaces and one member, one list of which ends early."""
    org = Org(FEW, users=SEED["users"][:1], workspaces=SEED["workspaces"])
    org.app.set_faults([{**SHORT, "path": f"*/{path}", "rows": rows, "times": times}])
    return org


def snapshot(org: Org) -> None:
    """Reads all that a snapshot of the organization holds."""

    async def main() -> None:
        async with org.client() as client:
            await read_for_snapshot(Recorder(client.reader), KINDS, org.desired())

    asyncio.run(main())


@pytest.mark.parametrize(("path", "rows"), [("workspaces", 0), ("workspaces", 1), ("workspaces", 2), ("users", 0)])
def test_a_list_without_what_every_organization_has_is_read_again(path: str, rows: int) -> None:
    """The default workspace is the oldest, so it stands last."""
    org = few(path, rows=rows, times=1)
    assert not org.plan().changes
    assert org.reads().count(f"{PREFIX}/{path}") == 2


@pytest.mark.parametrize(("path", "rows"), [("workspaces", 0), ("workspaces", 1), ("workspaces", 2), ("users", 0)])
def test_a_list_that_never_shows_what_every_organization_has_ends_the_run(path: str, rows: int) -> None:
    told = f"{PREFIX}/{path} could not be read in full, twice: it does not show {LACKS[path]}"
    for read in (Org.plan, Org.apply, Org.export, snapshot):
        org = few(path, rows=rows)
        with pytest.raises(ApiError, match=told) as caught:
            read(org)
        assert (caught.value.exit_code, org.writes()) == (7, [])


@pytest.mark.parametrize("path", ["workspaces", "users"])
def test_a_saved_plan_is_not_applied_to_a_list_that_is_not_whole(path: str) -> None:
    org = few(path, times=1)
    plan = org.plan("members: {ceo@x.example: admin, new@x.example: user}\nworkspaces: {dev: {}, prod: {}, stage: {}}")
    org.app.set_faults([{**SHORT, "path": f"*/{path}"}])
    with pytest.raises(ApiError, match=f"does not show {LACKS[path]}"):
        org.apply(plan=plan)
    assert org.writes() == []


def test_the_default_workspace_may_be_called_something_else() -> None:
    """It is what the list only shows where it is asked for; then the rest of the plan goes on."""
    org = few("invites")
    org.app.set_faults([])
    org.app.console("POST", f"workspaces/{org.workspace_id('Default')}", {"name": "Standard"})
    assert not org.plan().changes


CUTS: dict[str, dict[str, Any]] = {
    "the promised page is empty": {"fault": "promised_page", "nth": 2},
    "the cursor is refused": {"fault": "vanished_cursor", "nth": 2},
    "the list ends after its first row": {"fault": "short_list", "nth": 2},
}


@pytest.mark.parametrize("path", ["users", "workspaces"])
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("times", [1, FOR_EVER])
def test_an_apply_makes_nothing_that_is_there_already(cut: str, path: str, times: int) -> None:
    files = "members: {ceo@x.example: admin, ana@x.example: developer}\nworkspaces: {dev: {}}"
    org = Org(files, users=SEED["users"][:2], workspaces=SEED["workspaces"][:1])
    org.app.set_faults([SMALL, {**CUTS[cut], "path": f"*/{path}", "times": times}])
    if times == 1:
        assert not org.apply().outcomes
    else:
        with pytest.raises(ApiError, match="could not be read in full, twice") as caught:
            org.apply()
        assert caught.value.exit_code == 7
    assert org.writes() == []
