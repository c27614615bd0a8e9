"""`orgsync rehearse` and the whole command line, against an API over HTTP that answers as a newer one might."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from acme import HEAD, SANDBOX_KEY
from loopback import Handler, Loopback

from orgsync.cli import exit_code
from orgsync.sandbox.wire.context import Call

from .test_probes import every_probe, fresh
from .world import NEW, World, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .generated import Probe

FULL = os.environ.get("ORGSYNC_PROBES") == "full"
STEP = 3 if FULL else 211
"""One of so many probes: a rehearsal takes longer than a plan."""

NOW = ("--now", "2026-11-22T10:00:00Z")


@contextmanager
def served(world: World) -> Iterator[str]:
    """The world over HTTP, and where it listens."""

    class Api(Handler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
            call = Call(self.command, parts.path, pairs, parts.query, self.body(), self.named_headers())
            answer = world.app.answer(call)
            content = answer.content
            if world.change is not None and self.command == "GET":
                content = changed(content, parts.path, world.change)
            lost = world.loses_answers and self.command != "GET"
            self.reply(502 if lost else answer.status, b"" if lost else content, {"content-type": "application/json"})

    with Loopback(Api) as server:
        yield server.url


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Callable[..., int]]]:
    """The organization, and a command line that reaches it."""
    world = fresh().copy()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org.yaml").write_text(HEAD + NEW, encoding="utf-8")
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", SANDBOX_KEY)
    with served(world) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        yield world, lambda *arguments: exit_code([*arguments, *NOW])


def rehearsals() -> list[Probe]:
    """Probes of the lists that the plan touches."""
    touched = [probe for probe in every_probe() if "report" not in probe.path]
    return touched[::STEP]


def test_a_rehearsal_ends_with_a_verdict_or_a_clear_error(
    command: tuple[World, Callable[..., int]], record_property: Callable[[str, object], None]
) -> None:
    world, orgsync = command
    assert orgsync("plan", "--out", "plan.json", "--quiet") == 0
    assert orgsync("rehearse", "plan.json", "--runs", "1", "--quiet") == 0
    codes: dict[int, int] = {}
    for probe in rehearsals():
        world.change = probe.change
        code = orgsync("rehearse", "plan.json", "--runs", "1", "--quiet")
        assert code in ({0, 1, 4, 7} if not probe.known else {0, 1, 4, 5, 7}), f"{probe}: exit code {code}"
        codes[code] = codes.get(code, 0) + 1
    record_property("torture: probes of rehearse", sum(codes.values()))
    assert not [line for line in world.app.log() if line["method"] != "GET" and not line["console"]]


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "github"])
def test_what_is_not_understood_stands_in_every_format(
    format_: str, command: tuple[World, Callable[..., int]], capsys: pytest.CaptureFixture[str]
) -> None:
    world, orgsync = command
    world.change = lambda path, rows: [
        {**row, "role": "::warning::<b>auditor</b>\x1b[31m"} if row.get("email") == "kim@acme.example" else row
        for row in rows
        if not path.endswith("/x")
    ]
    assert orgsync("plan", "--format", format_, "--quiet") == 0
    out = capsys.readouterr().out
    assert "kim@acme.example" in out
    assert "unknown_value" in out or "does not know" in out
    assert "\x1b" not in out
    assert "\n::warning::<b>" not in out
    assert orgsync("drift", "--quiet", "--format", "json") == 2
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert "unknown_value" in [entry["code"] for entry in report["entries"]]


def test_an_export_says_what_it_leaves_out(
    command: tuple[World, Callable[..., int]], capsys: pytest.CaptureFixture[str]
) -> None:
    world, orgsync = command
    world.change = lambda path, rows: [
        {**row, "role": "super_admin"} if row.get("email") == "cto@acme.example" and path.endswith("/users") else row
        for row in rows
    ]
    assert orgsync("export", "--out", "export.yaml") == 0
    said = capsys.readouterr().err
    assert (
        'left out, because this version of orgsync does not support it: member:cto@acme.example: role is "super_admin"'
        ", which this orgsync does not know" in said
    )


def last_line(folder: Path) -> str:
    """Of the journal."""
    [journal] = folder.glob("*.journal.jsonl")
    return journal.read_text(encoding="utf-8").splitlines()[-1]


def test_what_an_earlier_run_left_open_stays_open_while_it_is_not_understood(
    command: tuple[World, Callable[..., int]], tmp_path: Path
) -> None:
    """The files ask for nothing then; that is not because it came about."""
    world, orgsync = command
    (tmp_path / "org.yaml").write_text(f"{HEAD}members: {{new@acme.example: user}}\n", encoding="utf-8")
    world.loses_answers = True
    world.change = lambda path, rows: [row for row in rows if row.get("email") != "new@acme.example"]
    assert orgsync("apply", "--yes", "--quiet", "--first-apply", "--lookup-patience", "0") == 5
    world.loses_answers = False
    world.change = lambda path, rows: [
        {**row, "status": "bounced"} if row.get("email") == "new@acme.example" else row for row in rows
    ]
    assert orgsync("apply", "--yes", "--quiet") == 0
    assert '"done"' not in last_line(tmp_path)
    world.change = None
    assert orgsync("apply", "--yes", "--quiet") == 0
    assert '"done"' in last_line(tmp_path)
    assert len([line for line in world.app.log() if line["method"] == "POST" and not line["console"]]) == 1
