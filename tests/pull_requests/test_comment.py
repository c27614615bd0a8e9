"""One comment on a pull request: found again, updated, never repeated, and never somebody else's."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from github_api import BOT, TOKEN, Answer, GithubApi

from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE
from orgsync.render.plan.github import marker

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Orgsync
    from cli.support import Ended

PLAN = f"{marker('plan')}\n\n### Plan: 1 to create\n"
NEWER = f"{marker('plan')}\n\n### Plan: 2 to create\n"
COMMENTS = "/repos/acme/console/issues/7/comments"


def post(orgsync: Orgsync, folder: Path, text: str = PLAN, *more: str) -> Ended:
    """Runs `orgsync github comment` on pull request 7 with this text in the file."""
    path = folder / "comment.md"
    path.write_text(text, encoding="utf-8")
    return orgsync("github", "comment", path, "--pull-request", "7", *more)


def test_first_run_comments_and_prints_where(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = post(orgsync, tmp_path)
    assert ended.code == EXIT_OK
    assert ended.out == "https://github.example/acme/console/issues/7#issuecomment-1001\n"
    assert ended.err == "Created the comment on pull request 7.\n"
    assert (api.comments(7), api.authors(7)) == ([PLAN], [BOT])


def test_second_push_updates_the_same_comment(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    first = post(orgsync, tmp_path)
    second = post(orgsync, tmp_path, NEWER)
    assert (second.out, second.err) == (first.out, "Updated the comment on pull request 7.\n")
    assert api.comments(7) == [NEWER]


def test_same_text_writes_nothing(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    api.has_comment(7, PLAN.replace("\n", "\r\n").strip())  # as GitHub gives it back
    assert post(orgsync, tmp_path).code == EXIT_OK
    assert api.writes() == []


def test_a_saved_plan_of_any_version_is_no_comment(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    for saved in ('{\n  "format_version": 1,\n', '{"format_version": 99, "orgsync": "9.0.0"}'):
        ended = post(orgsync, tmp_path, saved)
        assert ended.code == EXIT_INPUT
        assert "comment.md is a file that orgsync saved, not Markdown" in ended.err
    assert api.writes() == []


def test_a_comment_of_the_first_release_is_found_again(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    api.has_comment(7, "<!-- orgsync:plan:plan -->\n\n### Plan: 3 to create\n")
    assert post(orgsync, tmp_path, NEWER).err == "Updated the comment on pull request 7.\n"
    assert api.comments(7) == [NEWER]


def test_a_strangers_comment_with_the_marker_is_left_alone(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    api.has_comment(7, PLAN, login="mallory")
    post(orgsync, tmp_path, NEWER)
    assert list(zip(api.authors(7), api.comments(7), strict=True)) == [("mallory", PLAN), (BOT, NEWER)]
    assert api.writes() == [f"POST {COMMENTS}"]


def test_our_other_comments_are_left_alone(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    others = [f"{marker('eu')}\n\nanother organization", "the bot of another workflow", f"it quotes {marker('plan')}"]
    for other in others:
        api.has_comment(7, other)
    post(orgsync, tmp_path)
    assert api.comments(7) == [*others, PLAN]


def test_of_several_the_first_is_kept(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    for text in (PLAN, "between", PLAN, NEWER):
        api.has_comment(7, text)
    api.has_comment(7, PLAN, login="mallory")
    post(orgsync, tmp_path, NEWER)
    assert api.comments(7) == [NEWER, "between", PLAN]


def test_the_comment_is_found_on_a_later_page(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    for number in range(230):
        api.has_comment(7, f"comment {number}", login="ana")
    api.has_comment(7, PLAN)
    post(orgsync, tmp_path, NEWER)
    assert [text for text in api.comments(7) if "orgsync" in text] == [NEWER]
    assert [sent.query.get("page") for sent in api.requests if sent.path == COMMENTS] == [None, "2", "3"]


def test_a_persons_token_finds_the_persons_comment(
    orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GithubApi(login="ana") as api:
        for name, value in api.environment.items():
            monkeypatch.setenv(name, value)
        api.has_comment(7, PLAN)
        post(orgsync, tmp_path)
        post(orgsync, tmp_path, NEWER)
        assert list(zip(api.authors(7), api.comments(7), strict=True)) == [(BOT, PLAN), ("ana", NEWER)]


@pytest.mark.parametrize("options", [(), ("--author", "acme-bot[bot]")], ids=["not told", "told"])
def test_an_apps_token_leaves_one_comment(
    options: tuple[str, ...], orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a token may not ask who it is; who it was shows when it has written."""
    with GithubApi(writes_as="acme-bot[bot]") as api:
        for name, value in api.environment.items():
            monkeypatch.setenv(name, value)
        for text in (PLAN, PLAN, NEWER):
            post(orgsync, tmp_path, text, *options)
        assert (api.authors(7), api.comments(7)) == (["acme-bot[bot]"], [NEWER])


