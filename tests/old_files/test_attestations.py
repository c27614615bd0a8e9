"""What a person attested with the version before counts with this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from old_files.support import AT, OLD, RELEASES, repository
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK
from orgsync.files.state import attestations

if TYPE_CHECKING:
    from cli.conftest import Orgsync

BESIDE = Path("org/attestations.jsonl")
AGAIN = ("attest", "payment_method", "--value", "card ending 4242", "--by", "raj@acme.example", "--file", "org")


@pytest.mark.parametrize("release", RELEASES)
def test_every_old_attestation_is_read(release: str) -> None:
    [attestation] = attestations.read(OLD / release / "attestations.jsonl")
    assert (attestation.key, attestation.value, attestation.by, attestation.note) == (
        "sso",
        "on",
        "ana@acme.example",
        "CH-7",
    )


def test_old_lines_count_and_new_ones_are_added_to_the_same_file(tmp_path: Path, orgsync: Orgsync) -> None:
    repository("0.1", tmp_path)
    old = BESIDE.read_bytes()
    assert orgsync(*AGAIN, "--now", AT[-1]).code == EXIT_OK
    [added] = [json.loads(line) for line in BESIDE.read_bytes().removeprefix(old).splitlines()]
    assert (added["format_version"], added["key"]) == (attestations.FORMAT_VERSION, "payment_method")
    assert [one.key for one in attestations.read(BESIDE)] == ["sso", "payment_method"]
    planned = orgsync("plan", "org", *AT, "--detailed-exitcode")
    assert planned.code == EXIT_DIFFERENCE
    assert "attestation_" not in planned.out


@pytest.mark.parametrize("version", ["3", "true", '"2"', "null", "0"])
def test_a_line_of_another_format_is_refused_by_its_line(version: str, tmp_path: Path, orgsync: Orgsync) -> None:
    repository("0.1", tmp_path)
    with BESIDE.open("a", encoding="utf-8") as file:
        file.write(f'{{"format_version": {version}, "wholly": "new"}}\n')
    ended = orgsync("plan", "org", *AT)
    assert ended.code == EXIT_INPUT
    assert (
        f"attestations.jsonl:2:1: the line has format_version {version}; known: 2, or none in lines of orgsync 0.1"
        in (" ".join(ended.err.split()))
    )
