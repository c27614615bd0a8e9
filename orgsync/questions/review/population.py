"""The population of a review: its rows from the grants of a snapshot, and whether they still are those."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from orgsync.core.words.inert import inert
from orgsync.core.words.plural import counted
from orgsync.core.words.problems import place_of
from orgsync.core.words.source import Problem, Source
from orgsync.questions.review.file import FILLED_IN, Review, Row, check_of, population_of
from orgsync.questions.review.grants import place_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.core.model.things import Declared
    from orgsync.core.words.source import Document
    from orgsync.questions.review.grants import Grant, Named

REMARKS = (
    "An access review: who had which access when it was started. For each row, write",
    "  decision: keep or remove     reason: why (required to remove)     reviewed_by: your e-mail address",
    "and change nothing else: every row has a check, and all of them together a digest. Commit the file.",
)
"""What the file says to the people who fill it in."""

_RESTORE = "restore the file from git"


def rows_of(
    grants: Iterable[Grant],
    lines: Mapping[Named, Declared],
    written: Mapping[tuple[str, int], str],
    used: Mapping[Named, str],
) -> tuple[Row, ...]:
    """A row for each grant, to be decided.

    `lines` are those that declare them, `written` says by file and line which commit wrote it, `used` what a report
    says of their last use.
    """
    return tuple(_row(grant, lines.get(grant.thing), written, used.get(grant.thing)) for grant in grants)


def _row(grant: Grant, line: Declared | None, written: Mapping[tuple[str, int], str], last_use: str | None) -> Row:
    place = None if line is None else line.place
    fields: dict[str, Any] = {
        "id": grant.id,
        "address": inert(grant.address),
        "who": inert(grant.who),
        "what": inert(grant.what),
        "workspace": None if grant.workspace is None else inert(grant.workspace),
        "since": grant.since,
        "line": None if place is None else inert(place_words(place)),
        "commit": None if place is None else written.get((place.file, place.line)),
        "last_use": last_use,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    return Row.model_validate({**fields, "check": check_of(fields)})


def sealed(head: Mapping[str, Any], rows: Sequence[Row]) -> Review:
    """The review with these rows, and its population's digest filled in."""
    told = {**head, "grants": len(rows), "population": "-"}
    review = Review.model_validate({"review": told, "rows": list(rows)})
    closed = review.review.model_copy(update={"population": population_of(review)})
    return review.model_copy(update={"review": closed})


def head_data(review: Review) -> dict[str, Any]:
    """The head as it is written."""
    data = review.review.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in data.items() if value != []}


def groups(review: Review) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows as they are written, by workspace, with what the group is called."""
    for place, rows in groupby(review.rows, key=lambda row: row.workspace):
        written = [row.model_dump(mode="json", exclude=set(FILLED_IN), exclude_none=True) for row in rows]
        yield f"{'the organization' if place is None else place}: {counted(len(written), 'grant')}", written


def beyond_snapshot(review: Review, grants: Sequence[Grant], document: Document) -> Iterator[Problem]:
    """Rows that are not what the snapshot shows, and grants of the snapshot that have no row."""
    source = Source(document.files[0], 1, 1)
    shown = {grant.id: grant for grant in grants}
    for index, row in enumerate(review.rows):
        grant = shown.pop(row.id, None)
        if grant is None or not is_of(row, grant):
            where = place_of(document.data, ("rows", index), source)
            message = f"the snapshot of the review does not show this grant ({row.who}, {row.what})"
            yield Problem(message, where, row.address, _RESTORE)
    for grant in shown.values():
        message = f"the row of this grant is missing ({grant.who}, {grant.what})"
        yield Problem(inert(message), place_of(document.data, ("rows",), source), inert(grant.address), _RESTORE)


def is_of(row: Row, grant: Grant) -> bool:
    """Whether a row says what the grant is."""
    place = None if grant.workspace is None else inert(grant.workspace)
    told = (inert(grant.address), inert(grant.who), inert(grant.what), place)
    return row.id == grant.id and (row.address, row.who, row.what, row.workspace) == told
