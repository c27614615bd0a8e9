"""Who made a difference, as far as the Activity Feed says, and how sure that is. Never by time alone.

A record explains a difference where it is about the same thing, by its id, and what it says of the thing is what the
organization shows. Where a later record says otherwise, or may, nobody is named for certain.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum, StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from orgsync.core.feed.records import Actor  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.feed.rules import ANY, EXISTS, Handles, Hint, Says, named
from orgsync.core.words.timestamp import written_exactly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from orgsync.core.feed.records import Activity
    from orgsync.core.feed.rules import Explains
    from orgsync.core.feed.window import Feed

LATE = timedelta(minutes=2)
"""A record is there one minute after what it tells, at the latest; twice that, because clocks differ."""


class Certainty(StrEnum):
    """How sure it is who made a difference.

    CERTAIN: the newest record of it says what the organization shows. LIKELY: the newest one that fits says no value,
    or something speaks against it. RELATED: somebody did something else with the same thing. UNKNOWN: no record.
    PENDING: no record, and it is too early for one.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    RELATED = "related"
    UNKNOWN = "unknown"
    PENDING = "pending"


_RANK = {Certainty.CERTAIN: 3, Certainty.LIKELY: 2, Certainty.RELATED: 1, Certainty.UNKNOWN: 0, Certainty.PENDING: 0}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who made a difference, when (RFC 3339), and by which record and type of record.

    `others` counts the other actors who did something with the same thing in that time. `changed_since`: a later record
    says something else than the organization shows. `gap`: the feed recorded nothing for some of the time.
    """

    certainty: Certainty
    actor: Actor | None = None
    at: str | None = None
    record: str | None = None
    activity: str | None = None
    others: int = 0
    changed_since: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Aspect:
    """What of a thing differs: one of these paths; and what the organization shows of the thing, by path.

    `live` has `EXISTS` as well. Empty: what it shows is not known, or not of one thing.
    """

    paths: tuple[str, ...]
    live: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that differs: how records name it, which of them say something of it, and what of it differs.

    `unlike` is when it was last seen not to differ in this way, if anybody looked: what happened before that is no
    certain explanation. `seen_at` is when it was first seen to.
    """

    handles: Handles
    rules: tuple[Explains, ...]
    aspects: tuple[Aspect, ...]
    seen_at: datetime
    unlike: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    record: Activity
    says: Says


@dataclass(frozen=True, slots=True)
class _Found:
    """What explains one aspect; `doubtful`: a record since then says otherwise, or may."""

    certainty: Certainty = Certainty.UNKNOWN
    record: Activity | None = None
    other: bool = False
    doubtful: bool = False


