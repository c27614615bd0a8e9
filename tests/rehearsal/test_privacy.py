"""What an Admin key cannot set is rehearsed with a credential that can, on storage that is taken to be there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from acme import ADMINS, ByToken

from orgsync.kinds import KINDS
from orgsync.rehearsal.rehearse import rehearse
from orgsync.rehearsal.seed import TOKEN, seed_of
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App

from .test_organizations import touched

SETTINGS: dict[str, Any] = {
    "external_storages": {"estrg_a": {}, "estrg_b": {"user_profile_id": "uprof_b"}},
    "user_profiles": {"uprof_b": "active"},
}
LAB = {"name": "lab", "inference_data_privacy": {"transcripts_storage": {"type": "internal"}}}
BOUND = {"name": "lab", "user_profile_id": "uprof_b"}


@pytest.mark.parametrize(
    ("workspace", "privacy"),
    [
        (LAB, "{human_review: disabled, safeguards_storage: estrg_a}"),
        pytest.param(LAB, "{transcripts_storage: estrg_a}", marks=pytest.mark.story),
        (BOUND, "{transcripts_storage: estrg_b}"),
        pytest.param(
            {"name": "other"}, "{human_review: disabled, transcripts_storage: estrg_a}", marks=pytest.mark.story
        ),
    ],
)
def test_where_data_goes_is_rehearsed(workspace: dict[str, Any], privacy: str) -> None:
    files = f"workspaces: {{lab: {{tags: {{a: b}}, inference_data_privacy: {privacy}}}}}"
    org = ByToken(files, users=ADMINS, workspaces=[workspace], settings=SETTINGS)
    plan = org.plan()
    assert [change.action for change in plan.changes]
    assert not plan.manual
    live, recording = asyncio.run(touched(org, plan))
    app = App(filled(":memory:", seed_of(recording, plan, org.now), now=org.now, believed=True))
    verdict = rehearse(app, plan, live, KINDS, runs=40, credential=TOKEN)
    assert verdict.held, (verdict.undisturbed, verdict.broken)
    app.close()
