"""The story of a pull request, told with every step of our workflows, from the first snapshot to the closed issue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import SANDBOX_KEY
from github_api import TOKEN, GithubApi

from ci.actions_api import MAIN
from ci.gh import SIGNER
from ci.pipeline import NUMBER, Pipeline, pipeline

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
  raj@acme.example: developer
workspaces:
  production:
    members: {ana@acme.example: developer, raj@acme.example: user}
"""
KIM = ORG.replace("workspaces:", "  kim@acme.example: user\nworkspaces:")
RESEARCH = f"{KIM}  research: {{}}\n"
STRANGER = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
SEED: dict[str, Any] = {
    "users": [
        {"email": "ceo@acme.example", "role": "admin"},
        {"email": "ana@acme.example", "role": "developer"},
        {"email": "raj@acme.example", "role": "developer"},
    ],
    "workspaces": [{"name": "production"}],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace": "production", "workspace_role": "workspace_developer"},
        {"email": "raj@acme.example", "workspace": "production", "workspace_role": "workspace_user"},
    ],
}


@pytest.fixture
def comments(github: ActionsApi) -> Iterator[GithubApi]:
    """Where comments and issues are kept."""
    with GithubApi(pull_requests=(NUMBER, 8)) as api:
        github.upstream = (api.url, TOKEN)
        yield api


@pytest.fixture
def acme(tmp_path: Path, github: ActionsApi, comments: GithubApi) -> Iterator[Pipeline]:
    """A repository whose file says what the organization is."""
    with pipeline(tmp_path, github, ORG, **SEED) as made:
        yield made


def expect(jobs: dict[str, Job], **results: str) -> None:
    """How each job ended; what they said is shown where that is not what was expected."""
    ended = {name: job.result for name, job in jobs.items() if name in results}
    assert ended == results, "\n".join(job.log for job in jobs.values())


@pytest.mark.story
def test_the_story_of_a_pull_request(acme: Pipeline, comments: GithubApi) -> None:
    # the main branch takes a snapshot
    expect(acme.snapshot(), snapshot="success")
    asked = len(acme.sandbox.received())

    # a pull request: its plan, in one comment; nobody asked the organization
    jobs = acme.push("kim joins", org_yaml=KIM)
    expect(jobs, plan="success", comment="success")
    assert jobs["plan"].outputs["changes"] == "1"
    (shown,) = comments.comments(NUMBER)
    assert "kim@acme.example" in shown
    assert "research" not in shown
    assert len(acme.sandbox.received()) == asked

    # a second push: the same comment
    expect(acme.push("a place for research", org_yaml=RESEARCH), plan="success", comment="success")
    (shown,) = comments.comments(NUMBER)
    assert "research" in shown
    assert acme.sandbox.writes() == []

    # merged: what was reviewed is applied, and nothing else; there is a receipt and a way back
    acme.merge()
    expect(acme.apply(), plan="skipped", apply="success")
    assert sorted(acme.sandbox.writes()) == ["POST /v1/organizations/invites", "POST /v1/organizations/workspaces"]
    assert b"kim@acme.example" in acme.kept("orgsync-receipts")["journal.jsonl"]
    assert json.loads(acme.kept("orgsync-undo-1")["undo.json"])["changes"]

    # a night without drift: no issue
    expect(acme.drift(), drift="success", issue="success", verdict="skipped")
    assert comments.issues() == []

    # somebody changes a role in the Console: an issue; the next night the same one
    ana = acme.sandbox.id_of("users", "email", "ana@acme.example")
    acme.sandbox.console("POST", f"users/{ana}", {"role": "billing"})
    for _night in range(2):
        expect(acme.drift(), drift="success", issue="success", verdict="failure")
    (issue,) = comments.issues(state="open")
    assert "ana@acme.example" in issue["body"]
    assert issue["labels"] == ["orgsync-drift"]

    # it is put right: the issue is closed
    acme.sandbox.console("POST", f"users/{ana}", {"role": "developer"})
    expect(acme.drift(), drift="success", issue="success", verdict="skipped")
    assert [one["state"] for one in comments.issues()] == ["closed"]

    for job in acme.machines:
        for file in (path for path in job.home.rglob("*") if path.is_file()):
            assert SANDBOX_KEY.encode() not in file.read_bytes(), file
            assert acme.signing_key.encode() not in file.read_bytes(), file


