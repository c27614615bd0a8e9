"""Which key a waiver is about, and what is said of those that do nothing."""

from __future__ import annotations

import pytest

from orgsync.core.words.address import Address
from orgsync.policies.waivers import InForce, WaiverState, waiver_notes
from policies.support import DAY, NOW, TODAY, a_key, policy, waiver

OLD = a_key(created_at=NOW - 143 * DAY)
ROTATE = policy("{max_age: 90d, then: deactivate}")


@pytest.mark.parametrize(
    ("fields", "state", "message"),
    [
        ({}, None, ""),
        ({"key": "api_key:*"}, None, ""),
        (
            {"policy": "rotat"},
            WaiverState.UNKNOWN_POLICY,
            'the policy "rotat" does not exist; did you mean "rotate"?',
        ),
        ({"policy": "x"}, WaiverState.UNKNOWN_POLICY, 'the policy "x" does not exist'),
        (
            {"until": "2026-11-21"},
            WaiverState.EXPIRED,
            "the waiver of rotate ended on 2026-11-21 (CH-12): delete it, or give it another day",
        ),
        (
            {"key": "api_key:production/chatbox"},
            WaiverState.UNUSED,
            "the waiver of rotate matches no key of the policy: delete it",
        ),
        (
            {"key": "api_key:staging/*"},
            WaiverState.UNUSED,
            "the waiver of rotate matches no key of the policy: delete it",
        ),
    ],
)
def test_a_waiver_that_does_nothing_is_told(fields: dict[str, str], state: WaiverState | None, message: str) -> None:
    notes = waiver_notes({"rotate": ROTATE}, [waiver(), waiver(**fields)], [OLD], NOW)
    assert [(note.index, note.state, note.message) for note in notes] == ([(1, state, message)] if state else [])


def test_a_waiver_for_an_archived_key_or_one_the_policy_does_not_match_does_nothing() -> None:
    elsewhere = policy("{match: {workspaces: [staging]}, max_age: 90d}")
    assert [note.state for note in waiver_notes({"rotate": elsewhere}, [waiver()], [OLD], NOW)] == [WaiverState.UNUSED]
    archived = a_key(status="archived")
    assert [note.state for note in waiver_notes({"rotate": ROTATE}, [waiver()], [archived], NOW)] == [
        WaiverState.UNUSED
    ]


RENAMED = a_key(other_addresses=(Address("api_key:prod/chatbot"), Address("api_key:prod/bot")))


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({"key": "api_key:production/chatbot"}, True),
        ({"key": "api_key:prod/chatbot"}, True),
        ({"key": "api_key:prod/bot"}, True),
        ({"key": "api_key:prod/*"}, True),
        ({"key": "api_key:staging/*"}, False),
    ],
)
def test_a_waiver_covers_a_key_under_each_of_its_addresses(fields: dict[str, str], covered: bool) -> None:
    written = waiver(**fields)
    assert InForce([written], TODAY).of("rotate", RENAMED) is (written if covered else None)
    assert written.covers(RENAMED) is covered
