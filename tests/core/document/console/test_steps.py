"""What a person is asked to look up: never attested, attested to be otherwise, or looked at too long ago."""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document.console.support import NOW, attested, spec, steps
from orgsync.core.document.console import Attestation, attest_command, counts_until, interval
from orgsync.core.document.console_catalogue import CATALOGUE
from orgsync.core.model.change import Level, ManualStep, Place
from orgsync.core.model.codes import Code

if TYPE_CHECKING:
    import random

MICROSECOND = timedelta(microseconds=1)
QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)
MISSING, CONTRADICTS, OVERDUE = Code.ATTESTATION_MISSING, Code.ATTESTATION_CONTRADICTS, Code.ATTESTATION_OVERDUE


def codes(expect: str, every: str | None, *attestations: Attestation) -> list[str]:
    return [step.code for step in steps({"tax_id": spec(expect, every)}, *attestations)]


@pytest.mark.parametrize(
    ("expect", "every", "attestations", "wrong"),
    [
        ("a", None, [], [MISSING]),
        ("a", None, [attested("a", key="currency")], [MISSING]),
        ("a", None, [attested("a")], []),
        ("a", None, [attested("  a\n")], []),
        ("a", None, [attested("A")], [CONTRADICTS]),
        ("a b", None, [attested("a  b")], [CONTRADICTS]),
        ("a", None, [attested("b", NOW - MICROSECOND), attested("a")], []),
        ("a", None, [attested("a", NOW - MICROSECOND), attested("b")], [CONTRADICTS]),
        ("a", None, [attested("a"), attested("b", NOW - MICROSECOND)], []),
        ("a", None, [attested("b"), attested("a")], []),
        ("a", None, [attested("a"), attested("b")], [CONTRADICTS]),
        ("a", None, [attested("a", NOW + MICROSECOND)], [MISSING]),
        ("a", None, [attested("a"), attested("b", NOW + MICROSECOND)], []),
        ("a", "90d", [attested("a", NOW - QUARTER)], []),
        ("a", "90d", [attested("a", NOW - QUARTER - MICROSECOND)], [OVERDUE]),
        ("a", "90d", [attested("b", NOW - QUARTER - MICROSECOND)], [CONTRADICTS]),
        ("a", "90d", [attested("a", NOW - QUARTER - MICROSECOND), attested("a")], []),
        ("a", "12h", [attested("a", NOW - timedelta(hours=12))], []),
        ("a", "12h", [attested("a", NOW - timedelta(hours=12, seconds=1))], [OVERDUE]),
        ("a", None, [attested("a", NOW - YEAR)], []),
        ("a", None, [attested("a", NOW - YEAR - MICROSECOND)], [OVERDUE]),
    ],
)
def test_when_a_person_has_to_look(
    expect: str, every: str | None, attestations: list[Attestation], wrong: list[str]
) -> None:
    assert codes(expect, every, *attestations) == wrong


def test_a_setting_never_attested() -> None:
    assert steps({"tax_id": spec("DE123")}) == (
        ManualStep(
            address="console:tax_id",  # type: ignore[arg-type]  # an Address, written out
            code="attestation_missing",
            message="tax id: no attestation yet",
            where="Console > Settings > Billing",
            expected='"DE123"; record what you see: orgsync attest tax_id --value DE123 --by …',
            level=Level.WARNING,
            source=Place("org.yaml", 6),
        ),
    )


def test_a_contradiction_names_both_values_who_and_when() -> None:
    (step,) = steps({"tax_id": spec("DE123")}, attested("DE124", "2026-11-01T08:30:00Z"))
    seen = 'the Console showed "DE124" on 2026-11-01T08:30:00Z (ana@acme.com)'
    assert step.message == f'tax id: {seen}, but the file expects "DE123"'
    assert step.level is Level.ERROR


def test_an_overdue_one_says_since_when() -> None:
    (step,) = steps({"tax_id": spec("DE123", "30d")}, attested("DE123", "2026-10-01T08:30:00Z"))
    looked = "last checked at 2026-10-01T08:30:00Z by ana@acme.com"
    assert step.message == f"tax id: {looked}, overdue since 2026-10-31T08:30:00Z (every 30d)"
    assert step.level is Level.WARNING


def test_a_date_in_the_future_is_said_and_does_not_count() -> None:
    future = attested("DE123", "2062-01-01T00:00:00Z")
    for earlier in ([], [attested("DE123", NOW - YEAR - MICROSECOND)]):
        (step,) = steps({"tax_id": spec("DE123")}, *earlier, future)
        assert step.message.endswith("; the attestation dated 2062-01-01T00:00:00Z is in the future")


def test_attestations_of_settings_that_are_not_declared_are_ignored() -> None:
    assert steps({}, attested("a"), attested("b", key="no_such_setting")) == ()


@given(st.permutations(sorted(CATALOGUE)), st.randoms())
def test_steps_come_by_address_whatever_the_order_of_what_is_given(keys: list[str], order: random.Random) -> None:
    attestations = [attested("on", NOW - timedelta(hours=number), key=key) for number, key in enumerate(keys)]
    declared = {key: spec("off", "1h") for key in keys}
    expected = steps(dict(sorted(declared.items())), *attestations)
    order.shuffle(attestations)
    assert steps(declared, *attestations) == expected
    assert [step.address for step in expected] == [f"console:{key}" for key in sorted(CATALOGUE)]


@pytest.mark.parametrize(
    "value", ["DE 123", "it's", "$HOME `id` \\", "--note", "Acme's\nHauptstr. 1\tBerlin", "💶\u202e"]
)
def test_the_command_means_the_value_in_a_shell(value: str) -> None:
    command = attest_command("tax_id", value, "my org.yaml")
    assert command.isprintable()
    told = subprocess.run(
        ["bash", "-c", f'orgsync() {{ printf "%s\\0" "$@"; }}; {command}'],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "HOME": "/nowhere"},
    )
    words = told.stdout.decode().split("\0")[:-1]
    assert words == ["attest", "tax_id", "--value", value, "--by", "…", "--file", "my org.yaml"]


def test_the_usual_file_is_not_named_in_the_command() -> None:
    (step,) = steps({"tax_id": spec("DE123")}, path="org.yaml")
    assert "--file" not in step.expected
    (step,) = steps({"tax_id": spec("DE123")}, path="other.yaml")
    assert shlex.split(step.expected)[-2:] == ["--file", "other.yaml"]


def test_the_interval_is_the_catalogues_unless_the_file_says_one() -> None:
    assert interval("credit_balance_floor", spec("a")) == timedelta(days=30)
    assert interval("credit_balance_floor", spec("a", "2d")) == timedelta(days=2)


def test_time_does_not_run_out() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC)
    assert counts_until(attested("a", last), YEAR).year == 9999
    assert codes("a", "3650d", attested("a", "0001-01-01T00:00:00Z")) == [OVERDUE]
