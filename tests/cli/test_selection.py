"""`--only` and `--exclude`: less than everything, and never a word that could pass for everything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli.support import CEO, NOW, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

HERE = ("--sandbox", "acme.db", "--now", NOW)
TEXT = """members: {ceo@acme.example: admin, ana@acme.example: developer, new@acme.example: user}
workspaces:
  production: {members: {ana@acme.example: developer}}
  staging: {}
"""
OUTSIDE_PRODUCTION = "2 changes outside --only are not shown."


@pytest.fixture(autouse=True)
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    """An organization that lacks two workspaces, a role in one of them, and somebody."""
    files(tmp_path, TEXT)
    return sandbox(users=[CEO, {"email": "ana@acme.example", "role": "developer"}])


def planned(orgsync: Orgsync, *options: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(orgsync("plan", *HERE, "--format", "json", *options).out)
    return plan


def addresses(plan: dict[str, Any]) -> list[str]:
    return [change["address"] for change in plan["changes"]]


ALONG = ["workspace:production", "workspace_member:production/ana@acme.example"]


def test_chosen_changes_and_what_they_depend_on(orgsync: Orgsync, acme: Sandbox) -> None:
    plan = planned(orgsync, "--only", "workspace_member:*")
    assert addresses(plan) == ALONG
    selection = plan["selection"]
    assert (selection["only"], selection["exclude"]) == (["workspace_member:*"], [])
    assert selection["along"] == ["workspace:production"]
    assert {name: number for name, number in selection["outside"].items() if number} == {"create": 1, "invite": 1}
    out = orgsync("plan", *HERE, "--only", "workspace_member:*").out
    assert "Selected: --only workspace_member:*.\n" in out
    assert "Included, because others depend on it: workspace:production.\n" in out
    assert OUTSIDE_PRODUCTION in out
    applied = orgsync("apply", *HERE, "--only", "workspace_member:*", "--yes", "--first-apply")
    assert applied.code == EXIT_OK
    assert applied.out.endswith("Apply complete: 2 created.\n2 changes outside --only were not made.\n")
    assert len(acme.writes()) == 2


def test_with_a_selection_nothing_says_that_the_organization_matches_the_files(orgsync: Orgsync) -> None:
    options = ("--only", "member:ana@acme.example")
    out = orgsync("plan", *HERE, *options).out
    assert "No changes. What is selected matches what the files manage.\n" in out
    assert out.endswith("Selected: --only member:ana@acme.example.\n4 changes outside --only are not shown.\n")
    assert orgsync("apply", *HERE, *options, "--yes").out == out
    markdown = orgsync("plan", *HERE, *options, "--format", "markdown").out
    assert "`: what is selected matches what the files manage." in markdown.replace('"', "")
    assert "Selected: `--only member:ana@acme.example`. **4 changes outside --only are not shown.**" in markdown
    nothing_else = orgsync("plan", *HERE, "--only", "*").out
    assert "There is nothing to report outside --only.\n" in nothing_else


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--only", "member:*", "--only", "workspace:staging"], ["workspace:staging", "member:new@acme.example"]),
        (["--only", "member:*,workspace:staging"], ["workspace:staging", "member:new@acme.example"]),
        (["--only", "MEMBER:New*"], ["member:new@acme.example"]),
        (["--exclude", "member:*,workspace_member:*"], ["workspace:production", "workspace:staging"]),
        (["--only", "workspace*", "--exclude", "workspace:staging"], ALONG),
        (["--exclude", "workspace:production"], ["workspace:staging", "member:new@acme.example"]),
        (["--only", "workspace_member:*", "--exclude", "workspace:production"], []),
    ],
)
def test_globs_choose_and_exclude(orgsync: Orgsync, given: list[str], expected: list[str]) -> None:
    assert sorted(addresses(planned(orgsync, *given))) == sorted(expected)


def test_what_depends_on_what_is_excluded_is_left_out_and_told(orgsync: Orgsync) -> None:
    options = ("--exclude", "workspace:production")
    assert planned(orgsync, *options)["selection"]["held_back"] == ["workspace_member:production/ana@acme.example"]
    out = orgsync("plan", *HERE, *options).out.replace("\n", " ")
    held = "Not included, because it depends on what is excluded: workspace_member:production/ana@acme.example."
    assert held in out
    assert "2 changes outside --exclude are not shown." in out


@pytest.mark.parametrize("option", ["--only", "--exclude"])
@pytest.mark.parametrize(
    ("glob", "hint"),
    [
        ("membr:*", 'did you mean "member:*"?'),
        ("member:anna@acme.example", 'did you mean "member:ana@acme.example"?'),
        ("workspace_member:prodution/*", 'did you mean "workspace_member:production/*"?'),
        ("api_key:*", "the files manage these kinds: member, workspace, workspace_member"),
        ("producton", None),
        ("member:*,membr:*", 'did you mean "member:*"?'),
        ("", None),
    ],
)
def test_a_glob_that_matches_nothing_is_an_error(
    orgsync: Orgsync, acme: Sandbox, option: str, glob: str, hint: str | None
) -> None:
    """A typo in one of several as well: of `--exclude`, it would have the rest applied."""
    wrong = glob.removeprefix("member:*,")
    told = f'Error: {option}: "{wrong}" matches nothing that is declared or exists; nothing was planned\n'
    for command in (("plan",), ("apply", "--yes")):
        ended = orgsync(*command, *HERE, option, glob, "--quiet")
        assert (ended.code, ended.out, ended.err.startswith(told)) == (EXIT_INPUT, "", True)
        assert hint is None or ended.err == f"{told}hint: {hint}\n"
    assert not acme.writes()


def test_a_name_with_a_comma_is_one_name(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, 'workspaces: {"a,b": {}, c: {}}\n')
    assert addresses(planned(orgsync, "--only", "workspace:a,b")) == ["workspace:a,b"]


def test_a_former_name_chooses_what_is_renamed(orgsync: Orgsync, acme: Sandbox, tmp_path: Path) -> None:
    acme.console("POST", "workspaces", {"name": "prd"})
    files(tmp_path, "workspaces: {production: {renamed_from: prd}, c: {}}\n")
    assert addresses(planned(orgsync, "--only", "workspace:prd")) == ["workspace:production"]


@pytest.mark.parametrize("glob", ["workspace_member:prd/*", "workspace_member:production/*"])
def test_a_former_name_chooses_what_stands_inside_what_is_renamed(
    orgsync: Orgsync, acme: Sandbox, tmp_path: Path, glob: str
) -> None:
    acme.console("POST", "workspaces", {"name": "prd"})
    inside = "{renamed_from: prd, members: {ana@acme.example: developer}}"
    files(tmp_path, f"workspaces: {{production: {inside}, c: {{}}}}\n")
    chosen = addresses(planned(orgsync, "--only", glob))
    assert chosen == ["workspace_member:production/ana@acme.example"]


def test_guards_judge_what_is_selected(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}\nworkspaces: {c: {}}\n")
    assert orgsync("plan", *HERE).code == EXIT_REFUSED
    ended = orgsync("plan", *HERE, "--only", "workspace:*", "--detailed-exitcode")
    assert (ended.code, "1 change outside --only is not shown." in ended.out) == (EXIT_DIFFERENCE, True)


def test_a_saved_plan_tells_its_selection_and_the_next_command_repeats_it(orgsync: Orgsync) -> None:
    options = ("--only", "member:*", "--only", "workspace:*", "--exclude", "workspace:staging")
    out = orgsync("plan", "org.yaml", *HERE, *options, "--out", "plan.json").out
    assert orgsync("show", "plan.json").out == out.partition("\nNext:")[0]
    again = orgsync("plan", "org.yaml", *HERE, *options).out.replace("\n      ", " ")
    expected = "apply org.yaml --only 'member:*' --only 'workspace:*' --exclude workspace:staging --sandbox acme.db"
    assert f"Next: orgsync {expected}\n" in again
    refused = orgsync("apply", "plan.json", "--sandbox", "acme.db", "--yes", "--exclude", "member:*")
    assert (refused.code, "--exclude cannot be combined with a saved plan" in refused.err) == (EXIT_INPUT, True)
