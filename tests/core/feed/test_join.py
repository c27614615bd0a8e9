"""Who made a difference: the newest record of the same thing that says what live shows, and never by time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgsync.core.feed.join import Aspect, Certainty, Explanation, Records, Subject, explained
from orgsync.core.feed.records import SETTINGS_UPDATED, Activity, Actor
from orgsync.core.feed.rules import EXISTS, Explains, Value, gone, made, updated
from orgsync.core.feed.window import Feed, FeedState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = (
    Explains("made", {"id": "thing"}, made),
    Explains("changed", {"id": "thing"}, updated({"role": Value("role")}, ("tags",))),
    Explains("gone", {"id": "thing"}, gone),
    Explains("looked at", {"id": "thing"}),
)
SAM, EVE, KIM = (Actor("user_actor", f"user_{name}", f"{name}@acme.example") for name in ("sam", "eve", "kim"))


def record(minutes: int, kind: str, who: Actor = SAM, role: str | None = None, **more: Any) -> Activity:
    """One, so many minutes before noon."""
    fields = {"id": "one", **({"updates": [{"type": "role", "current_value": role}]} if role else {}), **more}
    return Activity(f"activity_{minutes:04}_{who.id}", NOON - timedelta(minutes=minutes), kind, who, fields)


def switched(minutes: int, *, on: bool) -> Activity:
    return replace(record(minutes, SETTINGS_UPDATED), fields={"compliance_api_enabled": on})


def subject(
    *paths: str, there: bool = True, seen_at: datetime = NOON, unlike: datetime | None = None, **live: Any
) -> Subject:
    shown = {EXISTS: there, "role": "admin", **live}
    aspects = tuple(Aspect((path,), shown) for path in paths or ("role",))
    return Subject({"thing": frozenset({"one"})}, RULES, aspects, seen_at, unlike)


def feed(*records: Activity) -> Records:
    newest_first = sorted(records, key=lambda one: (one.at, one.id), reverse=True)
    return Records(Feed(FeedState.READ, NOON - timedelta(days=1), NOON + timedelta(minutes=1), tuple(newest_first)))


def told(*records: Activity, about: Subject | None = None) -> str:
    """Who, and how sure."""
    found = explained(about or subject(), feed(*records))
    who = "" if found.actor is None else f" {(found.actor.email or '').partition('@')[0]}"
    again = " changed since" if found.changed_since else ""
    return f"{found.certainty}{who}{f' and {found.others}' if found.others else ''}{again}"


CHANGED, ADMIN, DEVELOPER = "changed", "admin", "developer"

CASES = {
    "the newest record has the value": ([record(5, CHANGED, role=ADMIN)], "certain sam"),
    "undone and redone": (
        [record(9, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE, DEVELOPER), record(7, CHANGED, KIM, ADMIN)],
        "certain kim and 2",
    ),
    "changed again": (
        [record(9, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE, DEVELOPER)],
        "likely sam and 1 changed since",
    ),
    "only another value": ([record(8, CHANGED, EVE, DEVELOPER)], "related eve changed since"),
    "made, without a value": ([record(8, "made", EVE)], "likely eve"),
    "made anew after the value": ([record(9, CHANGED, SAM, ADMIN), record(8, "made", EVE)], "likely eve and 1"),
    "gone after the value": (
        [record(9, CHANGED, SAM, ADMIN), record(8, "gone", EVE)],
        "likely sam and 1 changed since",
    ),
    "something else": ([record(8, "looked at", EVE)], "related eve"),
    "an update that says nothing": (
        [record(9, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE)],
        "likely sam and 1",
    ),
    "an update of something unknown": (
        [record(9, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE, updates=[{"type": "shape", "current_value": "x"}])],
        "likely sam and 1",
    ),
    "an update of another field": (
        [record(9, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE, updates=[])],
        "certain sam and 1",
    ),
    "two at one moment": ([record(8, CHANGED, SAM, ADMIN), record(8, CHANGED, EVE, DEVELOPER)], "likely sam and 1"),
    "another thing": ([replace(record(8, CHANGED, EVE, ADMIN), fields={"id": "two"})], "pending"),
    "another type": ([record(8, "shape_changed", EVE, ADMIN)], "pending"),
    "nothing": ([], "pending"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_newest_record_of_the_same_thing_counts(case: str) -> None:
    records, expected = CASES[case]
    assert told(*records) == expected


def test_without_a_record_it_is_unknown_once_none_can_be_late() -> None:
    assert told(about=subject(seen_at=NOON - timedelta(minutes=1))) == "unknown"


def test_what_happened_before_it_was_otherwise_is_not_certain() -> None:
    about = subject(unlike=NOON - timedelta(minutes=6))
    assert told(record(7, CHANGED, SAM, ADMIN), about=about) == "likely sam"
    assert told(record(5, CHANGED, SAM, ADMIN), about=about) == "certain sam"


def test_that_the_feed_was_off_is_said_and_nothing_before_is_certain() -> None:
    off = (switched(6, on=False), switched(5, on=True))
    found = explained(subject(), feed(record(7, CHANGED, SAM, ADMIN), *off))
    assert (found.certainty, found.gap) == (Certainty.LIKELY, True)
    assert explained(subject(), feed(record(4, CHANGED, SAM, ADMIN), *off)).certainty is Certainty.CERTAIN
    assert explained(subject(), feed(*off)) == Explanation(Certainty.PENDING, gap=True)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record(5, "made", EVE)], "likely eve"),
        ([record(6, "gone", KIM), record(5, "made", EVE)], "likely eve and 1"),
        ([record(6, "made", EVE), record(5, "gone", KIM)], "likely eve and 1 changed since"),
        ([record(5, CHANGED, role=ADMIN)], "related sam"),
    ],
)
def test_that_there_is_such_a_thing(records: list[Activity], expected: str) -> None:
    assert told(*records, about=subject(EXISTS)) == expected


def test_that_there_is_no_such_thing_any_more() -> None:
    about = subject(EXISTS, there=False)
    assert told(record(6, "made", EVE), record(5, "gone", KIM), about=about) == "certain kim and 1"


def test_several_fields_are_certain_only_together() -> None:
    fields = [{"type": "role", "current_value": ADMIN}, {"type": "size", "current_value": "9"}]
    rules = (Explains(CHANGED, {"id": "thing"}, updated({"role": Value("role"), "size": Value("size")})),)
    about = replace(subject("role", "size", size="9"), rules=rules)
    assert told(record(5, CHANGED, updates=fields), about=about) == "certain sam"
    one_each = (record(6, CHANGED, updates=fields[:1]), record(5, CHANGED, EVE, updates=fields[1:]))
    assert told(*one_each, about=about) == "likely eve and 1"
    assert told(record(5, CHANGED, updates=fields[:1]), about=about) == "related sam"


def test_an_earlier_explanation_holds_until_something_speaks_against_it() -> None:
    before = explained(subject(), feed(record(30, CHANGED, SAM, ADMIN)))

    def later(*records: Activity) -> tuple[str, str | None, bool]:
        found = explained(subject(), feed(*records), before)
        return found.certainty, None if found.actor is None else found.actor.email, found.changed_since

    assert later() == ("certain", SAM.email, False)
    assert later(record(5, "looked at", EVE)) == ("certain", SAM.email, False)
    assert later(record(5, CHANGED, EVE, ADMIN)) == ("certain", EVE.email, False)
    assert later(record(5, CHANGED, EVE, DEVELOPER)) == ("likely", SAM.email, True)
    assert later(record(5, CHANGED, EVE)) == ("likely", SAM.email, False)
    assert later(switched(5, on=False)) == ("likely", SAM.email, False)
