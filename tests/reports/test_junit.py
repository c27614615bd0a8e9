"""JUnit XML: what GitLab and Jenkins show as tests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from core.drift.support import entry, report
from render import hostile, plans

from orgsync.core.drift.report import Acceptance
from orgsync.core.model.change import Level, Note, Place, Verdict
from orgsync.core.words.address import Address
from orgsync.core.words.source import Problem, Source
from orgsync.render.reports.junit import failure, render
from orgsync.render.reports.results import Run, of_drift, of_plan, of_problems
from reports.junit_judge import Case, check_junit

PLAN, DRIFT = Run("plan"), Run("drift")
CAME_TO_ITS_END = Case("orgsync.plan", "org.yaml", "passed", "")


def test_nothing_to_tell_is_one_test_that_passed() -> None:
    assert check_junit(render((), PLAN)) == [CAME_TO_ITS_END]


@pytest.mark.parametrize(("level", "ended"), [("error", "failure"), ("warning", "passed"), ("info", "passed")])
def test_errors_fail_and_everything_else_is_told(level: str, ended: str) -> None:
    note = Note(Address("api_key:w/etl"), "not_offered", "is not offered", Level(level), Place("org.yaml", 7, 5))
    told = "api_key:w/etl: is not offered\norg.yaml:7"
    tests = check_junit(render(of_plan(plans.plan(findings=(note,))), PLAN))
    assert tests == [CAME_TO_ITS_END, Case("not_offered", "api_key:w/etl", ended, told)]


def test_each_address_that_a_guard_refuses_fails() -> None:
    addresses = Address("member:a@b.c"), Address("member:d@e.f")
    plan = replace(plans.plan(), guards=(Verdict("protect", False, "protected", addresses),))
    [_end, *tests] = check_junit(render(of_plan(plan), PLAN))
    assert [(one.group, one.name, one.ended) for one in tests] == [
        ("refused_by_guard", "member:a@b.c", "failure"),
        ("refused_by_guard", "member:d@e.f", "failure"),
    ]


def test_drift_fails_and_what_is_accepted_is_skipped() -> None:
    accepted = entry("b", accepted=Acceptance("a trial", "2026-12-01"))
    tests = check_junit(render(of_drift(report(entry("a"), accepted=(accepted,))), DRIFT))
    assert [(one.name, one.ended) for one in tests] == [
        ("org.yaml", "passed"),
        ("workspace:a", "failure"),
        ("workspace:b", "skipped"),
    ]
    assert tests[2].said == "workspace:b: not declared; accepted until 2026-12-01: a trial"


def test_problems_of_the_files_fail_at_their_line() -> None:
    problem = Problem("no such role", Source("org.yaml", 3, 14), "member:ana@acme.com", 'did you mean "user"?')
    [_end, test] = check_junit(render(of_problems([problem]), Run("validate")))
    assert test.said == 'member:ana@acme.com: no such role. Hint: did you mean "user"?\norg.yaml:3'
    assert (test.group, test.name, test.ended) == ("invalid_file", "member:ana@acme.com", "failure")


def test_a_command_that_did_not_come_to_its_end_is_an_error() -> None:
    [test] = check_junit(failure("GET /v1/organizations/me: 503", "run it again", DRIFT))
    assert test == Case("orgsync.drift", "org.yaml", "error", "GET /v1/organizations/me: 503\nhint: run it again")


@pytest.mark.parametrize("name", hostile.TABLE)
def test_hostile_names_fit(name: str) -> None:
    check_junit(render(of_plan(hostile.plan(name)), Run("plan", name)))
    check_junit(failure(name, name, Run("plan", name)))
