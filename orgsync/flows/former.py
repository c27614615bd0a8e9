"""People who are gone and still behind something, as journals and drift reports remember them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.observation import Former
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orgsync.core.drift.report import DriftReport
    from orgsync.core.model.observation import Observation


def known_owners(report: DriftReport | None) -> dict[str, str]:
    """The e-mails of owners that a report knows, by their ids."""
    entries = () if report is None else (*report.entries, *report.accepted)
    owners = (entry.shown for entry in entries if {"owner", "owner_id"} <= set(entry.shown))
    return {str(shown["owner_id"]): str(shown["owner"]) for shown in owners}


def former_people(journal: Path | None, known: Mapping[str, str], seen: Observation) -> dict[str, Former]:
    """Who is gone and still behind something, by id: whom a journal says to be removed, else whom the report knew."""
    owners = {
        behind["owner_id"]
        for kind in KINDS
        for found in seen.live.get(kind.name, ())
        if not found.unknown and "owner" not in (behind := kind.behind(found, seen)) and "owner_id" in behind
    }
    former = {identity: Former(known[identity], "no longer a member") for identity in owners & known.keys()}
    if not owners or journal is None or not journal.exists():
        return former
    from orgsync.core.apply.journal import removed
    from orgsync.files.state.journal import examined

    for identity, (address, at) in removed(examined(journal).entries, seen.organization.id).items():
        if identity in owners:
            former[identity] = Former(address.segments[-1], f"removed {at[:10]} by apply")
    return former
