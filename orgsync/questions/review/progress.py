"""How far a review is: what is answered, open and overdue, what contradicts itself, and what came of its removals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.words.address import Address, address
from orgsync.core.words.plural import counted
from orgsync.core.words.spelling import same_mailbox
from orgsync.kinds import KINDS
from orgsync.questions.review.file import KEEP, REMOVE
from orgsync.questions.review.grants import asks_for, changed_since, place_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Place, Shown
    from orgsync.core.model.things import Declared
    from orgsync.questions.review.file import Review, Row
    from orgsync.questions.review.grants import Grant, Named


_HOW = {
    "api_key": "declare it as inactive, or with `archived: true`, and apply",
    "service_account": "declare it with `archived: true`, and apply",
}
"""How a grant is removed that no file has to give up."""


class Outcome(StrEnum):
    """What came of a decided removal."""

    DECLARED = "still declared"
    HELD = "still in the organization"
    GONE = "gone"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Removal:
    """A grant that is to be removed: the line that still declares it, if one does, and whether it is gone."""

    row: Row
    line: str | None
    outcome: Outcome

    @property
    def left(self) -> str | None:
        """What has to be done until it is gone, in words; None where it is."""
        how = _HOW.get(self.row.address.partition(":")[0])
        if self.outcome is Outcome.DECLARED:
            return f"{self.outcome}: {how or 'delete the line, plan and apply'}"
        if self.outcome is Outcome.HELD:
            return f"{self.outcome}: {how or 'apply the files, or remove it in the Console'}"
        return "the API does not show whether it is gone" if self.outcome is Outcome.UNKNOWN else None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the decisions that a person has to look at; one that is `wrong` lets no review be closed."""

    code: str
    row: Row
    message: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """What the files and the organization say now. `grants` is None where nobody was asked."""

    desired: Desired | None
    grants: Sequence[Grant] | None
    lines: Mapping[Named, Declared]
    unread: frozenset[str] = frozenset()
    """Kinds of which nothing, or not everything, is known now."""


def open_rows(review: Review) -> list[Row]:
    """The rows without a decision."""
    return [row for row in review.rows if row.decision is None]


def is_overdue(review: Review, today: date) -> bool:
    """Whether something is open although the last day is over."""
    return today > review.review.due and bool(open_rows(review))


def findings(review: Review) -> list[Finding]:
    """Decisions that contradict each other, and those that people made about themselves."""
    return [*_contradictions(review), *_own(review)]


def _contradictions(review: Review) -> Iterator[Finding]:
    """What is kept although everything of its person, or program, is to go."""
    ending = {same_mailbox(row.who): row for row in review.rows if row.decision == REMOVE and _ends_all(row)}
    for row in review.rows:
        ends = ending.get(same_mailbox(row.who))
        if ends is not None and ends is not row and row.decision == KEEP:
            message = f'is kept, but "{ends.what}" of {row.who} is to be removed, and this ends with it'
            yield Finding("contradiction", row, message, wrong=True)


def _ends_all(row: Row) -> bool:
    return row.address.partition(":")[0] in {"member", "service_account"}


def _own(review: Review) -> Iterator[Finding]:
    for row in review.rows:
        if row.reviewed_by is not None and same_mailbox(row.reviewed_by) == same_mailbox(row.who):
            yield Finding("own_access", row, f"{row.who} reviewed their own access")


def removals(review: Review, present: Present) -> list[Removal]:
    """What is to be removed, and what came of it."""
    now = None if present.grants is None else {grant.id: grant for grant in present.grants}
    return [_removal(row, now, present) for row in review.rows if row.decision == REMOVE]


def _removal(row: Row, now: Mapping[str, Grant] | None, present: Present) -> Removal:
    grant = None if now is None else now.get(row.id)
    line = _line(row, grant, present)
    if line is not None and asks_for(line):
        return Removal(row, place_words(line.place), Outcome.DECLARED)
    if grant is not None:
        return Removal(row, None, Outcome.HELD)
    known = now is not None and Address(row.address).kind not in present.unread
    return Removal(row, None, Outcome.GONE if known else Outcome.UNKNOWN)


def _line(row: Row, grant: Grant | None, present: Present) -> Declared | None:
    """The line that declares it: by what it means in the organization, else by its address."""
    if grant is not None and grant.thing in present.lines:
        return present.lines[grant.thing]
    if present.desired is None or Address(row.address).kind not in KINDS.by_name:
        return None
    return present.desired.find(*KINDS.named(Address(row.address)))


def changes(review: Review, then: Sequence[Grant], present: Present) -> list[tuple[str, Grant]]:
    """What was given, taken away or changed since the review was started, of what was read both times."""
    if present.grants is None:
        return []
    unread = present.unread | {told.partition(":")[0] for told in review.review.not_read}
    return [(word, one) for word, one in changed_since(then, present.grants) if one.thing[0] not in unread]


def tally(rows: Sequence[Row]) -> Counter[str]:
    """How many are kept, to be removed, and open."""
    return Counter(row.decision or "open" for row in rows)


def overdue_note(review: Review, name: str, today: date, place: Place) -> Note | None:
    """That a review is overdue, for a drift report; `name` is that of its file."""
    left = len(open_rows(review))
    if not is_overdue(review, today):
        return None
    due, count = review.review.due, counted(len(review.rows), "grant")
    message = f"overdue since {due}: {left:,} of {count} without a decision"
    shown: Shown = {"due": due.isoformat(), "open": left, "grants": len(review.rows)}
    return Note(address("review", name), Code.REVIEW_OVERDUE, message, Level.WARNING, place, shown=shown)


def unreadable_note(name: str, why: str, more: int, place: Place) -> Note:
    """That nobody can tell how far a review is: the first thing that is wrong with it, and how many more there are."""
    told = f"{why} (and {counted(more, 'more problem')})" if more else why
    return Note(address("review", name), Code.REVIEW_UNREADABLE, told, Level.ERROR, place)
