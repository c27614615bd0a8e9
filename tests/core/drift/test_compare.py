"""What is new, what is gone, and what somebody still has to be told, from one report to the next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.drift.support import TODAY, YESTERDAY, entry, report, told
from orgsync.core.drift.report import Acceptance, DriftEntry, DriftReport, compared

A, B = "a" * 16, "b" * 16
ACCEPTED = Acceptance("agreed", "2026-12-01")


def of(*identities: str, accepted: str = "", **more: object) -> DriftReport:
    """A report of these entries; of those with other letters in `accepted`."""
    entries = [entry(one[0], one) for one in identities]
    quiet = tuple(entry(one, one * 16, accepted=ACCEPTED) for one in accepted)
    return report(*entries, accepted=quiet, **more)


def yesterday(*identities: str, accepted: str = "", told: bool = True, first: bool = True) -> DriftReport:
    """A report of the day before, of which everything was new, unless it was not the first."""
    made = of(*identities, accepted=accepted, checked_at=YESTERDAY)
    entries = tuple(replace(one, since=YESTERDAY, new=first) for one in made.entries)
    quiet = tuple(replace(one, since=YESTERDAY, new=False) for one in made.accepted)
    return replace(made, entries=entries, accepted=quiet, told=told)


def ids(entries: tuple[DriftEntry, ...]) -> str:
    return "".join(one.id[0] for one in entries)


@pytest.mark.parametrize(
    ("now", "before", "new", "gone", "resolved"),
    [
        (of(A), None, "a", "", False),
        (of(), None, "", "", False),
        (of(accepted="a"), None, "", "", False),
        (of(A, B), yesterday(A), "b", "", False),
        (of(A), yesterday(A, B), "", "b", False),
        (of(), yesterday(A), "", "a", True),
        (of(), yesterday(), "", "", False),
        (of(accepted="a"), yesterday(A), "", "", True),
        (of(accepted="a"), yesterday(accepted="a"), "", "", False),
        (of(A), yesterday(accepted="a"), "a", "", False),
        (of(B), yesterday(accepted="a"), "b", "", False),
        (of(A), yesterday(A, told=False), "a", "", False),
        (of(A), yesterday(A, told=False, first=False), "", "", False),
        (of(), yesterday(A, told=False), "", "a", True),
    ],
)
def test_what_is_new_and_gone(
    now: DriftReport, before: DriftReport | None, new: str, gone: str, resolved: bool
) -> None:
    made = compared(now, before)
    assert (ids(made.new), ids(made.gone), made.resolved) == (new, gone, resolved)
    assert (made.summary.new, made.summary.gone) == (len(new), len(gone))


def test_since_is_when_it_was_first_seen_accepted_or_not() -> None:
    made = compared(of(A, B), yesterday(A, accepted="b"))
    assert [(one.id[0], one.since, one.new) for one in made.entries] == [
        ("a", YESTERDAY, False),
        ("b", YESTERDAY, True),
    ]
    assert compared(of(A), yesterday(B)).entries[0].since == TODAY


def test_that_all_is_well_is_told_until_somebody_hears_it() -> None:
    resolved = compared(of(), yesterday(A))
    unheard = replace(resolved, told=False)
    assert compared(of(), unheard).resolved
    assert ids(compared(of(), unheard).gone) == "a"
    assert not compared(of(), resolved).resolved
    accepted = replace(compared(of(accepted="a"), yesterday(A)), told=False)
    assert compared(of(accepted="a"), accepted).resolved


def test_what_was_not_told_stays_so_in_a_run_that_tells_nobody() -> None:
    second = compared(of(A), yesterday(A, told=False))
    assert not second.told
    assert told(compared(of(A), second).new) == ["undeclared workspace:a"]
