"""Drift reports of a sandbox, and reports made by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from acme import check_shown

from orgsync.core.document.console import console_steps
from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.report import FORMAT_VERSION, Acceptance, DriftEntry, DriftReport, FeedReading, compared
from orgsync.core.drift.schema import sealed
from orgsync.core.feed.join import Certainty, Explanation
from orgsync.core.feed.records import Actor
from orgsync.core.feed.window import FeedState
from orgsync.core.model.change import Cause, Level, Note, Organization, Place, Verdict
from orgsync.core.plan.make import make_plan
from orgsync.core.words.address import Address, address
from orgsync.engine.read_live import read_live
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acme import Org

    from orgsync.core.document.console import Attestation

ACME = Organization("3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "Acme Robotics")
TODAY = "2026-11-22T10:00:00Z"
YESTERDAY = "2026-11-21T10:00:00Z"


def drift(
    org: Org,
    files: str | None = None,
    *,
    previous: DriftReport | None = None,
    days: int = 14,
    attestations: Sequence[Attestation] = (),
) -> DriftReport:
    """What `orgsync drift` finds in this organization."""
    return asyncio.run(_drift(org, files, previous, timedelta(days=days), attestations))


async def _drift(
    org: Org,
    files: str | None,
    previous: DriftReport | None,
    expiring: timedelta,
    attestations: Sequence[Attestation],
) -> DriftReport:
    if files is not None:
        org.files = files
    desired = org.desired()
    manual = console_steps(
        desired.settings.console.declared,
        attestations,
        org.now,
        lambda key: desired.place("console", key),
        path="org.yaml",
    )
    async with org.client() as client:
        seen = await read_live(client.reader, desired, KINDS, through=(org.now + expiring).date())
    plan = make_plan(desired, seen, org.now, KINDS, manual=manual)
    report = drift_report(plan, desired, seen, org.now, KINDS, expiring=expiring)
    check_shown((*report.entries, *report.accepted, *report.notes))
    return sealed(compared(report, previous))


def told(entries: Sequence[DriftEntry]) -> list[str]:
    """Every entry as `code address`."""
    return [f"{entry.code} {entry.address}" for entry in entries]


def entry(name: str = "production", identity: str = "0" * 16, **more: Any) -> DriftEntry:
    """An entry made by hand."""
    facts: dict[str, Any] = {
        "id": identity,
        "address": Address(f"workspace:{name}"),
        "code": "undeclared",
        "message": "not declared",
        "level": Level.WARNING,
        "cause": Cause.DRIFT,
        "since": TODAY,
        **more,
    }
    return DriftEntry(**facts)


def report(*entries: DriftEntry, **more: Any) -> DriftReport:
    """A report made by hand, of today and compared with none."""
    facts: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "orgsync": "0.2.0",
        "organization": ACME,
        "checked_at": TODAY,
        "files": "0" * 64,
        "entries": entries,
        **more,
    }
    return DriftReport(**facts)


def named(text: str) -> DriftReport:
    """A report in which everything that can be named has this name."""
    one = DriftEntry(
        id="0" * 16,
        address=address("workspace", text or "-"),
        code="undeclared",
        message=f"it says {text}",
        level=Level.WARNING,
        cause=Cause.DRIFT,
        since=YESTERDAY,
        source=Place(text, 1),
        by=Explanation(Certainty.CERTAIN, Actor("user_actor", text, text, text, text), TODAY, text, text, 2),
    )
    by_key = Explanation(Certainty.RELATED, Actor(text, text, None, text, text), TODAY, changed_since=True, gap=True)
    return report(
        one,
        replace(one, new=False, by=by_key),
        organization=Organization(text, text),
        accepted=(replace(one, accepted=Acceptance(text, "2026-12-01")),),
        gone=(one,),
        notes=(Note(one.address, "accept_unused", text, Level.INFO, Place(text, 1)),),
        refusals=(Verdict("protect", passed=False, message=text, addresses=(one.address,)),),
        previous=YESTERDAY,
        feed=FeedReading(FeedState.REFUSED, f"The API refused to show the Activity Feed ({text}).", None, YESTERDAY, 1),
    )
