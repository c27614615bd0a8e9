"""Requests are the cost that matters: a plan makes exactly as many as its lists have pages."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest
from acme import Org


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"p{number}@acme.example", "role": "user"} for number in range(count)]


def organization(users: int, invites: int, workspaces: int, members: int) -> Org:
    """So many of each, all declared; `members` in every workspace."""
    names = [f"w{number}" for number in range(workspaces)]
    invited = [{"email": f"i{number}@acme.example", "role": "user"} for number in range(invites)]
    rows = [
        {"email": person["email"], "workspace": name, "workspace_role": "workspace_user"}
        for name in names
        for person in people(users)[:members]
    ]
    declared = "".join(f"  {person['email']}: user\n" for person in [*people(users), *invited])
    inside = "".join(f"      {person['email']}: user\n" for person in people(users)[:members]) or "      {}\n"
    files = f"members:\n{declared}workspaces:\n" + "".join(f"  {name}:\n    members:\n{inside}" for name in names)
    seed: dict[str, Any] = {
        "users": people(users),
        "invites": invited,
        "workspaces": [{"name": name} for name in names],
    }
    return Org(files, **seed, workspace_members=rows, settings={"workspace_limit": None})


def pages(rows: int) -> int:
    """Requests for a list of so many rows; an empty list has to be asked for once, too."""
    return max(1, ceil(rows / 1000))


@pytest.mark.parametrize(
    ("users", "invites", "workspaces", "members"),
    [(3, 0, 1, 0), (300, 20, 40, 30), (2_100, 1_001, 3, 1_500)],
    ids=["small", "the one Terraform providers need 1,260 to 1,660 requests for", "several pages of everything"],
)
def test_a_plan_makes_exactly_the_requests_its_lists_need(
    users: int, invites: int, workspaces: int, members: int
) -> None:
    org = organization(users, invites, workspaces, members)
    plan = org.plan()
    listed = workspaces + 1  # the default workspace is in the list
    expected = 1 + pages(users) + pages(invites) + pages(listed) + workspaces * pages(members)
    assert len(org.reads()) == expected
    assert plan.requests == expected
    assert (plan.changes, org.writes()) == ((), [])


def test_lists_the_file_does_not_need_are_not_read() -> None:
    org = organization(3, 1, 2, 2)
    org.plan("workspaces: {w0: {}}")
    assert org.reads() == ["/v1/organizations/me", "/v1/organizations/workspaces"]


def test_only_workspaces_whose_members_the_file_manages_are_looked_into() -> None:
    org = organization(3, 1, 3, 2)
    org.plan("workspaces: {w0: {}, w1: {members: {}}}")
    looked_into = [path for path in org.reads() if path.endswith("/members")]
    assert looked_into == [f"/v1/organizations/workspaces/{org.workspace_id('w1')}/members"]
