"""Who made the differences of a report: what of the Activity Feed has to be read for that, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orgsync.core.document.console_catalogue import CATALOGUE
from orgsync.core.drift.report import FeedReading
from orgsync.core.drift.stale import OUTDATING
from orgsync.core.feed.join import Aspect, Certainty, Records, Subject, explained
from orgsync.core.feed.records import SETTINGS_UPDATED
from orgsync.core.feed.rules import EXISTS, FORMER_NAME, PLACE
from orgsync.core.model.change import NAME, Cause
from orgsync.core.model.diff import field_changes
from orgsync.core.words.timestamp import written_exactly, written_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.document.console import Attested
    from orgsync.core.drift.report import DriftEntry, DriftReport
    from orgsync.core.feed.window import Feed
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Pair

FIRST = timedelta(days=30)
"""How far back the first report looks."""

OVERLAP = timedelta(minutes=10)
"""How much of what the previous report looked at is read again: records come late, and clocks differ."""

_OUTDATABLE = frozenset(key for key, setting in CATALOGUE.items() if setting.outdated_by)
_BY_SOMEBODY = frozenset({Cause.DRIFT, Cause.CONFIG})
"""What has come about by itself, or was so when a policy was written, was made by nobody at any time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask the feed: which types of records, and from when on.

    `subjects` are what differs, by the id of the entry; `attested` is when what it could make stale was attested.
    """

    types: tuple[str, ...]
    since: datetime
    subjects: Mapping[str, Subject]
    attested: Mapping[str, str]


def question(
    report: DriftReport,
    seen: Observation,
    kinds: Kinds,
    previous: DriftReport | None,
    attested: Sequence[Attested],
) -> Question | None:
    """What to ask the feed for a report that was compared with the previous one; None: it could not say anything."""
    entries = (*report.entries, *report.accepted)
    subjects = dict(_subjects(entries, seen, kinds, previous))
    may_be_stale = [one for one in attested if one.last.key in _OUTDATABLE]
    if not subjects and not may_be_stale:
        return None
    types = {rule.type for subject in subjects.values() for rule in subject.rules}
    types |= {SETTINGS_UPDATED, *(OUTDATING if may_be_stale else ())}
    known = {one.id: one for one in _held(previous)}
    lows = [_low(known.get(identity), report, previous) for identity in subjects]
    lows += [_attested_low(one, previous) for one in may_be_stale]
    last = {one.last.key: written_exactly(one.last.at) for one in may_be_stale}
    return Question(tuple(sorted(types)), min(lows), subjects, last)


def with_feed(report: DriftReport, asked: Question, feed: Feed, previous: DriftReport | None) -> DriftReport:
    """The report, with who made each difference that the feed could explain, and how reading it ended."""
    before, records = {one.id: one.by for one in _held(previous)}, Records(feed)

    def named(entry: DriftEntry) -> DriftEntry:
        subject, told = asked.subjects.get(entry.id), before.get(entry.id)
        if subject is None:
            return entry
        return replace(entry, by=explained(subject, records, told) if feed.usable else told)

    reading = FeedReading(
        feed.state, feed.says, feed.hint, written_moment(asked.since), feed.requests, dict(asked.attested)
    )
    entries, accepted = tuple(map(named, report.entries)), tuple(map(named, report.accepted))
    return replace(report, entries=entries, accepted=accepted, feed=reading)


def _held(previous: DriftReport | None) -> Sequence[DriftEntry]:
    return () if previous is None else (*previous.entries, *previous.accepted)


def _low(known: DriftEntry | None, report: DriftReport, previous: DriftReport | None) -> datetime:
    """From when on the feed has to be read for one entry; `known` is what the previous report had of it."""
    if previous is None:
        return _moment(report.checked_at) - FIRST
    compared = _moment(previous.checked_at) - OVERLAP
    if known is None:
        return compared
    if previous.feed is None:
        return _moment(report.checked_at) - FIRST
    looked = previous.feed.usable and known.by is not None and known.by.certainty is not Certainty.PENDING
    return compared if looked else min(compared, _moment(previous.feed.since))


def _attested_low(one: Attested, previous: DriftReport | None) -> datetime:
    """From when on for an attestation: from its moment, unless the previous report held the feed against it."""
    reading = None if previous is None else previous.feed
    if previous is None or reading is None or reading.attested.get(one.last.key) != written_exactly(one.last.at):
        return one.last.at
    return _moment(previous.checked_at) - OVERLAP if reading.usable else min(one.last.at, _moment(reading.since))


def _subjects(
    entries: Sequence[DriftEntry], seen: Observation, kinds: Kinds, previous: DriftReport | None
) -> Iterator[tuple[str, Subject]]:
    pairs = {(name, pair.key): pair for name, some in seen.pairs.items() for pair in reversed(some)}
    known = {one.id for one in _held(previous)}
    for entry in entries:
        kind = kinds.by_name.get(entry.address.kind)
        pair = None if kind is None else pairs.get(kinds.named(entry.address))
        if kind is None or pair is None or entry.cause not in _BY_SOMEBODY or not kind.activities:
            continue
        handles, aspects = kind.handles(pair, seen), tuple(_aspects(entry, pair, kind))
        if aspects and any(values for handle, values in handles.items() if handle != FORMER_NAME):
            unlike = None if previous is None or entry.id in known else _moment(previous.checked_at)
            yield entry.id, Subject(handles, kind.activities, aspects, _moment(entry.since), unlike)


def _aspects(entry: DriftEntry, pair: Pair, kind: Kind) -> Iterator[Aspect]:
    """What of a thing differs: that it is there, that it is not, or single fields."""
    found, line = pair.found, pair.declared
    if pair.blocked is not None:
        yield Aspect((EXISTS, NAME, PLACE))
    elif found is None or not found.exists:
        yield Aspect((EXISTS,), {EXISTS: False})
    elif found.unknown or found.implied:
        return
    elif line is None or line.expired:
        yield Aspect((EXISTS, NAME, PLACE, *_in_effect(found, kind)), {EXISTS: True, **found.attributes})
    else:
        live = {EXISTS: True, **found.attributes}
        changes = entry.fields or field_changes(found.attributes, line.spec.attributes)
        if not entry.fields and len(changes) > 1:  # nothing says which of them it is about
            yield Aspect(tuple(change.path for change in changes))
            return
        for change in changes:
            yield Aspect((change.path,), {**live, change.path: change.before})


def _in_effect(found: Found, kind: Kind) -> Iterator[str]:
    """The fields by which something undeclared does anything: the status of a key, access beyond the inherited."""
    for path in found.attributes:
        others = {name: value for name, value in found.attributes.items() if name != path}
        stopped = bool(others) and kind.in_use(found.attributes) and not kind.in_use(others)
        if stopped or found.beneath is not None:
            yield path


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
