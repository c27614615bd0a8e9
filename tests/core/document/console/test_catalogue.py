"""The catalogue: complete, consistent, and the documentation tells the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.document.console.support import section
from orgsync.cli.commands.watch.attest import catalogue_table
from orgsync.core.document.console_catalogue import CATALOGUE, SETTINGS, Setting

PAGE = (Path(__file__).parents[4] / "docs" / "console.md").read_text(encoding="utf-8")
ASKED_FOR = [
    *("billing_address", "tax_id", "currency", "payment_method", "auto_reload", "credit_balance_floor"),
    *("invoice_contacts", "usage_tier", "sso", "jit_provisioning", "key_expiry_maximum", "organization_name"),
]


def row(setting: Setting) -> str:
    """The line of the documentation's table."""
    choices = f" One of {', '.join(f'`{choice}`' for choice in setting.choices)}." if setting.choices else ""
    example = f"`{setting.example}`"
    return f"| `{setting.key}` | {setting.meaning}{choices} | {setting.where} | {setting.interval} | {example} |"


def test_the_documentation_has_the_rows_of_the_catalogue_in_its_order() -> None:
    assert re.findall(r"^\| `.*$", PAGE, re.MULTILINE) == [row(setting) for setting in SETTINGS]


def test_the_settings_that_were_asked_for_are_there() -> None:
    assert set(ASKED_FOR) <= CATALOGUE.keys()
    assert len(CATALOGUE) == len(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_row_is_filled_in_and_its_example_can_be_declared(setting: Setting) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", setting.key)
    assert setting.meaning.endswith(".")
    assert setting.meaning.count(". ") <= 1
    assert setting.where.startswith("Console > Settings")
    assert 1 <= setting.days <= 366
    declared = section(f'console:\n  {setting.key}: "{setting.example}"\n').declared
    assert declared[setting.key].expect == setting.example


def test_the_table_fits_80_columns_and_shows_every_setting() -> None:
    head, *lines = catalogue_table().splitlines()
    assert head.split() == ["KEY", "EVERY", "WHERE"]
    assert [line.split()[0] for line in lines] == [setting.key for setting in SETTINGS]
    assert all(one.where in line and f" {one.interval} " in line for one, line in zip(SETTINGS, lines, strict=True))
    assert max(map(len, [head, *lines])) <= 80