@pytest.mark.story
def test_what_nobody_reviewed_is_not_applied(acme: Pipeline, github: ActionsApi) -> None:
    acme.snapshot()
    acme.push("kim joins", org_yaml=KIM)
    acme.merge()

    # the organization has moved since the review: applying would put that back, too
    ana = acme.sandbox.id_of("users", "email", "ana@acme.example")
    acme.sandbox.console("POST", f"users/{ana}", {"role": "user"})
    jobs = acme.apply()
    expect(jobs, apply="failure")
    assert "more than was reviewed" in jobs["apply"].log
    assert "member:ana@acme.example" in jobs["apply"].log
    acme.sandbox.console("POST", f"users/{ana}", {"role": "developer"})

    # somebody has exchanged the plan that is kept
    head = acme.git("rev-parse", "more")
    name = f"orgsync-plan-{NUMBER}-{head}"
    kept = acme.kept(name)
    plan = json.loads(kept["plan.json"])
    plan["digests"]["changes"] = "f" * 64
    run = max(number for number, row in github.runs.items() if row["event"] == "pull_request")
    github.keep(run, name, {**kept, "plan.json": json.dumps(plan).encode()})
    jobs = acme.apply()
    expect(jobs, apply="failure")
    assert "with the digest in its comment" in jobs["apply"].log

    # somebody pushes past review
    acme.commit("in haste", org_yaml=RESEARCH)
    jobs = acme.apply()
    expect(jobs, plan="skipped", apply="failure")
    assert "no plan of it was reviewed" in jobs["apply"].log

    # by hand it works where the environment asks somebody, and only there
    github.environments["orgsync-apply"] = {"protection_rules": []}
    by_hand = {"review": "environment", "verify-with": "snapshot.pub.pem"}
    expect(acme.apply(event="workflow_dispatch", **by_hand), plan="failure", apply="skipped")
    assert acme.sandbox.writes() == []
    rule = {"type": "required_reviewers", "reviewers": [{"type": "Team"}]}
    github.environments["orgsync-apply"] = {"protection_rules": [rule]}
    expect(acme.apply(event="workflow_dispatch", **by_hand), plan="success", apply="success")
    assert len(acme.sandbox.writes()) == 2


@pytest.mark.story
def test_a_plan_for_another_branch_is_none_of_the_pull_request(
    acme: Pipeline, comments: GithubApi, github: ActionsApi
) -> None:
    """Guards that are weaker elsewhere would let pass what those of the main branch refuse."""
    del comments
    acme.snapshot()
    acme.git("switch", "--quiet", "--create", "loose")
    acme.commit("weaker guards", org_yaml=ORG.replace("min_admins: 1", "min_admins: 1, max_removals: {percent: 99}"))
    acme.git("switch", "--quiet", "--create", "more", MAIN)
    head = acme.commit("raj leaves production", org_yaml=ORG.replace(", raj@acme.example: user", ""))

    # the pull request itself, while its base was the other branch: the comment shows this plan
    expect(acme.plan(base="loose"), plan="success", comment="success")
    acme.merge()
    jobs = acme.apply()
    expect(jobs, apply="failure")
    assert "planned a merge into another branch than main" in jobs["apply"].log

    # a second pull request of the same commit into the other branch
    github.rows = [row for row in github.rows if not row["name"].startswith("orgsync-plan-")]
    expect(acme.plan(base="loose", number=8), plan="success")
    assert acme.kept(f"orgsync-plan-8-{head}")
    github.open.clear()
    jobs = acme.apply()
    expect(jobs, apply="failure")
    assert f"no run for pull request {NUMBER} kept a plan" in jobs["apply"].log
    assert acme.sandbox.writes() == []


@pytest.mark.story
def test_an_attested_plan_is_applied_and_no_other(acme: Pipeline, comments: GithubApi, github: ActionsApi) -> None:
    del comments
    acme.snapshot()
    acme.push("kim joins", org_yaml=KIM)
    expect(acme.plan(), plan="success", attest="skipped", comment="success")
    acme.merge()
    jobs = acme.apply(**{"attested-by": SIGNER})
    expect(jobs, apply="failure")
    assert "has no attestation for pull request 7" in jobs["apply"].log

    # attested, but somebody keeps a plan of their own making under the same name afterwards
    github.rows = [row for row in github.rows if not row["name"].startswith("orgsync-plan-")]
    expect(acme.plan(attest=True), plan="success", attest="success", comment="success")
    github.open.clear()
    (name,) = {row["name"] for row in github.rows if row["name"].startswith("orgsync-plan-")}
    kept = acme.kept(name)
    forged = json.dumps({**json.loads(kept["plan.json"]), "requests": 9_999}).encode()
    github.keep(
        github.run("pull_request", branch="more", sha=acme.git("rev-parse", "more")),
        name,
        {**kept, "plan.json": forged},
    )
    assert acme.sandbox.writes() == []
    expect(acme.apply(**{"attested-by": SIGNER}), apply="success")
    assert acme.sandbox.writes() == ["POST /v1/organizations/invites"]
    assert acme.kept("orgsync-undo-1")["ceiling.json"] == kept["plan.json"]


