"""A folder of files as commands meet it: folders in it are read, and what is left out is reported by all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from cli.support import NOW
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ("org", "--sandbox", "acme.db", "--now", NOW)
ENG = {"email": "eng@acme.example", "role": "developer"}
FILES = {
    "org/a.yaml": f"{HEAD}manage: {{members: authoritative}}\nmembers: {{ceo@acme.example: admin}}\n",
    "org/teams/eng.yaml": "members: {eng@acme.example: developer}\n",
}
MANIFEST = "kind: Deployment\nmetadata: {name: web}\n"
NOT_READ = "is not read: it has no key of the file format at its top level"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, sandbox: MakeSandbox) -> None:
    sandbox(users=[{"email": "ceo@acme.example", "role": "admin"}, ENG])
    write(tmp_path, FILES)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_members_that_moved_into_a_folder_of_their_team_stay(orgsync: Orgsync) -> None:
    ended = orgsync("plan", *HERE, "--detailed-exitcode")
    assert (ended.code, "No changes." in ended.out) == (EXIT_OK, True)
    assert orgsync("drift", *HERE).code == EXIT_OK
    assert "2 members" in orgsync("validate", "org").err


def test_what_is_left_out_is_reported_once_by_every_command(orgsync: Orgsync, tmp_path: Path) -> None:
    write(tmp_path, {"org/k8s/web.yaml": MANIFEST})
    expected = {"code": "left_out_file", "level": "info", "address": "file:k8s/web.yaml", "message": NOT_READ}

    def found(listed: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{key: one[key] for key in expected} for one in listed]

    assert found(json.loads(orgsync("plan", *HERE, "--format", "json").out)["findings"]) == [expected]
    drift = orgsync("drift", *HERE, "--format", "json")
    assert (drift.code, found(json.loads(drift.out)["notes"])) == (EXIT_OK, [expected])
    assert found(json.loads(orgsync("validate", "org", "--format", "json").out)["warnings"]) == [expected]
    for command in (("plan", *HERE), ("drift", *HERE), ("validate", "org")):
        assert f"file:k8s/web.yaml: {NOT_READ}" in orgsync(*command).said.replace("\n      ", " ").replace(
            "\n    ", " "
        )
    assert "No changes." in orgsync("plan", *HERE).out


def test_keys_that_look_misspelled_are_a_warning(orgsync: Orgsync, tmp_path: Path) -> None:
    """Otherwise one letter takes a whole file of members away."""
    write(tmp_path, {"org/teams/eng.yaml": "membrs: {eng@acme.example: developer}\n"})
    ended = orgsync("validate", "org", "--quiet")
    told = f'org/teams/eng.yaml:1: warning: file:teams/eng.yaml: {NOT_READ}; did you mean "members" for "membrs"?\n'
    assert ended == (EXIT_OK, "", told)
    assert orgsync("plan", *HERE, "--detailed-exitcode").code != EXIT_OK


def test_some_keys_of_the_format_and_some_others_are_an_error(orgsync: Orgsync, tmp_path: Path) -> None:
    write(tmp_path, {"org/teams/eng.yaml": f"{FILES['org/teams/eng.yaml']}{MANIFEST}"})
    ended = orgsync("validate", "org")
    assert (ended.code, 'unknown key "kind"' in ended.err) == (EXIT_INPUT, True)


@pytest.mark.parametrize("number", [9, 13])
def test_many_files_are_left_out_in_few_lines(orgsync: Orgsync, tmp_path: Path, number: int) -> None:
    write(tmp_path, {f"org/k8s/{one:02}.yaml": MANIFEST for one in range(number)})
    for command in ("plan", "drift"):
        out = orgsync(command, *HERE).out
        assert out.count("file:k8s/") == min(number, 10)
        assert (f"and {number - 10} more left_out_file" in out) == (number > 10)


def test_the_base_is_read_by_the_same_rule(orgsync: Orgsync, tmp_path: Path) -> None:
    """A base folder with folders of its own, as it has been read before they were."""
    write(tmp_path, {f"old/{name[4:]}": text for name, text in FILES.items()} | {"old/k8s/web.yaml": MANIFEST})
    write(tmp_path, {"org/teams/eng.yaml": "members: {}\n"})
    plan = json.loads(orgsync("plan", *HERE, "--base", "path:old", "--format", "json", "--detailed-exitcode").out)
    [change] = plan["changes"]
    assert (change["address"], change["cause"]) == ("member:eng@acme.example", "config")
    assert (
        orgsync("plan", *HERE, "--base", "path:old", "--detailed-exitcode").code != EXIT_DIFFERENCE
    )  # a guard refuses


def test_a_second_path_is_refused(orgsync: Orgsync) -> None:
    ended = orgsync("plan", "org", *HERE)
    assert (ended.code, "unexpected extra argument (org)" in ended.err) == (EXIT_INPUT, True)


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "drift", "snapshot", "attest"])
def test_a_file_and_a_folder_that_could_both_be_meant_are_refused(
    orgsync: Orgsync, tmp_path: Path, command: str
) -> None:
    write(tmp_path, {"org.yaml": FILES["org/a.yaml"]})
    options = {"snapshot": ["--out", "s.json"], "attest": ["sso", "--value", "x", "--by", "ana"]}.get(command, [])
    ended = orgsync(command, *HERE[1:], *options)
    message = "Error: org.yaml and the folder org both exist, and no path is given\n"
    hint = "hint: name one of the two, such as `org`, or delete the other\n"
    assert ended == (EXIT_INPUT, "", message + hint)
    assert orgsync("validate", "org.yaml").code == EXIT_OK


def test_a_folder_of_other_things_is_not_meant(orgsync: Orgsync, tmp_path: Path) -> None:
    write(tmp_path, {"org.yaml": FILES["org/a.yaml"]})
    (tmp_path / "org").rename(tmp_path / "docs")
    write(tmp_path, {"org/chart.svg": "<svg/>"})
    assert orgsync("validate").code == EXIT_OK
