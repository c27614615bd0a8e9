"""How far a reading of the feed reaches, what it says of itself, and when the feed was off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orgsync.core.feed.records import SETTINGS_UPDATED, Activity, Actor
from orgsync.core.feed.window import Feed, FeedState

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=30)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def switched(number: int, *, on: bool) -> Activity:
    fields = {"compliance_api_enabled": on}
    return Activity(f"activity_{number}", day(number), SETTINGS_UPDATED, Actor(), fields)


def other(number: int) -> Activity:
    return Activity(f"activity_{number}", day(number), "org_user_invite_sent", Actor())


def feed(*records: Activity, state: FeedState = FeedState.READ) -> Feed:
    return Feed(state, START, END, tuple(sorted(records, key=lambda record: record.at, reverse=True)))


@pytest.mark.parametrize(
    ("records", "gaps"),
    [
        ([], []),
        ([other(1), other(9)], []),
        ([switched(5, on=True)], [(None, day(5))]),
        ([other(1), switched(5, on=True)], []),  # switched on once more: it was on before
        ([switched(5, on=False)], [(day(5), None)]),
        ([other(1), switched(5, on=False), switched(8, on=True), other(9)], [(day(5), day(8))]),
        (
            [switched(2, on=True), switched(5, on=False), switched(8, on=True), switched(9, on=False)],
            [(None, day(2)), (day(5), day(8)), (day(9), None)],
        ),
        ([switched(5, on=False), switched(6, on=False), switched(8, on=True)], [(day(5), day(8))]),
    ],
)
def test_the_records_say_when_it_was_off(
    records: list[Activity], gaps: list[tuple[datetime | None, datetime | None]]
) -> None:
    assert feed(*records).off() == gaps


def test_what_was_not_read_may_say_that_it_was_on_already() -> None:
    assert feed(switched(5, on=True), state=FeedState.INCOMPLETE).off() == []
    assert feed(switched(5, on=False), other(9), state=FeedState.INCOMPLETE).off() == [(day(5), None)]


def test_an_unknown_setting_says_nothing() -> None:
    odd = Activity("activity_1", day(3), SETTINGS_UPDATED, Actor(), {"compliance_api_enabled": "no"})
    assert feed(odd).off() == []


@pytest.mark.parametrize(
    ("start", "end", "off"), [(1, 5, False), (1, 6, True), (6, 7, True), (7, 9, True), (8, 9, False), (0, 30, True)]
)
def test_a_time_meets_a_gap_or_does_not(start: int, end: int, off: bool) -> None:
    seen = feed(other(1), switched(5, on=False), switched(8, on=True))
    assert seen.off_between(day(start), day(end)) is off


def test_a_reading_reaches_as_far_as_nothing_is_missing() -> None:
    assert feed(other(9)).reaches == START
    assert feed(other(9), state=FeedState.INCOMPLETE).reaches == day(9)
    assert feed(state=FeedState.INCOMPLETE).reaches is None
    assert feed(state=FeedState.OFF).reaches is None
    assert feed(other(3), other(9)).oldest == day(3)


@pytest.mark.parametrize("state", FeedState)
def test_every_state_has_its_sentence(state: FeedState) -> None:
    assert feed(state=state).says.endswith(".")
    assert feed(state=state).usable is (state in (FeedState.READ, FeedState.INCOMPLETE))
    detailed = Feed(state, START, END, detail="503: Overloaded")
    assert detailed.says == f"{feed(state=state).says[:-1]} (503: Overloaded)."
    assert detailed.hint is None or detailed.hint[0].islower()


def test_records_of_other_organizations_are_left_out() -> None:
    ours, theirs = (replace(other(day), organizations=frozenset({name})) for day, name in ((1, "us"), (2, "them")))
    assert feed(ours, theirs, other(3)).within("us").records == (other(3), ours)
