"""Wrong command lines: exit code 1 and not click's 2, one message on stderr, nothing on stdout, nothing sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, Ended, files, run
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

USAGE = {
    "unknown command": (["plna"], "there is no command 'plna'. Did you mean 'plan'?"),
    "unknown command like none": (["terraform"], "there is no command 'terraform'."),
    "unknown option": (["plan", "--detailed-exitcod"], "Did you mean '--detailed-exitcode'?"),
    "unknown option of the program": (["--verison"], "Did you mean '--version'?"),
    "common option before the command": (["--quiet", "plan"], "No such option '--quiet'"),
    "missing argument": (["show"], "Missing argument 'PLAN'"),
    "missing arguments of sandbox": (["sandbox", "accept", "acme.db"], "Missing argument 'EMAIL'"),
    "missing option": (["sandbox", "init", "acme.db"], "Missing option '--seed'"),
    "one argument too many": (["plan", "org.yaml", "more.yaml"], "unexpected extra argument (more.yaml)"),
    "unknown format": (["plan", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
    "unknown schema": (["schema", "organization"], "'organization' is not one of 'org', 'plan'"),
    "option without its value": (["plan", "--out"], "requires an argument"),
    "rate of nothing": (["plan", "--requests-per-minute", "0"], "0.0 is not in the range"),
    "rate that is no number": (["plan", "--requests-per-minute", "many"], "'many' is not a valid float"),
    "unknown command of sandbox": (["sandbox", "inti"], "Did you mean 'init'?"),
    "a folder to write to": (["plan", "--out", "."], "'.' is a directory"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_ends_with_1(case: str, orgsync: Orgsync) -> None:
    arguments, message = USAGE[case]
    ended = orgsync(*arguments)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert message in " ".join(ended.err.split())
    assert ended.err.startswith(("Usage: orgsync", "Error: "))


def test_wrong_usage_ends_the_installed_program_with_1(tmp_path: Path) -> None:
    ended = run("plna", cwd=tmp_path)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "Did you mean 'plan'?" in ended.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is not a valid timestamp'),
        ("tomorrow", '"tomorrow" is not a valid timestamp'),
        ("2026-02-30T10:00:00Z", '"2026-02-30T10:00:00Z" is not a valid timestamp'),
        ("2026-11-22", '"2026-11-22" has no time zone'),
        ("2026-11-22T10:00:00", '"2026-11-22T10:00:00" has no time zone'),
        ("1798675200", '"1798675200" is not a valid timestamp'),
    ],
)
@pytest.mark.parametrize("command", [["validate"], ["plan"], ["apply", "--yes"], ["export"], ["show", "plan.json"]])
def test_now_has_to_be_a_moment(
    command: list[str], text: str, message: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    files(tmp_path, "members: {new@acme.example: user}\n")
    acme = sandbox()
    ended = orgsync(*command, "--sandbox", "acme.db", "--now", text)
    expected = f"Error: --now: {message}\nhint: use RFC 3339, such as 2026-11-22T10:00:00Z\n"
    assert ended == (EXIT_INPUT, "", expected)
    assert not acme.received()


@pytest.mark.parametrize("text", ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", "2026-11-22T04:30:00.5-05:30"])
def test_now_is_shown_in_utc(text: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    files(tmp_path, "members: {ceo@acme.example: admin}\n")
    sandbox()
    assert "Planned at 2026-11-22T10:00:00Z " in orgsync("plan", "--sandbox", "acme.db", "--now", text).out


ADDRESSES = {
    "old-poc": ('"old-poc" is not an address', "addresses have the form member:EMAIL or workspace:NAME"),
    "workspaces:old-poc": ('"workspaces:old-poc": "workspaces" is not a kind', 'did you mean "workspace"?'),
    "workspace:old-poc/ana@acme.example": (
        '"workspace:old-poc/ana@acme.example" is not an address of a workspace',
        'write workspace:NAME, or workspace:old-poc%2Fana@acme.example if "/" is part of the name',
    ),
    "workspace_member:production": (
        '"workspace_member:production" is not an address of a workspace role',
        "write workspace_member:NAME/EMAIL",
    ),
    "workspace:": ('"workspace:" is not an address', "addresses have the form member:EMAIL or workspace:NAME"),
    "": ('"" is not an address', "addresses have the form member:EMAIL or workspace:NAME"),
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]], ids=["plan", "apply"])
def test_an_allowance_has_to_be_an_address(
    command: list[str], address: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    files(tmp_path, "workspaces: {old-poc: {archived: true}}\n")
    acme = sandbox(workspaces=[{"name": "old-poc"}])
    message, hint = ADDRESSES[address]
    ended = orgsync(*command, "--sandbox", "acme.db", "--allow", address)
    assert ended == (EXIT_INPUT, "", f"Error: --allow: {message}\nhint: {hint}\n")
    assert not acme.received()


def test_an_allowance_for_something_else_lifts_nothing(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    files(tmp_path, "workspaces: {old-poc: {archived: true}}\n")
    sandbox(workspaces=[{"name": "old-poc"}, {"name": "older-poc"}])
    assert orgsync("plan", "--sandbox", "acme.db", "--allow", "workspace:older-poc").code == EXIT_REFUSED


class TestPaths:
    """What is named on the command line and is not there, or is something else."""

    @pytest.mark.parametrize("command", ["validate", "plan", "apply"])
    def test_no_file(self, command: str, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
        acme = sandbox()
        ended = orgsync(command, *([] if command == "validate" else ["--sandbox", "acme.db"]))
        expected = "Error: there is no file or folder org.yaml\n"
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert ended.err.startswith(expected)
        assert "hint: " in ended.err
        assert not acme.received()

    def test_a_folder_without_yaml(self, orgsync: Orgsync, tmp_path: Path) -> None:
        (tmp_path / "org").mkdir()
        ended = orgsync("validate", "org")
        assert ended.err.startswith("Error: there is no .yaml file in the folder org\n")
        assert ended.code == EXIT_INPUT

    def test_no_plan(self, orgsync: Orgsync) -> None:
        for command in ("show", "apply"):
            ended = orgsync(command, "plan.json")
            assert ended == (
                EXIT_INPUT,
                "",
                "Error: plan.json: the plan could not be read: No such file or directory\n",
            )

    def test_a_file_of_the_organization_is_no_plan(self, orgsync: Orgsync, tmp_path: Path) -> None:
        files(tmp_path, "members: {}\n")
        ended = orgsync("show", "org.yaml")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "org.yaml:1:1: is not JSON" in ended.err
        assert "run `orgsync plan` again" in ended.err

    def test_an_edited_plan(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        files(tmp_path, "members: {new@acme.example: user}\n")
        acme = sandbox()
        orgsync("plan", "--sandbox", "acme.db", "--out", "plan.json")
        sent = acme.received()
        plan = tmp_path / "plan.json"
        plan.write_text(plan.read_text().replace("new@acme.example", "evil@acme.example"))
        for command in (["show"], ["apply", "--yes", "--sandbox", "acme.db"]):
            ended = orgsync(*command, "plan.json")
            assert (ended.code, ended.out) == (EXIT_INPUT, "")
            assert "was edited: its digest does not match" in ended.err
        assert acme.received() == sent

    def test_a_plan_cannot_be_written_where_there_is_no_folder(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        files(tmp_path, "members: {ceo@acme.example: admin}\n")
        acme = sandbox()
        ended = orgsync("plan", "--sandbox", "acme.db", "--out", "plans/plan.json")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "plans/plan.json: the plan could not be written: there is no folder plans" in ended.err
        assert not acme.received()  # a large organization is not read in vain

    def test_an_export_cannot_be_written_where_there_is_no_folder(self, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
        acme = sandbox()
        ended = orgsync("export", "--sandbox", "acme.db", "--out", "files/org.yaml")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "files/org.yaml: the export could not be written: there is no folder files" in ended.err
        assert not acme.received()

    @pytest.mark.parametrize("command", ["plan", "snapshot", "drift"])
    def test_what_orgsync_did_not_write_is_not_overwritten(
        self, command: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        files(tmp_path, "members: {}\n")
        written = (tmp_path / "org.yaml").read_text(encoding="utf-8")
        acme = sandbox()
        ended = orgsync(command, "org.yaml", "--sandbox", "acme.db", "--out", "org.yaml")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "org.yaml already exists, was not written by orgsync, and is not overwritten" in ended.err
        assert (tmp_path / "org.yaml").read_text(encoding="utf-8") == written
        assert not acme.received()

    @pytest.mark.parametrize(
        ("undo", "message"),
        [
            ("nowhere/undo.json", "there is no folder nowhere"),
            ("org.yaml", "--undo org.yaml is what is applied; nothing was changed"),
            ("./org.journal.jsonl", "is the journal; nothing was changed"),
            ("notes.txt", "was not written by orgsync"),
        ],
    )
    def test_nothing_is_applied_where_the_way_back_could_not_be_kept(
        self, undo: str, message: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
        (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
        acme = sandbox()
        ended = orgsync("apply", "--sandbox", "acme.db", "--yes", "--undo", undo)
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert message in ended.err
        assert not acme.received()

    def test_a_saved_plan_is_no_file_of_the_organization(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        files(tmp_path, "members: {ceo@acme.example: admin}\n")
        sandbox()
        orgsync("plan", "--sandbox", "acme.db", "--out", "plan.json")
        ended = orgsync("plan", "plan.json", "--sandbox", "acme.db")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "1 problem\nplan.json:1:1: this file was written by orgsync" in ended.err
        assert "`orgsync show`" in ended.err

    def test_only_does_not_go_with_a_saved_plan(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        files(tmp_path, "members: {new@acme.example: user}\n")
        acme = sandbox()
        orgsync("plan", "--sandbox", "acme.db", "--out", "plan.json")
        ended = orgsync("apply", "plan.json", "--sandbox", "acme.db", "--yes", "--only", "member:*")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "hint: run `orgsync plan` with --only" in ended.err
        assert not acme.writes()


def test_a_message_cannot_begin_a_line_of_its_own(orgsync: Orgsync, tmp_path: Path) -> None:
    """What a pull request writes into a file is shown in the log of a pipeline."""
    files(tmp_path, 'members: {ana@acme.example: "x\\n::error::all is well\\u001b[2J"}\n')
    lines = orgsync("validate").err.splitlines()
    assert len(lines) == 2
    assert "\x1b" not in lines[1]
    assert "::error::" not in lines[1]


def test_problems_in_several_files_name_their_file(orgsync: Orgsync, tmp_path: Path) -> None:
    folder = tmp_path / "org"
    folder.mkdir()
    (folder / "a.yaml").write_text("version: 1\norganization: {name: Acme}\nmembers: {ana@acme.example: king}\n")
    (folder / "b.yaml").write_text("members:\n  Ana@acme.example: user\n  raj@acme.example: user\n")
    (folder / "c.yaml").write_text("members:\n  RAJ@acme.example: user\n")
    ended = orgsync("validate", "org")
    assert ended.code == EXIT_INPUT
    assert [line.split(": ")[0] for line in ended.err.splitlines() if line.startswith("org/")] == [
        "org/a.yaml:3:11",
        "org/c.yaml:2:3",
    ]
    assert 'declared twice, as "raj@acme.example" on org/b.yaml:3' in ended.err


def test_a_valid_file_is_counted(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, f"members: {{{CEO['email']}: admin}}\nworkspaces: {{production: {{}}, staging: {{}}}}\n")
    ended = orgsync("validate")
    assert (ended.code, ended.out) == (EXIT_OK, "")
    assert ended.err.startswith("org.yaml is valid: 1 member, 2 workspaces, 0 workspace roles")
    assert len(ended.err.splitlines()) == 1
    assert orgsync("validate", "--quiet") == Ended(EXIT_OK, "", "")
