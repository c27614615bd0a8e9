"""Several policies and waivers held against several keys."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.core.words.address import Address
from orgsync.policies.contract.rule import Usage
from orgsync.policies.judge import Judgement, judge
from policies.support import DAY, NOW, a_key, policy, waiver

if TYPE_CHECKING:
    from orgsync.policies.policy import Waiver

OLD = a_key(created_at=NOW - 143 * DAY)
ROTATE = policy("{max_age: 90d, then: deactivate}")


def judged(policies: dict[str, str], *waivers: Waiver, key: Any = OLD) -> dict[str, Judgement]:
    """By policy, what is said of one key."""
    written = {name: policy(text) for name, text in policies.items()}
    return {one.policy: one for one in judge(written, waivers, [key], NOW)}


def test_one_judgement_for_each_policy_and_key_in_breach() -> None:
    keys = [OLD, a_key(id="apikey_00", name="chatbot"), a_key(id="apikey_02", name="Bot")]
    policies = {"rotate": ROTATE, "naming": policy("name: '[a-z]+'"), "quiet": policy("max_active: 9")}
    told = [(one.key.id, one.policy, one.then, one.acts, one.message) for one in judge(policies, (), keys, NOW)]
    assert told == [
        ("apikey_02", "naming", "report", False, "its name does not match [a-z]+"),
        ("apikey_01", "rotate", "deactivate", True, "is 143 days old, at most 90 allowed"),
    ]


@pytest.mark.parametrize(
    ("thens", "acting"),
    [
        (["report", "report"], None),
        (["report", "deactivate"], "b"),
        (["deactivate", "deactivate"], "a"),
        (["deactivate", "archive"], "b"),
        (["archive", "deactivate", "archive"], "a"),
    ],
)
def test_the_strongest_policy_acts_and_of_equals_the_first(thens: list[str], acting: str | None) -> None:
    policies = {name: f"{{max_age: 90d, then: {then}}}" for name, then in zip("abc", thens, strict=False)}
    found = judged(policies)
    assert [name for name, one in found.items() if one.acts] == ([] if acting is None else [acting])
    assert len(found) == len(thens)


def test_a_warning_never_acts_and_does_not_keep_another_policy_from_acting() -> None:
    near = a_key(created_at=NOW - 80 * DAY, name="Bot")
    soon, naming = "{max_age: 90d, warn_before: 14d, then: archive}", "{name: '[a-z]+', then: deactivate}"
    found = judged({"soon": soon, "naming": naming}, key=near)
    assert (found["soon"].is_warning, found["soon"].acts, found["naming"].acts) == (True, False, True)


def test_a_policy_with_a_breach_and_a_warning_acts() -> None:
    key = a_key(created_at=NOW - 143 * DAY, owner=None, owner_standing="unknown")
    found = judged({"both": "{max_age: 90d, owner: declared, then: deactivate}"}, key=key)["both"]
    assert found.acts
    assert not found.is_warning
    assert found.message == "is 143 days old, at most 90 allowed; cannot be judged: its owner is unknown"


@pytest.mark.parametrize(("until", "counts"), [("2026-11-23", True), ("2026-11-22", True), ("2026-11-21", False)])
@pytest.mark.parametrize("moment", [NOW, NOW.replace(hour=0), NOW.replace(hour=23, minute=59, second=59)])
def test_a_waiver_counts_through_its_last_day(until: str, counts: bool, moment: Any) -> None:
    (found,) = judge({"rotate": ROTATE}, [waiver(until=until)], [OLD], moment)
    assert (found.waiver is not None, found.acts) == (counts, not counts)


def test_the_last_day_of_a_waiver_is_one_of_utc() -> None:
    tokyo = NOW.replace(day=23, hour=8, tzinfo=timezone(timedelta(hours=9)))  # 23:00 of the 22nd in UTC
    (found,) = judge({"rotate": ROTATE}, [waiver(until="2026-11-22")], [OLD], tokyo)
    assert found.waiver is not None


def test_what_is_waived_is_still_told() -> None:
    (found,) = judge({"rotate": ROTATE}, [waiver()], [OLD], NOW)
    assert found.message == "is 143 days old, at most 90 allowed; waived until 2026-11-22 (CH-12)"


def test_a_waiver_is_about_one_policy_and_its_keys() -> None:
    policies = {"rotate": "{max_age: 90d, then: archive}", "other": "{max_age: 30d, then: deactivate}"}
    found = judged(policies, waiver())
    assert (found["rotate"].acts, found["other"].acts) == (False, True)
    assert judged(policies, waiver(key="api_key:production/etl"))["rotate"].acts


def test_of_several_waivers_the_longest_is_told() -> None:
    waivers = [waiver(until=f"2026-12-{day}", reason=day) for day in ("01", "24", "06")]
    for order in (waivers, waivers[::-1]):
        (found,) = judge({"rotate": ROTATE}, order, [OLD], NOW)
        assert found.waiver is not None
        assert found.waiver.reason == "24"


@pytest.mark.parametrize(
    ("key", "address", "covers"),
    [
        ("api_key:production/chatbot", "api_key:production/chatbot", True),
        ("api_key:production/chat", "api_key:production/chatbot", False),
        ("api_key:production/*", "api_key:production/chatbot", True),
        ("api_key:*/chatbot", "api_key:production/chatbot", True),
        ("api_key:Production/*", "api_key:production/chatbot", False),
        ("api_key:production/etl[1]", "api_key:production/etl[1]", True),
        ("api_key:*", "api_key:everywhere", True),
    ],
)
def test_a_waiver_names_an_address_or_a_glob_of_addresses(key: str, address: str, covers: bool) -> None:
    assert waiver(key=key).covers(a_key(address=Address(address))) is covers


def test_two_keys_of_one_address_are_judged_apart_and_waived_together() -> None:
    twin = a_key(id="apikey_02")
    assert [one.key.id for one in judge({"rotate": ROTATE}, (), [OLD, twin], NOW)] == ["apikey_01"]
    none = {"none": policy("{max_active: 0, then: deactivate}")}
    assert [one.acts for one in judge(none, [waiver(policy="none")], [OLD, twin], NOW)] == [False, False]


FORGOTTEN = "{all: {max_age: 90d, unused_for: 30d}, then: deactivate}"


@pytest.mark.parametrize(
    ("age", "unused", "in_breach"), [(143, 40, True), (143, 0, False), (80, 40, False), (80, 0, False)]
)
def test_rules_under_all_are_breached_together_or_not_at_all(age: int, unused: int, in_breach: bool) -> None:
    """Old and unused: a key that was used four hours ago is not switched off."""
    last = (NOW - unused * DAY).date()
    key = a_key(created_at=NOW - age * DAY, usage=Usage(last, 30, 0))
    found = judged({"forgotten": FORGOTTEN}, key=key)
    assert [one.acts for one in found.values()] == ([True] if in_breach else [])
    if in_breach:
        assert found["forgotten"].message.startswith("is 143 days old, at most 90 allowed; ")


def test_a_rule_beside_all_counts_by_itself() -> None:
    key = a_key(created_at=NOW - 80 * DAY, name="Bot", usage=Usage(NOW.date(), 30, 0))
    text = "{all: {max_age: 90d, unused_for: 30d}, name: '[a-z]+', then: deactivate}"
    assert judged({"both": text}, key=key)["both"].message == "its name does not match [a-z]+"


@pytest.mark.parametrize(
    ("created", "usage"),
    [(80, Usage((NOW - 40 * DAY).date(), 30, 0)), (143, None)],
    ids=["a breach is near", "usage is not known"],
)
def test_all_only_warns_as_long_as_one_of_its_rules_does(created: int, usage: Usage | None) -> None:
    key = a_key(created_at=NOW - created * DAY, usage=usage)
    text = "{all: {max_age: 90d, unused_for: 30d}, warn_before: 14d, then: archive}"
    found = judged({"forgotten": text}, key=key)["forgotten"]
    assert (found.is_warning, found.acts) == (True, False)
