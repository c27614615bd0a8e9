"""A snapshot answers for every file, not only for the one it was made with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from acme import desired_from

from core.snapshot.support import OTHER_TWIN, TWIN, planned_from, planned_live, rich, taken, told
from orgsync.core.model.context import Reading
from orgsync.core.model.request import Paging
from orgsync.errors import ApiError
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind

WORKSPACES = "/v1/organizations/workspaces"
MEMBERS = "members: {ceo@acme.example: admin, ana@acme.example: user, new@acme.example: user}\n"
FILES = {
    "people only": MEMBERS,
    "members of a workspace": "workspaces: {production: {members: {raj@acme.example: user}}}",
    "members of a workspace, named by its id": f"workspaces: {{b: {{id: {OTHER_TWIN}, members: {{}}}}}}",
    "limits of a workspace, named by its id": (
        f"workspaces: {{a: {{id: {TWIN}, rate_limits: {{claude-sonnet-5: {{requests_per_minute: 7}}}}}}}}"
    ),
    "Claude Code": "workspaces: {Claude Code: {members: {ana@acme.example: user}}}",
    "the default workspace": "workspaces: {Default: {api_keys: {playground: inactive}}}",
    "an archived workspace": "workspaces: {old-poc: {archived: true, members: {ana@acme.example: user}}}",
    "a workspace that is new": "workspaces: {brand-new: {members: {ana@acme.example: user}, spend_limit: 5}}",
    "a workspace under another name": "workspaces: {prod: {renamed_from: production, members: {}}}",
    "spend limits": "spend_limit: 9000\nworkspaces: {production: {spend_limit: 40}}",
    "rate limits": "workspaces: {production: {rate_limits: {claude-sonnet-5: {requests_per_minute: 7}}}}",
    "service accounts": "service_accounts: {ci: developer}",
    "policies": "key_policies: {rotate: {max_age: 90d, then: deactivate}, owner: {owner: declared}}\n" + MEMBERS,
    "everything is ours": (
        "manage: {members: authoritative, workspace_members: authoritative, api_keys: authoritative}\n"
        "guards: {max_removals: {percent: 100, count: 99}}\n"
        "members: {ceo@acme.example: admin, cto@acme.example: admin}\n"
        "workspaces: {production: {members: {}, api_keys: {}}}"
    ),
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_a_file_nobody_thought_of_is_planned_as_from_live(files: str) -> None:
    org = rich()
    snapshot, desired = taken(org), desired_from(files)
    from_snapshot, live = planned_from(snapshot, desired, org.now), planned_live(org, desired)
    assert told(from_snapshot) == told(live)
    assert (from_snapshot.seen_at, from_snapshot.requests) == ("2026-11-22T10:00:00Z", 0)
    assert live.requests > 0


def test_those_files_ask_for_every_sort_of_list_that_a_snapshot_holds() -> None:
    """Else the test above would prove little."""
    org = rich()
    held = {_sort(read.path) for read in taken(org).reads}
    before = len(org.reads())
    for files in FILES.values():
        planned_live(org, desired_from(files))
    assert {_sort(path) for path in org.reads()[before:]} == held
    assert len(held) == 12


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_says_which_fields_it_needs(kind: Kind) -> None:
    """Else a snapshot would keep whatever the API adds to its rows."""
    desired = desired_from("key_policies: {idle: {unused_for: 30d}}")
    listings = kind.listings(Reading({("x",): "wrkspc_01X"}, {}, {}, desired))
    assert listings
    assert [listing.path for listing in listings if not listing.fields and listing.paging is not Paging.ONE] == []


def _sort(path: str) -> str:
    return re.sub("wrkspc_[0-9A-Za-z]+", "*", path)


def test_where_spend_limits_are_not_offered_the_snapshot_says_so_too() -> None:
    org = rich(spend_limits=[], settings={"spend_limits_early_access": False})
    desired = desired_from(FILES["spend limits"])
    plan = planned_from(taken(org), desired, org.now)
    assert told(plan) == told(planned_live(org, desired))
    assert {step.code for step in plan.manual} == {"spend_limit_by_hand"}


def test_where_rate_limits_are_not_offered_the_snapshot_says_so_too() -> None:
    org = rich()
    org.app.set_faults([{"fault": "status_before", "path": "*/rate_limits", "status": 403, "times": 999}])
    desired = desired_from(FILES["rate limits"])
    plan = planned_from(taken(org), desired, org.now)
    assert told(plan) == told(planned_live(org, desired))
    assert {step.code for step in plan.manual} == {"rate_limit_by_hand"}


def test_a_default_workspace_that_refuses_to_list_its_members_is_no_obstacle() -> None:
    org = rich(settings={"default_workspace_members": "refused"})
    path = f"{WORKSPACES}/{org.workspace_id('Default')}/members"
    read = taken(org).recording.find(path, {})
    assert read is not None
    assert read.refusal is not None
    assert read.rows == ()


@pytest.mark.parametrize(("path", "status"), [(f"{WORKSPACES}/{TWIN}/members", 500), ("*/users", 403)])
def test_a_list_that_could_not_be_read_gives_no_snapshot(path: str, status: int) -> None:
    org = rich()
    org.app.set_faults([{"method": "GET", "path": path, "times": 99, "fault": "status_before", "status": status}])
    with pytest.raises(ApiError, match=str(status)):
        taken(org)


def test_each_list_is_asked_for_once() -> None:
    org = rich()
    taken(org, "key_policies: {idle: {unused_for: 30d}}\nspend_limit: 500\n" + MEMBERS)
    reads = org.reads()
    assert len(reads) == len(set(reads))
