"""The line that is named is the line that was edited."""

from __future__ import annotations

from typing import Any

from acme import ADMINS, Org, desired_from

from core.review.support import compare
from orgsync.core.document.container import container
from orgsync.core.model.change import Change, Place, Plan, Through
from orgsync.core.words.address import Address
from orgsync.kinds import KINDS
from orgsync.render.page.values import place

MANAGED = "manage: {members: authoritative, workspace_members: authoritative}\n"
MEMBERS = """\
members:
  ceo@acme.example: admin
  cto@acme.example: admin
  ana@acme.example: user
  raj@acme.example: user
"""
TEAM = """\
teams:
  checkout:
    - raj@acme.example
"""
USED = """\
workspaces:
  production:
    members:
      team:checkout: developer
"""
PEOPLE = [*ADMINS, *({"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj"))]
RAJ_INSIDE = {"workspace": "production", "email": "raj@acme.example", "workspace_role": "workspace_developer"}


def org(**seed: Any) -> Org:
    return Org(users=PEOPLE, workspaces=[{"name": "production"}], **seed)


def only(plan: Plan) -> Change:
    [change] = plan.changes
    return change


def test_somebody_new_in_a_team_is_named_on_the_line_of_the_team() -> None:
    after = MANAGED + MEMBERS + TEAM + "    - ana@acme.example\n" + USED
    source = only(compare(org(workspace_members=[RAJ_INSIDE]), MANAGED + MEMBERS + TEAM + USED, after)).source
    assert source is not None
    assert source.through == Through("team:checkout", source.file, 16, 7)
    assert (source.line, source.column) == (12, 7)
    assert place(source) == f"{source.file}:12, through team:checkout at :16"


def test_what_a_team_is_newly_given_is_named_on_the_line_that_gives_it() -> None:
    before = MANAGED + MEMBERS + TEAM + USED
    plan = compare(org(workspace_members=[RAJ_INSIDE]), before, before.replace("developer\n", "admin\n"))
    source = only(plan).source
    assert source is not None
    assert (source.line, source.column, source.through) == (15, 7, None)


def test_drift_of_somebody_in_a_team_names_both_lines() -> None:
    text = MANAGED + MEMBERS + TEAM + USED
    source = only(compare(org(), text, text)).source
    assert source is not None
    assert source.line == 11
    assert source.through is not None


def test_a_team_in_another_file_is_named_with_its_file() -> None:
    through = Through("team:checkout", "org/org.yaml", 14, 7)
    assert place(Place("org/team.yaml", 10, 5, through)) == "org/team.yaml:10, through team:checkout at org/org.yaml:14"


def test_a_removal_names_the_line_that_was_deleted_and_the_collection() -> None:
    text = MANAGED + MEMBERS
    plan = compare(org(), text, text.replace("  raj@acme.example: user\n", ""))
    source = only(plan).source
    assert source is not None
    assert (source.line, source.undeclared) == (4, True)
    assert source.deleted is not None
    assert (source.deleted.line, source.deleted.column) == (8, 3)
    assert place(source) == f"deleted from {source.deleted.file}:8"


def test_somebody_who_left_a_team_is_named_where_the_team_named_them() -> None:
    before = MANAGED + MEMBERS + TEAM + "    - ana@acme.example\n" + USED
    seed = [RAJ_INSIDE, {**RAJ_INSIDE, "email": "ana@acme.example"}]
    source = only(compare(org(workspace_members=seed), before, MANAGED + MEMBERS + TEAM + USED)).source
    assert source is not None
    assert source.deleted is not None
    assert (source.line, source.deleted.line, source.deleted.column) == (14, 12, 7)


def test_what_no_line_ever_declared_names_its_collection() -> None:
    text = MANAGED + MEMBERS.replace("  raj@acme.example: user\n", "")
    source = only(compare(org(), text, text)).source
    assert source is not None
    assert (source.line, source.deleted) == (4, None)
    assert place(source) == f"below {source.file}:4"


def test_a_collection_that_is_written_nowhere_has_no_line() -> None:
    desired = desired_from("workspaces:\n  production: {}\n")
    members, limits = KINDS.by_name["member"], KINDS.by_name["spend_limit"]
    assert container(desired, members, Address("member:ana@acme.example")) is None
    assert container(desired, limits, Address("spend_limit:organization")) is None
    inside = container(desired, limits, Address("spend_limit:workspace/production"))
    assert inside is not None
    assert (inside.line, inside.undeclared) == (4, True)
