"""The answer of `orgsync review status`: how far a review is, by workspace and by reviewer, and what is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Answer, Column, Table
from orgsync.core.model.change import Organization
from orgsync.core.words.plural import counted
from orgsync.core.words.timestamp import written_moment
from orgsync.questions.review.closing import differing
from orgsync.questions.review.file import KEEP, ORGANIZATION, REMOVE
from orgsync.questions.review.progress import (
    Outcome,
    changes,
    findings,
    is_overdue,
    open_rows,
    removals,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.answers.answer import Looked
    from orgsync.questions.review.closing import ClosingRecord
    from orgsync.questions.review.file import Review, Row
    from orgsync.questions.review.grants import Grant
    from orgsync.questions.review.progress import Present

_COUNTS = (
    Column("grants", "grants", right=True),
    Column(KEEP, "keep", right=True),
    Column(REMOVE, "remove", right=True),
    Column("open", "open", right=True),
)
_WHO = (
    Column("who", "who"),
    Column("what", "what", grows=True),
    Column("workspace", "where", lambda value: ORGANIZATION if value is None else value),
)
_ROW = (Column("row"), Column("address"))


def status_answer(
    review: Review,
    then: Sequence[Grant],
    present: Present,
    places: Mapping[str, str],
    today: date,
    *,
    record: ClosingRecord | None = None,
    looked: Sequence[Looked] = (),
    requests: int = 0,
) -> Answer:
    """The whole answer; `record` is there if the review is closed.

    `then` are the grants of the review's snapshot, `places` where each row is, by its id.
    """
    head, closed_at = review.review, None if record is None else record.closed_at
    counts, late = tally(review.rows), is_overdue(review, today)
    return Answer(
        "review status",
        _title(review, today, closed_at),
        Organization(head.organization.id, head.organization.name),
        tuple(looked),
        tables=(
            _by_workspace(review.rows),
            _by_reviewer(review.rows),
            _findings(review, places),
            _removals(review, present),
            _changes(review, then, present),
        ),
        notes=(*_after_close(review, record), *_notes(review, present)),
        requests=requests,
        facts={
            "review": head.name,
            "started_at": written_moment(head.started_at),
            "due": head.due.isoformat(),
            "closed_at": closed_at,
            "grants": len(review.rows),
            "answered": len(review.rows) - counts["open"],
            "open": counts["open"],
            "overdue": counts["open"] if late else 0,
        },
        open=counts["open"] > 0,
    )


def _title(review: Review, today: date, closed_at: str | None) -> str:
    head, count = review.review, len(review.rows)
    left = len(open_rows(review))
    done = f"{count - left:,} of {counted(count, 'grant')} answered"
    if closed_at is not None:
        return f"Review {head.name}: closed on {closed_at[:10]}, {done}"
    if is_overdue(review, today):
        return f"Review {head.name}: {done}, overdue since {head.due} ({_days((today - head.due).days)})"
    until = f"due {head.due} ({_days((head.due - today).days)} left)" if today <= head.due else f"due {head.due}"
    return f"Review {head.name}: {done}, {until}"


def _days(days: int) -> str:
    return counted(days, "day")


def _by_workspace(rows: Sequence[Row]) -> Table:
    places: dict[str | None, list[Row]] = {}
    for row in rows:
        places.setdefault(row.workspace, []).append(row)
    told = tuple({"workspace": place, "grants": len(mine), **_counted(mine)} for place, mine in places.items())
    return Table("workspaces", (_WHO[-1], *_COUNTS), told, "By workspace")


def _counted(rows: Sequence[Row]) -> dict[str, int]:
    counts = tally(rows)
    return {KEEP: counts[KEEP], REMOVE: counts[REMOVE], "open": counts["open"]}


def _by_reviewer(rows: Sequence[Row]) -> Table:
    people: dict[str, list[Row]] = {}
    for row in rows:
        if row.reviewed_by is not None:
            people.setdefault(row.reviewed_by, []).append(row)
    told = tuple({"reviewer": who, "grants": len(mine), **_counted(mine)} for who, mine in sorted(people.items()))
    title = "By reviewer" if told else ""
    return Table("reviewers", (Column("reviewer", "reviewer"), *_COUNTS[:3]), told, title)


def _findings(review: Review, places: Mapping[str, str]) -> Table:
    columns = (*_ROW, Column("code"), Column("where", "row"), Column("message", "finding", grows=True))
    told = tuple(
        {
            "row": one.row.id,
            "address": one.row.address,
            "code": one.code,
            "where": places.get(one.row.id),
            "message": f"{one.row.address}: {one.message}",
        }
        for one in findings(review)
    )
    return Table("findings", columns, told, "Findings" if told else "")


def _removals(review: Review, present: Present) -> Table:
    columns = (*_ROW, Column("outcome"), *_WHO, Column("line", "declared in", detail=True))
    told = tuple(
        {
            "row": one.row.id,
            "address": one.row.address,
            "outcome": one.outcome.value,
            "line": one.line,
            "who": one.row.who,
            "what": one.row.what,
            "workspace": one.row.workspace,
        }
        for one in sorted(removals(review, present), key=lambda one: list(Outcome).index(one.outcome))
    )
    return Table("removals", columns, told, "To be removed" if told else "", group="outcome")


def _changes(review: Review, then: Sequence[Grant], present: Present) -> Table:
    columns = (*_ROW, Column("change", "change"), *_WHO)
    told = tuple(
        {
            "row": grant.id,
            "address": str(grant.address),
            "change": word,
            "who": grant.who,
            "what": grant.what,
            "workspace": grant.workspace,
        }
        for word, grant in changes(review, then, present)
    )
    return Table("changes", columns, told, "Changed since the start" if told else "")


def _after_close(review: Review, record: ClosingRecord | None) -> Iterator[str]:
    for told in () if record is None else differing(record, review):
        yield f"changed after the review was closed: {told}"


def _notes(review: Review, present: Present) -> Iterator[str]:
    for told in review.review.not_read:
        yield f"not reviewed, because the API did not show it: {told}"
    if present.grants is None:
        yield "the organization was not read: what changed since the start is not known"
    ways = Counter(one.left for one in removals(review, present) if one.left is not None)
    yield from (f"{counted(count, 'removal')} {way}" for way, count in ways.items())
