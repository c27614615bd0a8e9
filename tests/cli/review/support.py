"""A small organization under review, and what people do to its files."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.support import CEO, NOW
from orgsync.questions.review.closing import digest_of
from orgsync.questions.review.evidence import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cli.conftest import Orgsync
    from cli.support import Ended

LATER = "2026-12-01T10:00:00Z"
OVERDUE = "2027-01-01T00:00:00Z"
FILE = Path("reviews/2026Q4.yaml")
SNAPSHOT = Path("reviews/2026Q4.snapshot.json")
CLOSING = Path("reviews/2026Q4.closing.json")
BUNDLE = Path("evidence")
RECORD, ROWS, SHOWN = BUNDLE / "closing.json", BUNDLE / FILE.name, BUNDLE / SNAPSHOT.name
"""The files of the evidence."""

PEOPLE = """members:
  ceo@acme.example: admin
  ana@acme.example: developer
workspaces:
  production:
    members:
      ana@acme.example: admin
    api_keys:
      ci: active
"""
SEED: Mapping[str, Any] = {
    "users": [
        CEO,
        {"email": "ana@acme.example", "role": "developer", "id": "user_01Ana"},
        {"email": "raj@agency.example", "role": "user", "id": "user_01Raj"},
    ],
    "invites": [{"email": "new@acme.example", "role": "developer"}],
    "workspaces": [{"name": "production"}],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace": "production", "workspace_role": "workspace_admin"}
    ],
    "api_keys": [
        {"name": "ci", "workspace": "production", "created_by_email": "ana@acme.example"},
        {"name": "old", "workspace": "production", "status": "inactive"},
        {"name": "demo", "workspace": "production"},
    ],
    "usage": [{"at": "2026-11-20T08:00:00Z", "api_key": "ci", "model": "m", "input_tokens": 41}],
}


def start(orgsync: Orgsync, *more: str | Path, due: str = "2026-12-31") -> Ended:
    """Starts the review."""
    Path("reviews").mkdir(exist_ok=True)
    return orgsync("review", "start", "--out", FILE, "--due", due, "--sandbox", "acme.db", "--now", NOW, *more)


def status(orgsync: Orgsync, *more: str | Path, now: str = LATER) -> Ended:
    """Shows how far it is."""
    return orgsync("review", "status", "--sandbox", "acme.db", "--now", now, *more)


def close(orgsync: Orgsync, *more: str | Path, out: str | Path = BUNDLE) -> Ended:
    """Closes it, with its evidence."""
    return orgsync("review", "close", "--evidence", out, "--sandbox", "acme.db", "--now", LATER, *more)


def verify(orgsync: Orgsync, *more: str | Path, where: str | Path = BUNDLE) -> Ended:
    """Verifies the evidence."""
    return orgsync("review", "verify", where, *more)


def in_json(path: Path, change: Callable[[Any], None]) -> None:
    """Changes the data of a JSON file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")


def sealed_again(change: Callable[[Any], None]) -> None:
    """What somebody does to the closing record who knows how its digests are made."""

    def forge(data: Any) -> None:
        change(data)
        for one in data["files"]:
            content = (BUNDLE / one["name"]).read_bytes()
            one.update(sha256=sha256_of(content), bytes=len(content))
        data["digest"] = digest_of(data)

    in_json(RECORD, forge)


def edit(old: str, new: str, *, count: int = 1, file: Path = FILE) -> None:
    """Replaces a text that stands in a file so often."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == count, text
    file.write_text(text.replace(old, new), encoding="utf-8")


def decide(address: str, decision: str, *, by: str = "lea@acme.example", reason: str = "checked") -> None:
    """What a reviewer writes into the row of an address."""
    text = FILE.read_text(encoding="utf-8")
    row = re.search(
        rf"    address: {re.escape(address)}\n(?:    (?!decision).*\n)*    decision:(?P<filled>\n.*\n.*\n)", text
    )
    assert row is not None, address
    filled = f" {decision}\n    reason: {reason}\n    reviewed_by: {by}\n"
    FILE.write_text(text[: row.start("filled")] + filled + text[row.end("filled") :], encoding="utf-8")


def decide_all(decision: str = "keep", *, by: str = "lea@acme.example") -> None:
    """Answers every open row."""
    filled = f"decision: {decision}\n    reason:\n    reviewed_by: {by}\n"
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.replace("decision:\n    reason:\n    reviewed_by:\n", filled), encoding="utf-8")


def commit(message: str, *, author: str = "Ana Ruiz <ana@acme.example>") -> None:
    """Commits everything, in a repository of its own."""
    name, _, email = author.rstrip(">").partition(" <")
    who = ("-c", f"user.name={name}", "-c", f"user.email={email}", "-c", "commit.gpgsign=false")
    if not Path(".git").exists():
        subprocess.run(["git", "init", "-q", "."], check=True)
    subprocess.run(["git", "add", "-A"], check=True)
    env = {"GIT_AUTHOR_DATE": NOW, "GIT_COMMITTER_DATE": NOW, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    subprocess.run(["git", *who, "commit", "-q", "-m", message], check=True, env=env)