class Records:
    """The records of one reading of the feed, looked up by what they name."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._was_off = bool(feed.off())
        self._by_type: dict[str, list[Activity]] = {}
        for record in feed.records:
            self._by_type.setdefault(record.type, []).append(record)
        self._by_name: dict[tuple[str, str, str], dict[str | None, list[Activity]]] = {}

    def about(self, subject: Subject) -> list[_Told]:
        """Those that are about a thing, newest first, each by the first rule that it fits."""
        found: dict[str, _Told] = {}
        for rule in subject.rules:
            for record in self._candidates(rule, subject.handles):
                if rule.names(record, subject.handles):
                    found.setdefault(record.id, _Told(record, rule.says(record)))
        return sorted(found.values(), key=lambda told: _order(told.record), reverse=True)

    def off_between(self, start: datetime, end: datetime) -> bool:
        """Whether the feed was off at some time between two moments."""
        return self._was_off and self.feed.off_between(start, end)

    def _candidates(self, rule: Explains, handles: Handles) -> Sequence[Activity]:
        """The records that name one part of the thing, by the part that the fewest of them name."""
        by_part = (
            [self._naming(rule.type, name, handle, value) for value in handles.get(handle, ())]
            for name, handle in rule.about.items()
        )
        return [record for some in min(by_part, key=lambda lists: sum(map(len, lists))) for record in some]

    def _naming(self, kind: str, name: str, handle: str, value: str) -> Sequence[Activity]:
        by_value = self._by_name.get((kind, name, handle))
        if by_value is None:
            by_value = self._by_name[kind, name, handle] = {}
            for record in self._by_type.get(kind, ()):
                by_value.setdefault(named(record, name, handle), []).append(record)
        return by_value.get(value, ())


def explained(subject: Subject, records: Records, before: Explanation | None = None) -> Explanation:
    """Who made the difference, given the records of a reading that has something.

    `before` is what an earlier reading said of the same difference; it holds where this one has nothing better.
    """
    told, feed = records.about(subject), records.feed
    found = [_of_aspect(aspect, told) for aspect in subject.aspects]
    if before is not None and before.actor is not None:
        best = max(_RANK[one.certainty] for one in found)
        if best < _RANK[before.certainty] and best <= _RANK[Certainty.RELATED]:
            return _kept(before, found, gap=records.off_between(feed.since, feed.until))
    by = sorted((one.record for one in found if one.record is not None), key=_order)
    if not by:
        late = feed.until - subject.seen_at < LATE
        gap = records.off_between(subject.unlike or feed.since, subject.seen_at)
        return Explanation(Certainty.PENDING if late else Certainty.UNKNOWN, gap=gap)
    gap = records.off_between(by[0].at, feed.until)
    sure = not gap and (subject.unlike is None or by[0].at >= subject.unlike)
    explanation = by_record(by[-1], _certainty(found, by, sure=sure), [one.record for one in told])
    return replace(explanation, changed_since=any(one.other for one in found), gap=gap)


def by_record(record: Activity, certainty: Certainty, about: Iterable[Activity]) -> Explanation:
    """That a record tells who it was; `about` are all records of the same thing."""
    others = {_who(one) for one in about} - {_who(record)}
    return Explanation(certainty, record.actor, written_exactly(record.at), record.id, record.type, len(others))


def _kept(before: Explanation, found: Sequence[_Found], *, gap: bool) -> Explanation:
    """What was said before, as far as nothing speaks against it since."""
    doubtful = gap or any(one.doubtful for one in found)
    sure = before.certainty is not Certainty.CERTAIN or not doubtful
    return replace(
        before,
        certainty=before.certainty if sure else Certainty.LIKELY,
        changed_since=before.changed_since or any(one.other for one in found),
        gap=before.gap or gap,
    )


def _certainty(found: Sequence[_Found], records: Sequence[Activity], *, sure: bool) -> Certainty:
    """That of the least certain aspect; nobody made all of them for certain where several did something."""
    least = min((one.certainty for one in found), key=_RANK.__getitem__)
    if least is Certainty.UNKNOWN:
        return Certainty.RELATED
    together = len({_who(record) for record in records}) == 1
    return Certainty.LIKELY if least is Certainty.CERTAIN and not (sure and together) else least


def _of_aspect(aspect: Aspect, told: Sequence[_Told]) -> _Found:
    """From the newest record to the oldest; those of one moment have no order, and are looked at together."""
    other = perhaps = False
    for _at, same_moment in groupby(told, key=lambda one: one.record.at):
        results = [(result, one.record) for one in same_moment if (result := _result(aspect, one.says)) is not None]
        by_result = dict(reversed(results))
        if _Result.SAME in by_result:
            alone = len({_who(record) for _same, record in results}) == 1
            certainty = Certainty.CERTAIN if alone and not (other or perhaps) else Certainty.LIKELY
            return _Found(certainty, by_result[_Result.SAME], other)
        if _Result.UNTOLD in by_result:
            if perhaps:
                break
            return _Found(Certainty.LIKELY, by_result[_Result.UNTOLD], other)
        other = other or _Result.OTHER in by_result
        perhaps = perhaps or _Result.PERHAPS in by_result
    return _Found(Certainty.RELATED, told[0].record, other, doubtful=other or perhaps) if told else _Found()


class _Result(Enum):
    """What a record says of an aspect, held against what the organization shows."""

    SAME = "same"
    OTHER = "other"
    UNTOLD = "untold"
    PERHAPS = "perhaps"


def _result(aspect: Aspect, says: Says) -> _Result | None:
    """By the first of its paths that the record says something of; None: of none of them."""
    path = next((one for one in aspect.paths if one in says or (one != EXISTS and says.keys() & {ANY, EXISTS})), None)
    if path is None:
        return None
    value = says.get(path, says.get(ANY, Hint.UNTOLD))
    if says.get(EXISTS) is False:
        value, path = False, EXISTS
    if isinstance(value, Hint):
        return _Result.UNTOLD if value is Hint.UNTOLD else _Result.PERHAPS
    if not aspect.live:
        return _Result.UNTOLD
    if value != aspect.live.get(path):
        return _Result.OTHER
    return _Result.SAME if value is not True or path != EXISTS or _made_so(says, aspect.live) else _Result.UNTOLD


def _made_so(says: Says, live: Mapping[str, Any]) -> bool:
    """Whether a record of the making names a value, and what it names is what the thing has."""
    named = {path: value for path, value in says.items() if path != EXISTS and not isinstance(value, Hint)}
    return bool(named) and all(live.get(path) == value for path, value in named.items())


def _who(record: Activity) -> tuple[str, str | None]:
    return record.actor.type, record.actor.id or record.actor.email


def _order(record: Activity) -> tuple[datetime, str]:
    return record.at, record.id
