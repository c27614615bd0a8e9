"""One repository through PyGithub: what may be repeated is repeated by the library, what creates is looked up first."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

from orgsync.errors import ApiError
from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from github import Github
    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.Repository import Repository

    from orgsync.github.access import Access

ACTIONS_BOT = "github-actions[bot]"
"""Who writes with the token of a workflow; such a token may not ask who it belongs to."""

MOST_RETRIES = 5
MOST_ATTEMPTS = 3
REPEATABLE = ["GET", "PATCH", "DELETE"]
_FORBIDDEN = 403
_MISSING = 404
_BROKEN = 500

_HINTS = {
    401: "GITHUB_TOKEN is invalid or has expired",
    403: "the job needs `permissions: {pull-requests: write}` for comments, `{issues: write}` for issues",
    404: "check the number, GITHUB_REPOSITORY and the permissions of the token",
    410: "issues are switched off in this repository",
}

# What PyGithub stumbles over where an answer is not of GitHub's shape, or leads to another host.
_NOT_GITHUB = (AssertionError, AttributeError, KeyError, RuntimeError, TypeError)

Made = TypeVar("Made")


class GitHubError(ApiError):
    """GitHub could not be reached, or refused."""


class Client:
    """`with Client(access) as client:` - everything it raises is for a person, and holds no token."""

    def __init__(self, access: Access, *, author: str | None = None) -> None:
        require("github", "this command requires")
        from github import Auth, Github, GithubRetry

        # PyGithub prints what it thinks of each answer, as it came; what a person has to know is raised instead.
        logging.getLogger("github").setLevel(logging.CRITICAL)
        self._access = access
        self._author = author

        def connected(retry: GithubRetry) -> Github:
            return Github(
                auth=Auth.Token(access.token),
                base_url=access.url,
                user_agent="orgsync",
                per_page=100,
                retry=retry,
                lazy=True,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )

        self._repeating = connected(GithubRetry(total=MOST_RETRIES, backoff_factor=0.5, allowed_methods=REPEATABLE))
        # Only what GitHub says it did not do (its rate limits) is sent again without a look.
        self._creating = connected(GithubRetry(total=MOST_RETRIES, read=0, other=0, status_forcelist=[_FORBIDDEN]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._repeating.close()
        self._creating.close()

    @property
    def author(self) -> str:
        """Whose comments and issues are our own: of whoever the token belongs to."""
        if self._author is None:
            self._author = self._asked()
        return self._author

    def learn_author(self, made: IssueComment | Issue) -> None:
        """Believes what GitHub says about something this token has just written."""
        with self.explained():
            self._author = made.user.login

    @property
    def issues(self) -> Repository:
        """The repository, for reading, and for writes that may be repeated."""
        return _repository(self._repeating, self._access)

    def own_comments(self, number: int, marker: str | tuple[str, ...]) -> list[IssueComment]:
        """Our comments on one issue or pull request that begin with a marker, or one of several, oldest first."""
        with self.explained():
            comments = self.issues.get_issue(number).get_comments()
            return sorted((one for one in comments if self._is_own(one, marker)), key=lambda one: one.id)

    def own_issues(self, marker: str, labels: list[str]) -> list[Issue]:
        """Our open issues with all these labels that begin with a marker, oldest first."""
        options: dict[str, Any] = {"labels": labels} if labels else {}
        with self.explained():
            issues = self.issues.get_issues(state="open", **options)
            # GitHub lists pull requests as issues; only the address tells them apart without another request.
            own = (one for one in issues if self._is_own(one, marker) and "/pull/" not in one.html_url)
            return sorted(own, key=lambda one: one.number)

    def create_comment(self, number: int, body: str, find: Callable[[], list[IssueComment]]) -> IssueComment:
        """A new comment; `find` says whether one whose answer was lost is there."""
        issue = _repository(self._creating, self._access).get_issue(number)
        return self._created(lambda: issue.create_comment(body), find)

    def create_issue(self, title: str, body: str, labels: list[str], find: Callable[[], list[Issue]]) -> Issue:
        """A new issue; `find` says whether one whose answer was lost is there."""
        repository = _repository(self._creating, self._access)
        return self._created(lambda: repository.create_issue(title=title, body=body, labels=labels), find)

    def delete(self, comment: IssueComment) -> None:
        """Deletes a comment of our own; somebody else may have been quicker."""
        from github import UnknownObjectException

        with self.explained():
            try:
                comment.delete()
            except UnknownObjectException:
                return

    def url_of(self, one: IssueComment | Issue) -> str:
        """Where people find it, as GitHub says and without the token."""
        return self._access.masked(one.html_url)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What the library raises, as an error for a person."""
        from github import GithubException
        from requests.exceptions import RequestException

        try:
            yield
        except GithubException as error:
            told = error.data.get("message") if isinstance(error.data, dict) else error.message
            message = self._access.masked(f"GitHub answered {error.status}: {told or 'without a message'}")
            raise GitHubError(message, hint=_HINTS.get(error.status)) from None
        except RequestException as error:
            message = self._access.masked(f"GitHub could not be reached at {self._access.url}: {type(error).__name__}")
            raise GitHubError(message, hint="GITHUB_API_URL says where; try again later") from None
        except _NOT_GITHUB as error:
            message = self._access.masked(f"the server at {self._access.url} does not answer as GitHub does")
            raise GitHubError(message, hint="check GITHUB_API_URL, and whether a proxy answers") from error

    def _asked(self) -> str:
        from github import GithubException

        with self.explained():
            try:
                return self._repeating.get_user().login or ACTIONS_BOT
            except GithubException as error:
                if error.status in {_FORBIDDEN, _MISSING}:
                    return ACTIONS_BOT
                raise

    def _is_own(self, one: IssueComment | Issue, marker: str | tuple[str, ...]) -> bool:
        """Anybody can write a marker, but not in our name."""
        return (one.body or "").startswith(marker) and one.user is not None and one.user.login == self.author

    def _created(self, create: Callable[[], Made], find: Callable[[], list[Made]]) -> Made:
        from github import GithubException
        from requests.exceptions import RequestException

        for attempt in range(1, MOST_ATTEMPTS + 1):
            with self.explained():
                try:
                    return create()
                except (GithubException, RequestException) as error:
                    lost = not isinstance(error, GithubException) or error.status >= _BROKEN
                    if not lost or attempt == MOST_ATTEMPTS:
                        raise
            found = find()
            if found:
                return found[0]
            time.sleep(attempt - 1)
        raise AssertionError("unreachable: the last attempt returns or raises")


def _repository(github: Github, access: Access) -> Repository:
    return github.get_repo(access.repository)
