"""What the action takes from GitHub, and what it refuses to take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stories import every_third

from ci.reviewed import (
    BASE,
    COMMIT,
    DIGEST,
    HEAD,
    MERGE,
    NAME,
    OF_A_TAG,
    OTHER,
    OTHER_MERGE,
    READ,
    ask,
    merged,
    page,
    paged,
    plan,
    reviewed,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.actions_api import ActionsApi


def test_the_plan_that_the_comment_showed_is_taken(github: ActionsApi, tmp_path: Path) -> None:
    merged(github)
    ended = reviewed(github, tmp_path, "--workflow=.github/workflows/plan.yml")
    assert (ended.returncode, ended.stdout) == (0, f"{DIGEST}\n")
    assert (tmp_path / "ceiling.json").read_bytes() == plan()["plan.json"]
    assert github.leaked == []


@pytest.mark.parametrize("numbers", [(1, 2, 3), (3, 1, 2)])
@pytest.mark.parametrize("shown_on", [(1,), (3,), (1, 2, 3)])
def test_a_plan_that_is_shown_in_pages_is_taken(
    numbers: tuple[int, ...], shown_on: tuple[int, ...], github: ActionsApi, tmp_path: Path
) -> None:
    paged(*numbers, digests=shown_on)(github)
    github.commented(7, page(2, 2, marker=":2"), {"login": "eve", "type": "User"})
    assert reviewed(github, tmp_path).stdout == f"{DIGEST}\n"


def test_a_pull_request_that_github_still_counts_as_open_is_taken(github: ActionsApi, tmp_path: Path) -> None:
    """Merging empties the list that a run has of its pull requests, and not at once."""
    merged(github)
    github.open.update({7: ("more", "main"), 8: ("more", "loose")})
    assert reviewed(github, tmp_path).stdout == f"{DIGEST}\n"


def test_of_several_runs_the_one_that_the_comment_shows_is_taken(github: ActionsApi, tmp_path: Path) -> None:
    merged(github)
    again = github.run("pull_request", branch="more", sha=HEAD)
    github.keep(again, NAME, plan(OTHER))
    assert reviewed(github, tmp_path).stdout == f"{DIGEST}\n"


def only(change: Callable[[ActionsApi], object]) -> Callable[[ActionsApi], object]:
    """A merged pull request, and one thing that is wrong with it."""

    def made(github: ActionsApi) -> object:
        merged(github)
        return change(github)

    return made


def kept(**files: bytes) -> Callable[[ActionsApi], object]:
    """A merged pull request whose artifact has these files."""
    return only(lambda github: github.zips.update({1: github.zips[github.keep(1, "other", files)]}))


def second(github: ActionsApi, commit: str, name: str = f"orgsync-plan-8-{HEAD}", *, is_open: bool = True) -> None:
    """Instead of the plan of this pull request one of another, which would merge the same into another branch."""
    github.rows.clear()
    github.keep(1, name, plan(commit=commit))
    if is_open:
        github.open[8] = ("more", "loose")


REFUSED: dict[str, tuple[Callable[[ActionsApi], object], str]] = {
    "a push without a pull request": (lambda github: None, "no plan of it was reviewed"),
    "a pull request that was not merged": (
        only(lambda github: github.pulls[COMMIT][0].update(merged_at=None)),
        "no plan of it was reviewed",
    ),
    "a pull request into another branch": (
        only(lambda github: github.pulls[COMMIT][0]["base"].update(ref="release")),
        "no plan of it was reviewed",
    ),
    "a commit in the middle of a pull request": (
        only(lambda github: github.pulls[COMMIT][0].update(merge_commit_sha=HEAD)),
        "no plan of it was reviewed",
    ),
    "two pull requests": (only(lambda github: github.merged(8, HEAD, COMMIT)), "2 pull requests were merged as"),
    "no comment": (only(lambda github: github.comments.clear()), "no comment of github-actions[bot] shows a plan"),
    "a comment that a person wrote": (
        only(lambda github: github.comments.update({7: [{"user": {"login": "eve", "type": "User"}, "body": shown()}]})),
        "no comment of github-actions[bot] shows a plan",
    ),
    "a comment of another bot": (
        only(
            lambda github: github.comments.update(
                {7: [{"user": {"login": "eve[bot]", "type": "Bot"}, "body": shown()}]}
            )
        ),
        "no comment of github-actions[bot] shows a plan",
    ),
    "a comment on another organization": (
        only(lambda github: github.comments[7].__setitem__(1, {**github.comments[7][1], "body": shown(name="other")})),
        "no comment of github-actions[bot] shows a plan",
    ),
    "a digest in another spelling": (
        only(lambda github: github.comments[7][1].update(body=shown(DIGEST.upper()))),
        "the comment shows no digest",
    ),
    "a comment that only quotes ours": (
        only(lambda github: github.comments[7][1].update(body=f"```\n{shown()}```\n")),
        "no comment of github-actions[bot] shows a plan",
    ),
    "a digest that is followed by another in one comment": (
        only(lambda github: github.comments[7][1].update(body=f"{shown()}\nDigest of the changes: `{OTHER}`\n")),
        "2 digests of a plan",
    ),
    "two comments that disagree": (
        only(lambda github: github.commented(7, shown(OTHER))),
        "not one whole plan (page 1 of 1, page 1 of 1)",
    ),
    "a comment that is too small for the plan": (
        only(lambda github: github.comments[7][1].update(body="<!-- orgsync:plan:plan -->\n\n### 2,000 changes\n")),
        "A large plan is reviewed in its environment (`review: environment`)",
    ),
    "a page that is missing": (paged(1, 3), "not one whole plan (page 1 of 3, page 3 of 3)"),
    "a last page that is missing": (paged(1, 2), "not one whole plan (page 1 of 3, page 2 of 3)"),
    "a first page that is missing": (paged(2, 3), "not one whole plan (page 2 of 3, page 3 of 3)"),
    "a page that is there twice": (paged(1, 2, 2, 3), "not one whole plan"),
    "a page too many": (paged(1, 2, 3, 4), "not one whole plan"),
    "a page of another plan": (paged(1, 2, 3, texts={2: "b" * 16}), "not one whole plan"),
    "a page that a person wrote": (paged(1, 2, 3, users={2: {"login": "eve", "type": "User"}}), "not one whole plan"),
    "a page of another number than its marker": (paged(1, 2, 3, markers={2: ":3"}), "not one whole plan"),
    "a page of another organization": (paged(1, 2, 3, markers={2: "-eu:2"}), "not one whole plan"),
    "pages that are left of an earlier plan": (
        only(lambda github: github.commented(7, page(2, 2))),
        "not one whole plan (page 1 of 1, page 2 of 2)",
    ),
    "two digests in two pages": (paged(1, 2, 3, digests=(1, 3), others=(3,)), "shows 2 digests of a plan"),
    "pages without a digest": (paged(1, 2, 3, digests=()), "the comment shows no digest"),
    "a plan that was changed after it was shown": (
        kept(**plan(OTHER)),
        "with the digest in its comment",
    ),
    "a plan that expired": (
        only(lambda github: github.rows[0].update(expired=True)),
        "with the digest in its comment",
    ),
    "a plan for another commit under this name": (
        only(lambda github: github.rows[0]["workflow_run"].update(head_sha="b" * 40)),
        "run 1 is not for commit",
    ),
    "a plan that a push made under this name": (
        only(lambda github: github.runs[1].update(event="push")),
        "run 1 was not started by a pull request",
    ),
    "a plan of a run that was deleted": (
        only(lambda github: github.rows[0].update(workflow_run=None)),
        "no run for pull request 7 kept a plan",
    ),
    "a plan of another workflow": (
        only(lambda github: github.runs[1].update(path=".github/workflows/mine.yml")),
        "run 1 is of another workflow than .github/workflows/plan.yml",
    ),
    "an artifact without a plan": (kept(x=b""), "has no file plan.json"),
    "a plan that leads out of the artifact": (kept(**{"../plan.json": b"{}"}), "has no file plan.json"),
    "an artifact with something else": (kept(**{**plan(), "plan.json": b"[]"}), "is not a plan"),
    "a plan of another pull request of the same commit": (
        only(lambda github: second(github, OTHER_MERGE)),
        "no run for pull request 7 kept a plan",
    ),
    "the same under the name of this pull request": (
        only(lambda github: second(github, OTHER_MERGE, NAME)),
        "run 1 is for pull request 8 into loose",
    ),
    "the same after that pull request was closed": (
        only(lambda github: second(github, OTHER_MERGE, NAME, is_open=False)),
        "run 1 planned a merge into another branch than main",
    ),
    "a plan that was made before the pull request got another base": (
        kept(**plan(commit=OTHER_MERGE)),
        "run 1 planned a merge into another branch than main",
    ),
    "a plan of files that are not those of the pull request": (
        only(lambda github: github.parents.update({MERGE: [BASE, "b" * 40]})),
        "run 1 planned a commit that does not merge",
    ),
    "a plan of a commit that merges nothing": (
        only(lambda github: github.parents.update({MERGE: [BASE]})),
        "run 1 planned a commit that does not merge",
    ),
    "a plan of a commit that GitHub does not have": (
        only(lambda github: github.parents.clear()),
        "GitHub answered 404",
    ),
    "a plan that does not say which commit it is of": (
        kept(**{"plan.json": plan()["plan.json"]}),
        "has no file merge-commit",
    ),
    "a plan that says so with something else": (
        kept(**{**plan(), "merge-commit": b"../pulls/8"}),
        "merge-commit of artifact 1 is not a commit",
    ),
    "a plan of a fork that has the same commit": (
        only(lambda github: github.runs[1].update(head_repository={"full_name": "stranger/console"})),
        "run 1 is of another repository",
    ),
    "a plan of a fork that is gone": (
        only(lambda github: github.runs[1].update(head_repository=None)),
        "run 1 is of another repository",
    ),
    "a run that GitHub counts to another pull request": (
        only(lambda github: github.open.update({8: ("more", "main")})),
        "run 1 is for pull request 8 into main",
    ),
    "a run that GitHub counts to this pull request into another branch": (
        only(lambda github: github.open.update({7: ("more", "loose")})),
        "run 1 is for pull request 7 into loose",
    ),
}


@pytest.mark.parametrize("wrong", every_third(REFUSED))
def test_what_cannot_be_shown_to_be_reviewed_is_refused(wrong: str, github: ActionsApi, tmp_path: Path) -> None:
    change, told = REFUSED[wrong]
    change(github)
    ended = reviewed(github, tmp_path, "--workflow=.github/workflows/plan.yml")
    assert ended.returncode == 3
    assert ended.stderr.startswith("::error title=orgsync::")
    assert told in ended.stderr
    assert not (tmp_path / "ceiling.json").exists()


@pytest.mark.parametrize("missing", READ)
def test_each_permission_of_the_apply_job_is_needed(missing: str, github: ActionsApi, tmp_path: Path) -> None:
    merged(github)
    may = {name: level for name, level in READ.items() if name != missing}
    ended = ask(github, "reviewed", COMMIT, tmp_path / "ceiling.json", "--branch=main", may=may)
    assert (ended.returncode, "GitHub answered 403" in ended.stderr) == (3, True)


def test_the_newest_snapshot_of_the_branch_is_taken(github: ActionsApi, tmp_path: Path) -> None:
    for event, content in (("push", b"old"), ("schedule", b"new")):
        github.keep(github.run(event), "orgsync-snapshot", {"live.json": content})
    for row in range(150):  # more than a page of what must not be taken
        fork = github.run("pull_request", branch="main", fork=True) if row == 0 else len(github.runs)
        github.keep(fork, "orgsync-snapshot" if row == 0 else f"other-{row}", {"live.json": b"forged"})
    github.keep(github.run("pull_request", branch="main"), "orgsync-snapshot", {"live.json": b"forged"})
    github.keep(github.run("push", branch="mine"), "orgsync-snapshot", {"live.json": b"forged"})
    github.keep(github.run("push"), "orgsync-snapshot", {"live.json": b"gone"}, expired=True)
    tagged = github.run("push", sha=OF_A_TAG)  # of a tag that is called like the branch, and brings its own workflow
    github.keep(tagged, "orgsync-snapshot", {"live.json": b"forged"})
    github.elsewhere.add(OF_A_TAG)
    ended = ask(github, "newest", "orgsync-snapshot", "live.json", tmp_path / "live.json", "--branch=main")
    assert (ended.returncode, (tmp_path / "live.json").read_bytes()) == (0, b"new")


def test_what_is_not_there_is_an_error_unless_it_may_be_missing(github: ActionsApi, tmp_path: Path) -> None:
    wanted = ("newest", "orgsync-snapshot", "live.json", tmp_path / "live.json", "--branch=main")
    ended = ask(github, *wanted)
    assert (ended.returncode, "has left an artifact orgsync-snapshot" in ended.stderr) == (3, True)
    assert ask(github, *wanted, "--optional").returncode == 0
    assert not (tmp_path / "live.json").exists()


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], 3),
        ([{"type": "wait_timer"}], 3),
        ([{"type": "required_reviewers", "reviewers": []}], 3),
        ([{"type": "required_reviewers", "reviewers": [{"type": "Team"}]}], 0),
    ],
)
def test_an_environment_counts_as_review_if_it_asks_somebody(rules: list[Any], code: int, github: ActionsApi) -> None:
    github.environments["orgsync-apply"] = {"name": "orgsync-apply", "protection_rules": rules}
    assert ask(github, "asks", "orgsync-apply").returncode == code


def test_the_token_is_not_sent_without_encryption(github: ActionsApi) -> None:
    github.url = "http://api.github.example"
    ended = ask(github, "asks", "orgsync-apply")
    assert (ended.returncode, "over https only" in ended.stderr) == (3, True)
