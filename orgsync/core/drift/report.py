"""What differs between the files, which are what was agreed, and the organization: a report, and nothing to be done.

Whatever the plan would change counts as drift, and so does what only people can put right. Pure: the moment, the live
organization and the previous report are handed in, and the same of them give the same report.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from orgsync.core.feed.join import Explanation  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.feed.window import FeedState
from orgsync.core.model.change import (
    Cause,
    Coverage,
    FieldChange,
    Level,
    Note,
    Organization,
    Place,
    Risk,
    Shown,
    Verdict,
)
from orgsync.core.model.codes import Code
from orgsync.core.model.meaning import Meaning  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.words.address import Address, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMAT_VERSION = 2
READERS = {1: "orgsync 0.1 and later", 2: "orgsync 0.2 and later"}
"""Which orgsync reads which format; a report of any other format is refused, with this as the explanation."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why something that differs is left as it is, and through which day."""

    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class DriftEntry:
    """One thing that differs.

    `id` is the same as long as the same differs in the same way; it depends on no moment and on no line of a file.
    `fields` go from what live shows to what the files say. `since` is when a report first held it (RFC 3339); `new`
    says that it did not count in the previous report. `meaning` and `risk` are those of the change that a plan makes of
    it, if it makes one. `shown` and `gives` are as in `Note`. Where only a person can decide what is meant, `hint` is
    the way out, and nothing is planned about the `dependents` either. `by` is who made the difference, where the
    Activity Feed was asked.
    """

    id: str
    address: Address
    code: str
    message: str
    level: Level
    cause: Cause
    since: str
    new: bool = True
    fields: tuple[FieldChange, ...] = ()
    source: Place | None = None
    accepted: Acceptance | None = None
    meaning: tuple[Meaning, ...] = ()
    risk: Risk = Risk.R0
    shown: Shown = field(default_factory=dict)
    gives: tuple[Meaning, ...] | None = None
    hint: str | None = None
    dependents: tuple[Address, ...] = ()
    by: Explanation | None = None


@dataclass(frozen=True, slots=True)
class FeedReading:
    """How reading the Activity Feed for a report ended, in one sentence, and what to do to know more.

    `since` is from when on (RFC 3339) it was asked for, with how many requests. `attested` is when each console setting
    was attested, of those that it was held against.
    """

    state: FeedState
    message: str
    hint: str | None
    since: str
    requests: int
    attested: dict[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether it had something to look at: everything, or the newest part."""
        return self.state in {FeedState.READ, FeedState.INCOMPLETE}


@dataclass(frozen=True, slots=True)
class DriftSummary:
    """How much of everything is in a report."""

    open: int = 0
    new: int = 0
    accepted: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Everything that differs, in an order that depends on the input alone. Never holds a secret.

    orgsync   the version that made it
    entries   what is open: it counts
    accepted  what the files accept for now: it does not count
    gone      what was open in the previous report and is not there any more
    notes     what a person should know of the files' `accept`, and of files that are not read
    refusals  guards that would refuse the plan that puts things right
    coverage  what of the organization the files manage: of the rest, nothing is known
    feed      how reading the Activity Feed ended; None: there was nothing to ask it, or it was not to be asked
    previous  when the report was made that this one was compared with; None: there was none
    told      False where somebody should have been told and was not: it stays new until somebody is
    digest    of everything else in here, so that an edited report is noticed
    """

    format_version: int
    orgsync: str
    organization: Organization
    checked_at: str
    files: Annotated[str, Field(description="SHA-256 of the files")]
    entries: tuple[DriftEntry, ...] = field(default=(), repr=False)
    accepted: tuple[DriftEntry, ...] = field(default=(), repr=False)
    gone: tuple[DriftEntry, ...] = field(default=(), repr=False)
    notes: tuple[Note, ...] = field(default=(), repr=False)
    refusals: tuple[Verdict, ...] = field(default=(), repr=False)
    feed: FeedReading | None = None
    previous: str | None = None
    summary: DriftSummary = DriftSummary()
    coverage: Coverage = field(default=Coverage(), repr=False)
    requests: int = 0
    told: bool = True
    digest: str = ""

    @property
    def new(self) -> tuple[DriftEntry, ...]:
        """What is open and was not in the previous report."""
        return tuple(entry for entry in self.entries if entry.new)

    @property
    def known(self) -> tuple[DriftEntry, ...]:
        """What is open and was in the previous report already."""
        return tuple(entry for entry in self.entries if not entry.new)

    @property
    def resolved(self) -> bool:
        """Whether something was open in the previous report, and nothing is any more."""
        return not self.entries and (bool(self.gone) or self._accepted_lately)

    @property
    def _accepted_lately(self) -> bool:
        return any(entry.new for entry in self.accepted)


def compared(report: DriftReport, previous: DriftReport | None) -> DriftReport:
    """The report, with what is new and gone since the previous one; both are of one organization.

    What nobody could be told of last time is new, or gone, once more.
    """
    if previous is None:
        return _counted(replace(report, accepted=_marked(report.accepted, frozenset())))
    since = {entry.id: entry.since for entry in (*previous.accepted, *previous.entries)}
    was_open = {entry.id for entry in previous.entries}
    heard_of = {entry.id for entry in previous.entries if previous.told or not entry.new}
    here = {entry.id for entry in (*report.entries, *report.accepted)}
    unheard = () if previous.told else previous.gone
    gone = (replace(entry, new=False) for entry in (*previous.entries, *unheard) if entry.id not in here)
    entries = [replace(one, since=since.get(one.id, one.since), new=one.id not in heard_of) for one in report.entries]
    accepted = [replace(entry, since=since.get(entry.id, entry.since)) for entry in report.accepted]
    untold = frozenset() if previous.told else frozenset(entry.id for entry in previous.accepted if entry.new)
    return _counted(
        replace(
            report,
            entries=tuple(entries),
            accepted=_marked(accepted, was_open | untold),
            gone=tuple(_by_address(gone)),
            previous=previous.checked_at,
            told=previous.told,
        )
    )


def nothing_to_compare(why: str) -> Note:
    """That there is a previous report, and that nobody can read it."""
    message = f"the previous report cannot be read, so every difference is new: {why}"
    return Note(address("setting", "previous"), Code.PREVIOUS_UNREADABLE, message, Level.WARNING)


def _marked(accepted: Iterable[DriftEntry], were_open: frozenset[str] | set[str]) -> tuple[DriftEntry, ...]:
    """Accepted entries: `new` are those that counted until now."""
    return tuple(replace(entry, new=entry.id in were_open) for entry in accepted)


def _by_address(entries: Iterable[DriftEntry]) -> list[DriftEntry]:
    return sorted(entries, key=lambda entry: (entry.address, entry.code, entry.id))


def _counted(report: DriftReport) -> DriftReport:
    summary = DriftSummary(
        open=len(report.entries), new=len(report.new), accepted=len(report.accepted), gone=len(report.gone)
    )
    return replace(report, summary=summary)


def ordered(entries: Sequence[DriftEntry]) -> tuple[DriftEntry, ...]:
    """Most serious first, then by address."""
    serious = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
    return tuple(sorted(_by_address(entries), key=lambda entry: serious[entry.level]))
