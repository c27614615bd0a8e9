"""The review file: a frozen population of grants, and beside each of them the decision of a person.

What orgsync wrote is closed by digests, row by row and as a whole; what people fill in is not part of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from orgsync.core.document.console import Moment
from orgsync.core.model.things import Spec
from orgsync.core.snapshot.snapshot import Signature
from orgsync.core.words.day import Day
from orgsync.core.words.digest import canonical, sha256_hex
from orgsync.core.words.json_schema import DIALECT
from orgsync.core.words.patterns import NonBlank
from orgsync.core.words.problems import Unsuitable, place_of, shape, translate
from orgsync.core.words.source import Map, Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.core.words.source import Document

FORMAT_VERSION = 1
READERS = {1: "orgsync 0.2 and later"}
"""Which orgsync reads which format; a review file of any other format is refused, with this as the explanation."""

KEEP, REMOVE = "keep", "remove"
FILLED_IN = ("decision", "reason", "reviewed_by")
"""The fields of a row that people write."""

_CHECK_LENGTH = 12
_AGAIN = "restore the line from git; only decision, reason and reviewed_by are meant to be edited"


def _reviewer(text: str | None) -> str | None:
    """An address: that somebody reviewed their own access could not be found by a name."""
    if text is not None and "@" not in text.strip("@ "):
        raise Unsuitable(f"expected an e-mail address, found {shape(text)}", "write the e-mail address of the reviewer")
    return text if text is None else text.strip()


def _decision(text: Any) -> Any:
    if text not in {KEEP, REMOVE, None}:
        raise Unsuitable(f"expected keep or remove, found {shape(text)}", f"write {KEEP} or {REMOVE}")
    return text


class ReviewedOrganization(Spec, title="Organization"):
    """Whose access is reviewed."""

    id: NonBlank
    name: NonBlank


class FrozenSnapshot(Spec, title="Snapshot"):
    """The snapshot that the rows come from: where it is, from the review file, and its digest."""

    file: NonBlank
    digest: NonBlank


class SignedBy(Spec, title="Signature"):
    """Who vouches for the population: everything that orgsync wrote into the file."""

    algorithm: Literal["ed25519"]
    key_id: NonBlank
    value: NonBlank


class Head(Spec, title="Review"):
    """What is reviewed, and until when."""

    format_version: Literal[1]
    """The format of this file."""
    name: NonBlank
    """What people call the review."""
    organization: ReviewedOrganization
    """Whose access is reviewed."""
    started_at: Moment
    """When the population was frozen."""
    due: Day
    """The last day, UTC, on which an answer is on time."""
    orgsync: NonBlank
    """The version that wrote this file."""
    snapshot: FrozenSnapshot
    """What the rows come from."""
    grants: Annotated[int, Field(ge=0)]
    """How many rows there are."""
    not_read: Annotated[tuple[NonBlank, ...], Field(strict=False)] = ()
    """What the API did not show, so that nobody reviews it here."""
    population: NonBlank
    """The SHA-256 of everything that orgsync wrote into this file."""
    signature: SignedBy | None = None
    """Who signed the population."""


class Row(Spec, title="Grant"):
    """One grant, and what a reviewer decided about it."""

    id: NonBlank
    """The same in every review, as long as it is the same grant."""
    address: NonBlank
    """The address of the resource."""
    who: str
    """The person, or the program, that has the access."""
    what: str
    """The role, or the key."""
    workspace: str | None = None
    """Where; without it: in the whole organization."""
    since: NonBlank | None = None
    """When it was given, where the API says so."""
    line: NonBlank | None = None
    """The line of the files that declared it when the review started."""
    commit: NonBlank | None = None
    """The commit that wrote the line, its day and its author."""
    last_use: NonBlank | None = None
    """When it was last used, where a report says so."""
    check: NonBlank
    """Of the lines above: finds an edited row."""
    decision: Annotated[
        str | None, AfterValidator(_decision), Field(json_schema_extra={"enum": [KEEP, REMOVE, None]})
    ] = None
    """keep or remove."""
    reason: NonBlank | None = None
    """Why. Required to remove."""
    reviewed_by: Annotated[str | None, AfterValidator(_reviewer)] = None
    """The e-mail address of the person who decided."""

    @property
    def frozen(self) -> dict[str, Any]:
        """What orgsync wrote, but for the check."""
        return self.model_dump(mode="json", exclude={*FILLED_IN, "check"}, exclude_none=True)


ORGANIZATION = "(organization)"
"""Where a grant of the whole organization is. No workspace is named so by accident."""


class Review(Spec, title="Access review"):
    """A review file: every grant of an organization at one moment, to be decided by people."""

    review: Head
    rows: Annotated[tuple[Row, ...], Field(strict=False)]


def check_of(frozen: Mapping[str, Any]) -> str:
    """The check of a row."""
    return sha256_hex(dict(frozen))[:_CHECK_LENGTH]


def population_of(review: Review) -> str:
    """The digest of everything that orgsync wrote, in whatever order the rows are now."""
    return sha256_hex(_population(review))


def signed_bytes(review: Review) -> bytes:
    """What a signature covers: the same."""
    return canonical(_population(review))


def _population(review: Review) -> dict[str, Any]:
    head = review.review.model_dump(mode="json", exclude={"population", "signature"})
    return {"review": head, "rows": [row.frozen for row in sorted(review.rows, key=lambda row: row.id)]}


def signature_of(review: Review) -> Signature | None:
    """The signature in the file, if there is one."""
    one = review.review.signature
    return None if one is None else Signature(one.algorithm, one.key_id, one.value)


def understood(document: Document) -> tuple[Review | None, list[Problem]]:
    """The review in a document, and everything that is wrong with it; None where it cannot be read at all."""
    data, source = document.data, Source(document.files[0], 1, 1)
    wrong = _other_format(data, source)
    if wrong is not None:
        return None, [wrong]
    try:
        review = Review.model_validate(data)
    except ValidationError as error:
        return None, translate(error, data, source, Review)
    problems = list(_row_problems(review, data, source))
    if not problems and population_of(review) != review.review.population:
        message = "was edited: the population does not match its digest; a row or a part of the head is not as written"
        problems.append(Problem(message, data.sources["review"], hint=_AGAIN))
    return review, problems


def _other_format(data: Map, source: Source) -> Problem | None:
    head = data.get("review")
    if not isinstance(head, Map) or "rows" not in data:
        return Problem(
            "is not a review file: it has no `review:` and `rows:`",
            source,
            hint="start one with `orgsync review start`",
        )
    version = head.get("format_version")
    if version == FORMAT_VERSION:
        return None
    known = ", ".join(f"{number} ({readers})" for number, readers in READERS.items())
    where = head.sources.get("format_version", data.sources["review"])
    return Problem(
        f"has format_version {shape(version)}; known: {known}", where, hint="use the orgsync that started the review"
    )


def _row_problems(review: Review, data: Map, source: Source) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, row in enumerate(review.rows):
        other = first.setdefault(row.id, index)

        def at(*path: str, index: int = index) -> Source:
            return place_of(data, ("rows", index, *path), source)

        if other != index:
            yield Problem(
                f"the row {row.id} is also in {place_of(data, ('rows', other), source)}",
                at("id"),
                row.address,
                "delete one of the two",
            )
        if check_of(row.frozen) != row.check:
            yield Problem("this row was edited: it does not match its check", at(), row.address, _AGAIN)
        yield from _half_filled(row, at)
    if review.review.grants != len(first):
        told = f"has {len(first):,} rows, and was started with {review.review.grants:,}: rows were deleted or added"
        yield Problem(told, place_of(data, ("rows",), source), hint="restore the file's rows from git")


def _half_filled(row: Row, at: Any) -> Iterator[Problem]:
    if row.decision is None:
        for name in ("reviewed_by", "reason"):
            if getattr(row, name) is not None:
                yield Problem(
                    f"has {name}, and no decision", at(name), row.address, f"write decision: {KEEP} or {REMOVE}"
                )
        return
    if row.reviewed_by is None:
        yield Problem(
            "has a decision, and no reviewed_by",
            at("decision"),
            row.address,
            "add reviewed_by: with the e-mail address of the reviewer",
        )
    if row.decision == REMOVE and row.reason is None:
        yield Problem("is to be removed, and has no reason", at("decision"), row.address, "add reason:")


def review_schema() -> dict[str, Any]:
    """The JSON Schema of a review file, for editors."""
    schema = Review.model_json_schema(mode="validation")
    head = {"$schema": DIALECT, "$id": f"urn:orgsync:schema:review:{FORMAT_VERSION}"}
    return {**head, **schema}
