"""Whole organizations with arbitrary files: their plans can be rehearsed, and keep every promise there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given, note
from hypothesis import strategies as st
from properties.organizations import Organization, examples, organizations
from properties.witness import planned

from orgsync.core.apply.ceiling import ids_of
from orgsync.engine.read_live import read_touched
from orgsync.engine.recording import Recorder
from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import rehearse
from orgsync.rehearsal.seed import seed_of
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.model.change import Plan
    from orgsync.core.model.recording import Recording
    from orgsync.core.model.things import Live

MOST_CHANGES = 12


@examples(2)
@given(organizations(), st.integers(min_value=0, max_value=1000))
def test_every_plan_can_be_rehearsed(organization: Organization, seed: int) -> None:
    both = planned(organization)
    if both is None:
        return
    org, plan = both
    plan = org.plan(allow=[change.address for change in plan.changes])
    if plan.refusals or not 0 < len(plan.changes) <= MOST_CHANGES:
        return
    live, recording = asyncio.run(touched(org, plan))
    app = App(filled(":memory:", seed_of(recording, plan, org.now), now=org.now, believed=True))
    verdict = rehearse(app, plan, live, KINDS, runs=15, seed=seed)
    note(repr(verdict))
    assert verdict.held


async def touched(org: Org, plan: Plan) -> tuple[Live, Recording]:
    """What the plan touches, as `orgsync rehearse` reads it."""
    async with org.client() as client:
        recorder = Recorder(client.reader)
        seen = await read_touched(recorder, plan, ids_of(plan, KINDS), KINDS)
    return seen.live, recorder.recording
