"""Lists that show late what was made: apply looks again before it says that something is not there."""

from __future__ import annotations

import pytest
from acme import ADMINS, NOW, Org

from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import simulated

FILES = "members: {new@x.example: user}\nworkspaces: {lab: {}}\n"


def applied(reads: int, files: str = FILES) -> tuple[Org, bool]:
    """An organization whose lists stay old for so many reads after every write; whether apply called itself done."""
    org = Org(files, users=[*ADMINS, {"email": "ana@x.example", "role": "user"}])
    org.app.set_faults([{"fault": "lag", "method": "POST", "reads": reads}])

    async def run() -> bool:
        async with org.client() as client:
            seen = await read_live(client.reader, org.desired(), KINDS)
            plan = make_plan(org.desired(), seen, NOW, KINDS)
            return (await apply_plan(plan, client.reader, client.writer, KINDS, seen=seen)).complete

    return org, simulated(run)


@pytest.mark.parametrize("reads", [1, 3, 5, 8, 12])
def test_what_was_made_is_done_once_lists_show_it(reads: int) -> None:
    org, complete = applied(reads)
    assert complete
    assert sorted(path.rpartition("/")[2] for _method, path in org.writes()) == ["invites", "workspaces"]
    assert len(org.rows("workspaces")) == 1


@pytest.mark.parametrize("reads", [4, 6])
def test_the_list_inside_of_what_was_made_is_waited_for(reads: int) -> None:
    """It is answered with 404 as long as the workspace does not show, which is no reason to give up."""
    org, complete = applied(reads, "workspaces: {lab: {members: {ana@x.example: user}}}\n")
    assert complete
    assert len(org.writes()) == 2


def test_what_never_shows_is_not_done() -> None:
    _org, complete = applied(1_000)
    assert not complete
