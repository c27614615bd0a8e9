"""The `console:` section: its two ways to write a setting, and what is wrong with others."""

from __future__ import annotations

from datetime import timedelta

import jsonschema
import pytest
from files.yaml.support import data_of

from core.document.console.support import problems, section, spec
from orgsync.core.document.console import ConsoleSpec, console_model


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('tax_id: "DE123"', {"tax_id": spec("DE123")}),
        ("tax_id: {expect: DE123}", {"tax_id": spec("DE123")}),
        ("tax_id: {expect: DE123, every: 4w}", {"tax_id": spec("DE123", "28d")}),
        ("tax_id: '  DE123 '", {"tax_id": spec("DE123")}),
        ("billing_address: |\n    Acme\n    Berlin\n", {"billing_address": spec("Acme\nBerlin")}),
        ("auto_reload: off", {"auto_reload": spec("off")}),
        ("auto_reload: on, below 10 USD", {"auto_reload": spec("on, below 10 USD")}),
        ("usage_tier: Scale , agreed with sales", {"usage_tier": spec("Scale , agreed with sales")}),
        ("{}", {}),
    ],
)
def test_a_setting_is_text_or_a_map(written: str, meant: dict[str, ConsoleSpec]) -> None:
    text = f"console:\n  {written}\n"
    assert section(text).declared == meant
    jsonschema.validate(data_of(text)["console"], console_model().model_json_schema())


def test_settings_come_in_the_order_of_the_catalogue() -> None:
    assert list(section("console: {usage_tier: Scale, currency: USD, sso: off}").declared) == [
        *("sso", "currency", "usage_tier")
    ]


def test_the_interval_is_the_catalogues_unless_one_is_written() -> None:
    assert spec("DE123").every is None
    assert spec("DE123", "12h").every == timedelta(hours=12)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("tx_id: a", 'org.yaml:2:3: console: unknown key "tx_id"\n    hint: did you mean "tax_id"?'),
        ("tax_id: {expct: a, expect: b}", 'unknown key "expct"\n    hint: did you mean "expect"?'),
        ("tax_id: {every: 90d}", 'console: tax_id: "expect" is missing\n    hint: add expect: …'),
        ("tax_id: {expect: a, every: 9 d}", 'org.yaml:2:23: console: tax_id.every: "9 d" is not a valid duration'),
        ("tax_id: '  '", "console: tax_id: must not be blank"),
        (
            "tax_id:",
            'console: tax_id: the value is missing\n    hint: write the value that the Console must show, such as "DE',
        ),
        (
            "tax_id: 5",
            'expected text, found the number 5\n    hint: put it in quotes: "5"',
        ),
        ("tax_id: [a]", "expected text, found a list"),
        ("tax_id: true", 'found the truth value "true"\n    hint: put it in quotes: "true"'),
        ("sso: true", 'expected on or off, found the truth value "true"\n    hint: write on'),
        ("sso: {expect: false}", 'console: sso.expect: expected text, found the truth value "false"'),
        ("usage_tier: scale", '"scale" is not one of Start, Build, Scale, Custom\n    hint: did you mean "Scale"?'),
        (
            "sso: 'yes, Okta'",
            '"yes" is not one of on, off\n    hint: details may follow after a comma; known values: on',
        ),
        pytest.param(f"tax_id: {'x' * 2001}", "has at most 2000 characters, this one 2001", id="long"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(written: str, told: str) -> None:
    (problem,) = problems(f"console:\n  {written}\n")
    assert told in problem
    assert problem.startswith("org.yaml:2:")


def test_an_unknown_setting_that_is_like_no_other_gets_the_whole_list() -> None:
    (problem,) = problems("console: {quux: a}")
    assert "hint: known keys: organization_name, workspace_policy, sso, " in problem


def test_every_problem_is_said_at_once() -> None:
    assert len(problems("console:\n  tx_id: a\n  sso: maybe\n  tax_id:\n  currency: {expect: USD, every: 0d}\n")) == 4
