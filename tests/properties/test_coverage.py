"""What the files manage and what they do not is, together, all that the lists show, and nothing is in it twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given

from orgsync.core.plan.make import make_plan
from orgsync.engine.read_live import read_live
from orgsync.errors import InputError
from orgsync.kinds import KINDS
from properties.organizations import Organization, examples, organizations
from properties.witness import ALL_WORKSPACES

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.model.observation import Observation

TOP = {("member", ""), ("workspace", ""), ("spend_limit", ""), ("service_account", ""), ("api_key", "")}
INSIDE = ("workspace_member", "spend_limit", "rate_limit", "api_key")


@examples(30)
@given(organizations())
def test_covered_and_not_covered_are_all_there_is(organization: Organization) -> None:
    org = organization.org()
    try:
        seen = asyncio.run(_seen(org))
        reads = len(org.reads())
        plan = make_plan(org.desired(), seen, org.now, KINDS)
    except InputError:
        return
    assert len(org.reads()) == reads
    there = TOP | (_inside_workspaces(org) if "workspace" in seen.pairs else set())
    left = [(one.kind, one.id) for one in plan.coverage.uncovered]
    assert len(left) == len(set(left))
    assert set(left) <= there
    assert plan.coverage.covered == len(there) - len(left)
    files = organization.files
    written = {(kind, "") for kind, _id in TOP if f"{kind}s" in files or kind in files}
    assert there - set(left) >= written
    assert {one for one in there - set(left) if not one[1]} == written


def _inside_workspaces(org: Org) -> set[tuple[str, str]]:
    rows = [row for row in org.rows(ALL_WORKSPACES) if not row["archived_at"]]
    return {(kind, row["id"]) for row in rows for kind in INSIDE if row["name"] != "Default" or kind == "api_key"}


async def _seen(org: Org) -> Observation:
    async with org.client() as client:
        return await read_live(client.reader, org.desired(), KINDS)
