"""Reports for programs that collect the results of many tools, as plan, drift and validate print them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from reports.junit_judge import Case, check_junit
from reports.sarif_schema import check_sarif

from cli.support import files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

WRONG = "members:\n  ceo: admin\n  ana@acme.example: boss\n"
RIGHT = "members:\n  ceo@acme.example: admin\n  ana@acme.example: user\n"
HERE = ["--sandbox", "acme.db", "--quiet"]
COMMANDS = [("plan", *HERE), ("drift", *HERE), ("validate", "--quiet")]


@pytest.fixture(autouse=True)
def _organization(sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, RIGHT)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_wrong_files_are_in_every_report(command: tuple[str, ...], orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, WRONG)
    written = {}
    for form in ("sarif", "junit", "code-quality"):
        ended = orgsync(*command, "--format", form)
        assert ended.code == EXIT_INPUT
        assert ended.err.startswith("Error: 2 problems\n")
        written[form] = ended.out
    run = check_sarif(json.loads(written["sarif"]))
    assert [one["ruleId"] for one in run["results"]] == ["invalid_file"] * 2
    assert run["automationDetails"] == {"id": f"orgsync/{command[0]}/org.yaml/"}
    _end, *tests = check_junit(written["junit"])
    assert [(one.group, one.ended) for one in tests] == [("invalid_file", "failure")] * 2
    lines = [one["location"]["lines"]["begin"] for one in json.loads(written["code-quality"])]
    assert lines == [4, 5]


@pytest.mark.parametrize("command", COMMANDS[:2], ids=lambda command: command[0])
def test_an_organization_that_cannot_be_read_is_an_error_and_never_an_empty_report(
    command: tuple[str, ...], orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox().faults({"method": "GET", "path": "*/users", "fault": "status_before", "status": 403, "times": 99})
    ended = orgsync(*command, "--format", "junit")
    assert ended.code == EXIT_UNREADABLE
    [test] = check_junit(ended.out)
    assert (test.group, test.ended) == (f"orgsync.{command[0]}", "error")
    for form in ("sarif", "code-quality"):
        assert orgsync(*command, "--format", form)[:2] == (EXIT_UNREADABLE, "")


def test_drift_is_in_every_report(orgsync: Orgsync) -> None:
    ended = orgsync("drift", *HERE, "--format", "junit")
    assert ended.code == EXIT_DIFFERENCE
    assert check_junit(ended.out) == [
        Case("orgsync.drift", "org.yaml", "passed", ""),
        Case(
            "missing",
            "member:ana@acme.example",
            "failure",
            "member:ana@acme.example: not in the organization\norg.yaml:5",
        ),
    ]
    run = check_sarif(json.loads(orgsync("drift", *HERE, "--format", "sarif").out))
    assert [one["ruleId"] for one in run["results"]] == ["missing"]
    [one] = json.loads(orgsync("drift", *HERE, "--format", "code-quality").out)
    assert one["location"] == {"path": "org.yaml", "lines": {"begin": 5}}


def test_valid_files_are_a_test_that_passed(orgsync: Orgsync) -> None:
    ended = orgsync("validate", "--quiet", "--format", "junit")
    assert (ended.code, check_junit(ended.out)) == (EXIT_OK, [Case("orgsync.validate", "org.yaml", "passed", "")])
    assert orgsync("validate", "--quiet", "--format", "code-quality").out == "[]\n"


def test_files_are_named_from_the_top_of_a_gitlab_project(
    orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "access").mkdir()
    files(tmp_path / "access", WRONG)
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path / "access")
    places = [one["location"]["path"] for one in json.loads(orgsync("validate", "--format", "code-quality").out)]
    assert places == ["access/org.yaml"] * 2


def test_the_documentation_is_where_the_environment_says(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGSYNC_DOCS_URL", "https://git.example/orgsync/docs/")
    run = check_sarif(json.loads(orgsync("drift", *HERE, "--format", "sarif").out))
    assert run["tool"]["driver"]["rules"][0]["helpUri"] == "https://git.example/orgsync/docs/codes.md"
    monkeypatch.setenv("ORGSYNC_DOCS_URL", "docs of ours")
    ended = orgsync("drift", *HERE, "--format", "sarif")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "ORGSYNC_DOCS_URL must be a plain http or https URL" in ended.err
