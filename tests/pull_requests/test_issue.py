"""One open issue: opened, updated, closed, and after that a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from github_api import BOT, Answer, GithubApi

from orgsync.errors import EXIT_INPUT, EXIT_OK
from orgsync.render.plan.github import marker

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Orgsync
    from cli.support import Ended

MARKER = marker("drift", what="issue")
ISSUES = "/repos/acme/console/issues"


@pytest.fixture
def put(orgsync: Orgsync, tmp_path: Path) -> Put:
    return Put(orgsync, tmp_path / "issue.md")


class Put:
    """Runs `orgsync github issue`."""

    def __init__(self, orgsync: Orgsync, path: Path) -> None:
        self._orgsync = orgsync
        self._path = path

    def text(self, text: str, *more: str, title: str = "Drift") -> Ended:
        self._path.write_text(text, encoding="utf-8")
        return self.run("--title", title, "--body", str(self._path), *more)

    def run(self, *more: str) -> Ended:
        return self._orgsync("github", "issue", "--marker", "drift", "--label", "orgsync", *more)


def test_the_life_of_an_issue(api: GithubApi, put: Put) -> None:
    opened = put.text("one difference")
    assert (opened.code, opened.err) == (EXIT_OK, "Created the issue.\n")
    assert opened.out == "https://github.example/acme/console/issues/1001\n"
    issue = {"title": "Drift", "labels": ["orgsync"], "number": 1001}
    assert api.issues() == [{**issue, "body": f"{MARKER}\n\none difference", "state": "open"}]

    assert put.text("two differences", title="Drift (2)").err == "Updated the issue.\n"
    issue["title"] = "Drift (2)"
    assert api.issues() == [{**issue, "body": f"{MARKER}\n\ntwo differences", "state": "open"}]
    assert put.text("two differences", title="Drift (2)").err == "Nothing to change: the issue.\n"

    assert put.run("--close").err == "Closed the issue.\n"
    assert [one["state"] for one in api.issues()] == ["closed"]
    assert api.comments(1001) == ["No differences left. Closed by orgsync."]
    assert put.run("--close") == (EXIT_OK, "", "There is no open issue to close.\n")

    put.text("it drifted again")
    assert [(one["state"], one["body"].splitlines()[-1]) for one in api.issues()] == [
        ("closed", "two differences"),
        ("open", "it drifted again"),
    ]


def test_only_our_own_issue_with_the_marker_and_the_label_is_touched(api: GithubApi, put: Put) -> None:
    body = f"{MARKER}\n\nold"
    others = {
        api.has_issue("a stranger's", body, login="mallory", labels=("orgsync",)),
        api.has_issue("another marker", marker("eu", what="issue"), labels=("orgsync",)),
        api.has_issue("without the label", body),
        api.has_issue("a plan's marker", marker("drift"), labels=("orgsync",)),
    }
    before = [one for one in api.issues() if one["number"] in others]
    put.text("new")
    put.run("--close")
    assert [one for one in api.issues() if one["number"] in others] == before
    assert len(api.issues()) == len(others) + 1


def test_pull_requests_are_no_issues(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    with GithubApi(pull_requests=(7, 8)) as api:
        for name, value in api.environment.items():
            monkeypatch.setenv(name, value)
        for one in api._issues:
            one.body, one.login, one.labels = MARKER, BOT, ["orgsync"]
        put.text("new")
        assert len(api.issues()) == 1
        assert api.writes() == [f"POST {ISSUES}"]


def test_of_several_the_oldest_is_kept_open(api: GithubApi, put: Put) -> None:
    numbers = [api.has_issue("Drift", f"{MARKER}\n\n{text}", labels=("orgsync",)) for text in ("one", "two")]
    put.text("three")
    assert [(one["number"], one["state"]) for one in api.issues()] == [(numbers[0], "open"), (numbers[1], "closed")]


def test_the_issue_is_found_on_a_later_page(api: GithubApi, put: Put) -> None:
    api.has_issue("Drift", f"{MARKER}\n\nold", labels=("orgsync",))
    for number in range(120):
        api.has_issue(f"other {number}", "", login="ana", labels=("orgsync",))
    assert put.text("new").err == "Updated the issue.\n"


def test_an_issue_whose_answer_was_lost_is_not_opened_again(api: GithubApi, put: Put) -> None:
    api.fails("POST", f"{ISSUES}$", Answer(500, {"message": "Server Error"}), after=True)
    assert put.text("one difference").code == EXIT_OK
    assert (len(api.issues()), api.writes()) == (1, [f"POST {ISSUES}"])


def test_a_hostile_title_is_one_inert_line(api: GithubApi, put: Put) -> None:
    put.text("text", title="drift\x1b[2J\n::error::" + "x" * 500)
    title = api.issues()[0]["title"]
    assert title.isprintable()
    assert len(title) == 250


@pytest.mark.parametrize(
    "arguments",
    [
        ("--marker", "drift"),
        ("--marker", "drift", "--title", "Drift"),
        ("--marker", "drift", "--title", " ", "--body", "-"),
        ("--marker", "-->", "--close"),
        ("--marker", "drift", "--close", "--label", "a,b"),
        ("--marker", "drift", "--close", "--label", " "),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], api: GithubApi, orgsync: Orgsync) -> None:
    ended = orgsync("github", "issue", *arguments)
    assert (ended.code, ended.out, api.requests) == (EXIT_INPUT, "", [])
    assert ended.err.startswith("Error: ")
