"""A local stand-in for what the action asks GitHub: pull requests of a commit, runs, artifacts, environments, comments.

It judges: an unknown path, a method that writes, or a token without the permission for a path, is an error. What it
does not know itself it hands to another fake, which keeps comments and issues.
"""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from github_api import REPOSITORY
from loopback import Handler, Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY_ID = 1
MAIN = "main"
TIP = "f" * 40
"""The newest commit of the main branch, as far as the order of commits is asked for."""
JSON = {"content-type": "application/json"}
BOT = {"login": "github-actions[bot]", "type": "Bot"}


class ActionsApi:
    """One repository. Tokens are made by `token`, with what they may do."""

    def __init__(self) -> None:
        self.url = ""
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.runs: dict[int, dict[str, Any]] = {}
        self.rows: list[dict[str, Any]] = []
        self.zips: dict[int, bytes] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.environments: dict[str, dict[str, Any]] = {}
        self.elsewhere: set[str] = set()
        """Commits that are not in the history of the main branch."""
        self.parents: dict[str, list[str]] = {}
        """Of each commit that is asked for by its hash."""
        self.open: dict[int, tuple[str, str]] = {}
        """The branch and the base of each pull request that is open."""
        self.upstream: tuple[str, str] | None = None
        """Address and token of the fake that keeps comments and issues."""
        self.leaked: list[str] = []
        """Tokens that reached the place where artifacts are stored, where they do not belong."""
        self._tokens: dict[str, Mapping[str, str]] = {}

    def token(self, permissions: Mapping[str, str]) -> str:
        """A token of a job with these `permissions:`."""
        token = f"ghs_{len(self._tokens)}"
        self._tokens[token] = permissions
        return token

    def may(self, token: str) -> Mapping[str, str]:
        """What a token may do."""
        return self._tokens[token]

    def run(
        self, event: str, *, branch: str = MAIN, sha: str = "0" * 40, path: str = "plan.yml", fork: bool = False
    ) -> int:
        """A workflow run; its number."""
        number = len(self.runs) + 1
        owner = "stranger/console" if fork else REPOSITORY
        self.runs[number] = {
            "id": number,
            "event": event,
            "path": f".github/workflows/{path}@refs/heads/{branch}",
            "head_branch": branch,
            "head_sha": sha,
            "head_repository": {"full_name": owner},
            "head_repository_id": 2 if fork else REPOSITORY_ID,
        }
        return number

    def _shown_run(self, number: int) -> dict[str, Any]:
        """A run as GitHub shows it: with the pull requests of its branch that are open now, none for a fork."""
        run = self.runs[number]
        matching = [
            {"number": pull, "base": {"ref": base}}
            for pull, (branch, base) in self.open.items()
            if branch == run["head_branch"] and run["head_repository_id"] == REPOSITORY_ID
        ]
        return {**run, "pull_requests": matching}

    def keep(self, run: int, name: str, files: Mapping[str, bytes], *, expired: bool = False) -> int:
        """An artifact of a run; one of the same name and run is overwritten."""
        self.rows = [row for row in self.rows if (row["name"], row["workflow_run"]["id"]) != (name, run)]
        number = len(self.zips) + 1
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for file, content in files.items():
                packed.writestr(file, content)
        self.zips[number] = archive.getvalue()
        made_by = self.runs[run]
        of_run = {key: made_by[key] for key in ("id", "head_branch", "head_sha", "head_repository_id")}
        created = f"2026-11-22T10:{number // 60:02}:{number % 60:02}Z"
        row = {"id": number, "name": name, "expired": expired, "created_at": created}
        self.rows.append({**row, "workflow_run": {**of_run, "repository_id": REPOSITORY_ID}})
        return number

    def files(self, name: str, run: int | None = None) -> dict[str, bytes]:
        """What is in the newest artifact of this name, of one run or of any."""
        rows = [row for row in self.rows if row["name"] == name and run in {None, row["workflow_run"]["id"]}]
        with zipfile.ZipFile(io.BytesIO(self.zips[rows[-1]["id"]])) as archive:
            return {file: archive.read(file) for file in archive.namelist()}

    def merged(self, number: int, head: str, commit: str, *, base: str = MAIN, fork: bool = False) -> None:
        """A pull request that ended in a commit of a branch."""
        self.open.pop(number, None)
        owner = "stranger/console" if fork else REPOSITORY
        row = {
            "number": number,
            "merged_at": "2026-11-22T11:00:00Z",
            "merge_commit_sha": commit,
            "head": {"sha": head, "repo": {"full_name": owner}},
            "base": {"ref": base, "repo": {"full_name": REPOSITORY}},
        }
        self.pulls.setdefault(commit, []).append(row)

    def commented(self, number: int, body: str, user: Mapping[str, str] = BOT) -> None:
        """A comment on a pull request."""
        self.comments.setdefault(number, []).append({"user": user, "body": body})

    def answer(self, path: str, query: Mapping[str, str], token: str) -> tuple[int, Any]:
        """Status and body of a GET; a status of 302 leads to where an artifact is stored."""
        parts = path.removeprefix(f"/repos/{REPOSITORY}/").split("/")
        may = self._tokens.get(token)
        if may is None:
            return 401, {"message": "Bad credentials"}
        match parts:
            case ["commits", sha, "pulls"]:
                needs, rows = "pull-requests", self.pulls.get(sha, [])
            case ["issues", number, "comments"]:
                needs, rows = "pull-requests", self.comments.get(int(number), [])
            case ["actions", "artifacts"]:
                needs, rows = "actions", [row for row in reversed(self.rows) if row["name"] == query["name"]]
            case ["actions", "artifacts", number, "zip"] if int(number) in self.zips:
                return (302, number) if "actions" in may else (403, {})
            case ["actions", "runs", number] if int(number) in self.runs:
                return (200, self._shown_run(int(number))) if "actions" in may else (403, {})
            case ["branches" | "compare" | "git" as asked, *_, what]:
                return self._history(asked, what) if "contents" in may else (403, {})
            case ["environments", name] if name in self.environments:
                return (200, self.environments[name]) if "actions" in may else (403, {})
            case _:
                return 404, {"message": "Not Found"}
        if needs not in may:
            return 403, {"message": "Resource not accessible by integration"}
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        shown = rows[(page - 1) * size : page * size]
        return 200, {"total_count": len(rows), "artifacts": shown} if parts[-1] == "artifacts" else shown

    def _history(self, asked: str, what: str) -> tuple[int, Any]:
        """The newest commit of the main branch, how another one stands to it, or what a commit merges."""
        if asked == "git":
            merged = [{"sha": parent} for parent in self.parents.get(what, ())]
            return (200, {"sha": what, "parents": merged}) if what in self.parents else (404, {})
        if asked == "branches":
            return (200, {"commit": {"sha": TIP}}) if what == MAIN else (404, {})
        tip, _dots, other = what.partition("...")
        assert tip == TIP
        return 200, {"status": "diverged" if other in self.elsewhere else "behind"}

    def may_write(self, path: str, token: str) -> bool:
        """Whether a token may write comments (`pull-requests`) or issues."""
        may = self._tokens.get(token, {})
        return "write" in {may.get("pull-requests"), may.get("issues")} and path.startswith(f"/repos/{REPOSITORY}/")


