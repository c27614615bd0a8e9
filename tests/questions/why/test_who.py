"""`why` says who brought about what fails, where the Activity Feed knows it for sure; else it says nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from acme import ByToken, Org

from orgsync.core.model.change import Action
from questions.why.asked import asked, journal

if TYPE_CHECKING:
    from collections.abc import Callable

SAM, EVE = "sam@acme.example", "eve@acme.example"
FEED = "/v1/compliance/activities"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACES = ("lab", "attic")
PEOPLE, BOSSES = ("ana@acme.example", "bob@acme.example"), ("kit@acme.example", "lou@acme.example")
GUESTS, INVITED = ("gil@acme.example", "hal@acme.example"), ("ida@acme.example", "jan@acme.example")
NOW = "2026-11-22T10:00:00Z"


def acme(*, feed: str = "on") -> Org:
    """Two of everything: what a test is about, and what it is not."""
    return Org(
        users=[
            *({"email": email, "role": "admin"} for email in ("ceo@acme.example", SAM, EVE, *BOSSES)),
            *({"email": email, "role": "developer"} for email in (*PEOPLE, *GUESTS)),
        ],
        invites=[
            *(
                {"email": email, "role": "developer", "status": "accepted", "invited_at": "2026-11-05T09:00:00Z"}
                for email in PEOPLE
            ),
            *(
                {"id": f"invite_{email[:3]}", "email": email, "role": "user", "status": "pending", "invited_at": NOW}
                for email in INVITED
            ),
        ],
        workspaces=[{"id": f"wrkspc_{name}", "name": name} for name in PLACES],
        workspace_members=[
            {"workspace": name, "email": email, "workspace_role": "workspace_developer"}
            for name, email in zip(PLACES, PEOPLE, strict=True)
        ],
        api_keys=[
            *({"id": f"apikey_{name}", "name": "ci", "workspace": name, "principal": None} for name in PLACES),
            *(
                {"id": f"apikey_{email[:3]}", "name": "own", "workspace": name, "principal_email": email}
                for name, email in zip(PLACES, PEOPLE, strict=True)
            ),
        ],
        usage=[
            {"at": "2026-11-10T09:00:00Z", "workspace": name, "model": "claude-sonnet-5", "input_tokens": 1}
            | {"cost_cents": "5000"}
            for name in PLACES
        ],
        settings={"compliance": feed},
    )


@dataclass(frozen=True)
class Case:
    """What is asked, which check fails after the edit of one of the two, and what is said of who did it."""

    words: str
    fails: str
    edit: Callable[[Org, int, str], Any]
    did: str
    journal: str = ""


def _sends(method: str, path: str, body: Any = None) -> Callable[[Org, int, str], Any]:
    """An edit; `{place}`, `{person}`, `{boss}`, `{guest}` and `{invite}` in its path and body are those of a number."""

    def edit(org: Org, number: int, by: str) -> None:
        names = {
            "{place}": PLACES[number],
            "{person}": org.user_id(PEOPLE[number]),
            "{key}": PEOPLE[number][:3],
            "{boss}": org.user_id(BOSSES[number]),
            "{guest}": org.user_id(GUESTS[number]),
            "{invite}": f"invite_{INVITED[number][:3]}",
        }

        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: filled(one) for key, one in value.items()}
            for name, known in names.items():
                value = value.replace(name, known) if isinstance(value, str) else value
            return value

        org.console(method, filled(path), filled(body), by=by)

    return edit


def _limits(org: Org, number: int, by: str) -> None:
    """A limit of the organization, or of another workspace."""
    scope = {"type": "workspace", "workspace_id": "wrkspc_attic"} if number else {"type": "organization"}
    org.console("POST", "spend_limits", {"amount": "4000", "scope": scope, "period": "monthly"}, by=by)


def _no_requests(org: Org, number: int, by: str) -> None:
    group = next(row["id"] for row in org.rows("rate_limits") if row["limits"])
    place = f"workspaces/wrkspc_{PLACES[number]}/rate_limits/{group}"
    org.console("POST", place, {"limits": [{"type": "requests_per_minute", "value": 0}]}, by=by)


_ARCHIVE = _sends("POST", "workspaces/wrkspc_{place}/archive")
_REMOVE = _sends("DELETE", "users/{person}")
_EXCLUDE = _sends("DELETE", "workspaces/wrkspc_{place}/members/{person}")
_SPEND = _sends(
    "POST",
    "spend_limits",
    {"amount": "4000", "scope": {"type": "workspace", "workspace_id": "wrkspc_{place}"}, "period": "monthly"},
)
_SENT = journal((Action.INVITE, "member:ida@acme.example", [("role", None, "user")]), made="invite_ida")

CASES = {
    "key inactive": Case(
        "apikey_lab", "status", _sends("POST", "api_keys/apikey_{place}", {"status": "inactive"}), "status set"
    ),
    "key archived": Case(
        "apikey_lab", "status", _sends("POST", "api_keys/apikey_{place}", {"status": "archived"}), "status set"
    ),
    "workspace of a key": Case("apikey_lab", "workspace", _ARCHIVE, "archived"),
    "owner of a key": Case("apikey_ana", "principal", _REMOVE, "removed from the organization"),
    "access of a key": Case("apikey_ana", "access", _EXCLUDE, "role in the workspace removed"),
    "workspace": Case("ana@acme.example lab", "workspace", _ARCHIVE, "archived"),
    "role": Case("ana@acme.example lab", "role", _EXCLUDE, "role in the workspace removed"),
    "role of an admin": Case(
        "kit@acme.example lab",
        "role",
        _sends("POST", "users/{boss}", {"role": "developer"}),
        "role of the organization changed",
    ),
    "member": Case("ana@acme.example", "stayed", _REMOVE, "removed from the organization"),
    "member without an invite": Case(
        "gil@acme.example", "invited", _sends("DELETE", "users/{guest}"), "removed from the organization"
    ),
    "invite": Case(
        "ida@acme.example", "withdrawn", _sends("DELETE", "invites/{invite}"), "invite withdrawn", journal=_SENT
    ),
    "workspace of a limit": Case("limit lab", "workspace", _ARCHIVE, "archived"),
    "limit of the organization": Case("limit lab", "organization_limit", _limits, "limit set"),
    "limit of the workspace": Case("limit lab", "workspace_limit", _SPEND, "limit set"),
    "rate limit": Case("limit lab", "rate_limit", _no_requests, "limit set"),
}
EVERY_CASE = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@EVERY_CASE
def test_who_brought_it_about_in_the_console_is_named(case: Case) -> None:
    org = acme()
    org.wait(HOUR)
    case.edit(org, 0, SAM)
    org.wait(HOUR)
    case.edit(org, 1, EVE)
    before = len(org.reads())
    answer = asked(org, *case.words.split(), files=False, journal=case.journal, feed=True)
    assert answer.facts["first_failing"] == case.fails
    by = answer.facts["by"]
    assert (by["who"], by["certainty"], by["at"][:16]) == (SAM, "certain", "2026-11-22T11:00")
    said = next(one.text for one in answer.steps if one.mark == "x")
    assert said.endswith(f"; {case.did} by {SAM}, 2026-11-22 11:00 UTC (Activity Feed: certain)")
    sent = org.reads()[before:]
    assert sent.count(FEED) == 1
    assert answer.requests == len(sent) - sent.count("/v1/organizations/spend_limits/spl_orgsync")
    assert answer.looked[-1].source == "the Activity Feed"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=() if number % 3 == 0 else pytest.mark.story)
        for number, (name, case) in enumerate(CASES.items())
    ],
)
def test_who_did_the_same_to_something_else_is_not_named(case: Case) -> None:
    org = acme(feed="off")
    case.edit(org, 0, SAM)
    org.console("POST", "settings", {"compliance": "on"})
    org.wait(HOUR)
    case.edit(org, 1, EVE)
    answer = asked(org, *case.words.split(), files=False, journal=case.journal, feed=True)
    assert (answer.facts["first_failing"], answer.facts["by"]) == (case.fails, None)
    assert "Activity Feed" not in "".join((*(one.text for one in answer.steps), *answer.notes))


FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"fault": "status_before", "status": 403},
    "broken": {"fault": "truncate"},
    "no connection": {"fault": "drop_before"},
    "off": {},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_feed_in_trouble_is_one_note_and_changes_nothing_else(fault: str) -> None:
    case = CASES["member"]
    org = acme(feed="on" if FAULTS[fault] else "off")
    case.edit(org, 0, SAM)
    plain = asked(org, case.words, files=False)
    org.app.set_faults([{"path": FEED, "times": 9, **FAULTS[fault]}] if FAULTS[fault] else [])
    told = asked(org, case.words, files=False, feed=True)
    assert told.notes[:-1] == plain.notes
    assert "Activity Feed" in told.notes[-1]
    assert (told.title, told.steps, told.fixes, told.facts) == (plain.title, plain.steps, plain.fixes, plain.facts)
    assert told.requests > plain.requests


REMOVAL = (Action.REMOVE, "member:ana@acme.example", [("role", "developer", None)])
LATE_REMOVAL = journal(*[REMOVAL] * 10)
"""One a day from the first of November on: ana was invited on the fifth."""
EXCLUDED = (Action.REMOVE, "workspace_member:lab/ana@acme.example", [("role", "developer", None)])
ARCHIVED = (Action.ARCHIVE, "workspace:lab", [("archived", False, True)])
DISABLED = (Action.UPDATE, "api_key:lab/ci", [("status", "active", "inactive")])
LIMITED = (Action.UPDATE, "spend_limit:workspace/lab", [("monthly", None, "40.00 USD")])
NOBODY = {
    "nothing fails": ("ana@acme.example lab", None, ""),
    "an invite is not accepted yet": ("ida@acme.example", None, ""),
    "a journal explains the removal": ("ana@acme.example", "member", LATE_REMOVAL),
    "a journal explains the role": ("ana@acme.example lab", "role", journal(EXCLUDED)),
    "a journal explains the archiving": ("limit lab", "workspace", journal(ARCHIVED, identity="wrkspc_lab")),
    "a journal explains the status": ("apikey_lab", "key inactive", journal(DISABLED)),
    "a journal explains the limit": ("limit lab", "limit of the workspace", journal(LIMITED)),
}


@pytest.mark.parametrize(("words", "edited", "writes"), NOBODY.values(), ids=NOBODY)
def test_the_feed_is_not_asked_where_it_has_nothing_to_say(words: str, edited: str | None, writes: str) -> None:
    org = acme()
    if edited is not None:
        CASES[edited].edit(org, 0, SAM)
    before = len(org.reads())
    answer = asked(org, *words.split(), files=False, journal=writes, feed=True)
    assert FEED not in org.reads()[before:]
    assert answer.facts["by"] is None
    assert "Activity Feed" not in "".join(answer.notes)
    failing = next((one.text for one in answer.steps if one.mark == "x"), "")
    assert ("apply run c7968aa0b1c2 by ana" in failing) is bool(writes)


def test_a_token_is_not_sent_to_the_feed() -> None:
    org = ByToken(
        users=[{"email": "ceo@acme.example", "role": "admin"}],
        workspaces=[{"name": "lab"}],
        api_keys=[{"id": "apikey_1", "name": "ci", "workspace": "lab", "status": "inactive"}],
    )
    answer = asked(org, "apikey_1", files=False, feed=True)
    assert FEED not in org.reads()
    assert answer.notes == (
        "The Activity Feed cannot be read with an OAuth token: use an Admin key (ANTHROPIC_ADMIN_KEY)",
    )


def _by(org: Org, words: str, **options: Any) -> Any:
    by = asked(org, *words.split(), files=False, feed=True, **options).facts["by"]
    return by and (by["who"], by["certainty"])


def test_who_did_something_else_with_it_is_not_named() -> None:
    org = acme(feed="off")
    CASES["key inactive"].edit(org, 0, EVE)
    CASES["role"].edit(org, 0, EVE)
    org.console("POST", "settings", {"compliance": "on"})
    org.console("POST", "api_keys/apikey_lab", {"name": "deploy"}, by=SAM)
    org.console("POST", f"users/{org.user_id('ana@acme.example')}", {"role": "user"}, by=SAM)
    assert _by(org, "apikey_lab") is None
    assert _by(org, "ana@acme.example lab") is None


def test_who_made_a_key_did_not_switch_it_off() -> None:
    org = acme()
    scope = {"type": "workspace", "workspace_id": "wrkspc_lab"}
    identity = org.console("POST", "api_keys", {"name": "new", "scope": scope}, by=SAM)["id"]
    org.console("POST", "settings", {"compliance": "off"})
    org.console("POST", f"api_keys/{identity}", {"status": "inactive"}, by=EVE)
    org.console("POST", "settings", {"compliance": "on"})
    assert _by(org, identity) is None


def test_what_a_journal_had_otherwise_later_is_not_for_certain() -> None:
    org = acme()
    CASES["key inactive"].edit(org, 0, SAM)
    write = (Action.UPDATE, "api_key:lab/ci", [("status", "inactive", "active")])
    assert _by(org, "apikey_lab", journal=journal(write)) == (SAM, "certain")
    later = journal(*[write] * 23)  # one a day, from the first of November on
    assert _by(org, "apikey_lab", journal=later) == (SAM, "likely")


def test_an_archived_workspace_is_looked_up_from_when_it_was_archived() -> None:
    org = acme()
    CASES["workspace"].edit(org, 0, SAM)
    org.wait(400 * DAY)
    assert _by(org, "limit lab") == (SAM, "certain")
    org = acme()
    CASES["key inactive"].edit(org, 0, SAM)
    org.wait(31 * DAY)
    assert _by(org, "apikey_lab") is None


def test_an_apply_from_before_the_invite_is_not_blamed_for_the_removal() -> None:
    org = acme()
    CASES["member"].edit(org, 0, SAM)
    assert _by(org, "ana@acme.example", journal=journal(REMOVAL)) == (SAM, "certain")
    assert _by(org, "ana@acme.example", journal=LATE_REMOVAL) is None
