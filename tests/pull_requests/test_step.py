"""`--format github` and `--format sarif` as a step of a workflow runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.support import EXAMPLE, LIVE, NOW, files, parsed
from render.markdown_judge import check
from reports.sarif_schema import check_sarif

from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_REFUSED, EXIT_UNREADABLE

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox, Orgsync
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
PLAN = ["plan", "examples/org.yaml", "--sandbox", "acme.db", "--now", NOW]
WRONG = "members:\n  ana@acme.example: {role: developr}\n  raj: user\n"


class Step:
    """The files that GitHub gives a step."""

    def __init__(self, folder: Path) -> None:
        self.summary_path, self.output_path = folder / "summary.md", folder / "output.txt"
        self.summary_path.touch()
        self.output_path.touch()

    @property
    def summary(self) -> str:
        return self.summary_path.read_text(encoding="utf-8")

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output_path.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    made = Step(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(made.summary_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(made.output_path))
    return made


@pytest.fixture
def _example(sandbox: MakeSandbox, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "examples")
    sandbox(**parsed(LIVE.read_text(encoding="utf-8")))


@pytest.mark.usefixtures("_example")
def test_the_example_as_a_step_tells_it(orgsync: Orgsync, step: Step, golden: Golden) -> None:
    ended = orgsync(*PLAN, "--format", "github")
    assert ended.code == EXIT_REFUSED
    check(ended.out)
    golden(GOLDEN / "example.md", ended.out)
    golden(GOLDEN / "example-annotations.txt", ended.err)
    golden(GOLDEN / "example-outputs.txt", step.output_path.read_text(encoding="utf-8"))
    assert f"<!-- orgsync:plan:plan -->\n\n{step.summary}" == ended.out


@pytest.mark.usefixtures("_example")
def test_the_example_as_plain_markdown(orgsync: Orgsync, step: Step) -> None:
    ended = orgsync(*PLAN, "--format", "markdown", "--quiet")
    assert (ended.code, ended.err, step.summary, step.outputs) == (EXIT_REFUSED, "", "", {})
    assert f"<!-- orgsync:plan:plan -->\n\n{ended.out}" == orgsync(*PLAN, "--format", "github").out


@pytest.mark.usefixtures("_example")
def test_the_example_as_sarif(orgsync: Orgsync, golden: Golden) -> None:
    ended = orgsync(*PLAN, "--format", "sarif")
    check_sarif(json.loads(ended.out))
    golden(GOLDEN / "example.sarif", ended.out)


@pytest.mark.usefixtures("_example")
def test_a_saved_plan_is_told_alike(orgsync: Orgsync, step: Step) -> None:
    allowed = [*PLAN, "--allow", "workspace:old-poc"]
    planned = orgsync(*allowed, "--format", "github", "--out", "p.json", "--detailed-exitcode")
    outputs = step.outputs
    assert (planned.code, outputs["exitcode"], outputs["refused"]) == (EXIT_DIFFERENCE, "2", "false")
    shown = orgsync("show", "p.json", "--format", "github")
    assert (shown.code, shown.out) == (EXIT_OK, planned.out)
    assert step.outputs == {**outputs, "exitcode": "0"}
    [shown_run] = json.loads(orgsync("show", "p.json", "--format", "sarif").out)["runs"]
    [run] = json.loads(orgsync(*allowed, "--format", "sarif").out)["runs"]
    assert shown_run == {**run, "automationDetails": {"id": "orgsync/show/p.json/"}}


def test_nothing_to_do_is_told(orgsync: Orgsync, step: Step, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, "members:\n  ceo@acme.example: admin\n")
    ended = orgsync("plan", "--sandbox", "acme.db", "--format", "github", "--comment-name", "eu", "--quiet")
    assert ended.code == EXIT_OK
    assert ended.out.startswith("<!-- orgsync:plan:eu -->\n\n### No changes\n")
    digest = step.outputs.pop("digest")
    assert len(digest) == 64
    assert step.outputs | {"digest": ""} == {
        "changes": "0",
        "risk": "none",
        "digest": "",
        "refused": "false",
        "privileged": "false",
        "drift": "0",
        "elevates": "0",
        "stops": "0",
        "withdraws": "0",
        "grants": "0",
        "comment": "eu",
        "exitcode": "0",
    }


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_wrong_files_become_annotations_and_a_comment(
    command: str, orgsync: Orgsync, step: Step, tmp_path: Path, golden: Golden
) -> None:
    files(tmp_path, WRONG)
    ended = orgsync(command, "org.yaml", "--format", "github")
    assert (ended.code, step.outputs) == (EXIT_INPUT, {"exitcode": "1"})
    check(ended.out)
    golden(GOLDEN / "wrong.md", ended.out)
    golden(GOLDEN / "wrong-annotations.txt", ended.err)
    assert step.summary == ended.out


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_wrong_files_as_sarif(command: str, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, WRONG)
    ended = orgsync(command, "org.yaml", "--format", "sarif")
    log = json.loads(ended.out)
    check_sarif(log)
    assert ended.code == EXIT_INPUT
    assert [one["ruleId"] for one in log["runs"][0]["results"]] == ["invalid_file"] * 2
    assert ended.err.startswith("Error: 2 problems\n")


def test_right_files_are_told(orgsync: Orgsync, step: Step, tmp_path: Path) -> None:
    files(tmp_path, "members:\n  ceo@acme.example: admin\n")
    ended = orgsync("validate", "--format", "github", "--quiet")
    assert ended == (EXIT_OK, ended.out, "")
    assert "### The files are valid\n\n`org.yaml`: 1 member, " in ended.out
    assert step.outputs == {"exitcode": "0"}
    sarif = json.loads(orgsync("validate", "--format", "sarif").out)
    assert sarif["runs"][0]["results"] == []


def test_an_unreadable_organization_replaces_the_plan_in_the_comment(
    orgsync: Orgsync, step: Step, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox().faults({"method": "GET", "path": "*/users", "fault": "status_before", "status": 403})
    files(tmp_path, "members: {}\n")
    ended = orgsync("plan", "--sandbox", "acme.db", "--format", "github")
    assert (ended.code, step.outputs) == (EXIT_UNREADABLE, {"exitcode": "7"})
    assert "### Planning failed" in ended.out
    check(ended.out)
    assert "::error title=Planning failed::GET /v1/organizations/users: 403" in ended.err


def test_files_are_named_from_the_top_of_the_repository(
    orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "access").mkdir()
    files(tmp_path / "access", WRONG)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path / "access")
    assert "file=access/org.yaml,line=4" in orgsync("validate", "--format", "github").err
    assert '"uri": "access/org.yaml"' in orgsync("validate", "--format", "sarif").out


def test_what_has_no_place_is_blamed_on_the_first_file_of_a_folder(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox(workspaces=[{"name": "shadow-it"}])
    (tmp_path / "access").mkdir()
    files(tmp_path / "access", "workspaces: {}\n")
    log = json.loads(orgsync("plan", "access", "--sandbox", "acme.db", "--format", "sarif").out)
    places = [one["locations"][0]["physicalLocation"] for one in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"access/org.yaml"}


@pytest.mark.usefixtures("_example")
def test_a_full_summary_is_left_as_it_is(orgsync: Orgsync, step: Step) -> None:
    before = "x" * (1024 * 1024 - 3_000)
    step.summary_path.write_text(before, encoding="utf-8")
    orgsync(*PLAN, "--format", "github")
    assert step.summary == before
    step.summary_path.write_text(before[3_000:], encoding="utf-8")
    orgsync(*PLAN, "--format", "github", "--link", "https://ci.example/run")
    assert len(step.summary.encode()) <= 1024 * 1024
    assert "[The full plan](https://ci.example/run)" in step.summary


def test_the_link_is_the_run(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox()
    spaces = "".join(f"  space-{number:04}: {{tags: {{number: '{number}'}}}}\n" for number in range(800))
    files(tmp_path, f"workspaces:\n{spaces}")
    run = {"SERVER_URL": "https://github.example", "REPOSITORY": "acme/console", "RUN_ID": "42"}
    for name, value in run.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    arguments = ("plan", "--sandbox", "acme.db", "--format", "github", "--quiet")
    assert (
        "[The full plan](https://github.example/acme/console/actions/runs/42) has everything."
        in orgsync(*arguments).out
    )
    monkeypatch.setenv("GITHUB_RUN_ID", "42) [x](https://evil.example")
    assert "`orgsync plan --format json` prints everything." in orgsync(*arguments).out


@pytest.mark.parametrize(
    "options",
    [
        ("--link", "javascript:alert(1)"),
        ("--link", "https://a.example/) [x](b"),
        ("--link", "https://a.example/\nx"),
        ("--comment-name", "a -->"),
        ("--comment-name", ""),
    ],
    ids=repr,
)
def test_what_could_break_out_of_the_page_is_refused(
    options: tuple[str, str], orgsync: Orgsync, step: Step, tmp_path: Path
) -> None:
    files(tmp_path, "members: {}\n")
    ended = orgsync("validate", "--format", "github", *options)
    assert (ended.code, ended.out, step.outputs) == (EXIT_INPUT, "", {})
    assert ended.err.startswith(f"Error: {options[0]} must be ")


@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_file_that_cannot_be_written_is_said_first(
    variable: str, orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, "members: {}\n")
    monkeypatch.setenv(variable, str(tmp_path / "missing" / "file"))
    ended = orgsync("validate", "--format", "github")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert ended.err.startswith(f"Error: {variable}: ")


def test_receipts_have_no_markdown(orgsync: Orgsync) -> None:
    ended = orgsync("show", "plan.json", "--receipts", "--format", "markdown")
    assert ended.code == EXIT_INPUT
    assert "--receipts does not support --format markdown" in ended.err
