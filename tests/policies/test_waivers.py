"""Which key a waiver is about, and what is said of those that do nothing or may be meant for another key."""

from __future__ import annotations

from typing import Any

import pytest

from orgsync.core.words.address import Address
from orgsync.policies.judge import judge
from orgsync.policies.waivers import InForce, WaiverBook, WaiverState
from policies.support import DAY, NOW, TODAY, a_key, policy, waiver

OLD = a_key(created_at=NOW - 143 * DAY)
OTHER = a_key(id="apikey_02", name="etl", created_at=NOW - 143 * DAY)
ROTATE = policy("{max_age: 90d, then: deactivate}")
HELD = "the policy acts on no key in this plan"
MEND = "give it the key's `id` or new name, or delete it"


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
    notes = WaiverBook({"rotate": ROTATE}, [waiver(), waiver(**fields)], [OLD], NOW).notes()
    assert [(note.index, note.state, note.message) for note in notes] == ([(1, state, message)] if state else [])


def test_a_waiver_for_an_archived_key_or_one_the_policy_does_not_match_does_nothing() -> None:
    elsewhere = policy("{match: {workspaces: [staging]}, max_age: 90d}")
    archived = a_key(status="archived")
    for policies, key in (({"rotate": elsewhere}, OLD), ({"rotate": ROTATE}, archived)):
        [note] = WaiverBook(policies, [waiver()], [key], NOW).notes()
        assert note.state is WaiverState.UNUSED


RENAMED = a_key(other_addresses=(Address("api_key:prod/chatbot"), Address("api_key:prod/bot")))


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({"key": "api_key:production/chatbot"}, True),
        ({"key": "api_key:prod/chatbot"}, True),
        ({"key": "api_key:prod/bot"}, True),
        ({"key": "api_key:prod/*"}, True),
        ({"key": "api_key:staging/*"}, False),
        ({"key": "api_key:staging/chatbot", "id": "apikey_01"}, True),
        ({"key": "api_key:production/chatbot", "id": "apikey_02"}, False),
    ],
)
def test_a_waiver_covers_a_key_under_each_of_its_addresses_and_one_with_an_id_that_key(
    fields: dict[str, str], covered: bool
) -> None:
    written = waiver(**fields)
    assert InForce([written], TODAY).of("rotate", RENAMED) is (written if covered else None)
    assert written.covers(RENAMED) is covered


def noted(fields: dict[str, Any], *keys: Any, acting: bool = True) -> tuple[list[tuple[WaiverState, str]], bool]:
    """What is said of one waiver of `rotate`, and whether the policy is held."""
    book = WaiverBook({"rotate": ROTATE}, [waiver(**fields)], keys, NOW)
    return [(note.state, note.message) for note in book.notes({"rotate"} if acting else ())], bool(book.held)


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"key": "api_key:production/chatbox"}, f"{MEND}; did you mean api_key:production/chatbot (apikey_01)?"),
        ({"key": "api_key:staging/x"}, MEND),
        ({"key": "api_key:staging/*"}, MEND),
        ({"key": "api_key:staging/x", "id": "apikey_09"}, MEND),
    ],
)
def test_a_waiver_that_names_no_key_holds_the_policy_that_would_stop_one(fields: dict[str, str], hint: str) -> None:
    told = (WaiverState.LOST, f"rotate: its waiver names no API key, so {HELD}: {hint}")
    assert noted(fields, OLD, OTHER) == ([told], True)
    unused = (WaiverState.UNUSED, "the waiver of rotate matches no key of the policy: delete it")
    assert noted(fields, OLD, OTHER, acting=False)[0] == [unused]


@pytest.mark.parametrize("key", ["api_key:production/chatbot", "api_key:*/chat*"])
def test_a_waiver_for_an_archived_key_is_not_lost(key: str) -> None:
    unused = (WaiverState.UNUSED, "the waiver of rotate matches no key of the policy: delete it")
    assert noted({"key": key}, a_key(status="archived"), OTHER) == ([unused], False)


def test_a_waiver_that_has_ended_or_is_for_no_policy_holds_none() -> None:
    for fields in ({"until": "2026-11-21"}, {"policy": "x"}):
        assert noted({"key": "api_key:staging/x", **fields}, OLD)[1] is False


TWO_KEYS = (
    f"rotate: its waiver names two keys, apikey_02 by its id and apikey_01 by its address, so {HELD}: "
    "correct one of the two, or delete the waiver"
)


@pytest.mark.parametrize(
    ("fields", "keys", "message"),
    [
        (
            {"id": "apikey_02"},
            [OLD, OTHER],
            TWO_KEYS,
        ),
        (
            {"id": "apikey_02"},
            [OLD, a_key(id="apikey_02", status="archived")],
            TWO_KEYS,
        ),
        (
            {"id": "apikey_09"},
            [OLD, OTHER],
            f"rotate: no API key has the id apikey_09 of its waiver, so {HELD}: correct the id, or delete the waiver",
        ),
    ],
)
def test_an_id_and_an_address_of_different_keys_hold_the_policy_whatever_it_would_do(
    fields: dict[str, str], keys: list[Any], message: str
) -> None:
    for acting in (True, False):
        assert noted(fields, *keys, acting=acting) == ([(WaiverState.CONTRADICTORY, message)], True)


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"id": "apikey_01"}, [OLD, OTHER]),
        ({"id": "apikey_01"}, [OLD, a_key(id="apikey_02")]),  # a second key of that name: the id says which is meant
        ({"id": "apikey_02", "key": "api_key:staging/gone"}, [OLD, OTHER]),
        ({"id": "apikey_02"}, [a_key(status="archived"), OTHER]),  # the address is that of one that is archived
    ],
)
def test_an_id_follows_its_key(fields: dict[str, str], keys: list[Any]) -> None:
    assert noted(fields, *keys) == ([], False)


def test_a_policy_that_is_held_says_what_it_finds_and_leaves_the_acting_to_others() -> None:
    policies = {"rotate": ROTATE, "naming": policy("{name: '[a-z]+', then: deactivate}")}
    wrong = a_key(id="apikey_03", name="A b", created_at=NOW - 143 * DAY)
    judged = judge(policies, (), [OLD, wrong], NOW, {"rotate"})
    assert [(one.key.id, one.policy, one.held, one.would_act, one.acts) for one in judged] == [
        ("apikey_03", "naming", False, True, True),
        ("apikey_03", "rotate", True, True, False),
        ("apikey_01", "rotate", True, True, False),
    ]
