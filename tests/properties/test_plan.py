"""What holds for every plan, before anybody applies it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, HEAD, Org
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.model.diff import steps
from orgsync.core.plan.schema import plan_adapter
from orgsync.errors import InputError
from orgsync.render.plan import json_text
from properties.organizations import Organization, examples, guarded_organizations, organizations
from properties.samples import declared_today
from properties.witness import planned, snapshot

if TYPE_CHECKING:
    from random import Random

    from orgsync.core.model.change import Plan
    from properties.witness import Snapshot

API = "/v1/organizations"
PROBE = f"{API}/spend_limits/spl_orgsync"
"""Whether spend limits can be written here: nothing in a list tells."""


@examples(5)
@given(guarded_organizations())
def test_planning_sends_get_and_nothing_else(organization: Organization) -> None:
    """`planned` asserts most of this of every plan that any property makes."""
    org = organization.org()
    before = snapshot(org)
    with suppress(InputError):
        org.plan()
    assert {line["method"] for line in org.app.log() if not line["console"]} <= {"GET"}
    assert snapshot(org) == before


@examples(20)
@given(guarded_organizations(), st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_bytes(organization: Organization, random: Random) -> None:
    """Twice, in whatever order the API lists things, and in that of the file but for the lines things stand on."""
    relisted = Organization(_shuffled(organization.seed, random), organization.files)
    rewritten = Organization(organization.seed, _shuffled(organization.files, random))
    first, again, other_lists, other_lines = map(planned, (organization, organization, relisted, rewritten))
    if first is None or again is None or other_lists is None or other_lines is None:
        assert {first, again, other_lists, other_lines} == {None}
        return
    text = json_text.render(first[1])
    assert json_text.render(again[1]) == text
    assert json_text.render(first[0].plan()) == text
    assert json_text.render(other_lists[1]) == text
    assert _without_lines(other_lines[1]) == _without_lines(first[1])


@examples(20)
@given(organizations())
def test_what_is_changed_is_shown(organization: Organization) -> None:
    """Else no apply could tell whether it is done: what was read has each field that a change names."""
    org = organization.org()
    with suppress(InputError):
        plan, seen = asyncio.run(org._planned(None, {}))
        found = {(kind, one.id): one for kind, things in seen.live.items() for one in things}
        for change in plan.changes:
            if change.id is not None:
                shown = found[change.address.kind, change.id].attributes
                assert {steps(field.path)[0] for field in change.fields} <= shown.keys(), change


def _shuffled(value: Any, random: Random) -> Any:
    """The same data in another order: maps, and lists that are sets in truth."""
    if isinstance(value, dict):
        return {key: _shuffled(value[key], random) for key in random.sample(sorted(value), len(value))}
    return random.sample(value, len(value)) if isinstance(value, list) else value


def _without_lines(plan: Plan) -> str:
    data = plan_adapter().dump_python(plan, mode="json", by_alias=True)
    data["digests"] = {"live": plan.digests.live}
    for name in ("changes", "manual", "waiting", "findings"):
        for one in data[name]:
            one["source"] = one["source"] and one["source"]["file"]
    for one in data["coverage"]["uncovered"]:
        one["source"] = one["source"]["file"]
    data["allowed"].sort(key=json.dumps)
    data["rules"]["protect"].sort(key=json.dumps)
    data["raised"].sort(key=json.dumps)
    return json.dumps(data, indent=1, ensure_ascii=False)


@examples(20)
@given(organizations())
def test_a_plan_reads_the_lists_the_file_needs_and_each_page_once(organization: Organization) -> None:
    both = planned(organization)
    if both is None or both[1].blocked:  # nobody can say which lists such a line is about
        return
    org, plan = both
    going = _somebody_goes(organization)
    needed = _needed_lists(organization.files, snapshot(org), going=going)
    assert Counter(org.reads()) == Counter(needed)
    assert plan.requests == len(needed) - needed.count(PROBE)  # which is answered with "not found"


def _somebody_goes(organization: Organization) -> bool:
    """Whether the file removes a member: whoever is not declared, unless the API cannot remove them."""
    files = organization.files
    if files["manage"].get("members") != "authoritative" or "members" not in files:
        return False
    stays = {email.casefold() for email in declared_today(files)}
    return any(row["role"] != "admin" and row["email"].casefold() not in stays for row in organization.seed["users"])


def _needed_lists(files: dict[str, Any], live: Snapshot, *, going: bool) -> list[str]:
    """By the formula of the design: who am I, then each list that a section of the file is about, one page of it.

    Whoever goes may have keys, which are in workspaces.
    """
    workspaces = files.get("workspaces") or {}
    sections = {section for thing in workspaces.values() for section in thing}
    keys = "api_keys" in {*files, *sections}
    lists = {
        "/me": True,
        "/users": keys or "members" in files or "members" in sections,
        "/invites": keys or "members" in files or "members" in sections,
        "/workspaces": keys or going or "workspaces" in files or "spend_limit" in files,
        "/api_keys": keys or going,
        "/rate_limits": "rate_limits" in sections,
        "/service_accounts": "service_accounts" in files,
        **dict.fromkeys(
            ("/spend_limits", PROBE.removeprefix(API), "/cost_report"), "spend_limit" in {*files, *sections}
        ),
    }
    inside = [
        f"/workspaces/{one}/{section}"
        for name, thing in workspaces.items()
        for section in ("members", "rate_limits")
        if section in thing
        for one in _meant(name, thing, live)
    ]
    return [API + path for path in (*(path for path, needed in lists.items() if needed), *inside)]


def _meant(name: str, thing: dict[str, Any], live: Snapshot) -> list[str]:
    """The live workspace of a line: by its id, else its name, else its former name."""
    if "id" in thing:
        return [] if live.workspaces[thing["id"]]["archived_at"] else [thing["id"]]
    return live.named(name) or live.named(thing.get("renamed_from", ""))


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (0, 1),
        (1, 1),
        pytest.param(1000, 1, marks=pytest.mark.story),
        (1001, 2),
        pytest.param(2001, 3, marks=pytest.mark.story),
    ],
)
def test_a_list_costs_one_request_for_each_thousand_rows(count: int, pages: int) -> None:
    people = [{"email": f"p{number}@acme.example", "role": "user"} for number in range(count)]
    asked = [{"email": f"i{number}@acme.example"} for number in range(count)]
    rooms = [{"name": f"w{number}"} for number in range(count)]
    inside = [{"email": row["email"], "workspace": "w0", "workspace_role": "workspace_user"} for row in people]
    org = Org(f"{HEAD}members: {{}}\nworkspaces: {{w0: {{members: {{}}}}, new: {{members: {{}}}}}}\n",
              users=people or ADMINS[:1], invites=asked, workspaces=rooms, workspace_members=inside)  # fmt: skip
    plan = org.plan()
    everything = [API + path for path in ("/users", "/invites", "/workspaces")]
    reads = Counter(org.reads())
    # The default workspace is listed as well; no members are read of a workspace that is not there.
    assert [reads[path] for path in everything] == [pages, pages, (count + 1 + 999) // 1000]
    assert plan.requests == reads.total() == 1 + sum(reads[path] for path in everything) + (pages if count else 0)
