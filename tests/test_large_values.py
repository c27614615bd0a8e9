"""What holds a whole organization shows itself in a few words: whoever formats it by accident loses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from acme import NOW, ORGANIZATION, Org

from orgsync.core.drift.entries import drift_report
from orgsync.core.model.context import Context, Evidence, Reading
from orgsync.core.model.rows import checked
from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot
from orgsync.engine.read_live import read_live
from orgsync.engine.recording import Recorder
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.model.observation import Observation
    from orgsync.core.model.recording import Recording

PEOPLE = 300
FEW = 900
"""Characters of such a few words."""


async def _seen(org: Org) -> tuple[Observation, Recording]:
    async with org.client() as client:
        recorder = Recorder(client.reader)
        return await read_live(recorder, org.desired(), KINDS), recorder.recording


def large_values() -> Iterator[Any]:
    """One value of each type that grows with the organization."""
    people = [f"p{number}@acme.example" for number in range(PEOPLE)]
    users = [{"email": email, "role": "user"} for email in people]
    org = Org(
        "guards: {max_grants: {count: 1000}}\nmembers:\n" + "".join(f"  {email}: developer\n" for email in people),
        users=users,
    )
    desired = org.desired()
    seen, recording = asyncio.run(_seen(org))
    plan = org.plan()
    yield from (desired, desired.document, seen, plan, recording)
    yield max(recording.reads, key=lambda read: len(read.rows))
    yield Snapshot(FORMAT_VERSION, seen.organization, ORGANIZATION["name"], "", Emails.PLAIN, None, recording.reads)
    yield Context.of(desired, seen, NOW)
    yield Evidence(seen.live, NOW)
    yield Reading({}, seen.live, {}, desired)
    yield checked([{"id": str(number)} for number in range(PEOPLE)], ())
    yield drift_report(plan, desired, seen, NOW, KINDS, expiring=NOW - NOW)
    yield org.apply()


def test_what_grows_with_the_organization_is_not_written_out() -> None:
    lengths = {type(value).__name__: len(repr(value)) for value in large_values()}
    assert {name: length for name, length in lengths.items() if length > FEW} == {}
