"""What drift reports tell: when a difference was first seen, and when it was gone.

A report knows that something differs, and not what was changed: the organization or the files. Only two reports in a
row, of the same files, say that it was the organization.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from orgsync.core.feed import join
from orgsync.core.model.change import Cause, FieldChange
from orgsync.core.model.codes import Code
from orgsync.core.words.address import folded
from orgsync.questions.log.activities import origin_of, who
from orgsync.questions.log.event import Certainty, Event, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport
    from orgsync.core.feed.join import Explanation

SOURCE = "drift report"

_NAMING = frozenset({join.Certainty.CERTAIN, join.Certainty.LIKELY})
_CHANGED = {Code.DIFFERS: "", Code.UNDECLARED: "appeared", Code.MISSING: "disappeared"}
_SEEN = {
    Code.DIFFERS: "differs from the files",
    Code.UNDECLARED: "is there, and not declared",
    Code.MISSING: "is declared, and not there",
}


@dataclass(slots=True)
class _Walk:
    """The reports in the order of time; `shown` is what the last of them showed of each address that differed."""

    by: Mapping[tuple[str, str], Explanation]
    last: DriftReport | None = None
    known: set[tuple[str, str]] = field(default_factory=set)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, report: DriftReport) -> Iterator[Event]:
        """What is new in a report, and what is gone."""
        in_a_row = self.last is not None and self.last.checked_at == report.previous
        same_files = self.last is not None and in_a_row and self.last.files == report.files
        here = [one for one in (*report.entries, *report.accepted) if one.cause is Cause.DRIFT]
        addresses = {folded(one.address) for one in here}
        for one in here:
            if (one.id, one.since) not in self.known:
                self.known.add((one.id, one.since))
                yield from self._found(one, report, certain=same_files and one.since == report.checked_at)
        for one in report.gone:
            if one.cause is Cause.DRIFT and folded(one.address) not in addresses:
                yield _gone(one, report)
        self.shown = {folded(one.address): {change.path: change.before for change in one.fields} for one in here}
        self.last = report

    def _found(self, entry: DriftEntry, report: DriftReport, *, certain: bool) -> Iterator[Event]:
        before = self.shown.get(folded(entry.address), {})
        fields = [
            FieldChange(one.path, before.get(one.path, one.after), one.before)
            for one in entry.fields
            if one.path not in before or before[one.path] != one.before
        ]
        if entry.fields and not fields:
            return  # the organization shows what it showed before: the files declare something else now
        by = self.by.get((entry.id, entry.since))
        found = Event(
            at=entry.since,
            origin=Origin.DRIFT,
            address=entry.address,
            verb=_verb(entry, changed=certain or bool(before) or by is not None),
            remark="" if entry.code in _SEEN else entry.message,
            fields=tuple(fields),
            sources=(SOURCE,),
            organization=report.organization.id,
            since=report.previous if entry.since == report.checked_at else None,
        )
        yield found if by is None else _named(found, by)


def _named(event: Event, by: Explanation) -> Event:
    """The difference as the edit that made it, of which the report knows when it was, and whose."""
    if by.actor is None or by.at is None:
        return event
    return replace(
        event,
        at=by.at,
        origin=origin_of(by.actor),
        who=who(by.actor),
        certainty=Certainty(by.certainty.value),
        record=by.record,
        since=None,
    )


def _explanations(reports: Iterable[DriftReport]) -> dict[tuple[str, str], Explanation]:
    """Who made each difference, where a report says so: the last one knows most, records can be late."""
    entries = (entry for report in reports for entry in (*report.entries, *report.accepted))
    return {(one.id, one.since): one.by for one in entries if one.by is not None and one.by.certainty in _NAMING}


def events_of(reports: Iterable[DriftReport]) -> tuple[Event, ...]:
    """One event for each difference that was found, and one for each that was gone, however many reports have it."""
    unique = {(one.checked_at, one.digest): one for one in reports}
    in_order = [unique[key] for key in sorted(unique)]
    walk = _Walk(_explanations(in_order))
    return tuple(event for report in in_order for event in walk.take(report))


def _verb(entry: DriftEntry, *, changed: bool) -> str:
    code = Code(entry.code) if entry.code in _SEEN else None
    if code is None:
        return "differs from the files"
    return (_CHANGED if changed else _SEEN)[code]


def _gone(entry: DriftEntry, report: DriftReport) -> Event:
    return Event(
        at=report.checked_at,
        origin=Origin.DRIFT,
        address=entry.address,
        verb="no longer differs from the files",
        fields=entry.fields,
        sources=(SOURCE,),
        organization=report.organization.id,
        since=report.previous,
        gone=True,
    )


def of_one_record(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events; what a report tells by a record that was read as well is one event, with both sources."""
    told = {_by_record(one) for one in events if one.record is not None and one.sources == (SOURCE,)}
    read = {_by_record(one) for one in events if one.record is not None and one.sources != (SOURCE,)}
    return tuple(
        replace(one, sources=(*one.sources, SOURCE)) if _by_record(one) in told & read else one
        for one in events
        if one.sources != (SOURCE,) or _by_record(one) not in read
    )


def _by_record(event: Event) -> tuple[str | None, str]:
    return event.record, folded(event.address or "")