def test_a_comment_whose_answer_was_lost_is_not_sent_again(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    api.fails("POST", COMMENTS, Answer(502, {"message": "Server Error"}), after=True)
    assert post(orgsync, tmp_path).code == EXIT_OK
    assert (api.comments(7), api.writes()) == ([PLAN], [f"POST {COMMENTS}"])


@pytest.mark.parametrize("fault", [Answer(502, {"message": "Server Error"}), Answer(None)], ids=["502", "dropped"])
def test_a_comment_that_was_not_made_is_sent_again(
    fault: Answer, api: GithubApi, orgsync: Orgsync, tmp_path: Path
) -> None:
    api.fails("POST", COMMENTS, fault)
    assert post(orgsync, tmp_path).code == EXIT_OK
    assert api.comments(7) == [PLAN]


def test_secondary_rate_limit_is_waited_out(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    limited = Answer(403, {"message": "You have exceeded a secondary rate limit."}, {"retry-after": "0"})
    for method in ("GET", "POST"):
        api.fails(method, COMMENTS, limited)
    assert post(orgsync, tmp_path).code == EXIT_OK
    assert api.comments(7) == [PLAN]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_reads_and_updates_are_repeated(method: str, api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    api.has_comment(7, PLAN)
    api.fails(method, "comments", Answer(503, {"message": "Service Unavailable"}))
    assert post(orgsync, tmp_path, NEWER).code == EXIT_OK
    assert api.comments(7) == [NEWER]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), "GITHUB_TOKEN is invalid"),
        (Answer(403, {"message": "Resource not accessible by integration"}), "pull-requests: write"),
        (Answer(422, {"message": f"Validation Failed {TOKEN}"}), "GitHub answered 422: Validation Failed [credential]"),
        (Answer(422, {"message": f"for {TOKEN[8:24].upper()}"}), "GitHub answered 422: for [credential]"),
    ],
    ids=["401", "403", "the token", "a part of the token"],
)
def test_what_github_refuses_is_explained(
    answer: Answer, said: str, api: GithubApi, orgsync: Orgsync, tmp_path: Path
) -> None:
    api.fails("POST", COMMENTS, answer)
    ended = post(orgsync, tmp_path)
    assert (ended.code, ended.out, api.comments(7)) == (EXIT_UNREADABLE, "", [])
    assert said in ended.err
    assert TOKEN not in ended.said


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"data": "<html>"}),
        Answer(200, "<html>proxy</html>"),
        Answer(200, [1, 2]),
        Answer(200, [{"id": "x"}]),
        Answer(301, {"message": "Moved"}, {"location": "https://elsewhere.example/"}),
    ],
    ids=lambda answer: f"{answer.status} {answer.body}",
)
def test_what_is_not_github_is_explained(
    answer: Answer, method: str, api: GithubApi, orgsync: Orgsync, tmp_path: Path
) -> None:
    api.fails(method, COMMENTS, answer)
    ended = post(orgsync, tmp_path)
    assert (ended.code, ended.out, api.comments(7)) == (EXIT_UNREADABLE, "", [])
    assert ended.err.startswith("Error: ")


