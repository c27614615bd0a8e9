"""What `orgsync validate` says of valid files: warnings do not make them invalid, and nobody has to look for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Orgsync

ROOT = f"{HEAD}members:\n  ceo@acme.example: admin\n"
TEAM = "manage: {members: additive}\n"
WARNING = (
    "org/team.yaml:1: warning: setting:manage: is set in team.yaml, outside the root file, which has `organization:`; "
    "move it there\n"
)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "root.yaml").write_text(ROOT, encoding="utf-8")
    (tmp_path / "org" / "team.yaml").write_text(TEAM, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(f"{HEAD}members:\n  ceo: admin\n", encoding="utf-8")


def test_a_warning_is_told_on_its_line_and_changes_no_exit_code(orgsync: Orgsync) -> None:
    ended = orgsync("validate", "org")
    assert (ended.code, ended.out) == (EXIT_OK, "")
    first, last = ended.err.splitlines(keepends=True)
    assert first == WARNING
    assert last.startswith("org is valid: 1 member, ")


def test_quiet_keeps_the_warnings_as_it_keeps_the_problems(orgsync: Orgsync) -> None:
    assert orgsync("validate", "org", "--quiet") == (EXIT_OK, "", WARNING)


def test_a_program_reads_the_warnings(orgsync: Orgsync) -> None:
    ended = orgsync("validate", "org", "--format", "json", "--quiet")
    told = json.loads(ended.out)
    assert (ended.code, told["path"], told["valid"], told["problems"]) == (EXIT_OK, "org", True, [])
    assert told["declared"] | {"member": 1, "workspace": 0} == told["declared"]
    assert [(one["code"], one["level"], one["address"], one["file"], one["line"]) for one in told["warnings"]] == [
        ("setting_elsewhere", "warning", "setting:manage", "org/team.yaml", 1)
    ]


def test_a_program_reads_the_problems(orgsync: Orgsync) -> None:
    ended = orgsync("validate", "wrong.yaml", "--format", "json", "--quiet")
    told = json.loads(ended.out)
    assert (ended.code, told["valid"], told["warnings"], told["declared"]) == (EXIT_INPUT, False, [], {})
    assert told["problems"] == [
        {
            "address": "members",
            "message": '"ceo" is not an e-mail address',
            "hint": "use an e-mail address, or team:NAME for a team",
            "file": "wrong.yaml",
            "line": 4,
            "column": 3,
        }
    ]
    assert ended.err.startswith("Error: 1 problem\n")


def test_github_gets_annotations_and_a_table(orgsync: Orgsync) -> None:
    ended = orgsync("validate", "org", "--format", "github", "--quiet")
    assert ended.code == EXIT_OK
    assert ended.err.startswith("::warning file=org/team.yaml,line=1,title=setting_elsewhere::")
    assert "### The files are valid\n\n`org`: 1 member, " in ended.out
    assert "| `org/team.yaml:1` | `setting:manage`: is set in team.yaml" in ended.out


def test_code_scanning_gets_results(orgsync: Orgsync) -> None:
    log = json.loads(orgsync("validate", "org", "--format", "sarif", "--quiet").out)
    assert [(one["ruleId"], one["level"]) for one in log["runs"][0]["results"]] == [("setting_elsewhere", "warning")]


def test_a_doubtful_address_is_a_warning_because_its_owner_may_be_there(orgsync: Orgsync, tmp_path: Path) -> None:
    members = "members:\n  mailto:ana@b.co: user\n  a@b.test: user\n  c@d.test: user\n  kim@acme.example: user\n"
    teams = "teams: {all: [ana@acme]}\nworkspaces: {web: {members: {team:all: user, MAILTO:ana@b.co: user}}}\n"
    (tmp_path / "odd.yaml").write_text(f"{HEAD}{members}{teams}", encoding="utf-8")
    ended = orgsync("validate", "odd.yaml", "--quiet")
    assert (ended.code, ended.out) == (EXIT_OK, "")
    first, second, third = ended.err.splitlines()
    assert first == "warning: member:*: no mail reaches a reserved domain (.test): a@b.test, c@d.test"
    assert second.startswith("odd.yaml:4: warning: member:mailto:ana@b.co: could not be invited: the email address ")
    assert second.endswith('(did you mean "ana@b.co"?)')
    assert third.startswith("odd.yaml:8: warning: workspace_member:web/ana@acme: could not be invited: ")
