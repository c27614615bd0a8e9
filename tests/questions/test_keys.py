"""`keys`: which keys are shown, what is read for that, and what is said of what is not known."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, Org, desired_from

from orgsync.core.answers.answer import Looked
from orgsync.core.model.change import Organization
from orgsync.core.model.codes import Code
from orgsync.core.model.context import Reading
from orgsync.core.model.observation import Observation, Unseen
from orgsync.core.model.request import Listing
from orgsync.core.model.rows import checked
from orgsync.errors import UsageError
from orgsync.flows.asking.keys import keys_answered
from orgsync.kinds.api_key import KIND
from orgsync.kinds.api_key.live import API_KEYS
from orgsync.questions.keys.answer import answer
from orgsync.questions.keys.query import KeyQuery, candidates, chosen, whole_days
from orgsync.questions.keys.states import key_states
from questions.keys_of_acme import FILES, GREG, SEED

if TYPE_CHECKING:
    from orgsync.core.answers.answer import Answer

READ = [f"/v1/organizations/{name}" for name in ("api_keys", "me", "users", "workspaces")]
USAGE = "/v1/organizations/usage_report/messages"


@pytest.fixture(scope="module")
def org() -> Org:
    return Org(FILES, **SEED)


def asked(org: Org, *, live: bool = False, group: str | None = None, **query: Any) -> Answer:
    """The answer about the organization; `live`: without files."""
    desired = None if live else desired_from(org.files)
    made = keys_answered(KeyQuery(**query), org.connection(), desired, NOW, group=group, known={})
    return asyncio.run(made)


def rows(answer: Answer) -> list[Any]:
    return list(answer.tables[0].rows)


def names(answer: Answer) -> list[str]:
    """In the order in which the keys are shown."""
    return [row["name"] for row in rows(answer)]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["legacy etl", "my key", "nightly", "chatbot"]),
        ({"older": timedelta(days=90)}, ["legacy etl", "my key"]),  # one is 90 days old to the second
        ({"older": timedelta(days=89)}, ["legacy etl", "my key", "nightly"]),
        ({"owner": "Tomas.Vega@acme.example"}, ["my key"]),
        ({"owner": GREG}, ["legacy etl"]),
        ({"owner": "ceo@acme.example"}, []),
        ({"left": True}, ["legacy etl"]),
        ({"unused": timedelta(days=30)}, ["my key", "nightly"]),
        ({"unused": timedelta(days=11)}, ["my key", "nightly", "chatbot"]),
        ({"unused": timedelta(days=12)}, ["my key", "nightly"]),
        ({"statuses": frozenset({"archived"})}, ["gone"]),
        ({"statuses": frozenset({"archived", "inactive"})}, ["gone", "nightly"]),
        ({"older": timedelta(days=90), "unused": timedelta(days=30)}, ["my key"]),
        ({"policy": "naming"}, ["legacy etl", "my key"]),
        ({"policy": "idle"}, ["my key", "chatbot"]),
        ({"group": "owner"}, ["chatbot", "nightly", "my key", "legacy etl"]),
        ({"group": "workspace"}, ["my key", "nightly", "legacy etl", "chatbot"]),
        ({"group": "policy"}, ["my key", "chatbot", "legacy etl", "my key", "legacy etl", "my key", "nightly"]),
    ],
    ids=lambda one: "" if isinstance(one, list) else " ".join(sorted(one)) or "all",
)
def test_which_keys(query: dict[str, Any], shown: list[str], org: Org) -> None:
    made = asked(org, **query)
    assert names(made) == shown
    assert made.open is bool(shown)


def test_what_is_known_of_a_key(org: Org) -> None:
    legacy, mine, nightly, chatbot = rows(asked(org, live=True))
    assert (legacy["age_days"], legacy["owner"], legacy["owner_id"], legacy["owner_left"]) == (550, None, GREG, True)
    assert (legacy["last_used_on"], legacy["policies"], legacy["acts_as"]) == ("2026-11-22", None, None)
    assert (mine["owner"], mine["owner_left"], mine["acts_as"]) == ("tomas.vega@acme.example", False, "user")
    assert (mine["last_used_on"], mine["observed_days"]) == (None, 30)
    assert (nightly["owner"], nightly["owner_left"], nightly["made_by_service_account"]) == (None, None, True)
    assert (chatbot["last_used_on"], chatbot["observed_days"]) == ("2026-11-10", 20)


@pytest.mark.parametrize(
    ("query", "usage"),
    [
        ({}, 1),
        ({"unused": timedelta(days=60)}, 2),
        ({"unused": timedelta(days=90)}, 3),
        ({"owner": "ceo@acme.example"}, 0),  # who has no key: there is nothing to tell of its use
        ({"statuses": frozenset({"expired"})}, 0),
    ],
    ids=str,
)
def test_what_is_read(query: dict[str, Any], usage: int, org: Org) -> None:
    before = len(org.reads())
    made = asked(org, **query)
    assert sorted(org.reads()[before:]) == sorted([*READ, *[USAGE] * usage])
    assert made.requests == len(READ) + usage
    assert not org.writes()


def test_policies_say_what_a_plan_says(org: Org) -> None:
    findings = [one for one in org.plan().findings if one.code in {"policy_breach", "waived"}]
    told = {(str(one.address), one.message.partition(":")[0]) for one in findings}
    found = {(row["address"], one["policy"]) for row in rows(asked(org)) for one in row["findings"]}
    assert len(told) == 6
    assert found == told


def test_a_key_that_is_not_understood_is_listed_whatever_was_asked() -> None:
    listing = Listing(API_KEYS, fields=KIND.rows[0].fields)
    row = {"id": "apikey_1", "name": "odd", "status": "paused", "created_at": "2026-11-20T10:00:00Z"}
    answers = checked([{**row, "scope": {"type": "organization"}}], listing.fields)
    found = list(KIND.found([(listing, answers.rows)], Reading({}, {"workspace": []}, {})))
    assert KIND.match is not None
    live = {"api_key": found, "member": []}
    seen = Observation(Organization("1", "Acme"), live, {"api_key": KIND.match([], found)})
    query = KeyQuery(older=timedelta(days=90), left=True, statuses=frozenset({"archived"}))
    shown = chosen(query, candidates(query, key_states(seen, NOW)))
    made = answer(query, shown, seen, [Looked("the organization")], as_of=NOW, read=None)
    assert [(row["name"], row["age_days"], row["status"]) for row in rows(made)] == [("odd", None, None)]
    (note,) = made.notes
    assert note.startswith('api_key:*/odd is listed whatever was asked for: status is "paused", which this orgsync')


def test_what_the_usage_report_cannot_show_cannot_be_asked() -> None:
    assert whole_days("--unused", timedelta(days=90)) == timedelta(days=90)
    for time, said in ((91 * 24, "at most 90 days"), (12, "per day only")):
        with pytest.raises(UsageError, match=said):
            whole_days("--unused", timedelta(hours=time))


def test_where_the_usage_report_is_refused_every_candidate_is_listed_and_a_note_says_why() -> None:
    org = Org(FILES, **SEED)
    org.app.set_faults([{"fault": "status_before", "path": "*usage_report*", "status": 403, "times": 9}])
    made = asked(org, unused=timedelta(days=30), older=timedelta(days=90))
    assert names(made) == ["legacy etl", "my key"]
    assert {(row["last_used_on"], row["observed_days"]) for row in rows(made)} == {(None, None)}
    (note,) = made.notes
    assert note.startswith("when keys were last used is not known: ")
    assert made.open


def test_whether_an_owner_left_is_not_known_where_members_are_hidden(org: Org) -> None:
    found = [pair.found for pair in org.seen().pairs["api_key"] if pair.found is not None]
    assert KIND.match is not None
    hidden = Unseen("member", (), Code.UNREADABLE_ROW, "row 2 of /v1/organizations/users cannot be identified")
    seen = Observation(Organization("1", "Acme"), {"api_key": found, "member": []}, {"api_key": KIND.match([], found)})
    seen.unseen.append(hidden)
    query = KeyQuery(left=True)
    shown = chosen(query, candidates(query, key_states(seen, NOW)))
    made = answer(query, shown, seen, [Looked("the organization")], as_of=NOW, read=None)
    assert [(row["name"], row["owner_left"]) for row in rows(made)] == [
        ("legacy etl", None),
        ("my key", None),
        ("chatbot", None),
    ]
    assert made.notes == (hidden.message,)
