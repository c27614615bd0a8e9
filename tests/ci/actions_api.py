"""A local stand-in for what the action asks GitHub: pull requests of a commit, runs, artifacts, environments, comments.

It judges: an unknown path, a method that writes, or a token without the permission for a path, is an error. What it
does not know itself it hands to another fake, which keeps comments and issues.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY = "acme/console"
REPOSITORY_ID = 1
MAIN = "main"
TIP = "f" * 40
"""The newest commit of the main branch, as far as the order of commits is asked for."""
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
                return (200, self.runs[int(number)]) if "actions" in may else (403, {})
            case ["branches" | "compare" as asked, what]:
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
        """The newest commit of the main branch, or how another one stands to it."""
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
    with _server(_storage(api)) as storage, _server(_handler(api, storage)) as url:
        api.url = url
        yield api


@contextmanager
def _server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """Does not ask the network for the name of this machine."""

    server_bind = TCPServer.server_bind


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class calls it
        """Tests read what the action says, not what the fake does."""

    def reply(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


def _storage(api: ActionsApi) -> type[BaseHTTPRequestHandler]:
    class Storage(_Quiet):
        def do_GET(self) -> None:
            if sent := self.headers["Authorization"]:
                api.leaked.append(sent)
            self.reply(200, api.zips[int(self.path.removeprefix("/"))])

    return Storage


def _handler(api: ActionsApi, storage: str) -> type[BaseHTTPRequestHandler]:
    class Handler(_Quiet):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            status, body = api.answer(url.path, query, self._token())
            if status == 404 or (api.upstream and "/issues/" in url.path):
                self._hand_on()
            elif status == 302:
                self.reply(302, b"", Location=f"{storage}/{body}")
            else:
                self.reply(status, json.dumps(body).encode(), Content_Type="application/json")

        def do_POST(self) -> None:
            if api.may_write(self.path, self._token()):
                self._hand_on()
            else:
                self.reply(403, b'{"message": "Resource not accessible by integration"}')

        def do_PATCH(self) -> None:
            self.do_POST()

        def _token(self) -> str:
            return (self.headers["Authorization"] or "").partition(" ")[2]

        def _hand_on(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.reply(*_handed_on(api, self.command, self.path, self.headers, body), Content_Type="application/json")

    return Handler


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
