"""The outcome of one reading of the Activity Feed: its records, and from when on, and why not, it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.feed.records import SETTINGS_UPDATED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orgsync.core.feed.records import Activity


SECONDS = 10.0
"""What reading it may take in all, unless somebody asks for more."""


class FeedState(StrEnum):
    """How the reading ended."""

    READ = "read"
    """Every record of the window that the API had."""
    INCOMPLETE = "incomplete"
    """The newest part of the window."""
    NOT_READ = "not_read"
    """Nobody was asked."""
    OFF = "off"
    NO_SCOPE = "no_scope"
    NEEDS_ADMIN_KEY = "needs_admin_key"
    REFUSED = "refused"
    SLOW = "slow"
    BROKEN = "broken"


def _words(state: FeedState) -> tuple[str, str | None]:
    """What a person reads of a state, and its hint."""
    match state:
        case FeedState.READ:
            return "The Activity Feed was read.", None
        case FeedState.INCOMPLETE:
            return "The Activity Feed was read in part: older records are missing.", None
        case FeedState.NOT_READ:
            return "The Activity Feed was not read: a snapshot does not contain it.", "leave out --snapshot"
        case FeedState.OFF:
            return (
                "The Activity Feed is off: the Compliance API is not enabled for this organization.",
                "enable it in the Console under Settings > Security; nothing is recorded of the time before",
            )
        case FeedState.NO_SCOPE:
            return (
                "The Activity Feed cannot be read with this Admin key: it lacks the scope read:compliance_activities.",
                "create a new Admin key: only keys made while the Compliance API is enabled have the scope",
            )
        case FeedState.NEEDS_ADMIN_KEY:
            return (
                "The Activity Feed cannot be read with an OAuth token.",
                "use an Admin key (ANTHROPIC_ADMIN_KEY)",
            )
        case FeedState.REFUSED:
            return "The API refused to show the Activity Feed.", None
        case FeedState.SLOW:
            return "The Activity Feed did not answer in time.", "try again in a minute"
        case FeedState.BROKEN:
            return "The Activity Feed gave no usable answer.", "try again in a minute"


@dataclass(frozen=True, slots=True)
class Feed:
    """One reading of the window from `since` to `until`, both included; `records` are unique, and newest first.

    `detail` is what the API said, or what happened, where the state alone does not say it. `dropped` counts rows that
    are no records, `requests` what was sent. `refused_types` are types of records that the API does not know.
    """

    state: FeedState
    since: datetime
    until: datetime
    records: tuple[Activity, ...] = ()
    detail: str = ""
    dropped: int = 0
    requests: int = 0
    refused_types: tuple[str, ...] = ()

    def within(self, organization: str) -> Feed:
        """The reading without records of other organizations: a key may show those of several."""
        ours = tuple(one for one in self.records if not one.organizations or organization in one.organizations)
        return replace(self, records=ours)

    @property
    def usable(self) -> bool:
        """Whether there is something to look at: everything, or the newest part."""
        return self.state in (FeedState.READ, FeedState.INCOMPLETE)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest record that was seen happened."""
        return self.records[-1].at if self.records else None

    @property
    def reaches(self) -> datetime | None:
        """From when on no record is missing that the API had; None: nothing was read."""
        if self.state is FeedState.READ:
            return self.since
        return self.oldest if self.state is FeedState.INCOMPLETE else None

    @property
    def says(self) -> str:
        """One sentence on how the reading ended, with what the API said."""
        sentence = _words(self.state)[0]
        return f"{sentence[:-1]} ({self.detail})." if self.detail else sentence

    @property
    def hint(self) -> str | None:
        """What to do to know more, if there is something."""
        return _words(self.state)[1]

    def off(self) -> list[tuple[datetime | None, datetime | None]]:
        """The times in which the feed recorded nothing, oldest first, as its records say; None: an end that is open.

        Before it was enabled for the first time it was off. It is on where no record says anything.
        """
        return list(self._gaps())

    def off_between(self, start: datetime, end: datetime) -> bool:
        """Whether the feed was off at some time between two moments, as far as its records say."""
        return any((low is None or low < end) and (high is None or high > start) for low, high in self._gaps())

    def _gaps(self) -> Iterator[tuple[datetime | None, datetime | None]]:
        on: bool | None = None
        start: datetime | None = None
        for at, enabled in self._switched():
            # A record of before proves that it was on already; what was not read may have one.
            first = on is None and self.oldest == at and self.state is FeedState.READ
            if enabled and (on is False or first):
                yield start, at
            if not enabled and on is not False:
                start = at
            on = enabled
        if on is False:
            yield start, None

    def _switched(self) -> Iterator[tuple[datetime, bool]]:
        """When it was switched on or off, oldest first."""
        for record in reversed(self.records):
            enabled = record.fields.get("compliance_api_enabled")
            if record.type == SETTINGS_UPDATED and isinstance(enabled, bool):
                yield record.at, enabled
