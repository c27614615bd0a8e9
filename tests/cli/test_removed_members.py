"""Members who were removed once, from the plan that invites them again to the apply that does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from core.review.support import WHO, Repository

from cli.support import CEO, NOW

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ["org.yaml", "--sandbox", "acme.db", "--now", NOW]
WITHOUT = "members:\n  ceo@acme.example: admin\n"
WITH = f"{WITHOUT}  ana@acme.example: developer\n"
INVITES = "POST /v1/organizations/invites"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: MakeSandbox) -> Repository:
    """An organization in which Ana accepted an invite once and was removed, and files that do not declare her."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    sandbox(users=[CEO], invites=[{"email": "ana@acme.example", "role": "developer", "status": "accepted"}])
    made = Repository(tmp_path)
    made.write(".gitignore", "# not ours\n*.db*\n*.json\n")
    made.commit("org.yaml", WITHOUT)
    return made


def sent(orgsync: Orgsync) -> list[str]:
    """Every write that the organization received."""
    log = [json.loads(line) for line in orgsync("sandbox", "log", "acme.db").out.splitlines()]
    return [f"{line['method']} {line['path']}" for line in log if line["method"] != "GET"]


def test_a_line_that_is_new_at_the_base_invites_again(repository: Repository, orgsync: Orgsync) -> None:
    repository.write("org.yaml", WITH)
    ended = orgsync("plan", *HERE, "--base", "main")
    assert "+ member:ana@acme.example will be invited" in ended.out, ended.said
    assert "removed_in_console" not in ended.out
    assert orgsync("apply", *HERE, "--base", "main", "--yes").code == 0
    assert sent(orgsync) == [INVITES]


def test_an_old_line_does_not_and_no_last_sentence_says_that_all_is_well(
    repository: Repository, orgsync: Orgsync
) -> None:
    repository.commit("org.yaml", WITH)
    for command in (["plan"], ["plan", "--base", "main"], ["apply", "--yes"], ["apply", "--yes", "--base", "main"]):
        ended = orgsync(command[0], *HERE, *command[1:])
        assert ended.code == 0
        assert "matches" not in ended.out
        assert "No changes" not in ended.out
        assert 'The organization "Acme Robotics" does not match the files yet.' in " ".join(ended.out.split())
    for output in ("markdown", "github"):
        ended = orgsync("plan", *HERE, "--format", output)
        assert "No changes" not in ended.out
        assert "matches the files" not in ended.out
    ended = orgsync("drift", *HERE)
    assert ended.code == 2
    assert "matches" not in ended.out
    assert sent(orgsync) == []


def test_the_way_out_that_the_finding_names_works(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", WITH)
    finding = " ".join(orgsync("plan", *HERE).out.split())
    assert "To invite again, add --allow member:ana@acme.example" in finding
    ended = orgsync("apply", *HERE, "--allow", "member:ana@acme.example", "--yes")
    assert ended.code == 0, ended.said
    assert sent(orgsync) == [INVITES]


def test_an_allowance_in_the_files_invites_again_until_its_day(repository: Repository, orgsync: Orgsync) -> None:
    entry = "guards: {allow: [{address: 'member:ana@acme.example', until: %s, reason: she is back}]}\n"
    repository.commit("org.yaml", entry % "2026-11-01" + WITH)
    assert "removed_in_console" in orgsync("plan", *HERE).out
    repository.commit("org.yaml", entry % "2026-12-01" + WITH)
    assert orgsync("apply", *HERE, "--yes").code == 0
    assert sent(orgsync) == [INVITES]


def test_a_reviewed_plan_that_invites_her_is_enough_when_it_is_the_ceiling(
    repository: Repository, orgsync: Orgsync
) -> None:
    """The base of the review is not at hand when the files are applied later: the review is."""
    repository.write("org.yaml", WITH)
    assert orgsync("plan", *HERE, "--base", "main", "--out", "plan.json").code == 0
    ended = orgsync("apply", *HERE, "--ceiling", "plan.json", "--yes")
    assert ended.code == 0, ended.said
    assert sent(orgsync) == [INVITES]


def test_a_line_that_had_expired_at_the_base_is_new_once_it_counts_again(
    repository: Repository, orgsync: Orgsync
) -> None:
    line = f"{WITHOUT}  ana@acme.example: {{role: developer, until: %s}}\n"
    repository.commit("org.yaml", line % "2026-11-01")
    repository.write("org.yaml", line % "2027-11-01")
    assert "+ member:ana@acme.example" in orgsync("plan", *HERE, "--base", "main").out


@pytest.mark.parametrize(
    "base",
    ["version: 1\norganization: {name: Another}\nmembers: {}\n", "version: 1\nmembers: [\n"],
    ids=["of another organization", "not YAML"],
)
def test_a_base_that_says_nothing_makes_no_line_new(repository: Repository, orgsync: Orgsync, base: str) -> None:
    repository.commit("org.yaml", base)
    repository.write("org.yaml", WITH)
    ended = orgsync("plan", *HERE, "--base", "main", "--without-base-guards", "a test")
    assert "removed_in_console" in ended.out
    assert "+ member:ana@acme.example" not in ended.out
