"""`orgsync attest`, and what `orgsync plan` asks for before and after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD
from cli.support import NOW

from core.document.console.support import attested
from orgsync.cli.commands.watch.attest import catalogue_table
from orgsync.errors import EXIT_INPUT, EXIT_OK
from orgsync.files.state.attestations import append, read
from orgsync.sandbox.seed.build import create

if TYPE_CHECKING:
    from datetime import datetime

    from cli.conftest import Orgsync

BESIDE = Path("org.attestations.jsonl")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("org.yaml").write_text(f'{HEAD}console:\n  tax_id: "DE123"\n  sso: {{expect: off, every: 30d}}\n', "utf-8")


@pytest.mark.parametrize("more", [[], ["--note", "on the invoice of October"]])
def test_what_was_seen_is_recorded_and_counts_for_its_interval(orgsync: Orgsync, more: list[str]) -> None:
    ended = orgsync("attest", "sso", "--value", " off\n", "--by", "ana@acme.com", "--now", NOW, *more)
    recorded = f'Recorded in org.attestations.jsonl: sso is "off", seen by ana@acme.com on {NOW}.\n'
    assert ended == (EXIT_OK, "", f"{recorded}Valid until 2026-12-22T10:00:00Z.\n")
    note = {"note": more[1]} if more else {}
    line = {"at": NOW, "by": "ana@acme.com", "format_version": 2, "key": "sso", "value": "off", **note}
    assert json.loads(BESIDE.read_bytes()) == line


def test_a_contradiction_is_recorded_and_said_loudly(orgsync: Orgsync) -> None:
    ended = orgsync("attest", "tax_id", "--value", "DE124", "--by", "ana", "--quiet")
    assert (ended.code, ended.out) == (EXIT_OK, "")
    assert ended.err.startswith('WARNING: this contradicts the file, which expects "DE123".\n')
    assert "Console > Settings > Billing" in ended.err
    assert [one.value for one in read(BESIDE)] == ["DE124"]


def test_the_clock_is_read_to_the_second(orgsync: Orgsync) -> None:
    orgsync("attest", "tax_id", "--value", "DE123", "--by", "ana")
    (recorded,) = read(BESIDE)
    assert recorded.at.microsecond == 0


def test_the_file_of_a_folder_is_inside_it(orgsync: Orgsync) -> None:
    Path("acme").mkdir()
    Path("org.yaml").rename("acme/org.yaml")
    ended = orgsync("attest", "tax_id", "--value", "DE123", "--by", "ana", "--file", "acme")
    assert ended.code == EXIT_OK
    assert [one.key for one in read(Path("acme/attestations.jsonl"))] == ["tax_id"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["tx_id", "--value", "a", "--by", "b"], ['"tx_id" is not a console setting', 'did you mean "tax_id"?']),
        (["quux", "--value", "a", "--by", "b"], ['"quux" is not a console setting', "declared: sso, tax_id"]),
        (
            ["currency", "--value", "a", "--by", "b"],
            ["currency is not declared under `console` in org.yaml", 'currency: "USD"'],
        ),
        (["tax_id", "--value", " ", "--by", "…"], ["--value: must not be blank", '--by: "…" is a placeholder']),
        (["tax_id", "--value", "a"], ["Missing option '--by'"]),
        (["tax_id", "--by", "a"], ["Missing option '--value'"]),
        ([], ["Missing argument 'KEY'"]),
        (["tax_id", "--value", "a", "--by", "b", "--file", "no.yaml"], ["there is no file or folder no.yaml"]),
        (["tax_id", "--value", "a", "--by", "b", "--now", "noon"], ["--now"]),
    ],
)
def test_nothing_is_recorded_of_a_command_that_is_wrong(
    orgsync: Orgsync, arguments: list[str], told: list[str]
) -> None:
    ended = orgsync("attest", *arguments)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert all(part in ended.err for part in told), ended.err
    assert not BESIDE.exists()


def test_without_any_declared_setting_the_catalogue_is_the_hint(orgsync: Orgsync) -> None:
    Path("org.yaml").write_text(HEAD, "utf-8")
    ended = orgsync("attest", "tx_id", "--value", "a", "--by", "b")
    assert 'hint: did you mean "tax_id"?' in ended.err


def test_nothing_is_added_to_a_file_that_cannot_be_read(orgsync: Orgsync) -> None:
    BESIDE.write_text('{"at": ', "utf-8")
    ended = orgsync("attest", "tax_id", "--value", "DE123", "--by", "ana")
    assert ended.code == EXIT_INPUT
    assert "org.attestations.jsonl:1:1: the last line is incomplete" in ended.err
    assert BESIDE.read_text("utf-8") == '{"at": '


@pytest.mark.parametrize(("at", "code"), [(NOW, EXIT_OK), ("2026-11-22T10:00:01Z", EXIT_INPUT)])
def test_an_attestation_that_a_later_one_hides_is_refused(orgsync: Orgsync, at: datetime | str, code: int) -> None:
    append(BESIDE, attested("DE123", at))
    ended = orgsync("attest", "tax_id", "--value", "DE123", "--by", "ana", "--now", NOW)
    assert ended.code == code
    assert ("a later attestation: 2026-11-22T10:00:01Z" in ended.err) is (code == EXIT_INPUT)
    assert len(read(BESIDE)) == (2 if code == EXIT_OK else 1)


def test_what_is_printed_cannot_command_a_terminal(orgsync: Orgsync) -> None:
    ended = orgsync("attest", "tax_id", "--value", "a\x1b[2J\n::error::", "--by", "b\u202e")
    assert ended.code == EXIT_OK
    assert all(line.isprintable() for line in ended.err.splitlines())
    assert "::error" not in ended.err


@pytest.mark.parametrize("more", [[], ["tax_id", "--quiet"]])
def test_the_list_needs_no_file_and_nothing_else(orgsync: Orgsync, more: list[str]) -> None:
    Path("org.yaml").unlink()
    assert orgsync("attest", *more, "--list") == (EXIT_OK, catalogue_table(), "")


def test_plan_asks_until_somebody_looked(orgsync: Orgsync) -> None:
    admin = {"email": "ceo@acme.example", "role": "admin"}
    create(Path("acme.db"), {"organization": {"name": "Acme Robotics"}, "users": [admin]})

    def asked(now: str) -> list[str]:
        ended = orgsync("plan", "--sandbox", "acme.db", "--format", "json", "--now", now)
        assert ended.code == EXIT_OK, ended.err
        manual = json.loads(ended.out)["manual"]
        return [f"{step['code']} {step['address']} {step['source']['line']}" for step in manual]

    missing = ["attestation_missing console:sso 5", "attestation_missing console:tax_id 4"]
    assert asked(NOW) == missing
    orgsync("attest", "tax_id", "--value", "DE123", "--by", "ana", "--now", NOW)
    orgsync("attest", "sso", "--value", "on", "--by", "ana", "--now", NOW)
    assert asked("2026-11-22T09:59:59Z") == missing
    assert asked(NOW) == ["attestation_contradicts console:sso 5"]
    orgsync("attest", "sso", "--value", "off", "--by", "ana", "--now", NOW)
    assert asked(NOW) == []
    assert asked("2026-12-22T10:00:00Z") == []
    assert asked("2026-12-22T10:00:01Z") == ["attestation_overdue console:sso 5"]
