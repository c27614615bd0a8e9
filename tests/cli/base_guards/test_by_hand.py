"""What a person says beforehand of the base: that there is none, or that its guards are lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.base_guards.support import JUDGED, LOOSE, MORE, ORG, UNREAD, Planned
from cli.support import NOW

if TYPE_CHECKING:
    from core.review.support import Repository

    from cli.conftest import Orgsync


def test_first_has_no_effect_on_a_base_that_judges(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    planned = Planned(orgsync, "--first")
    assert planned.refused_for == JUDGED
    assert not planned.plan["first"]


def test_what_is_lifted_by_hand_is_printed_first_and_recorded(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    here = ["org.yaml", "--sandbox", "acme.db", "--now", NOW, "--base", "main"]
    lifted = ["--without-base-guards", "Ana has left, CH-7"]
    shown = orgsync("plan", *here, *lifted, "--out", "plan.json").out
    assert shown.splitlines()[0] == "The guards of the base are lifted by hand: Ana has left, CH-7"
    next_step = "orgsync apply org.yaml --base main --without-base-guards 'Ana has left, CH-7' --sandbox acme.db"
    assert " ".join(orgsync("plan", *here, *lifted).out.split()).endswith(next_step)
    assert shown.startswith(orgsync("show", "plan.json").out)
    markdown = orgsync("plan", *here, *lifted, "--format", "markdown").out
    assert "> [!WARNING]\n> The guards of the base are **lifted by hand**: Ana has left, CH-7" in markdown
    assert orgsync("apply", *here, "--yes").code == 3
    assert orgsync("apply", "plan.json", *here[1:5], "--yes").code == 0


def test_apply_lifts_and_refuses_as_plan_does(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", "# broken\nmembers: [\n")
    repository.write("org.yaml", MORE)
    here = ["apply", "org.yaml", "--sandbox", "acme.db", "--now", NOW, "--base", "main", "--yes"]
    ended = orgsync(*here)
    assert ended.code == 3
    assert f"base_guards: {UNREAD}main:org.yaml" in ended.err
    assert orgsync(*here, "--without-base-guards", "CH-7").code == 0


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_what_belongs_to_a_base_needs_one(repository: Repository, orgsync: Orgsync, command: str) -> None:
    repository.write("org.yaml", MORE)
    for words in (["--first"], ["--without-base-guards", "CH-7"]):
        ended = orgsync(command, "org.yaml", "--sandbox", "acme.db", *words)
        assert ended.code == 1
        assert f"{words[0]} requires --base" in ended.err


@pytest.mark.parametrize(
    ("variable", "event", "code"),
    [
        *(("GITHUB_EVENT_NAME", event, 1) for event in ("push", "pull_request", "pull_request_target", "merge_group")),
        *(("CI_PIPELINE_SOURCE", event, 1) for event in ("push", "merge_request_event")),
        ("GITHUB_EVENT_NAME", "workflow_dispatch", 0),
        ("CI_PIPELINE_SOURCE", "web", 0),
    ],
)
def test_guards_are_lifted_where_a_person_started_the_run_only(
    repository: Repository, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, variable: str, event: str, code: int
) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    monkeypatch.setenv(variable, event)
    here = ["plan", "org.yaml", "--sandbox", "acme.db", "--base", "main", "--without-base-guards", "CH-7"]
    ended = orgsync(*here)
    assert ended.code == code
    assert code == 0 or f"{variable} is {event}" in ended.err


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_reason_is_not_blank(repository: Repository, orgsync: Orgsync, reason: str) -> None:
    repository.commit("org.yaml", ORG)
    ended = orgsync("plan", "org.yaml", "--sandbox", "acme.db", "--base", "main", "--without-base-guards", reason)
    assert ended.code == 1
    assert "--without-base-guards: the reason is blank" in ended.err
