"""The promise of `drift`: whatever one person changes anywhere, the next report has it at its address.

The only exceptions are what kinds declare to be ignored (docs/coverage.md).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import event, given, note
from hypothesis import strategies as st

from orgsync.core.drift.entries import drift_report
from orgsync.core.plan.make import make_plan
from orgsync.core.words.address import folded
from orgsync.engine.read_live import read_live
from orgsync.kinds import KINDS
from properties.edits import Live, edits, watched
from properties.organizations import HEAD, SCALE, Organization, examples, seeds
from properties.samples import RATE_LIMITS, UNDECLARABLE_NAMES, workspace_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acme import Org

    from orgsync.core.drift.report import DriftReport
    from properties.edits import Edit

AT_ONCE = 12
"""Edits that are tried on one organization, each by itself."""
MOST_PEOPLE = 300 if SCALE >= 1 else 3


@st.composite
def declarable_organizations(draw: st.DrawFn) -> Organization:
    """In which a file can declare everything: no two workspaces of one name, and no name that a file cannot hold."""
    seed = draw(seeds())
    names: set[str] = set()
    for number, row in enumerate(seed["workspaces"]):
        if row["archived_at"] is None and (row["name"] in names or row["name"] in UNDECLARABLE_NAMES):
            row["name"] = f"workspace {number}"
        names.add(row["name"])
    for number in range(draw(st.integers(0, MOST_PEOPLE))):
        seed["users"].append(
            {"email": f"person-{number}@acme.example", "role": draw(st.sampled_from(["user", "billing"]))}
        )
    if draw(st.booleans()):
        somebody = {"principal_email": seed["users"][0]["email"]}
        seed["api_keys"].append({"name": "everywhere", "scope": {"type": "organization"}, **somebody})
        seed["api_keys"].append({"name": "in default"})
    seed["settings"]["user_profiles"] = {"uprof_a": "active"}
    return Organization(seed, dict(HEAD))


def drift(org: Org) -> DriftReport:
    """The report of this moment."""

    async def found() -> DriftReport:
        desired = org.desired()
        async with org.client() as client:
            seen = await read_live(client.reader, desired, KINDS)
        plan = make_plan(desired, seen, org.now, KINDS)
        return drift_report(plan, desired, seen, org.now, KINDS, expiring=timedelta())

    return asyncio.run(found())


@examples(4)
@given(declarable_organizations(), st.data())
def test_one_edit_anywhere_is_drift_at_its_address(organization: Organization, data: st.DataObject) -> None:
    baseline = organization.org()
    baseline.files = exported = baseline.export()
    report = drift(baseline)
    assert (report.entries, report.coverage.uncovered) == ((), ())
    live = Live(baseline)
    before, every = watched(live), list(edits(live))
    for edit in data.draw(st.lists(_one_of(every), min_size=1, max_size=AT_ONCE, unique_by=repr)):
        org = organization.org()
        org.files = exported
        if org.app.console(edit.method, edit.path, edit.body).status == 200:
            _check(org, edit, before)


OF_EVERYTHING = Organization(
    {
        "settings": {"external_keys": {"ekey_a": {}}, "user_profiles": {"uprof_a": "active"}},
        "users": [
            {"email": "ceo@acme.example", "role": "admin"},
            {"email": "ana@acme.example", "role": "developer"},
            {"email": "fin@acme.example", "role": "billing"},
        ],
        "invites": [
            {"email": "new@acme.example", "status": "pending"},
            {"email": "old@acme.example", "status": "expired", "invited_at": "2026-06-01T09:00:00Z"},
        ],
        "workspaces": [
            {"id": workspace_id(1), "name": "prod", "tags": {"env": "x", "anthropic:kind": "y"}},
            {"id": workspace_id(2), "name": "empty"},
            {"id": workspace_id(3), "name": "gone", "archived_at": "2026-01-01T00:00:00Z"},
        ],
        "workspace_members": [
            {"email": "ana@acme.example", "workspace": "prod", "workspace_role": "workspace_developer"},
            {"email": "fin@acme.example", "workspace": "prod", "workspace_role": "workspace_admin"},
        ],
        "api_keys": [
            {"name": "ci", "workspace": "prod"},
            {"name": "off", "workspace": "prod", "status": "inactive"},
            {"name": "done", "workspace": "prod", "status": "expired"},
            {"name": "in default"},
            {"name": "everywhere", "scope": {"type": "organization"}, "principal_email": "ceo@acme.example"},
        ],
        "rate_limits": RATE_LIMITS,
        "workspace_rate_limits": [
            {
                "rate_limit_id": "rlim_01Sonnet",
                "workspace": "prod",
                "limits": [{"type": "requests_per_minute", "value": 10}],
            }
        ],
        "spend_limits": [
            {"scope": {"type": "organization"}, "amount": "100000"},
            {"scope": {"type": "workspace", "workspace_id": workspace_id(1)}, "amount": "1950"},
        ],
        "service_accounts": [{"name": "ci"}, {"name": "deployer", "description": "deploys"}],
    },
    dict(HEAD),
)
"""One thing of every sort, and something empty beside it."""

STRIDE = 1 if SCALE >= 1 else 13
"""Each so many-th edit is tried."""


def test_every_edit_of_an_organization_of_everything_is_drift_at_its_address() -> None:
    baseline = OF_EVERYTHING.org()
    baseline.files = exported = baseline.export()
    assert (drift(baseline).entries, drift(baseline).coverage.uncovered) == ((), ())
    live = Live(baseline)
    before, checked = watched(live), 0
    for edit in list(edits(live))[::STRIDE]:
        org = OF_EVERYTHING.org()
        org.files = exported
        if org.app.console(edit.method, edit.path, edit.body).status == 200 and watched(Live(org)) != before:
            checked += 1
            entries = drift(org).entries
            assert {folded(one.address) for one in entries} & {folded(one) for one in edit.about}, edit
    assert checked >= 100 / STRIDE


def _one_of(every: Sequence[Edit]) -> st.SearchStrategy[Edit]:
    """Each sort of edit as often as another, however many things it could be done to."""
    sorts: dict[tuple[str, ...], list[Edit]] = {}
    for edit in every:
        plain = [step for step in edit.path.split("/") if "_" not in step or step.endswith("s")]
        sorts.setdefault((edit.method, *plain, *sorted(edit.body or ())), []).append(edit)
    return st.sampled_from(list(sorts.values())).flatmap(st.sampled_from)


def _check(org: Org, edit: Edit, before: dict[Any, Any]) -> None:
    after = watched(Live(org))
    if after == before:
        event("changes nothing that is watched")
        return
    changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    note(f"{edit}\n{[(key, before.get(key), after.get(key)) for key in changed]}")
    event(f"{edit.method} {edit.path.split('/')[0]}")
    entries = drift(org).entries
    told = {folded(entry.address) for entry in entries}
    assert told & {folded(one) for one in edit.about}
