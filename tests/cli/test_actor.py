"""Who did it: stated in every line of the journal, and shown inert."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

import pytest

from cli.support import NOW, files
from orgsync.cli.shared.actor import VARIABLES, actor_of
from orgsync.errors import EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ("--sandbox", "acme.db", "--now", NOW, "--yes")
ASKS = "members: {ceo@acme.example: admin, new@acme.example: user}\n"


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("named", "environment", "who"),
    [
        ("ana", {"ORGSYNC_ACTOR": "raj", "GITHUB_ACTOR": "kim"}, "ana"),
        (None, {"ORGSYNC_ACTOR": "raj", "GITHUB_ACTOR": "kim"}, "raj"),
        (None, {"GITHUB_ACTOR": "kim", "GITLAB_USER_LOGIN": "zoe"}, "kim"),
        (None, {"GITLAB_USER_LOGIN": "zoe"}, "zoe"),
        (" ", {"ORGSYNC_ACTOR": "", "GITHUB_ACTOR": " kim\n"}, "kim"),
        ("a" * 500, {}, "a" * 200),
        (None, {}, getpass.getuser()),
    ],
)
def test_who_it_is(named: str | None, environment: dict[str, str], who: str) -> None:
    assert actor_of(named, environment) == who


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert actor_of(None, {}) == "unknown"


def test_every_line_says_who_in_which_run_for_which_plan(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox()
    files(tmp_path, ASKS)
    assert orgsync("apply", *HERE, "--actor", "ana@acme.example").code == EXIT_OK
    lines = [json.loads(line) for line in (tmp_path / "org.journal.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["intent", "result"]
    assert {line["actor"] for line in lines} == {"ana@acme.example"}
    assert len({(line["run"], line["plan"]) for line in lines}) == 1
    assert "by ana@acme.example, plan" in " ".join(orgsync("show", "--receipts", "org.journal.jsonl").out.split())


def test_a_name_that_was_changed_afterwards_breaks_the_chain(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox()
    files(tmp_path, ASKS)
    orgsync("apply", *HERE, "--actor", "ana")
    journal = tmp_path / "org.journal.jsonl"
    journal.write_text(journal.read_text().replace('"actor":"ana"', '"actor":"raj"'))
    assert orgsync("show", "--receipts", "org.journal.jsonl").code == 1


def test_a_hostile_name_is_shown_inert(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox()
    files(tmp_path, ASKS)
    monkeypatch.setenv("GITHUB_ACTOR", "\x1b[31mana\n::error::no")
    orgsync("apply", *HERE)
    shown = orgsync("show", "--receipts", "org.journal.jsonl").out
    assert "\x1b" not in shown
    assert not any(line.startswith("::") for line in shown.splitlines())
