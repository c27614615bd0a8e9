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
from properties.samples import UNDECLARABLE_NAMES

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


@examples(60)
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
