"""Attestations that the Activity Feed makes stale: somebody changed the setting after it was looked up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.document.console_catalogue import CATALOGUE
from orgsync.core.drift.report import DriftEntry
from orgsync.core.feed.join import Certainty, by_record
from orgsync.core.model.change import Cause, Level
from orgsync.core.model.codes import Code
from orgsync.core.words.address import address
from orgsync.core.words.timestamp import written_exactly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.document.console import Attested
    from orgsync.core.document.console_catalogue import Setting
    from orgsync.core.drift.report import DriftReport
    from orgsync.core.feed.join import Explanation
    from orgsync.core.feed.records import Activity

OUTDATING = tuple(sorted({kind for setting in CATALOGUE.values() for kind in setting.outdated_by}))
"""The types of records that make an attestation stale."""


def stale_attestations(
    attested: Sequence[Attested], records: Sequence[Activity], previous: DriftReport | None, checked_at: str
) -> Iterator[DriftEntry]:
    """One entry for each setting that a record says to be changed since it was attested.

    Records are newest first. What the previous report had is so until somebody attests the setting again.
    """
    for one in attested:
        found = _newest(one, records) or _told_before(one, previous)
        if found is not None:
            yield _entry(one, found, checked_at)


def _newest(one: Attested, records: Sequence[Activity]) -> Explanation | None:
    setting = CATALOGUE[one.last.key]
    later = [record for record in records if record.at > one.last.at and _changes(record, setting, one.last.value)]
    return by_record(later[0], Certainty.CERTAIN, later) if later else None


def _changes(record: Activity, setting: Setting, value: str) -> bool:
    """Whether it is about the setting, and does not set it to what was attested."""
    if record.type not in setting.outdated_by:
        return False
    if setting.update is None:
        return True
    return any(one.type == setting.update and one.current != value for one in record.updates)


def _told_before(one: Attested, previous: DriftReport | None) -> Explanation | None:
    entries = () if previous is None else (*previous.entries, *previous.accepted)
    about = address("console", one.last.key)
    told = (entry.by for entry in entries if (entry.code, entry.address) == (Code.ATTESTATION_STALE, about))
    return next((by for by in told if by is not None and by.at and datetime.fromisoformat(by.at) > one.last.at), None)


def _entry(one: Attested, by: Explanation, checked_at: str) -> DriftEntry:
    setting, last, at = CATALOGUE[one.last.key], one.last, written_exactly(one.last.at)
    return DriftEntry(
        id="",
        address=address("console", last.key),
        code=Code.ATTESTATION_STALE,
        message=f"{setting.title}: changed after it was attested at {at} by {last.by}",
        level=Level.WARNING,
        cause=Cause.DRIFT,
        since=checked_at,
        source=one.place,
        hint=f"check it in {setting.where}, and record what you see: {one.command}",
        by=by,
        shown={"attested_at": at, "attested_by": last.by},
    )
