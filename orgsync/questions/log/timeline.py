"""One line of time out of several records: what was asked for, in order, and each apply with the commit behind it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.words.address import covers, folded
from orgsync.core.words.globs import is_glob
from orgsync.questions.log.event import Event, Origin, Outcome
from orgsync.questions.log.values import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.words.address import Address

_CHANGES = frozenset({Origin.APPLY, Origin.FILES, Origin.HAND})
_RANK = {Origin.FILES: 0, Origin.APPLY: 1, Origin.HAND: 2, Origin.DRIFT: 3}
"""In the same second: files are changed first, then applied, then edited by hand, then seen."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked for: `what` is an address, a glob, or a name or e-mail address that an address has in it."""

    since: datetime
    until: datetime
    what: str | None = None


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Oldest first. What has the same time stays in the order of its own record."""
    return tuple(sorted(events, key=lambda one: (one.moment, _RANK[one.origin])))


def chosen(events: Sequence[Event], asked: Chosen) -> tuple[Event, ...]:
    """The events that are asked for; of an object that had another name, those under that name as well."""
    within = [one for one in events if asked.since <= one.moment <= asked.until]
    if asked.what is None:
        return tuple(within)
    text = asked.what
    ids = {(one.address.kind, one.live) for one in events if one.live and one.address and concerns(text, one.address)}
    return tuple(
        one
        for one in within
        if one.address is not None and (concerns(text, one.address) or (one.address.kind, one.live) in ids)
    )


def concerns(text: str, address: Address) -> bool:
    """Whether an address is the one that was named, or matches it, or has the name in it."""
    if ":" in text or is_glob(text):
        return covers(folded(text), folded(address))
    return folded(text) in {folded(segment) for segment in address.segments}


def with_commits(events: Sequence[Event]) -> tuple[Event, ...]:
    """Each write of an apply with the commit that declared it: the last one before it that changed the address so.

    And each difference with the commit that brought it about, where that was not applied by then.
    """
    declared = _Declared()
    found = []
    for one in events:
        declared.take(one)
        if one.origin is Origin.APPLY:
            found.append(declared.reason(one))
        else:
            found.append(declared.unapplied(one) if one.origin is Origin.DRIFT else one)
    return tuple(found)


@dataclass(slots=True)
class _Declared:
    """By address and field: the last commit that changed it, and whether an apply was about it since then."""

    last: dict[tuple[str, str], Event] = field(default_factory=dict)
    open: set[tuple[str, str]] = field(default_factory=set)

    def take(self, event: Event) -> None:
        if event.address is None:
            return
        paths = {(folded(event.address), one.path) for one in event.fields}
        if event.origin is Origin.FILES:
            self.last.update(dict.fromkeys(paths, event))
            self.open |= paths
        elif event.origin is Origin.APPLY and event.outcome is Outcome.DONE:
            self.open -= paths

    def reason(self, event: Event) -> Event:
        """The write, with the commit that declared its value."""
        for path, one in self._of(event):
            sent = next(change.after for change in event.fields if change.path == path)
            if any(change.path == path and is_same(change.after, sent) for change in one.fields):
                return replace(event, commit=one.commit, line=one.line)
        return event

    def unapplied(self, event: Event) -> Event:
        """The difference, with the commit that made it, if all of it is what that one declared."""
        commits = {path: one for path, one in self._of(event) if (folded(event.address or ""), path) in self.open}
        if event.gone or not event.fields or any(change.path not in commits for change in event.fields):
            return event
        for change in event.fields:
            made = next(one for one in commits[change.path].fields if one.path == change.path)
            if not (is_same(made.after, change.before) and is_same(made.before, change.after)):
                return event
        one = commits[event.fields[0].path]
        return replace(event, commit=one.commit, line=one.line, unapplied=True)

    def _of(self, event: Event) -> Iterator[tuple[str, Event]]:
        for change in event.fields:
            one = self.last.get((folded(event.address or ""), change.path))
            if one is not None:
                yield change.path, one


def without_repetition(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events, oldest first, without differences that another event made or ended: that has both sources."""
    changes: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        if one.origin in _CHANGES and one.address is not None and one.outcome is Outcome.DONE:
            changes[folded(one.address)].append(one)
    told: dict[int, tuple[str, ...]] = {}
    seen = set()
    for one in events:
        if one.origin is Origin.DRIFT and one.address is not None:
            because = [other for other in changes[folded(one.address)] if _explains(other, one)]
            told.update({id(other): one.sources for other in because[-1:]})
            seen |= {id(one)} if because else set()
    return tuple(replace(one, sources=(*one.sources, *told.get(id(one), ()))) for one in events if id(one) not in seen)


def _explains(event: Event, difference: Event) -> bool:
    """Whether it is why something differs, or differs no more, between two reports."""
    if not _between(event, difference):
        return False
    if difference.gone:
        return True
    if event.origin is not Origin.HAND or not difference.fields:
        return False
    made = {change.path: change.after for change in event.fields}
    if event.verb:  # a record of something that was added or removed need not have its values
        return all(is_same(made[one.path], one.after) for one in difference.fields if one.path in made)
    return all(one.path in made and is_same(made[one.path], one.after) for one in difference.fields)


def _between(event: Event, gone: Event) -> bool:
    """Whether it happened between two reports, of which one has a difference and the other has not."""
    return gone.since is not None and datetime.fromisoformat(gone.since) <= event.moment <= gone.moment
