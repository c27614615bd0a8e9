"""A drift report tells that something differs; what was changed, only two of them in a row do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orgsync.core.drift.report import DriftEntry, DriftReport
from orgsync.core.feed.join import Certainty, Explanation
from orgsync.core.feed.records import Actor
from orgsync.core.model.change import Cause, FieldChange, Level, Organization
from orgsync.core.words.address import Address
from orgsync.questions.log import commits, receipts, reports
from orgsync.questions.log.answer import sentence
from orgsync.questions.log.event import Event, Origin, change_in_words
from orgsync.questions.log.timeline import in_order, with_commits, without_repetition
from questions.log.support import ANA, intent, journal, step


def entry(
    live: Any = "developer", files: Any = "user", since: int = 2, code: str = "differs", **more: Any
) -> DriftEntry:
    """Ana's role, since that hour."""
    fields = (FieldChange("role", live, files),)
    identity = more.pop("id", f"{live} {files}")
    cause = more.pop("cause", Cause.DRIFT)
    return DriftEntry(identity, Address(ANA), code, "told", Level.WARNING, cause, _hour(since), fields=fields, **more)


def report(hour: int, *entries: DriftEntry, gone: tuple[DriftEntry, ...] = (), **more: Any) -> DriftReport:
    """The report of that hour, which was compared with the one of the hour before."""
    values = {"files": "f", "previous": _hour(hour - 1), **more}
    return DriftReport(
        2, "0.2.0", Organization("acme", "Acme"), _hour(hour), entries=entries, gone=gone, digest=str(hour), **values
    )


def _hour(number: int) -> str:
    return f"2026-11-22T{number:02}:00:00Z"


def told(*some: DriftReport) -> list[str]:
    return [f"{one.at[11:13]} {change_in_words(one)}" for one in reports.events_of(some)]


def test_a_difference_is_told_once_from_the_first_report_that_has_it() -> None:
    one = entry()
    some = [report(1), report(2, one), report(3, one), report(3, one), report(4, gone=(one,))]
    expected = ["02 role user -> developer", "04 no longer differs from the files (role developer -> user)"]
    assert told(*some) == told(*reversed(some)) == expected


def test_a_report_alone_does_not_say_what_was_changed() -> None:
    assert told(report(5, entry())) == ["02 differs from the files (role user -> developer)"]
    assert told(report(1), report(2, entry(), files="g")) == ["02 differs from the files (role user -> developer)"]
    assert told(report(1), report(2, entry(), previous=_hour(0))) == [
        "02 differs from the files (role user -> developer)"
    ]
    assert told(report(5, entry(None, code="missing"))) == ["02 is declared, and not there (role user)"]
    assert told(report(5, entry(files=None, code="undeclared"))) == ["02 is there, and not declared (role developer)"]


def test_a_second_edit_goes_on_from_the_first() -> None:
    first, second = entry(), entry("billing", since=3)
    some = report(1), report(2, first), report(3, second, gone=(first,))
    assert told(*some) == ["02 role user -> developer", "03 role developer -> billing"]


def test_files_that_declare_something_else_change_nothing_in_the_organization() -> None:
    first, second = entry(), entry(files="billing", since=3)
    assert told(report(1), report(2, first), report(3, second, gone=(first,), files="g")) == [
        "02 role user -> developer"
    ]


def test_what_breaks_a_policy_or_ends_did_not_happen() -> None:
    assert told(report(2, entry(cause=Cause.POLICY)), report(3, gone=(entry(cause=Cause.EXPIRY),))) == []


def test_what_has_no_values_is_told_with_its_message() -> None:
    [event] = reports.events_of([report(2, replace(entry(code="manual_step"), fields=()))])
    assert (event.remark, change_in_words(event)) == ("told", "differs from the files")


def line_of_time(*events: Event) -> tuple[Event, ...]:
    return with_commits(without_repetition(in_order(events)))


def test_a_difference_that_an_apply_ended_is_told_by_both() -> None:
    one = entry("developer", "user")
    seen = reports.events_of([report(1), report(2, one), report(11, gone=(one,), previous=_hour(9))])
    [done] = receipts.events_of(receipts.receipts_of([journal([intent(1)])]))
    unfinished = line_of_time(*seen, done)
    assert [one.sources for one in unfinished][1:] == [("receipt",), ("drift report",)]  # nobody knows how it ended
    [_, told] = line_of_time(*seen, replace(done, outcome=seen[0].outcome))
    assert (told.origin, told.sources) == (Origin.APPLY, ("receipt", "drift report"))


@pytest.mark.parametrize(
    ("live", "files", "unapplied"),
    [("user", "developer", True), ("billing", "developer", False), ("user", "billing", False)],
)
def test_files_that_are_ahead_are_no_edit_by_hand(live: str, files: str, *, unapplied: bool) -> None:
    """The commit declares, at nine, what nobody applied by ten."""
    declared = commits.events_of(step(f"members: {{{ANA[7:]}: user}}", f"members: {{{ANA[7:]}: developer}}"))
    seen = reports.events_of([report(10, entry(live, files, since=10))])
    *_, told = line_of_time(*declared, *seen)
    assert told.unapplied is unapplied
    assert (told.commit is not None) is unapplied


def by(certainty: str = "certain", **more: Any) -> Explanation:
    """That Sam did it at half past one."""
    sam = Actor("user_actor", "user_sam", "sam@acme.example", "Mozilla/5.0")
    values: dict[str, Any] = {"actor": sam, "at": "2026-11-22T01:30:00Z", "record": "activity_1", **more}
    return Explanation(Certainty(certainty), **values)


def test_who_made_a_difference_is_told_as_the_report_knows_it() -> None:
    """Also where only a later report does: records can be late."""
    early, late = entry(by=by("pending", actor=None, at=None, record=None)), entry(by=by())
    [event] = reports.events_of([report(1), report(2, early), report(3, late)])
    assert (
        sentence(event) == "member:ana@acme.example role user -> developer; by sam@acme.example (drift report: certain)"
    )
    assert (event.at, event.origin) == ("2026-11-22T01:30:00Z", Origin.HAND)


@pytest.mark.parametrize("certainty", ["related", "unknown", "pending"])
def test_who_did_something_else_is_not_named(certainty: str) -> None:
    [event] = reports.events_of([report(1), report(2, entry(by=by(certainty)))])
    assert (event.who, event.origin) == (None, Origin.DRIFT)


def test_a_record_that_the_feed_and_a_report_tell_of_is_one_event() -> None:
    [told] = reports.events_of([report(1), report(2, entry(by=by()))])
    read = replace(told, sources=("Activity Feed",))
    assert reports.of_one_record([told, read]) == (replace(read, sources=("Activity Feed", "drift report")),)
    other = replace(read, record="activity_2")
    assert reports.of_one_record([told, other]) == (told, other)
