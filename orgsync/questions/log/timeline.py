"""One line of time out of several records: what was asked for, in order, and each apply with the commit behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from orgsync.core.words.address import covers, folded
from orgsync.core.words.globs import is_glob
from orgsync.questions.log.event import Event, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from orgsync.core.words.address import Address

_CURRENCY = re.compile(r" [A-Z]{3}$")

_RANK = {Origin.FILES: 0, Origin.APPLY: 1, Origin.HAND: 2}
"""In the same second: files are changed first, then applied, then edited by hand."""


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
    """Each write of an apply with the commit that declared it: the last one before it that changed the address so."""
    last: dict[tuple[str, str], Event] = {}
    found = []
    for one in events:
        if one.origin is Origin.FILES and one.address is not None:
            last.update({(folded(one.address), field.path): one for field in one.fields})
        found.append(_with_commit(one, last) if one.origin is Origin.APPLY else one)
    return tuple(found)


def _with_commit(event: Event, last: dict[tuple[str, str], Event]) -> Event:
    if event.address is None:
        return event
    for field in event.fields:
        declared = last.get((folded(event.address), field.path))
        if declared is None:
            continue
        if any(other.path == field.path and _same(other.after, field.after) for other in declared.fields):
            return replace(event, commit=declared.commit, line=declared.line)
    return event


def _same(declared: Any, sent: Any) -> bool:
    """Whether a value of the files is the one of a receipt, which spells money and colors as the API does."""
    if declared == sent:
        return True
    if isinstance(declared, bool) or isinstance(sent, bool) or None in (declared, sent):
        return False
    one, other = (_CURRENCY.sub("", str(value)).casefold() for value in (declared, sent))
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return one == other
