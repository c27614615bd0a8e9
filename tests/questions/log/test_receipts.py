"""Each write is there once, with what is known of it in any copy of its journal."""

from __future__ import annotations

from orgsync.core.apply.journal import Conclusion
from orgsync.core.model.change import Action
from orgsync.questions.log.event import Certainty, Outcome, change_in_words
from orgsync.questions.log.receipts import events_of, receipts_of
from questions.log.support import ANA, done, intent, journal


def test_a_write_is_told_with_its_values_and_who_asked_for_it() -> None:
    links = journal([intent(1, id="user_1"), done(1, request_id="req_1")])
    [event] = events_of(receipts_of([links]))
    assert (event.address, event.who, event.certainty, event.run) == (ANA, "ana", Certainty.STATED, "r1")
    assert (event.outcome, event.request_id, event.live) == (Outcome.DONE, "req_1", "user_1")
    assert change_in_words(event) == "role user -> developer"


def test_copies_of_a_journal_tell_each_write_once() -> None:
    whole = journal([intent(1), done(1), intent(2, at="2026-11-22T11:00:00Z"), done(2)])
    found = receipts_of([whole[:1], whole, whole[:3], whole[:2]])
    events = events_of(found)
    assert [(one.at, one.outcome) for one in events] == [
        ("2026-11-22T10:00:00Z", Outcome.DONE),
        ("2026-11-22T11:00:00Z", Outcome.DONE),
    ]
    assert not found.disagreeing


def test_a_copy_that_was_edited_hides_nothing() -> None:
    real, edited = journal([intent(1)]), journal([intent(1, actor="nobody")])
    found = receipts_of([edited, real])
    assert [one.who for one in events_of(found)] == ["nobody", "ana"]
    assert found.disagreeing == 1


def test_what_failed_or_is_unfinished_does_not_look_as_if_it_had_happened() -> None:
    links = journal(
        [
            intent(1),
            done(1, Conclusion.FAILED, message="no such user"),
            intent(2, action=Action.REMOVE),
            done(2, Conclusion.UNKNOWN),
            intent(3, action=Action.INVITE, actor=None),
        ]
    )
    failed, lost, unfinished = events_of(receipts_of([links]))
    assert (failed.outcome, failed.remark) == (Outcome.FAILED, "no such user")
    assert change_in_words(failed).startswith("could not be updated (")
    assert lost.outcome is unfinished.outcome is Outcome.UNKNOWN
    assert change_in_words(unfinished).startswith("it is unknown whether it was invited")
    assert unfinished.certainty is Certainty.UNKNOWN


def test_two_journals_that_count_alike_are_two_journals() -> None:
    """One was moved away, and the next run began another."""
    first, second = journal([intent(1)]), journal([intent(1, run="r2"), done(1)])
    assert [(one.run, one.outcome) for one in events_of(receipts_of([first, second]))] == [
        ("r1", Outcome.UNKNOWN),
        ("r2", Outcome.DONE),
    ]
