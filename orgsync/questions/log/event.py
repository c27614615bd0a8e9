"""One event of the log: what happened to one address, when, by whom, and which records say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action
from orgsync.core.model.diff import as_written

if TYPE_CHECKING:
    from orgsync.core.model.change import FieldChange
    from orgsync.core.words.address import Address

_MOST_FIELDS = 6
_LONGEST_VALUE = 100

PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REMOVE: "removed",
    Action.ARCHIVE: "archived",
    Action.INVITE: "invited",
    Action.WITHDRAW: "withdrawn",
}


class Origin(StrEnum):
    """Where a change was made: by an apply, in the files, or by hand; DRIFT: it was seen, and nobody knows where."""

    APPLY = "apply"
    FILES = "files"
    HAND = "by hand"
    DRIFT = "drift"


class Certainty(StrEnum):
    """How sure it is who did it. STATED: a receipt or a commit says so, in which anybody can write any name."""

    CERTAIN = "certain"
    LIKELY = "likely"
    RELATED = "related"
    STATED = "stated"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """Whether it happened."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the files; `at` is when it was committed (RFC 3339, UTC), `pull_request` is `#61` or `!61`."""

    id: str
    at: str
    author: str
    subject: str
    pull_request: str | None = None

    @property
    def short(self) -> str:
        """The first digits of its id, by which a person finds it."""
        return self.id[:9]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened.

    `verb` says what became of the address, in words that stand before its values; "": the values say it all. `remark`
    is what else there is to say. `who` did it, as far as anybody knows. `sources` are the records that tell of it.
    `commit` is the one that changed the files, or that declared what an apply did. `live` is the id of the object.
    `beginning`: the files begin with this commit. `since` is when a drift report was made before which it had not
    happened; `gone`: what that told of before is not so any more. `unapplied`: the files are ahead of the organization.
    `record` is the id of the record of the Activity Feed.
    """

    at: str
    origin: Origin
    address: Address | None
    verb: str = ""
    fields: tuple[FieldChange, ...] = ()
    who: str | None = None
    certainty: Certainty = Certainty.UNKNOWN
    sources: tuple[str, ...] = ()
    remark: str = ""
    outcome: Outcome = Outcome.DONE
    action: Action | None = None
    organization: str | None = None
    live: str | None = None
    run: str | None = None
    plan: str | None = None
    request_id: str | None = None
    commit: Commit | None = None
    line: str | None = None
    beginning: bool = False
    since: str | None = None
    gone: bool = False
    unapplied: bool = False
    record: str | None = None

    @property
    def moment(self) -> datetime:
        """When it happened."""
        return datetime.fromisoformat(self.at).astimezone(UTC)


def change_in_words(event: Event) -> str:
    """`role developer -> admin`, `created (role developer)`."""
    shown = [_in_words(one, event.verb) for one in event.fields[:_MOST_FIELDS]]
    more = len(event.fields) - len(shown)
    values = ", ".join([*shown, f"{more:,} more"] if more else shown)
    if not event.verb:
        return values or "updated"
    return f"{event.verb} ({values})" if values else event.verb


def _in_words(one: FieldChange, verb: str) -> str:
    before, after = _short(as_written(one.before)), _short(as_written(one.after))
    if verb and one.before is None:
        return f"{one.path} {after}"
    if verb and one.after is None:
        return f"{one.path} {before}"
    return f"{one.path} {before} -> {after}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
