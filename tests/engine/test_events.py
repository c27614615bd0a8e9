"""What happens while a plan is applied is told as events, and the journal is the first to hear of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from acme import ADMINS, Org

from orgsync.core.apply.events import Admitted, Sent, Settled, Tally
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action
from orgsync.engine.apply_plan import apply_plan
from orgsync.errors import UsageError
from orgsync.files.state.journal import FileJournal, read
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.apply.events import Event
    from orgsync.core.apply.journal import Journal
    from orgsync.core.apply.outcome import Report

FILES = """
members: {ana@x.example: developer, new@x.example: user}
workspaces: {lab: {members: {ana@x.example: user}}}
"""
ANA = {"email": "ana@x.example", "role": "user"}


def acme(files: str = FILES) -> Org:
    return Org(files, users=[*ADMINS, ANA])


def applied(org: Org, journal: Journal | None = None) -> tuple[Report, list[Event]]:
    events: list[Event] = []
    plan = org.plan()

    async def run() -> Report:
        async with org.client() as client:
            return await apply_plan(
                plan,
                client.reader,
                client.writer,
                KINDS,
                journal=journal,
                on_event=events.append,
                patience=0,
                first_apply=True,
            )

    return asyncio.run(run()), events


class Full:
    """A journal on a disk that is full after so many lines."""

    unfinished = ()
    made = ()

    def __init__(self, room: int) -> None:
        self._room = room

    def _line(self) -> None:
        self._room -= 1
        if self._room < 0:
            raise UsageError("no space left")

    @property
    def tells_of_earlier_runs(self) -> bool:
        return True

    def intend(self, _write: Sent) -> int:
        self._line()
        return 1

    def conclude(self, *_: object, **__: object) -> None:
        self._line()


def test_each_change_is_sent_and_settled_once_after_the_plan_was_admitted() -> None:
    report, (first, *rest) = applied(acme())
    assert isinstance(first, Admitted)
    assert (first.ready, first.already) == (len(report.outcomes), 0)
    for number, outcome in enumerate(report.outcomes, 1):
        told = [event for event in rest if isinstance(event, Sent | Settled) and event.number == number]
        assert [event.event for event in told] == ["sent", "settled"]
        assert {(event.address, event.action) for event in told} == {(outcome.address, outcome.action)}


def test_what_was_made_is_settled_with_its_id_and_how_long_it_took() -> None:
    org = acme()
    _report, events = applied(org)
    [made] = [event for event in events if isinstance(event, Settled) and event.action is Action.CREATE][:1]
    assert made.id == org.workspace_id("lab")
    assert made.seconds is not None
    assert made.request_id


def test_what_is_so_already_is_settled_and_not_sent() -> None:
    org = acme()
    plan = org.plan()
    org.apply()
    events: list[Event] = []

    async def again() -> Report:
        async with org.client() as client:
            return await apply_plan(
                plan, client.reader, client.writer, KINDS, on_event=events.append, patience=0, first_apply=True
            )

    asyncio.run(again())
    assert {event.event for event in events} == {"admitted", "settled"}
    assert {event.seconds for event in events if isinstance(event, Settled)} == {None}


def test_the_intent_is_in_the_journal_before_any_other_sink_hears_that_it_is_sent(tmp_path: Path) -> None:
    org, path = acme(), tmp_path / "plan.journal.jsonl"
    plan, found = org.plan(), list[bool]()

    def on_event(event: Event) -> None:
        if isinstance(event, Sent):
            last = read(path)[-1]
            found.append(getattr(last, "path", None) == event.path and not org.writes()[len(found) :])

    async def run() -> None:
        async with org.client() as client:
            with FileJournal(path, plan) as journal:
                await apply_plan(
                    plan, client.reader, client.writer, KINDS, journal=journal, on_event=on_event, first_apply=True
                )

    asyncio.run(run())
    assert found
    assert found[0]
    assert len(found) == len(plan.changes)


def test_what_cannot_be_recorded_is_not_sent_and_nobody_is_told_that_it_was() -> None:
    org = acme()
    _report, events = applied(org, Full(room=0))
    assert not org.writes()
    assert not [event for event in events if isinstance(event, Sent)]
    [why] = {event.message for event in events if isinstance(event, Settled) and event.status is Status.FAILED}
    assert why == "not sent, because it could not be recorded: no space left"


def test_an_end_that_cannot_be_recorded_is_told_as_unconfirmed() -> None:
    org = acme("members: {ana@x.example: developer}\n")
    _report, events = applied(org, Full(room=1))
    assert len(org.writes()) == 1
    [settled] = [event for event in events if isinstance(event, Settled)]
    assert (settled.status, settled.message) == (
        Status.UNCONFIRMED,
        "the outcome could not be recorded: no space left",
    )


def test_what_live_does_not_show_afterwards_is_settled_once_more_and_counted_once() -> None:
    org = acme("members: {ana@x.example: developer}\n")
    org.app.set_faults([{"fault": "ignore", "method": "POST", "path": "/users/*"}])
    _report, events = applied(org)
    settled = [event for event in events if isinstance(event, Settled)]
    assert [(event.status, event.again) for event in settled] == [
        (Status.DONE, False),
        (Status.UNCONFIRMED, True),
    ]
    tally = Tally()
    for event in events:
        tally(event)
    assert (tally.counts.done, tally.counts.unconfirmed) == (0, 1)
