"""Every rule at its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

import orgsync.policies
from orgsync.policies.contract.rule import JudgedKey, Moment, Status, Usage
from orgsync.policies.rules import RULES
from policies.support import DAY, HOUR, NOW, SECOND, TODAY, a_key, judged, policy, problem, told

EDGE = NOW - 90 * DAY
"""When a key of exactly 90 days was made."""


def test_every_rule_is_listed_once_and_every_listed_rule_has_its_module() -> None:
    folder = Path(orgsync.policies.__file__).parent / "rules"
    names = [rule.name for rule in RULES]
    assert sorted(names) == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("created_at", "messages"),
    [
        (EDGE + SECOND, []),
        (EDGE, []),
        (EDGE - SECOND / 2, []),
        (EDGE - SECOND, ["is more than 90 days old, at most 90 allowed"]),
        (EDGE - DAY, ["is 91 days old, at most 90 allowed"]),
        (EDGE - 53 * DAY, ["is 143 days old, at most 90 allowed"]),
        ((EDGE - SECOND).astimezone(tz=None), ["is more than 90 days old, at most 90 allowed"]),
    ],
)
def test_max_age(created_at: Any, messages: list[str]) -> None:
    assert told("max_age: 90d", a_key(created_at=created_at)) == messages


def test_max_age_in_hours() -> None:
    assert told("max_age: 36h", a_key(created_at=NOW - 36 * HOUR)) == []
    assert told("max_age: 36h", a_key(created_at=NOW - 37 * HOUR)) == ["is 37 hours old, at most 36 allowed"]


@pytest.mark.parametrize(
    ("left", "messages"),
    [
        (14 * DAY + SECOND, []),
        (14 * DAY, ["? will be 90 days old in 14 days (2026-12-06)"]),
        (9 * DAY, ["? will be 90 days old in 9 days (2026-12-01)"]),
        (DAY, ["? will be 90 days old in 1 day (2026-11-23)"]),
        (timedelta(), ["? will be 90 days old today (2026-11-22)"]),
        (-SECOND, ["is more than 90 days old, at most 90 allowed"]),
    ],
)
def test_max_age_warns_before(left: timedelta, messages: list[str]) -> None:
    assert told("{max_age: 90d, warn_before: 14d}", a_key(created_at=EDGE + left)) == messages


@pytest.mark.parametrize(
    ("lifetime", "messages"),
    [
        (None, ["never expires, but must within 180 days of its creation"]),
        (180 * DAY, []),
        (180 * DAY + SECOND / 2, []),
        (180 * DAY + SECOND, ["expires more than 180 days after its creation, at most 180 allowed"]),
        (365 * DAY, ["expires 365 days after its creation, at most 180 allowed"]),
    ],
)
def test_expires_within(lifetime: timedelta | None, messages: list[str]) -> None:
    key = a_key()
    key = replace(key, expires_at=None if lifetime is None else key.created_at + lifetime)
    assert told("expires_within: 180d", key) == messages


@pytest.mark.parametrize("rule", ["must_expire: true", "expires_within: 90d"])
@pytest.mark.parametrize(
    ("left", "messages"),
    [
        (7 * DAY + SECOND, []),
        (7 * DAY, ["? expires in 7 days (2026-11-29)"]),
        (timedelta(), ["? expires today (2026-11-22)"]),
        (-SECOND, []),
    ],
)
def test_rules_about_expiry_warn_before_it(rule: str, left: timedelta, messages: list[str]) -> None:
    assert told(f"{{{rule}, warn_before: 7d}}", a_key(expires_at=NOW + left)) == messages
    assert told(rule, a_key(expires_at=NOW + left)) == []


def test_must_expire() -> None:
    assert told("must_expire: true", a_key()) == ["never expires"]
    assert told("must_expire: true", a_key(expires_at=NOW + 10_000 * DAY)) == []


UNUSED = "has been unused for at least {} days"
UNKNOWN = "? cannot be judged: whether it was used in the last 30 days is unknown"
LONG_AGO = NOW - 400 * DAY


@pytest.mark.parametrize(
    ("created_at", "usage", "messages"),
    [
        pytest.param(LONG_AGO, Usage(TODAY, 30, 5), [], id="used today"),
        pytest.param(LONG_AGO, Usage(TODAY - 30 * DAY, 30, 0), [], id="29 whole days unused"),
        pytest.param(LONG_AGO, Usage(TODAY - 31 * DAY, 31, 0), [UNUSED.format(30)], id="30 whole days unused"),
        pytest.param(LONG_AGO, Usage(TODAY - 45 * DAY, 90, 0), [UNUSED.format(44)], id="44 whole days unused"),
        pytest.param(LONG_AGO, Usage(None, 30, 0), [UNUSED.format(30)], id="not in the 30 days read"),
        pytest.param(LONG_AGO, Usage(None, 90, 0), [UNUSED.format(90)], id="not in the 90 days read"),
        pytest.param(LONG_AGO, Usage(None, 29, 0), [UNKNOWN], id="too few days read"),
        pytest.param(LONG_AGO, Usage(TODAY - DAY, 7, 0), [], id="few days read, but used"),
        pytest.param(LONG_AGO, None, [UNKNOWN], id="not read"),
        pytest.param(NOW - 30 * DAY, Usage(None, 90, 0), [UNUSED.format(30)], id="never used since 30 days"),
        pytest.param(NOW - 30 * DAY + SECOND, Usage(None, 90, 0), [], id="a second too young"),
        pytest.param(NOW - 30 * DAY + SECOND, None, [], id="a second too young, not read"),
    ],
)
def test_unused_for(created_at: Any, usage: Usage | None, messages: list[str]) -> None:
    assert told("unused_for: 30d", a_key(created_at=created_at, usage=usage)) == messages


def three_keys(**facts: Any) -> tuple[JudgedKey, JudgedKey, JudgedKey]:
    old, middle, new = (
        a_key(id=f"apikey_{days}", name=f"key-{days}", created_at=NOW - days * DAY, **facts) for days in (30, 20, 10)
    )
    return old, middle, new


def test_max_active_names_the_newest_of_too_many() -> None:
    keys = three_keys()
    assert told("max_active: 3", *keys) == []
    assert told("max_active: 2", *keys) == ["is one of 3 active keys in production, at most 2 allowed"]
    (judgement,) = judged("max_active: 2", *keys)
    assert judgement.key.name == "key-10"


def test_max_active_zero_is_breached_by_every_active_key() -> None:
    keys = three_keys()
    assert told("max_active: 0", *keys) == ["is active, but no active keys are allowed in production"] * 3
    assert [one.acts for one in judged("{max_active: 0, then: deactivate}", *keys)] == [True] * 3


def test_max_active_counts_by_workspace_and_only_active_keys() -> None:
    old, middle, new = three_keys()
    assert told("max_active: 2", old, middle, replace(new, workspace="staging")) == []
    assert told("max_active: 2", old, middle, replace(new, status="inactive")) == []
    nowhere = three_keys(workspace=None)
    assert told("max_active: 2", *nowhere) == [
        "is one of 3 active keys among organization-wide keys, at most 2 allowed"
    ]


def test_max_active_counts_only_the_keys_that_match() -> None:
    assert told("{match: {names: [key-10, key-20]}, max_active: 2}", *three_keys()) == []


@pytest.mark.parametrize(
    ("name", "fits"),
    [("chatbot-2", True), ("Chatbot", False), ("chatbot ", False), ("chatbot\n", False), ("", False), ("chät", False)],
)
def test_name(name: str, fits: bool) -> None:
    assert told("name: '^[a-z0-9-]+$'", a_key(name=name)) == ([] if fits else ["its name does not match ^[a-z0-9-]+$"])


@pytest.mark.parametrize(
    ("standing", "owner", "messages"),
    [
        ("declared", "ana@acme.com", []),
        ("member", "ana@acme.com", []),
        ("gone", "ana@acme.com", ["its owner ana@acme.com is not a member of the organization"]),
        ("gone", None, ["its owner is not a member of the organization"]),
        ("unknown", None, ["? cannot be judged: its owner is unknown"]),
    ],
)
def test_owner(standing: Any, owner: str | None, messages: list[str]) -> None:
    assert told("owner: declared", a_key(owner_standing=standing, owner=owner)) == messages


@pytest.mark.parametrize(
    ("allowed", "creator", "messages"),
    [
        ("[user]", "user", []),
        ("[user, service_account]", "service_account", []),
        ("[service_account]", "user", ["was created by a user, only a service account allowed"]),
        ("[user]", None, ["? cannot be judged: who created it is not recorded"]),
    ],
)
def test_created_by(allowed: str, creator: Any, messages: list[str]) -> None:
    assert told(f"created_by: {allowed}", a_key(creator=creator)) == messages


@pytest.mark.parametrize(
    ("allowed", "principal", "messages"),
    [
        ("[user]", "user", []),
        ("[none]", None, []),
        ("[service_account, user]", None, ["acts as no one, only a user or a service account allowed"]),
        ("[none, service_account]", "user", ["acts as a user, only a service account or no one allowed"]),
    ],
)
def test_principal(allowed: str, principal: Any, messages: list[str]) -> None:
    assert told(f"principal: {allowed}", a_key(principal=principal)) == messages


def test_scope() -> None:
    message = "is organization-wide, but only keys of one workspace are allowed"
    assert told("scope: workspace", a_key()) == []
    assert told("scope: workspace", a_key(workspace=None, workspace_tags={})) == [message]


BREACHES: dict[str, tuple[str, dict[str, Any]]] = {
    "max_age": ("max_age: 1d", {}),
    "expires_within": ("expires_within: 1d", {}),
    "must_expire": ("must_expire: true", {}),
    "unused_for": ("unused_for: 1d", {"usage": Usage(None, 1, 0)}),
    "max_active": ("max_active: 0", {}),
    "name": ("name: other", {}),
    "owner": ("owner: declared", {"owner_standing": "gone"}),
    "created_by": ("created_by: [service_account]", {}),
    "principal": ("principal: [service_account]", {}),
    "scope": ("scope: workspace", {"workspace": None}),
}
"""For each rule a policy and a key that breaches it."""
EVEN_INACTIVE = {"expires_within", "must_expire"}
EVEN_EXPIRED = BREACHES.keys() - EVEN_INACTIVE - {"max_active"}


def test_every_rule_has_a_breach() -> None:
    assert BREACHES.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("rule", BREACHES)
def test_archive_looks_at_every_key_that_the_rule_makes_sense_for(rule: str, status: Status) -> None:
    text, facts = BREACHES[rule]
    statuses = {"active"}
    if rule in EVEN_INACTIVE | EVEN_EXPIRED:
        statuses.add("inactive")
    if rule in EVEN_EXPIRED:
        statuses.add("expired")
    found = judged(f"{{{text}, then: archive}}", a_key(status=status, **facts))
    assert [one.acts for one in found] == ([True] if status in statuses else [])


@pytest.mark.parametrize("then", ["report", "deactivate"])
@pytest.mark.parametrize("rule", BREACHES)
def test_a_key_that_is_not_active_is_at_peace_with_report_and_deactivate(rule: str, then: str) -> None:
    text, facts = BREACHES[rule]
    for status in ("inactive", "expired", "archived"):
        assert judged(f"{{{text}, then: {then}}}", a_key(status=status, **facts)) == ()
    assert [one.acts for one in judged(f"{{{text}, then: {then}}}", a_key(**facts))] == [then == "deactivate"]


def test_a_policy_has_all_its_breaches_in_the_order_of_the_rules() -> None:
    keys = a_key(name="Chatbot", created_at=EDGE - DAY)
    messages = ["is 91 days old, at most 90 allowed", "its name does not match [a-z]+"]
    assert told("{name: '[a-z]+', max_age: 90d}", keys) == messages


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "must_expire: false",
            'expected true, found the truth value "false"',
            "delete the line if keys may have no expiry",
        ),
        ("must_expire: 1", "expected true, found the number 1", "delete the line if keys may have no expiry"),
        ("unused_for: 36h", "usage is known per day only", "write 2d"),
        ("unused_for: 91d", "usage is available for at most 90 days", None),
        ("max_active: -1", "must be at least 0, not -1", None),
        ("max_active: yes", 'expected a whole number, found the text "yes"', None),
        ("owner: member", '"member" is not declared', None),
        ("scope: organization", '"organization" is not workspace', None),
        ("created_by: []", "must not be empty", None),
        ("created_by: [none]", '"none" is not one of user, service_account', None),
        ("principal: user", 'expected a list, found the text "user"', 'write a list of one as ["user"]'),
        ("name: 5", "expected a pattern, found the number 5", "put it in single quotes: '^[a-z0-9-]+$'"),
        ("max_age:", "expected a duration, found nothing", "write a number and h, d or w: 12h, 90d, 4w"),
        (
            "{max_age: 14d, warn_before: 14d}",
            "warn_before: 14 days must be shorter than 14 days",
            None,
        ),
        (
            "{max_active: 3, then: archive}",
            "max_active: 3 cannot be combined with then: archive, because a person must choose the key",
            "write then: report, or max_active: 0",
        ),
    ],
)
def test_a_value_that_a_rule_cannot_have(text: str, message: str, hint: str | None) -> None:
    assert problem(text) == (message, hint)


def test_ninety_days_of_usage_can_be_asked_for() -> None:
    ((rule, value),) = policy("unused_for: 90d").rules
    assert rule.needs_usage(value) == 90


def test_a_moment_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment(NOW.replace(tzinfo=None))
