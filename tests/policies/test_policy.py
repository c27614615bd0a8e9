"""What a person may write as a policy, and what they read if they may not."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from orgsync.policies.contract.rule import Breach, Rule
from orgsync.policies.judge import days_of_usage
from orgsync.policies.policy import POLICY, Waiver, policy_model
from orgsync.policies.rules import RULES
from policies.support import policy, problem, waiver

RULE_NAMES = "max_age, expires_within, must_expire, unused_for, max_active, name, owner, created_by, principal, scope"


def test_the_rules_of_a_policy_are_the_written_ones_in_the_order_of_the_list() -> None:
    written = policy("{scope: workspace, name: '[a-z]+', max_active: 0}")
    assert [rule.name for rule, _value in written.rules] == ["max_active", "name", "scope"]
    assert written.then == "report"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{then: archive}", "the policy has no rule", f"rules: {RULE_NAMES}"),
        (
            "{name: a, warn_before: 14d}",
            "warn_before has no effect here",
            "use it with max_age or expires_within or must_expire",
        ),
        ("{max_age: 90d, then: delete}", '"delete" is not one of report, deactivate, archive', None),
        (
            "{max_age: 90d, then: archived}",
            '"archived" is not one of report, deactivate, archive',
            'did you mean "archive"?',
        ),
        ("{max_ages: 90d}", 'unknown key "max_ages"', 'did you mean "max_age"?'),
        ("{max_age: 90d, description: ' '}", "must not be empty", None),
    ],
)
def test_a_policy_that_cannot_be_meant(text: str, message: str, hint: str | None) -> None:
    assert problem(text) == (message, hint)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_rule_left_blank_is_not_a_rule_that_is_off(rule: str) -> None:
    """A blank line beside other rules would otherwise switch one off, and nobody would notice."""
    other = "scope: workspace" if rule != "scope" else "owner: declared"
    assert "found nothing" in problem(f"{other}\n{rule}:")[0]


def test_a_new_rule_needs_no_more_than_to_be_listed() -> None:
    late = Rule("late", "For this test.", int, lambda keys, _value, _moment: [Breach(key, "late", "!") for key in keys])
    model = policy_model((*RULES, late))
    assert [rule.name for rule, _value in model.model_validate({"late": 1}).rules] == ["late"]
    assert "late" not in POLICY.model_fields


def test_usage_is_read_for_as_long_as_the_most_curious_policy_needs() -> None:
    policies = {"a": policy("unused_for: 30d"), "b": policy("unused_for: 8w"), "c": policy("max_age: 365d")}
    assert days_of_usage(policies) == 56
    assert days_of_usage({"c": policies["c"]}) == 0
    assert days_of_usage({}) == 0


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ({"max_age": "90d", "warn_before": "14d", "match": {"workspaces": ["production", "chat-*"]}}, True),
        ({"name": "^[a-z0-9-]+$", "then": "deactivate"}, True),
        ({"must_expire": True, "created_by": ["user"], "principal": ["none"]}, True),
        ({"max_age": 90}, False),
        ({"max_age": "90 days"}, False),
        ({"must_expire": False}, False),
        ({"max_active": None}, False),
        ({"then": "delete"}, False),
        ({"created_by": []}, False),
        ({"max_ages": "90d"}, False),
    ],
)
def test_the_schema_says_the_same(written: dict[str, Any], fits: bool) -> None:
    schema = POLICY.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(written) is fits


WAIVER = "{policy: rotate, key: 'api_key:production/etl', until: 2027-01-31, reason: CH-12"


def test_a_waiver_in_words() -> None:
    assert waiver(until="2027-01-31").told == "waived until 2027-01-31 (CH-12)"
    assert waiver(approved_by="kim@acme.com").told == "waived until 2026-11-22 (CH-12, approved by kim@acme.com)"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (WAIVER.replace("CH-12", "' '") + "}", "must not be empty", None),
        (WAIVER.replace("2027-01-31", "2027-02-30") + "}", '"2027-02-30" is not a valid day', None),
        (
            WAIVER.replace("api_key:production/etl", "etl") + "}",
            '"etl" is not the address of an API key',
            "write api_key:WORKSPACE/NAME; * matches any",
        ),
        (
            WAIVER.replace("api_key:production/etl", "api_key:") + "}",
            '"api_key:" is not the address of an API key',
            "write api_key:WORKSPACE/NAME; * matches any",
        ),
        ("{policy: rotate, key: 'api_key:*', reason: CH-12}", '"until" is missing', "add until: …"),
        (
            WAIVER + ", id: etl}",
            '"etl" is not the id of an API key',
            "it looks like apikey_01Rj2N8SVvo6BePZj99NhmiT",
        ),
        (
            WAIVER.replace("etl", "*") + ", id: apikey_01}",
            "`id` names one key, but `key` may match several",
            "write the address of that key, or no id",
        ),
        (WAIVER + ", by: kim}", 'unknown key "by"', "known keys: policy, key, id, until, reason, approved_by"),
    ],
)
def test_a_waiver_that_cannot_be_meant(text: str, message: str, hint: str | None) -> None:
    assert problem(text, Waiver) == (message, hint)


@pytest.mark.parametrize("written", ["{}", "{max_age: 90d}", "~"])
def test_all_needs_several_rules(written: str) -> None:
    with pytest.raises(ValidationError):
        policy(f"{{all: {written}}}")


def test_what_a_rule_asks_of_its_policy_it_asks_under_all_as_well() -> None:
    with pytest.raises(ValidationError, match="max_active: 2 cannot be combined with then: archive"):
        policy("{all: {max_active: 2, max_age: 90d}, then: archive}")
    assert days_of_usage({"x": policy("{all: {max_age: 90d, unused_for: 30d}}")}) == 30