def test_a_pull_request_that_does_not_exist_is_explained(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = orgsync("github", "comment", _file(tmp_path), "--pull-request", "8")
    assert (ended.code, api.writes()) == (EXIT_UNREADABLE, [])
    assert ended.err.startswith("Error: GitHub answered 404: Not Found\nhint: ")


def test_a_text_without_marker_gets_one(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    post(orgsync, tmp_path, "as written by hand", "--comment-name", "eu")
    assert api.comments(7) == [f"{marker('eu')}\n\nas written by hand"]


def test_a_text_that_is_too_long_is_cut_at_a_line(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    row = "| `member:somebody@acme.example` | invite | 🙂 |"
    text = f"{PLAN}\n<details>\n<summary>all</summary>\n\n" + f"{row}\n" * 3_000 + "\n</details>\n"
    assert post(orgsync, tmp_path, text).code == EXIT_OK
    lines = api.comments(7)[0].splitlines()
    kept = lines.count(row)
    assert 1_000 < kept < 3_000
    assert lines[-4:] == ["", "</details>", "", f"and {3_000 - kept + 2:,} more lines"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        ({"GITHUB_TOKEN": "ghs_secret\nghs_secret"}, "GITHUB_TOKEN contains"),
        ({"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY is not set"),
        ({"GITHUB_REPOSITORY": "acme/console/../other"}, "GITHUB_REPOSITORY is not set, or is not a repository"),
        ({"GITHUB_API_URL": "http://github.example"}, "must start with https://"),
        ({"GITHUB_API_URL": "https://ana:ghs_secret@github.example"}, "is not a valid URL"),
        ({"GITHUB_API_URL": "https://[github"}, "is not a URL"),
        ({"GITHUB_API_URL": "https://github.example/?x=ghs_secret"}, "is not a valid URL"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_environment_is_said_before_anything_is_sent(
    variables: dict[str, str],
    said: str,
    api: GithubApi,
    orgsync: Orgsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ended = post(orgsync, tmp_path)
    assert (ended.code, api.requests) == (EXIT_INPUT, [])
    assert said in ended.err
    assert "ghs_secret" not in ended.said


@pytest.mark.parametrize("name", ["", "-->", "a b", "a--b", "a\nb", "x" * 61])
def test_a_comment_name_that_could_end_the_marker_is_refused(
    name: str, api: GithubApi, orgsync: Orgsync, tmp_path: Path
) -> None:
    ended = post(orgsync, tmp_path, PLAN, "--comment-name", name)
    assert (ended.code, api.requests) == (EXIT_INPUT, [])


def test_without_the_extra_the_line_that_installs_it_is_said(
    api: GithubApi, orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "github", None)  # what makes Python say that there is no such module
    ended = post(orgsync, tmp_path)
    assert (ended.code, api.requests) == (EXIT_INPUT, [])
    assert re.search(r"pip install .*'pygithub>=", ended.err)


def test_a_file_of_another_name_is_refused(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = post(orgsync, tmp_path, PLAN, "--comment-name", "eu")
    assert (ended.code, api.requests) == (EXIT_INPUT, [])
    assert "was created for another comment name" in ended.err


def test_a_file_that_is_no_text_is_refused(api: GithubApi, orgsync: Orgsync, tmp_path: Path) -> None:
    (tmp_path / "comment.md").write_bytes(b"\xff\xfe")
    ended = orgsync("github", "comment", tmp_path / "comment.md", "--pull-request", "7")
    assert (ended.code, api.requests) == (EXIT_INPUT, [])


def _ask_what_orgsync_does_not() -> None:
    with GithubApi() as api:
        for path, token, status in ((COMMENTS, "other", 401), (COMMENTS, TOKEN, 200), (COMMENTS[:20], TOKEN, 404)):
            headers = {"authorization": f"token {token}"}
            assert httpx.get(f"{api.url}{path}", headers=headers, trust_env=False).status_code == status


def test_the_fake_refuses_what_orgsync_does_not_need() -> None:
    """The judge judges: a path or a token it does not know does not pass."""
    with pytest.raises(AssertionError, match="GET /repos/acme/console"):
        _ask_what_orgsync_does_not()


def _file(folder: Path) -> Path:
    path = folder / "comment.md"
    path.write_text(PLAN, encoding="utf-8")
    return path