@pytest.mark.story
def test_a_stranger_gets_a_plan_and_nothing_else(acme: Pipeline, comments: GithubApi) -> None:
    acme.snapshot()
    hostile = ORG.replace("min_admins: 1", "min_admins: 1, max_removals: {percent: 99}").replace(
        ", raj@acme.example: user", ""
    )

    # from a fork: a removal, weaker guards, and a key of one's own; the plan says so, in the summary
    acme.git("switch", "--quiet", "--create", "more")
    acme.commit("a favour", org_yaml=hostile, snapshot_pub_pem="not a key at all")
    jobs = acme.plan(fork=True)
    expect(jobs, plan="failure", comment="skipped")
    assert "refused by base_guards" in jobs["plan"].log  # read by the key of the base, judged by the guards of the base
    assert jobs["plan"].outputs["privileged"] == "true"
    machine = jobs["plan"].machine
    assert machine is not None
    assert "workspace_member:production/raj@acme.example" in machine.summary
    assert comments.comments(NUMBER) == []

    # merged by mistake: nobody can have seen a comment
    acme.merge()
    expect(acme.apply(), apply="failure")
    assert acme.sandbox.writes() == []


@pytest.mark.story
def test_what_is_wrong_is_said_in_the_pull_request(acme: Pipeline, comments: GithubApi) -> None:
    acme.snapshot()
    jobs = acme.push("a typo", org_yaml=ORG.replace("developer", "develloper", 1))
    expect(jobs, plan="failure")
    assert "::error file=org.yaml" in jobs["plan"].log

    # a snapshot that the key of the branch did not sign is not planned from
    acme.git("switch", "--quiet", MAIN)
    acme.commit("another key", snapshot_pub_pem=STRANGER)
    acme.git("branch", "--quiet", "--delete", "--force", "more")
    jobs = acme.push("kim joins", org_yaml=KIM)
    expect(jobs, plan="failure", comment="success")
    (shown,) = comments.comments(NUMBER)
    assert "or the matching public key" in shown


@pytest.mark.story
def test_the_first_file_is_announced(acme: Pipeline) -> None:
    acme.snapshot()
    acme.git("rm", "--quiet", "org.yaml")
    acme.git("commit", "--quiet", "--message", "not yet")
    jobs = acme.push("the organization as it is, and kim", org_yaml=KIM)
    expect(jobs, plan="failure", comment="success")
    assert "there is no organization file; add --first if these are the first files" in jobs["plan"].log

    expect(acme.plan(first=True), plan="success", comment="success")
    acme.merge()
    jobs = acme.apply()
    expect(jobs, apply="failure")
    assert "base_guards" in jobs["apply"].log
    assert acme.sandbox.writes() == []
    expect(acme.apply(first=True), apply="success")
    assert len(acme.sandbox.writes()) == 1


@pytest.mark.story
def test_a_main_branch_that_is_no_yaml_is_mended_by_hand(acme: Pipeline, github: ActionsApi) -> None:
    acme.snapshot()
    acme.commit("in haste", org_yaml=f"{ORG}]\n")
    jobs = acme.push("mended, and kim joins", org_yaml=KIM)
    expect(jobs, plan="failure", comment="success")
    assert "the guards of the base cannot be read: HEAD^1:org.yaml" in jobs["plan"].log

    # merged all the same: nothing happens by itself
    acme.merge()
    expect(acme.apply(), apply="failure")
    assert acme.sandbox.writes() == []

    rule = {"type": "required_reviewers", "reviewers": [{"type": "Team"}]}
    github.environments["orgsync-apply"] = {"protection_rules": [rule]}
    by_hand = {"review": "environment", "verify-with": "snapshot.pub.pem"}
    expect(acme.apply(event="workflow_dispatch", **by_hand), plan="success", apply="success")
    assert len(acme.sandbox.writes()) == 1
