"""The page about policies says what the rules do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import orgsync
from orgsync.policies.contract.rule import ACTIVE, NOT_ARCHIVED
from orgsync.policies.policy import POLICY, Policy, Waiver
from orgsync.policies.rules import RULES
from policies.support import read

if TYPE_CHECKING:
    from orgsync.core.words.source import Map

PAGE = (Path(orgsync.__file__).parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """By rule, what the page says of it."""
    parts = re.split(r"^##+ ", PAGE, flags=re.MULTILINE)
    return {heading[1]: part for part in parts if (heading := re.match(r"`(\w+)`\n", part))}


def blocks(text: str) -> list[Map]:
    return [read(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


def test_every_rule_has_its_section() -> None:
    assert list(sections()) == [rule.name for rule in RULES]


def test_every_section_has_an_example_of_its_rule() -> None:
    for name, text in sections().items():
        (example,) = blocks(text)
        assert name in [rule.name for rule, _value in POLICY.model_validate(example).rules]


def test_the_other_keys_of_a_policy_are_in_the_table() -> None:
    table = PAGE.split("## Which keys")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Policy.model_fields)


def test_the_table_of_statuses_is_the_rules() -> None:
    rows = dict(re.findall(r"^\| ([a-z, ]+) \| ((?:`\w+`(?:, )?)+|all others) \|$", PAGE, re.MULTILINE))
    told = {", ".join(sorted(rule.statuses)): set[str]() for rule in RULES}
    for rule in RULES:
        told[", ".join(sorted(rule.statuses))].add(rule.name)
    assert set(re.findall(r"\w+", rows["active"])) == told[", ".join(sorted(ACTIVE))]
    assert set(re.findall(r"\w+", rows["active, inactive"])) == told["active, inactive"]
    assert rows["active, inactive, expired"] == "all others"
    assert told.keys() == {"active", "active, inactive", ", ".join(sorted(NOT_ARCHIVED))}


def test_the_examples_at_both_ends_are_valid() -> None:
    first, *_rules, last = blocks(PAGE)
    for written in first["key_policies"].values():
        POLICY.model_validate(written)
    for written in last["waivers"]:
        Waiver.model_validate(written)
