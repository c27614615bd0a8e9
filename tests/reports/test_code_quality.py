"""Code quality reports: what GitLab shows beside the lines of a merge request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from core.drift.support import entry, report
from render import hostile, plans

from orgsync.core.drift.report import Acceptance
from orgsync.core.model.change import Action, Change, Level, Note, Place, Plan, Risk, Verdict
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import Address
from orgsync.core.words.source import Problem, Source
from orgsync.render.reports.code_quality import render
from orgsync.render.reports.results import Run, of_drift, of_plan, of_problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.render.reports.results import Result

FORMAT = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "lines": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab documents of the format, and nothing else."""

BREACH = Note(Address("api_key:w/etl"), "policy_breach", "is 144 days old", Level.WARNING, Place("org.yaml", 71, 5))


def written(results: Iterable[Result], run: Run | None = None) -> list[dict[str, Any]]:
    """The report, after a check against the format."""
    read = json.loads(render(results, run or Run("plan")))
    jsonschema.validate(read, FORMAT)
    fingerprints = [one["fingerprint"] for one in read]
    assert len(set(fingerprints)) == len(fingerprints)
    found: list[dict[str, Any]] = read
    return found


def of(note: Note) -> Plan:
    return plans.plan(findings=(note,))


def test_a_finding_is_told_at_its_line() -> None:
    [one] = written(of_plan(of(BREACH)))
    assert one | {"fingerprint": ""} == {
        "description": "api_key:w/etl: is 144 days old",
        "check_name": "policy_breach",
        "fingerprint": "",
        "severity": "minor",
        "location": {"path": "org.yaml", "lines": {"begin": 71}},
    }


def test_what_has_no_line_is_told_at_the_first_line_of_the_default_file() -> None:
    run = Run("plan", "org", "org/a.yaml", where=lambda file: f"access/{file}")
    [one] = written(of_plan(of(replace(BREACH, source=None))), run)
    assert one["location"] == {"path": "access/org/a.yaml", "lines": {"begin": 1}}


@pytest.mark.parametrize(
    ("meaning", "risk", "severity"),
    [
        ((), Risk.R2, "blocker"),
        ((Meaning.ELEVATES,), Risk.R1, "major"),
        ((Meaning.STOPS,), Risk.R1, "major"),
        ((Meaning.WITHDRAWS,), Risk.R1, "info"),
    ],
    ids=str,
)
def test_the_severity_of_a_change_is_its_weight(meaning: tuple[Meaning, ...], risk: Risk, severity: str) -> None:
    change = Change(Address("member:a@acme.com"), Action.UPDATE, (), risk=risk, meaning=meaning)
    assert [one["severity"] for one in written(of_plan(plans.plan((change,))))] == [severity]
    drifted = entry(meaning=meaning, risk=risk, code="differs")
    expected = "minor" if severity == "info" else severity
    assert [one["severity"] for one in written(of_drift(report(drifted)))] == [expected]


def test_what_nothing_can_be_done_against_comes_first() -> None:
    refused = Verdict("protect", False, "protected", (Address("member:a@b.c"),))
    plan = replace(plans.plan(findings=(BREACH, replace(BREACH, level=Level.ERROR))), guards=(refused,))
    assert [one["severity"] for one in written(of_plan(plan))] == ["blocker", "critical", "minor"]
    problem = Problem("no such role", Source("org.yaml", 3, 14))
    assert [one["severity"] for one in written(of_problems([problem]))] == ["blocker"]


def test_what_the_files_accept_is_not_told() -> None:
    accepted = entry("b", accepted=Acceptance("a trial", "2026-12-01"))
    assert [one["description"] for one in written(of_drift(report(entry("a"), accepted=(accepted,))))] == [
        "workspace:a: not declared"
    ]


@pytest.mark.parametrize(
    "moved",
    [
        replace(BREACH, source=Place("org.yaml", 99)),
        replace(BREACH, message="is 145 days old"),
        replace(BREACH, level=Level.ERROR),
    ],
    ids=["line", "wording", "level"],
)
def test_a_finding_stays_the_same_finding(moved: Note) -> None:
    [before], [after] = written(of_plan(of(BREACH))), written(of_plan(of(moved)))
    assert after["fingerprint"] == before["fingerprint"]


@pytest.mark.parametrize("name", hostile.TABLE)
def test_hostile_names_fit(name: str) -> None:
    written(of_plan(hostile.plan(name)), Run("plan", name))
    written(of_problems(hostile.problems(name)))