@contextmanager
def serving(api: ActionsApi) -> Iterator[ActionsApi]:
    """Serves it on loopback; artifacts are stored on another address, as GitHub does it."""
    with Loopback(_storage(api)) as storage, Loopback(_handler(api, storage.url)) as server:
        api.url = server.url
        yield api


def _storage(api: ActionsApi) -> type[Handler]:
    class Storage(Handler):
        def answer(self) -> None:
            if sent := self.headers["Authorization"]:
                api.leaked.append(sent)
            self.reply(200, api.zips[int(self.path.removeprefix("/"))])

    return Storage


def _handler(api: ActionsApi, storage: str) -> type[Handler]:
    class Github(Handler):
        def answer(self) -> None:
            if self.command == "GET":
                self._shown()
            elif api.may_write(self.path, self._token()):
                self._hand_on()
            else:
                self.reply(403, b'{"message": "Resource not accessible by integration"}')

        def _shown(self) -> None:
            status, body = api.answer(self.route, self.query, self._token())
            if status == 404 or (api.upstream and "/issues/" in self.route):
                self._hand_on()
            elif status == 302:
                self.reply(302, b"", {"location": f"{storage}/{body}"})
            else:
                self.reply(status, json.dumps(body).encode(), JSON)

        def _token(self) -> str:
            return (self.headers["Authorization"] or "").partition(" ")[2]

        def _hand_on(self) -> None:
            self.reply(*_handed_on(api, self.command, self.path, self.headers, self.body()), JSON)

    return Github


def _handed_on(api: ActionsApi, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
    """The answer of the fake that keeps comments and issues."""
    if api.upstream is None:
        return 404, b'{"message": "Not Found"}'
    address, token = api.upstream
    kept = {name: headers[name] for name in ("Accept", "Content-Type", "User-Agent") if headers[name]}
    sent = {**kept, "Authorization": f"Bearer {token}"}
    answer = httpx.request(method, address + path, content=body or None, headers=sent, trust_env=False)
    # It speaks of itself by its own address, which clients refuse to follow away from the one they were given.
    return answer.status_code, answer.content.replace(address.encode(), api.url.encode())
