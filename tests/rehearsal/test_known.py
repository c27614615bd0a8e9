"""What the sandbox could not tell is not rehearsed: such a plan is refused, and never said to have passed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from acme import ADMINS, Org

from orgsync.errors import UsageError
from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import rehearse
from orgsync.rehearsal.seed import seed_of
from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App

from .test_organizations import touched
from .test_verdict import Forgets

if TYPE_CHECKING:
    from orgsync.core.apply.rehearsal import RehearsalReport
    from orgsync.sandbox.model.resource import Resource

LAB = "workspaces: {lab: {}}"
LIMITED = "workspaces: {lab: {spend_limit: 5}}"
PEOPLE = [*ADMINS, {"email": "ana@acme.example"}]


def without_facts(section: str) -> tuple[Resource, ...]:
    return tuple(replace(one, facts=None) if one.section == section else one for one in RESOURCES)


def without(section: str) -> tuple[Resource, ...]:
    return tuple(one for one in RESOURCES if one.section != section)


def verdict(org: Org, resources: tuple[Resource, ...]) -> RehearsalReport:
    """Of an engine that makes things twice."""
    plan = org.plan()
    live, recording = asyncio.run(touched(org, plan))
    seed = seed_of(recording, plan, org.now, resources)
    app = App(filled(":memory:", seed, now=org.now, believed=True, resources=resources), resources=resources)
    try:
        return rehearse(app, plan, live, KINDS, runs=1000, command=Forgets(plan))
    finally:
        app.close()


def test_what_is_made_twice_is_found_where_the_sandbox_knows_the_facts() -> None:
    assert not verdict(Org(LAB, users=ADMINS), RESOURCES).held


@pytest.mark.parametrize(
    ("files", "section", "kind"),
    [(LAB, "workspaces", "workspace"), (LIMITED, "spend_limits", "spend_limit")],
)
def test_a_kind_without_facts_is_refused(files: str, section: str, kind: str) -> None:
    for resources in (without_facts(section), without(section)):
        with pytest.raises(UsageError, match=rf"^changes of the kind {kind} cannot be rehearsed") as caught:
            verdict(Org(files, users=ADMINS), resources)
        assert caught.value.exit_code == 1
        assert "orgsync plan --only" in str(caught.value.hint)


def test_a_kind_inside_of_what_is_not_there_yet_is_refused() -> None:
    org = Org("workspaces: {lab: {members: {ana@acme.example: user}}}", users=PEOPLE)
    with pytest.raises(UsageError, match=r"^changes of the kind workspace_member cannot be rehearsed"):
        verdict(org, without_facts("workspace_members"))


@pytest.mark.story
def test_other_kinds_are_rehearsed_all_the_same() -> None:
    one = verdict(Org("members: {ana@acme.example: developer}", users=PEOPLE), without_facts("api_keys"))
    assert one.held
    assert one.runs
