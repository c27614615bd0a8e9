"""The story of a pull request, told with every step of our workflows, from the first snapshot to the closed issue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.pipeline import KEY, NUMBER, Pipeline, pipeline
from github_api import TOKEN, GithubApi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ci.actions_api import ActionsApi
    from ci.runner import Job

ORG = """\
version: 1
organization: {name: "Acme Robotics"}
manage: {workspace_members: authoritative}
guards: {min_admins: 1}
members:
  ceo@acme.example: admin
  ana@acme.example: developer
workspaces:
  production:
    members: {ana@acme.example: developer}
"""
KIM = ORG.replace("workspaces:", "  kim@acme.example: user\nworkspaces:")
RESEARCH = f"{KIM}  research: {{}}\n"
STRANGER = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
SEED: dict[str, Any] = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "developer"}],
    "workspaces": [{"name": "production"}],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace": "production", "workspace_role": "workspace_developer"}
    ],
}


@pytest.fixture
def comments(github: ActionsApi) -> Iterator[GithubApi]:
    """Where comments and issues are kept."""
    with GithubApi(pull_requests=(NUMBER,)) as api:
        github.upstream = (api.url, TOKEN)
        yield api


@pytest.fixture
def acme(tmp_path: Path, github: ActionsApi, comments: GithubApi) -> Iterator[Pipeline]:
    """A repository whose file says what the organization is."""
    with pipeline(tmp_path, github, ORG, **SEED) as made:
        yield made


def results(jobs: dict[str, Job]) -> dict[str, str]:
    """How each job ended. What they said is in the message where that is not what was expected."""
    return Told({name: job.result for name, job in jobs.items()}, "\n".join(job.log for job in jobs.values()))


class Told(dict[str, str]):
    def __init__(self, rows: dict[str, str], log: str) -> None:
        super().__init__(rows)
        self.log = log

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.log}"


def test_the_story_of_a_pull_request(acme: Pipeline, comments: GithubApi) -> None:
    # the main branch takes a snapshot
    assert results(acme.snapshot()) == {"snapshot": "success"}
    asked = len(acme.sandbox.received())

    # a pull request: its plan, in one comment; nobody asked the organization
    jobs = acme.push("kim joins", org_yaml=KIM)
    assert results(jobs) == {"plan": "success", "comment": "success"}
    assert jobs["plan"].outputs["changes"] == "1"
    (shown,) = comments.comments(NUMBER)
    assert "kim@acme.example" in shown
    assert "research" not in shown
    assert len(acme.sandbox.received()) == asked

    # a second push: the same comment
    assert results(acme.push("a place for research", org_yaml=RESEARCH)) == {"plan": "success", "comment": "success"}
    (shown,) = comments.comments(NUMBER)
    assert "research" in shown
    assert acme.sandbox.writes() == []

    # merged: what was reviewed is applied, and nothing else; there is a receipt and a way back
    acme.merge()
    assert results(acme.apply()) == {"plan": "skipped", "apply": "success"}
    assert sorted(acme.sandbox.writes()) == ["POST /v1/organizations/invites", "POST /v1/organizations/workspaces"]
    assert b"kim@acme.example" in acme.kept("orgsync-receipts")["journal.jsonl"]
    assert json.loads(acme.kept("orgsync-undo-1")["undo.json"])["changes"]

    # again: there is nothing to do
    assert results(acme.apply())["apply"] == "success"
    assert len(acme.sandbox.writes()) == 2

    # a night without drift: no issue
    assert results(acme.drift()) == {"drift": "success", "issue": "success", "verdict": "skipped"}
    assert comments.issues() == []

    # somebody changes a role in the Console: an issue; the next night the same one
    ana = acme.sandbox.id_of("users", "email", "ana@acme.example")
    acme.sandbox.console("POST", f"users/{ana}", {"role": "billing"})
    for _night in range(2):
        assert results(acme.drift()) == {"drift": "success", "issue": "success", "verdict": "failure"}
    (issue,) = comments.issues(state="open")
    assert "ana@acme.example" in issue["body"]
    assert issue["labels"] == ["orgsync-drift"]

    # it is put right: the issue is closed
    acme.sandbox.console("POST", f"users/{ana}", {"role": "developer"})
    assert results(acme.drift()) == {"drift": "success", "issue": "success", "verdict": "skipped"}
    assert [one["state"] for one in comments.issues()] == ["closed"]

    for job in acme.machines:
        for file in (path for path in job.home.rglob("*") if path.is_file()):
            assert KEY.encode() not in file.read_bytes(), file
            assert acme.signing_key.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_other_ways_of_merging_are_applied_too(how: str, acme: Pipeline) -> None:
    acme.snapshot()
    acme.push("kim joins", org_yaml=KIM)
    acme.merge(how)
    assert results(acme.apply())["apply"] == "success"
    assert acme.sandbox.writes() == ["POST /v1/organizations/invites"]


def test_what_changed_after_the_review_is_not_applied(acme: Pipeline) -> None:
    acme.snapshot()
    acme.push("kim joins", org_yaml=KIM)
    acme.merge()
    ana = acme.sandbox.id_of("users", "email", "ana@acme.example")
    acme.sandbox.console("POST", f"users/{ana}", {"role": "user"})  # applying would put this back, too
    jobs = acme.apply()
    assert results(jobs)["apply"] == "failure"
    assert "member:ana@acme.example" in jobs["apply"].log
    assert acme.sandbox.writes() == []


def test_a_push_past_review_is_not_applied_unless_the_environment_reviews_it(
    acme: Pipeline, github: ActionsApi
) -> None:
    acme.snapshot()
    acme.commit("pushed past review", org_yaml=KIM)
    jobs = acme.apply()
    assert results(jobs) == {"plan": "skipped", "apply": "failure"}
    assert "nobody saw a plan of it" in jobs["apply"].log

    github.environments["orgsync-apply"] = {"protection_rules": []}
    assert results(acme.apply(review="environment")) == {"plan": "failure", "apply": "skipped"}
    assert acme.sandbox.writes() == []

    rule = {"type": "required_reviewers", "reviewers": [{"type": "Team"}]}
    github.environments["orgsync-apply"] = {"protection_rules": [rule]}
    jobs = acme.apply(review="environment", event="workflow_dispatch")
    assert results(jobs) == {"plan": "success", "apply": "success"}
    assert acme.sandbox.writes() == ["POST /v1/organizations/invites"]


def test_a_plan_that_was_exchanged_after_the_review_is_not_applied(acme: Pipeline, github: ActionsApi) -> None:
    acme.snapshot()
    acme.push("kim joins", org_yaml=KIM)
    head = acme.git("rev-parse", "more")
    plan = json.loads(acme.kept(f"orgsync-plan-{head}")["plan.json"])
    plan["digests"]["changes"] = "f" * 64
    run = max(number for number, row in github.runs.items() if row["event"] == "pull_request")
    github.keep(run, f"orgsync-plan-{head}", {"plan.json": json.dumps(plan).encode()})
    acme.merge()
    jobs = acme.apply()
    assert results(jobs)["apply"] == "failure"
    assert "has the digest that the comment on pull request 7 shows" in jobs["apply"].log
    assert acme.sandbox.writes() == []


def test_a_fork_gets_its_plan_in_the_summary_and_no_comment(acme: Pipeline, comments: GithubApi) -> None:
    acme.snapshot()
    acme.git("switch", "--quiet", "--create", "more")
    acme.commit("ana goes", org_yaml=ORG.replace("    members: {ana@acme.example: developer}\n", "    members: {}\n"))
    jobs = acme.plan(fork=True)
    assert results(jobs)["comment"] == "skipped"
    machine = jobs["plan"].machine
    assert machine is not None
    assert "workspace_member:production/ana@acme.example" in machine.summary
    assert comments.comments(NUMBER) == []
    acme.merge()
    assert results(acme.apply())["apply"] == "failure"  # nobody can have seen a comment
    assert acme.sandbox.writes() == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("min_admins: 1", "min_admins: 1, protect: []"), ("workspace_members: authoritative", "members: authoritative")],
)
def test_a_change_of_guards_or_of_authority_is_marked(
    before: str, after: str, acme: Pipeline, comments: GithubApi
) -> None:
    acme.snapshot()
    jobs = acme.push("less careful", org_yaml=ORG.replace(before, after))
    assert jobs["plan"].outputs["privileged"] == "true"


def test_a_snapshot_that_somebody_else_signed_is_not_planned_from(acme: Pipeline, comments: GithubApi) -> None:
    acme.snapshot()
    acme.commit("another key", snapshot_pub_pem=STRANGER)
    jobs = acme.push("kim joins", org_yaml=KIM)
    assert results(jobs)["plan"] == "failure"
    assert acme.sandbox.writes() == []


def test_a_key_in_the_pull_request_does_not_count(acme: Pipeline) -> None:
    acme.snapshot()
    jobs = acme.push("my own key", org_yaml=KIM, snapshot_pub_pem="not a key at all")
    assert results(jobs)["plan"] == "success"  # the key of the base was used


def test_files_that_are_wrong_are_said_in_the_pull_request(acme: Pipeline, comments: GithubApi) -> None:
    acme.snapshot()
    jobs = acme.push("a typo", org_yaml=ORG.replace("developer", "develloper", 1))
    assert results(jobs)["plan"] == "failure"
    assert "::error file=org.yaml" in jobs["plan"].log
