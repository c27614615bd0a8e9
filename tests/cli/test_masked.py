"""Parts of the credential in what an organization holds: nothing that any command prints or writes shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cli.support import CEO, NOW, files
from orgsync.flows.connection import SANDBOX_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

PART = SANDBOX_KEY[7:]
NAMES = [f"the {PART}", f"the {PART.upper()}!", f"at {'%'.join(['', *(f'{ord(char):x}' for char in PART)])}"]
COMMANDS = [
    *(("plan", "--format", form) for form in ("text", "json", "markdown", "github", "sarif", "junit", "code-quality")),
    ("plan", "--out", "plan.json"),
    ("show", "plan.json"),
    ("drift", "--format", "json"),
    ("drift", "--format", "junit"),
    ("drift", "--format", "markdown", "--out", "drift.json"),
    ("export", "--out", "exported.yaml"),
    ("snapshot", "--out", "snapshot.json"),
    ("apply", "--yes", "--journal", "acme.journal.jsonl", "--undo", "undo.json"),
]


def test_no_command_shows_them(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(
        users=[CEO, {"email": f"{PART}@acme.example", "role": "user"}, {"email": "ana@acme.example", "role": "user"}],
        workspaces=[{"name": name, "tags": {"key": PART}} for name in NAMES],
    )
    files(
        tmp_path,
        "manage: {members: authoritative, workspaces: authoritative}\n"
        f"members: {{{CEO['email']}: admin, ana@acme.example: developer}}\nworkspaces: {{lab: {{}}}}\n"
        "guards: {max_removals: {count: 9, percent: 100}}\n",
    )
    said = "".join(orgsync(*command, "--sandbox", "acme.db", "--now", NOW).said for command in COMMANDS)
    assert said.count("[credential]") > len(COMMANDS)
    written = [
        path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.suffix in {".json", ".jsonl", ".yaml"}
    ]
    assert len(written) == 7
    for text in (said, *written):
        assert PART not in re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), unquote(text)).lower()
