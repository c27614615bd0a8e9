"""What an earlier run made for sure is not made a second time, even where the organization does not show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from acme import ADMINS, NOW, Org

from core.apply.journal.support import MAKE_TEAM, PLAN, ROLE, SET_ROLE, TEAM, journal, sent
from orgsync.core.apply.journal import Conclusion, made
from orgsync.core.model.change import Action
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.recovery import PATIENCE
from orgsync.errors import Stale
from orgsync.files.state.journal import RECENT, FileJournal, read
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import simulated

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan

FILES = "members: {new@x.example: user}\nworkspaces: {lab: {}}"


def apply(org: Org, plan: Plan, path: Path, at: datetime = NOW, *, patience: float = PATIENCE) -> Report:
    """`orgsync apply plan.json` in simulated time."""

    async def run() -> Report:
        async with org.client() as client:
            with FileJournal(path, plan, clock=lambda: at) as record:
                return await apply_plan(
                    plan,
                    client.reader,
                    client.writer,
                    KINDS,
                    journal=record,
                    patience=patience,
                )

    return simulated(run)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.journal.jsonl"


def names(org: Org) -> list[str]:
    return [row["name"] for row in org.rows("workspaces?include_archived=true")]


class TestTheJournal:
    def test_it_knows_what_was_made_last_at_each_address(self, path: Path) -> None:
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)
            opened.conclude(opened.intend(sent(TEAM, MAKE_TEAM)), Conclusion.DONE, made="wrkspc_1")
            assert opened.made == ()  # of this run, which knows it anyway
        with journal(path) as opened:
            assert [(one.intent.address, one.id) for one in opened.made] == [(TEAM.address, "wrkspc_1")]

    @pytest.mark.parametrize("status", [Conclusion.FAILED, Conclusion.UNKNOWN])
    def test_what_may_not_have_been_made_is_none_of_it(self, status: Conclusion, path: Path) -> None:
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(TEAM, MAKE_TEAM)), status)
        assert made(read(path)) == ()

    def test_nor_is_what_was_taken_away_again(self, path: Path) -> None:
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(TEAM, MAKE_TEAM)), Conclusion.DONE)
            gone = replace(TEAM, action=Action.ARCHIVE)
            opened.conclude(opened.intend(sent(gone, MAKE_TEAM)), Conclusion.DONE)
        assert made(read(path)) == ()

    @pytest.mark.parametrize(("age", "counts"), [(RECENT / 2, 1), (RECENT * 2, 0)])
    def test_of_other_plans_only_what_was_made_a_moment_ago_counts(
        self, age: timedelta, counts: int, path: Path
    ) -> None:
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(TEAM, MAKE_TEAM)), Conclusion.DONE)
        other = replace(PLAN, digests=replace(PLAN.digests, plan="0" * 64))
        with FileJournal(path, other, clock=lambda: NOW + age) as opened:
            assert len(opened.made) == counts
        with FileJournal(path, PLAN, clock=lambda: NOW + age) as opened:
            assert len(opened.made) == 1


class TestApply:
    def test_lists_that_hide_it_are_waited_for(self, path: Path) -> None:
        org = Org(FILES, users=ADMINS)
        plan = org.plan()
        org.app.set_faults([{"fault": "lag", "method": "POST", "reads": 12}])
        assert not apply(org, plan, path, patience=0).complete
        assert apply(org, plan, path).complete
        assert names(org) == ["lab"]
        assert len(org.rows("invites")) == 1

    def test_files_are_planned_again_and_do_not_make_it_again_either(self, path: Path) -> None:
        org = Org(FILES, users=ADMINS)
        first = org.plan()
        org.app.set_faults([{"fault": "lag", "method": "POST", "reads": 16}])
        assert not apply(org, first, path, patience=0).complete
        org.now += timedelta(seconds=5)
        second = org.plan()
        assert second.changes
        assert second.digests.plan != first.digests.plan
        assert apply(org, second, path).complete
        assert names(org) == ["lab"]

    @pytest.mark.parametrize(
        ("edit", "said"),
        [("archive", "was archived"), ("rename", "is now workspace:mine")],
        ids=["archived", "renamed"],
    )
    def test_a_colleague_who_moved_it_is_not_overruled(self, edit: str, said: str, path: Path) -> None:
        org = Org(FILES, users=ADMINS)
        plan = org.plan()
        assert apply(org, plan, path).complete
        at = f"workspaces/{org.workspace_id('lab')}"
        org.console("POST", *((f"{at}/archive", {}) if edit == "archive" else (at, {"name": "mine"})))
        with pytest.raises(Stale, match=said):
            apply(org, plan, path)
        assert len(names(org)) == 1

    def test_an_invite_that_a_colleague_withdrew_is_not_sent_again(self, path: Path) -> None:
        org = Org(FILES, users=ADMINS)
        plan = org.plan()
        assert apply(org, plan, path).complete
        org.console("DELETE", f"invites/{org.rows('invites')[0]['id']}")
        with pytest.raises(Stale, match=r"member:new@x\.example: created by an earlier run of this plan"):
            apply(org, plan, path)
        assert not org.rows("invites?statuses[]=pending")

    def test_a_plan_made_afterwards_was_approved_afterwards(self, path: Path) -> None:
        org = Org(FILES, users=ADMINS)
        assert apply(org, org.plan(), path).complete
        org.console("DELETE", f"invites/{org.rows('invites')[0]['id']}")
        org.now += RECENT * 2
        assert apply(org, org.plan(), path, org.now).complete
        assert [path for _method, path in org.writes()].count("/v1/organizations/invites") == 2
