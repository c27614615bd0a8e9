"""The state file: shared by processes, safe to kill, logged, fast; and the imports the sandbox allows itself."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import orgsync.sandbox
from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import NOW, SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

FORBIDDEN = ("core", "kinds", "api", "engine", "render", "files", "policies", "cli", "errors")
WRITER = """
import sys
from orgsync.sandbox.server.app import open_app
app = open_app(sys.argv[1])
print("ready", flush=True)
number = 0
while number < int(sys.argv[3]):
    answer = app.console("POST", "workspaces", {"name": f"{sys.argv[2]}-{number}"})
    print(answer.body["name"], flush=True)
    number += 1
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def workspace_names(path: Path) -> set[str]:
    app = open_app(path)
    rows = app.console("GET", "workspaces?limit=1000").body["data"]
    app.close()
    return {row["name"] for row in rows}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    seed.create(tmp_path / "state", seeded(workspace_limit=None), now=NOW)
    return tmp_path / "state"


def test_what_one_process_writes_the_next_one_reads(path: Path) -> None:
    first, second = Org(open_app(path)), Org(open_app(path))
    first.post("/workspaces", {"name": "shared"})
    assert "shared" in [row["name"] for row in second.get("/workspaces").body["data"]]
    second.app.console("POST", "settings", {"tags_update": "replace"})
    assert first.post("/workspaces/wrkspc_prod", {"tags": {"a": "b"}}).body["tags"] == {"a": "b"}
    first.close()
    second.close()


def test_processes_may_write_at_the_same_time(path: Path) -> None:
    writers = [writer(path, name, 40) for name in ("left", "right")]
    for each in writers:
        with each:
            each.wait(timeout=60)
            assert each.returncode == 0
    assert len(workspace_names(path)) == 81


def test_a_killed_process_loses_nothing_it_was_told_is_done(path: Path) -> None:
    with writer(path, "killed", 100_000) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(30)][1:]
        os.kill(process.pid, signal.SIGKILL)
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    assert set(told) <= workspace_names(path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"x" * 10_000])
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SandboxError, match="this file is not a sandbox"):
        open_app(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content


def test_other_databases_and_missing_files_are_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other")
    connection.execute("CREATE TABLE users (id)")
    connection.close()
    seed.create(tmp_path / "newer", {})
    connection = sqlite3.connect(tmp_path / "newer")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SandboxError, match="it has format 99"):
        open_app(tmp_path / "newer")
    for name, message in [
        ("other", "not a sandbox"),
        ("missing", "there is no sandbox at this path"),
        (".", "no sandbox"),
    ]:
        with pytest.raises(SandboxError, match=message):
            open_app(tmp_path / name)
    assert not (tmp_path / "missing").exists()


def test_every_request_is_logged(org: Org) -> None:
    replies = [
        org.get("/users", limit="2", email="a b@c.de"),
        org.post("/invites", {"email": "é@acme.com", "role": "x"}),
        org.call("POST", "/invites", content=b"{oops"),
        org.call("GET", "/me", headers={}),
    ]
    org.app.console("GET", "/me?a=b")
    lines = org.app.log()
    assert list(lines[0]) == ["time", "method", "path", "query", "body", "status", "request_id", "console"]
    assert [line["request_id"] for line in lines[:4]] == [reply.headers["request-id"] for reply in replies]
    assert [line["status"] for line in lines] == [400, 400, 400, 401, 200]
    assert [line["body"] for line in lines] == [None, {"email": "é@acme.com", "role": "x"}, "{oops", None, None]
    assert [line["console"] for line in lines] == [False, False, False, False, True]
    assert (lines[0]["method"], lines[0]["path"]) == ("GET", "/v1/organizations/users")
    assert (lines[0]["query"], lines[4]["query"]) == ("limit=2&email=a+b%40c.de", "a=b")
    assert lines[0]["time"] == "2026-11-01T10:00:00Z"


def test_no_secret_reaches_the_state(path: Path) -> None:
    org = Org(open_app(path))
    org.get("/me")
    org.close()
    assert ADMIN_KEY.encode() not in path.read_bytes()


def test_the_clock_can_be_fixed_in_the_state_or_from_outside(tmp_path: Path) -> None:
    seed.create(tmp_path / "state", seeded(clock="2030-01-01T00:00:00Z"))
    inside, outside = open_app(tmp_path / "state"), open_app(tmp_path / "state", now=NOW)
    assert inside.console("POST", "workspaces", {"name": "a"}).body["created_at"] == "2030-01-01T00:00:00Z"
    assert outside.console("POST", "workspaces", {"name": "b"}).body["created_at"] == "2026-11-01T10:00:00Z"
    inside.close()
    outside.close()


def test_accepting_needs_a_pending_invite(org: Org) -> None:
    for email, why in (("nobody@acme.com", "no pending invite"), ("kim@acme.com", "a member already")):
        with pytest.raises(SandboxError, match=why):
            org.app.accept(email)


def test_a_handler_that_breaks_leaves_nothing_half_done(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("orgsync.sandbox.resources.workspaces.endpoints.retrieve_workspace", broken)
    with pytest.raises(RuntimeError):
        org.post("/workspaces", {"name": "half"})
    monkeypatch.undo()
    assert len(org.get("/workspaces").ids) == 1


def test_only_http_is_spoken(org: Org) -> None:
    async def nothing(*_: object) -> Any:
        return None

    with pytest.raises(RuntimeError, match="speaks HTTP, not lifespan"):
        asyncio.run(org.app({"type": "lifespan"}, nothing, nothing))


def steps(org: Org, limit: int) -> int:
    """How many steps the database takes for a page of members: unlike seconds, the same on every machine."""
    taken = [0]

    def step() -> None:
        taken[0] += 1

    connection = org.app._store._connection
    connection.set_progress_handler(step, 1)
    assert len(org.get("/users", limit=str(limit)).ids) == limit
    connection.set_progress_handler(None, 1)
    return taken[0]


def test_a_page_costs_what_is_on_it_however_long_the_list_is(make_org: Callable[..., Org]) -> None:
    short, long = ({"users": [{"email": f"u{number}@acme.com"} for number in range(size)]} for size in (100, 2000))
    few, many = make_org(short), make_org(long)
    assert steps(many, 20) <= steps(few, 20) + 50
    assert steps(many, 1000) <= 60 * steps(many, 20)


def modules() -> list[Path]:
    return sorted(Path(orgsync.sandbox.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.stem)
def test_the_sandbox_shares_no_code_with_its_client(module: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    for name in imported:
        parts = name.split(".")
        assert parts[0] not in ("httpx", "httpcore", "requests", "click", "anthropic"), name
        assert parts[0] != "orgsync" or parts[1] == "sandbox", name
        assert not (parts[0] == "orgsync" and parts[1] in FORBIDDEN), name


def test_modules_stay_small() -> None:
    for module in modules():
        text = module.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{module.name}: {node.name}"


def test_the_seed_of_these_tests_is_json() -> None:
    assert json.loads(json.dumps(SEED)) == SEED
