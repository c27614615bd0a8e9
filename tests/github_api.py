"""A GitHub of one repository on loopback: the paths that orgsync uses, the shapes of the documentation, and no others.

A request it does not know fails the test that sent it, when the `with` block ends.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from loopback import Handler, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = "ghs_sandboxTokenOfOneJob0123456789"
BOT = "github-actions[bot]"
REPOSITORY = "acme/console"
LONGEST_BODY = 65_536
MOST_A_PAGE = 100


class Request(NamedTuple):
    """One request as it arrived; names of headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class Answer(NamedTuple):
    """One answer; without a status the connection is closed instead."""

    status: int | None
    body: Any = None
    headers: Mapping[str, str] = {}


@dataclass
class Fault:
    """A request that goes wrong once; `after` lets it do its work first, so that only the answer is lost."""

    method: str
    path: str
    answer: Answer
    after: bool = False


@dataclass
class _Comment:
    id: int
    number: int
    login: str
    body: str


@dataclass
class _Issue:
    number: int
    login: str
    title: str
    body: str
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    pull_request: bool = False


class GithubApi(Loopback):
    """`with GithubApi() as api:` - `api.environment` is what a job would have.

    The token is a workflow's, which may not ask who it is; with `login` it is that person's.
    """

    def __init__(
        self, *, pull_requests: tuple[int, ...] = (7,), login: str | None = None, writes_as: str = BOT
    ) -> None:
        self.requests: list[Request] = []
        self.unexpected: list[str] = []
        self._login = login
        self._writes_as = login or writes_as
        self._comments: list[_Comment] = []
        self._issues = [_Issue(number, "ana", "a pull request", "", pull_request=True) for number in pull_requests]
        self._faults: list[Fault] = []
        self._next = 1_000
        self._lock = threading.Lock()
        super().__init__(_handler(self))

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        assert exception[0] is not None or not self.unexpected, self.unexpected

    @property
    def environment(self) -> dict[str, str]:
        """What GitHub sets for a job."""
        return {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": self.url}

    def comments(self, number: int) -> list[str]:
        """The bodies of the comments on an issue or a pull request, oldest first."""
        return [comment.body for comment in self._comments if comment.number == number]

    def authors(self, number: int) -> list[str]:
        """Who wrote them."""
        return [comment.login for comment in self._comments if comment.number == number]

    def issues(self, *, state: str | None = None) -> list[dict[str, Any]]:
        """The issues that are no pull requests: number, title, body, labels and state."""
        return [
            {name: getattr(issue, name) for name in ("number", "title", "body", "labels", "state")}
            for issue in self._issues
            if not issue.pull_request and state in {None, issue.state}
        ]

    def writes(self) -> list[str]:
        """Method and path of every request that changes something."""
        return [f"{sent.method} {sent.path}" for sent in self.requests if sent.method != "GET"]

    def has_comment(self, number: int, body: str, *, login: str = BOT) -> None:
        """Somebody has commented already."""
        self._comments.append(_Comment(self._number(), number, login, body))

    def has_issue(self, title: str, body: str, *, login: str = BOT, labels: tuple[str, ...] = ()) -> int:
        """Somebody has opened an issue already."""
        self._issues.append(_Issue(self._number(), login, title, body, list(labels)))
        return self._issues[-1].number

    def fails(self, method: str, path: str, answer: Answer, *, after: bool = False) -> None:
        """The next such request gets this answer. `path` is a regular expression."""
        self._faults.append(Fault(method, path, answer, after))

    def answer(self, sent: Request) -> Answer:
        """What to answer to a request, which is remembered."""
        with self._lock:
            self.requests.append(sent)
            found = next((one for one in self._faults if self._fits(one, sent)), None)
            if found is not None:
                self._faults.remove(found)
                if not found.after:
                    return found.answer
            usual = self._usual(sent)
            return usual if found is None else found.answer

    @staticmethod
    def _fits(fault: Fault, sent: Request) -> bool:
        return fault.method == sent.method and re.search(fault.path, sent.path) is not None

    def _usual(self, sent: Request) -> Answer:
        if "user-agent" not in sent.headers:
            return _refusal(403, "Request forbidden by administrative rules.")
        if sent.headers.get("authorization") not in {f"token {TOKEN}", f"Bearer {TOKEN}"}:
            return _refusal(401, "Bad credentials")
        for method, pattern, reply in self._routes():
            found = re.fullmatch(pattern, sent.path)
            if found is not None and method == sent.method:
                return reply(sent, *(int(number) for number in found.groups()))
        self.unexpected.append(f"{sent.method} {sent.path}")
        return _refusal(404, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        issues = f"/repos/{REPOSITORY}/issues"
        return [
            ("GET", "/user", self._get_user),
            ("GET", rf"{issues}/(\d+)/comments", self._list_comments),
            ("POST", rf"{issues}/(\d+)/comments", self._create_comment),
            ("PATCH", rf"{issues}/comments/(\d+)", self._edit_comment),
            ("DELETE", rf"{issues}/comments/(\d+)", self._delete_comment),
            ("GET", issues, self._list_issues),
            ("POST", issues, self._create_issue),
            ("PATCH", rf"{issues}/(\d+)", self._edit_issue),
        ]

    def _get_user(self, sent: Request) -> Answer:
        del sent
        if self._login is None:
            return _refusal(403, "Resource not accessible by integration")
        return Answer(200, _user(self._login))

    def _list_comments(self, sent: Request, number: int) -> Answer:
        if self._issue(number) is None:
            return _refusal(404, "Not Found")
        return self._page(sent, [self._shown(one) for one in self._comments if one.number == number], set())

    def _create_comment(self, sent: Request, number: int) -> Answer:
        if self._issue(number) is None:
            return _refusal(404, "Not Found")
        wrong = self._wrong(sent, {"body"})
        if wrong is not None:
            return wrong
        self._comments.append(_Comment(self._number(), number, self._writes_as, sent.body["body"]))
        return Answer(201, self._shown(self._comments[-1]))

    def _edit_comment(self, sent: Request, identity: int) -> Answer:
        found = next((one for one in self._comments if one.id == identity), None)
        if found is None:
            return _refusal(404, "Not Found")
        wrong = self._wrong(sent, {"body"})
        if wrong is not None:
            return wrong
        found.body = sent.body["body"]
        return Answer(200, self._shown(found))

    def _delete_comment(self, sent: Request, identity: int) -> Answer:
        del sent
        kept = [one for one in self._comments if one.id != identity]
        if len(kept) == len(self._comments):
            return _refusal(404, "Not Found")
        self._comments = kept
        return Answer(204)

    def _list_issues(self, sent: Request) -> Answer:
        wanted = {label for label in sent.query.get("labels", "").split(",") if label}
        state = sent.query.get("state", "open")
        rows = [one for one in self._issues if state in {"all", one.state} and wanted <= set(one.labels)]
        # Newest first, as GitHub sorts them.
        return self._page(sent, [self._issue_row(one) for one in reversed(rows)], {"state", "labels"})

    def _create_issue(self, sent: Request) -> Answer:
        wrong = self._wrong(sent, {"title", "body", "labels"})
        if wrong is not None:
            return wrong
        body = sent.body
        made = _Issue(self._number(), self._writes_as, body["title"], body.get("body", ""), body.get("labels", []))
        self._issues.append(made)
        return Answer(201, self._issue_row(made))

    def _edit_issue(self, sent: Request, number: int) -> Answer:
        issue = self._issue(number)
        if issue is None:
            return _refusal(404, "Not Found")
        wrong = self._wrong(sent, {"title", "body", "state"})
        if wrong is not None:
            return wrong
        for name, value in sent.body.items():
            setattr(issue, name, value)
        return Answer(200, self._issue_row(issue))

    def _wrong(self, sent: Request, known: set[str]) -> Answer | None:
        if not isinstance(sent.body, dict) or not set(sent.body) <= known:
            self.unexpected.append(f"{sent.method} {sent.path} with {sent.body!r}")
            return _refusal(400, "Problems parsing JSON")
        if len(sent.body.get("body", "")) > LONGEST_BODY:
            return _refusal(422, "Validation Failed")
        return None

    def _page(self, sent: Request, rows: list[Any], known: set[str]) -> Answer:
        if not set(sent.query) <= known | {"per_page", "page"}:
            self.unexpected.append(f"{sent.method} {sent.path} asks for {dict(sent.query)}")
        size = min(int(sent.query.get("per_page", 30)), MOST_A_PAGE)
        number = int(sent.query.get("page", 1))
        last = max(1, -(-len(rows) // size))
        links = {"next": number + 1, "last": last} if number < last else {}
        written = ", ".join(
            f'<{self.url}{sent.path}?{urlencode({**sent.query, "page": page})}>; rel="{name}"'
            for name, page in links.items()
        )
        return Answer(200, rows[(number - 1) * size : number * size], {"link": written} if written else {})

    def _issue(self, number: int) -> _Issue | None:
        return next((one for one in self._issues if one.number == number), None)

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _shown(self, one: _Comment) -> dict[str, Any]:
        url = f"{self.url}/repos/{REPOSITORY}/issues/comments/{one.id}"
        page = f"https://github.example/{REPOSITORY}/issues/{one.number}#issuecomment-{one.id}"
        return {"id": one.id, "url": url, "html_url": page, "user": _user(one.login), "body": one.body}

    def _issue_row(self, one: _Issue) -> dict[str, Any]:
        url = f"{self.url}/repos/{REPOSITORY}/issues/{one.number}"
        page = f"https://github.example/{REPOSITORY}/{'pull' if one.pull_request else 'issues'}/{one.number}"
        row = {
            "id": one.number + 10_000,
            "number": one.number,
            "url": url,
            "html_url": page,
            "user": _user(one.login),
            "title": one.title,
            "body": one.body,
            "state": one.state,
            "labels": [{"id": 1, "name": label, "color": "ededed"} for label in one.labels],
        }
        return row | ({"pull_request": {"url": url}} if one.pull_request else {})


def _user(login: str) -> dict[str, Any]:
    return {"login": login, "id": 41_898_282, "type": "Bot" if login.endswith("[bot]") else "User"}


def _refusal(status: int, message: str) -> Answer:
    return Answer(
        status, {"message": message, "documentation_url": "https://docs.github.example", "status": str(status)}
    )


def _handler(api: GithubApi) -> type[Handler]:
    class Api(Handler):
        def answer(self) -> None:
            text = self.body()
            body = json.loads(text) if text else None
            answer = api.answer(Request(self.command, self.route, self.query, self.named_headers(), body))
            if answer.status is None:
                return
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            headers = {"content-type": "application/json; charset=utf-8", **answer.headers}
            self.reply(answer.status, content, headers)

    return Api
