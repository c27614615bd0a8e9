"""A plan that is shown in several comments: each is found again, and at no moment do two plans look like one."""

from __future__ import annotations

import importlib.util
import re
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli.support import NOW, files
from github_api import BOT, Answer, GithubApi, Request
from render import plans

from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE
from orgsync.github.pages import LONGEST_COMMENT
from orgsync.render.plan.github import COMMENT_LIMIT, MOST_PAGES, PAGE_BREAK, comment, marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended

HERE = ("org.yaml", "--sandbox", "acme.db", "--now", NOW)
OLD, NEW = "a" * 64, "b" * 64
SCRIPT = Path(__file__).parents[2] / ".github" / "action" / "artifacts.py"


def _action() -> Any:
    """What `apply` reads comments with, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("artifacts", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["artifacts"] = module
    spec.loader.exec_module(module)
    return module


artifacts = _action()


class Watched(GithubApi):
    """One that remembers which comments there were after each write."""

    def __init__(self) -> None:
        self.states: list[list[str]] = []
        super().__init__()

    def answer(self, sent: Request) -> Answer:
        answer = super().answer(sent)
        if sent.method != "GET":
            self.states.append(self.comments(7))
        return answer


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """In place of that of the folder."""
    with Watched() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def plan(digest: str, pages: int) -> str:
    """A plan as it is printed: each page begins with its marker, the last one ends with the digest."""
    markers = [marker("plan"), *(marker(f"plan:{number}/{pages}") for number in range(2, pages + 1))]
    texts = [f"{one}\n\npage {number} of {pages}, {digest[:12]}" for number, one in enumerate(markers, 1)]
    return joined([*texts[:-1], f"{texts[-1]}\n\nDigest of the changes: `{digest}`"])


def joined(texts: list[str]) -> str:
    """Pages as they are printed in one text."""
    return f"{PAGE_BREAK}\n".join(f"{text}\n" for text in texts)


def post(orgsync: Orgsync, folder: Path, text: str, *more: str) -> Ended:
    (folder / "comment.md").write_text(text, encoding="utf-8")
    return orgsync("github", "comment", folder / "comment.md", "--pull-request", "7", *more)


def shown(bodies: list[str]) -> str | None:
    """The digest that apply would take."""
    try:
        return str(artifacts.digest_of(bodies, "plan"))
    except artifacts.Refused:
        return None


def visible(bodies: list[str]) -> list[str]:
    """What a person reads of them."""
    return [re.sub(r"<!-- .*? -->", "", body).strip() for body in bodies]


def test_each_page_is_a_comment(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = post(orgsync, tmp_path, plan(NEW, 3))
    assert (ended.code, ended.err) == (EXIT_OK, "Created the comment on pull request 7.\n")
    assert ended.out == "https://github.example/acme/console/issues/7#issuecomment-1001\n"
    assert [body.splitlines()[0] for body in api.comments(7)] == [
        "<!-- orgsync:plan:plan -->",
        "<!-- orgsync:plan:plan:2 -->",
        "<!-- orgsync:plan:plan:3 -->",
    ]
    assert visible(api.comments(7)) == [
        "page 1 of 3, bbbbbbbbbbbb",
        "page 2 of 3, bbbbbbbbbbbb",
        f"page 3 of 3, bbbbbbbbbbbb\n\nDigest of the changes: `{NEW}`",
    ]
    assert post(orgsync, tmp_path, plan(NEW, 3)).err == "Nothing to change: the comment on pull request 7.\n"
    assert len(api.writes()) == 3


@pytest.mark.parametrize(("before", "after"), list(product(range(1, MOST_PAGES + 1), repeat=2)))
def test_at_no_moment_two_plans_look_like_one(
    before: int, after: int, api: Watched, orgsync: Orgsync, tmp_path: Path
) -> None:
    assert post(orgsync, tmp_path, plan(OLD, before)).code == EXIT_OK
    assert [shown(state) for state in api.states] == [*[None] * (before - 1), OLD]
    api.states.clear()
    ended = post(orgsync, tmp_path, plan(NEW, after))
    assert (ended.code, ended.err) == (EXIT_OK, "Updated the comment on pull request 7.\n")
    assert [shown(state) for state in api.states] == [*[None] * (max(before, after) - 1), NEW]
    assert len(api.comments(7)) == after


def test_the_same_digest_with_other_words_is_another_plan(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    post(orgsync, tmp_path, plan(OLD, 2))
    api.states.clear()
    post(orgsync, tmp_path, plan(OLD, 2).replace("page 1", "seite 1"))
    assert [shown(state) for state in api.states] == [None, OLD]


def test_a_failed_plan_takes_the_pages_away(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    post(orgsync, tmp_path, plan(OLD, 3))
    post(orgsync, tmp_path, f"{marker('plan')}\n\n### The files are invalid\n")
    assert visible(api.comments(7)) == ["### The files are invalid"]
    assert shown(api.comments(7)) is None


def test_what_was_interrupted_shows_no_digest_and_is_put_right_by_the_next_run(
    api: Watched, orgsync: Orgsync, tmp_path: Path
) -> None:
    post(orgsync, tmp_path, plan(OLD, 3))
    api.fails("PATCH", "comments/1002", Answer(422, {"message": "Validation Failed"}))
    assert post(orgsync, tmp_path, plan(NEW, 3)).code == EXIT_UNREADABLE
    assert shown(api.comments(7)) is None
    post(orgsync, tmp_path, plan(NEW, 3))
    assert (shown(api.comments(7)), len(api.comments(7))) == (NEW, 3)


def test_pages_of_others_are_left_alone(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    foreign = ["<!-- orgsync:plan:plan:2 -->\nmine", "<!-- orgsync:plan:plan:3 -->\nmine, too"]
    for body in foreign:
        api.has_comment(7, body, login="mallory")
    eu = "<!-- orgsync:plan:eu:2 -->\nanother organization"
    api.has_comment(7, eu)
    post(orgsync, tmp_path, plan(NEW, 2))
    post(orgsync, tmp_path, plan(NEW, 1))
    assert api.comments(7)[:3] == [*foreign, eu]
    assert api.authors(7) == ["mallory", "mallory", BOT, BOT]


def test_more_pages_than_are_shown_are_refused(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = post(orgsync, tmp_path, plan(NEW, MOST_PAGES + 1))
    assert (ended.code, api.requests) == (EXIT_INPUT, [])
    assert "comment.md has 5 pages; a plan is shown in at most 4" in ended.err


def test_a_page_is_not_cut_but_refused(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    """A plan of which a part is missing must not keep its digest."""
    long = joined([plan(NEW, 1), "x" * LONGEST_COMMENT])
    ended = post(orgsync, tmp_path, long)
    assert (ended.code, api.requests) == (EXIT_INPUT, [])
    assert "comment.md: page 2 has more than 65,536 characters" in ended.err


def test_pages_for_another_comment_name_are_refused(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = post(orgsync, tmp_path, plan(NEW, 2), "--comment-name", "eu")
    assert (ended.code, api.requests) == (EXIT_INPUT, [])


def test_a_large_page_is_not_too_large_for_github(api: Watched, orgsync: Orgsync, tmp_path: Path) -> None:
    assert post(orgsync, tmp_path, joined(["x" * COMMENT_LIMIT, "y" * COMMENT_LIMIT])).code == EXIT_OK
    assert len(api.comments(7)) == 2


@pytest.mark.story
def test_2_000_invites_go_through_review_and_apply(
    api: Watched, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox()
    addresses = [f"person-{number:04}@acme.example" for number in range(2_000)]
    allowed = "guards: {allow: [{guard: max_grants, count: 2000, until: 2026-12-31, reason: the course of winter}]}\n"
    people = "".join(f"  {one}: user\n" for one in addresses)
    files(tmp_path, f"{allowed}members:\n  ceo@acme.example: admin\n{people}")
    planned = orgsync("plan", *HERE, "--format", "github", "--out", "plan.json")
    assert planned.code == EXIT_OK
    assert post(orgsync, tmp_path, planned.out).code == EXIT_OK
    bodies = api.comments(7)
    assert len(bodies) == 2
    assert all(f"`member:{one}`" in "".join(bodies) for one in addresses)
    assert (shown(bodies[:1]), shown(bodies[1:])) == (None, None)
    reviewed = shown(bodies)
    assert reviewed is not None
    ended = orgsync("apply", *HERE, "--ceiling", "plan.json", "--ceiling-digest", reviewed, "--yes", "--quiet")
    assert ended.code == EXIT_OK
    assert len(acme.writes()) == 2_000


def test_what_no_four_comments_hold_cannot_be_reviewed_by_a_digest(
    api: Watched, orgsync: Orgsync, tmp_path: Path
) -> None:
    assert post(orgsync, tmp_path, comment(plans.large(9_000))).code == EXIT_OK
    [body] = api.comments(7)
    assert "too large to be shown here" in body
    assert shown([body]) is None
