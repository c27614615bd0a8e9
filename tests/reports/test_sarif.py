"""SARIF: what code scanning takes, and alerts that stay the same while lines and wording move."""

from __future__ import annotations

import json
from collections import Counter
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
from orgsync.render.reports.results import Result, Run, of_drift, of_plan, of_problems
from orgsync.render.reports.sarif import render
from reports.sarif_schema import SCHEMA, check_sarif

if TYPE_CHECKING:
    from collections.abc import Iterable

BREACH = Note(
    Address("api_key:production/etl"), "policy_breach", "is 144 days old", Level.WARNING, Place("org.yaml", 71, 5)
)


def written(results: Iterable[Result], run: Run | None = None) -> dict[str, Any]:
    """The one run, after a check against the standard."""
    return check_sarif(json.loads(render(results, run or Run("plan"))))


def fingerprints(plan: Plan) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in written(of_plan(plan))["results"]]


def test_a_finding_is_a_result_with_a_rule_from_the_catalogue() -> None:
    run = written(of_plan(plans.plan(findings=(BREACH,))))
    [result], [rule] = run["results"], run["tool"]["driver"]["rules"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("policy_breach", 0, "warning")
    assert result["message"]["text"] == "api_key:production/etl: is 144 days old"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "org.yaml"},
                "region": {"startLine": 71, "startColumn": 5},
            },
            "logicalLocations": [{"fullyQualifiedName": "api_key:production/etl", "kind": "resource"}],
        }
    ]
    assert rule["fullDescription"]["text"].startswith("A key is in breach of a policy")
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert rule["helpUri"] == "urn:orgsync:code:policy_breach"


def test_help_is_where_a_person_has_the_documentation() -> None:
    run = written(of_plan(plans.rich()), Run("plan", documentation="https://git.example/orgsync/docs"))
    driver = run["tool"]["driver"]
    assert driver["informationUri"] == "https://git.example/orgsync/docs"
    pages = {rule["helpUri"].removeprefix("https://git.example/orgsync/docs/") for rule in driver["rules"]}
    assert pages == {"codes.md", "github.md#code-scanning"}


def test_runs_that_replace_each_other_have_one_name() -> None:
    run = Run("drift", "eu/org.yaml", where=lambda file: f"access/{file}")
    assert written((), run)["automationDetails"] == {"id": "orgsync/drift/access/eu/org.yaml/"}


def test_drift_is_alerts_without_what_the_files_accept() -> None:
    accepted = entry("b", accepted=Acceptance("a trial", "2026-12-01"))
    refused = Verdict("protect", False, "protected")
    run = written(of_drift(report(entry("a"), accepted=(accepted,), refusals=(refused,))), Run("drift"))
    assert [(one["ruleId"], one["message"]["text"]) for one in run["results"]] == [
        ("undeclared", "workspace:a: not declared"),
        ("refused_by_guard", "protect: would refuse a plan that resolves the differences: protected"),
    ]


def test_what_matters_of_the_changes_and_everything_beside_them_is_in_it() -> None:
    plan = replace(plans.rich(), guards=(Verdict("protect", False, "protected", (Address("member:a@b.c"),) * 2),))
    results = written(of_plan(plan))["results"]
    rules = Counter(result["ruleId"] for result in results if result["ruleId"].startswith("change_"))
    assert rules == {"change_cannot_be_undone": 2, "change_elevates": 2, "change_stops": 1}
    assert len(results) == len(plan.findings) + len(plan.manual) + 2 + rules.total()
    assert [result["level"] for result in results] == sorted(
        (result["level"] for result in results), key=["error", "warning", "note"].index
    )


@pytest.mark.parametrize(
    ("meaning", "risk", "expected"),
    [
        ((Meaning.STOPS, Meaning.WITHDRAWS), Risk.R2, [("change_cannot_be_undone", Level.ERROR)]),
        ((Meaning.ELEVATES, Meaning.WITHDRAWS), Risk.R1, [("change_elevates", Level.WARNING)]),
        ((Meaning.STOPS, Meaning.WITHDRAWS), Risk.R1, [("change_stops", Level.WARNING)]),
        ((Meaning.WITHDRAWS,), Risk.R1, [("change_withdraws", Level.INFO)]),
        ((Meaning.GRANTS,), Risk.R1, []),
        ((), Risk.R0, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("action", Action)
def test_the_rule_of_a_change_is_its_meaning_whatever_it_is_called(
    action: Action, meaning: tuple[Meaning, ...], risk: Risk, expected: list[tuple[str, Level]]
) -> None:
    change = Change(Address("member:a@acme.com"), action, (), risk=risk, meaning=meaning, source=Place("org.yaml", 4))
    results = list(of_plan(plans.plan((change,))))
    assert [(result.rule, result.level) for result in results] == expected
    assert all((result.file, result.line) == ("org.yaml", 4) for result in results)


def test_what_has_no_line_is_about_the_whole_default_file_and_named_by_its_address() -> None:
    run = written(
        of_plan(plans.plan(findings=(replace(BREACH, source=None),))), Run("plan", "access", "access/a b.yaml")
    )
    assert run["results"][0]["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "access/a%20b.yaml"}},
            "logicalLocations": [{"fullyQualifiedName": "api_key:production/etl", "kind": "resource"}],
        }
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
def test_an_alert_stays_the_same_alert(moved: Note) -> None:
    assert fingerprints(plans.plan(findings=(moved,))) == fingerprints(plans.plan(findings=(BREACH,)))


@pytest.mark.parametrize(
    "other",
    [replace(BREACH, address=Address("api_key:production/chatbot")), replace(BREACH, code="policy_warning"), BREACH],
    ids=["address", "code", "the same twice"],
)
def test_two_alerts_are_two(other: Note) -> None:
    assert len(set(fingerprints(plans.plan(findings=(BREACH, other))))) == 2


def test_problems_have_columns_and_hints() -> None:
    problem = Problem("no such role", Source("team/org.yaml", 3, 14), "member:ana@acme.com", 'did you mean "user"?')
    [result] = written(of_problems([problem]))["results"]
    assert result["message"]["text"] == 'member:ana@acme.com: no such role. Hint: did you mean "user"?'
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 14}
    [moved] = written(of_problems([replace(problem, source=Source("team/org.yaml", 30, 1))]))["results"]
    assert moved["partialFingerprints"] == result["partialFingerprints"]


def test_nothing_to_tell_is_a_run_without_results() -> None:
    assert written(())["results"] == []


def test_more_than_code_scanning_takes_is_cut_by_importance() -> None:
    results = [Result("undeclared", level, "text", str(number)) for number in range(9) for level in Level]
    kept = json.loads(render(results, Run("plan"), most=25))["runs"][0]["results"]
    assert Counter(one["level"] for one in kept) == {"error": 9, "warning": 9, "note": 7}


@pytest.mark.parametrize("name", hostile.TABLE)
def test_hostile_names_fit_the_standard(name: str) -> None:
    """By our part of the standard, which allows less than all of it and is judged faster."""
    for results in (of_plan(hostile.plan(name)), of_problems(hostile.problems(name))):
        jsonschema.validate(json.loads(render(results, Run("plan"))), SCHEMA)
