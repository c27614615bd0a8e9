"""Events as JSON lines: what programs read, and what the schema says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from jsonschema import Draft202012Validator

from orgsync.core.apply.events import Admitted, Counts, Ended, Event, Planned, Sent, Settled, Waiting
from orgsync.core.apply.events_schema import events_schema
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action, FieldChange
from orgsync.core.words.address import address
from orgsync.render.events import json_line
from render import plans

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden" / "events.jsonl"
VALIDATOR = Draft202012Validator(events_schema())
AT = "2026-11-22T10:00:00Z"
ANA = address("member", "ana@acme.com")
EVENTS: tuple[Event, ...] = (
    Planned(at=AT, plan=plans.settled()),
    Admitted(at=AT, ready=2, already=1),
    Sent(
        at=AT,
        number=1,
        address=ANA,
        action=Action.UPDATE,
        fields=(FieldChange("role", "user", "developer"),),
        method="POST",
        path="/v1/organizations/users/user_01Ana",
        id="user_01Ana",
    ),
    Waiting(at=AT, why="the API's request limit is reached", seconds=30.0, longest=180.0),
    Settled(at=AT, number=1, address=ANA, action=Action.UPDATE, status=Status.DONE, request_id="req_1", seconds=0.25),
    Settled(
        at=AT,
        number=1,
        address=ANA,
        action=Action.UPDATE,
        status=Status.UNCONFIRMED,
        message="accepted by the API, but the organization does not show it \u202e::error::",
        next_step="run `orgsync plan` again and review the new plan",
        replan=True,
        again=True,
    ),
    Ended(at=AT, exit_code=5, counts=Counts(unconfirmed=1)),
    Ended(at=AT, exit_code=7, error="no answer\nat all", hint="try again"),
)


def test_events_as_json_lines(golden: Golden) -> None:
    golden(GOLDEN, "".join(json_line(event) for event in EVENTS))


def test_there_is_an_example_of_each() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_each_fits_the_schema_and_nothing_less_or_more_does(event: Event) -> None:
    line = json.loads(json_line(event))
    VALIDATOR.validate(line)
    assert not VALIDATOR.is_valid({**line, "more": 1})
    for key in line:
        assert not VALIDATOR.is_valid({name: value for name, value in line.items() if name != key})


def test_an_event_that_is_not_known_does_not_fit() -> None:
    line = json.loads(json_line(replace(EVENTS[-1])))
    assert not VALIDATOR.is_valid({**line, "event": "over"})
    assert not VALIDATOR.is_valid({**line, "format_version": 2})
    assert not VALIDATOR.is_valid({**line, "at": "2026-11-22 10:00"})
