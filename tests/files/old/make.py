"""Writes one file of every format with the orgsync that is named, beside the `seed.json` and `repository/org` it is of.

    python tests/files/old/make.py tests/files/old/0.1 .venv/bin/orgsync

Run it once, with the code of a release, before the first change of a file's shape. Only the command line is used, so
that the same script serves every release. Journals tell the time of the run; everything else comes out the same.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW = "2026-11-22T10:00:00Z"
EMAIL_KEY = "a key that everybody may know: these are nobody's e-mails"
AT = ("--sandbox", "acme.db", "--now", NOW)
APPLY = ("--yes", "--actor", "ci", "--quiet")
LONG = 120


class World:
    """A folder in which commands run, with the organization of the seed."""

    def __init__(self, folder: Path, target: Path, program: Path) -> None:
        self.folder, self.target, self.program = folder, target, program
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ORGSYNC_", "ANTHROPIC_"))},
            "XDG_STATE_HOME": str(folder / "state"),
            "ORGSYNC_EMAIL_KEY": EMAIL_KEY,
        }

    def begin(self) -> None:
        """The organization as the seed says, and the files as they are in the repository."""
        shutil.rmtree(self.folder / "org", ignore_errors=True)
        shutil.copytree(self.target / "repository" / "org", self.folder / "org")
        self.run("sandbox", "init", "acme.db", "--seed", str(self.target / "seed.json"), "--now", NOW, "--replace")

    def run(self, *arguments: str, codes: Sequence[int] = (0,)) -> None:
        """A command of orgsync, to its end."""
        ended = subprocess.run([self.program, *arguments], cwd=self.folder, env=self.environment, timeout=LONG)
        if ended.returncode not in codes:
            raise SystemExit(f"{arguments} ended with {ended.returncode}")

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """What goes wrong from now on."""
        (self.folder / "faults.json").write_text(json.dumps(rules), encoding="utf-8")
        self.run("sandbox", "faults", "acme.db", "faults.json" if rules else "off", "--quiet")

    def killed(self, journal: str, intents: int, *arguments: str) -> None:
        """A command that is killed as soon as this many intents are recorded."""
        path = self.folder / journal
        with subprocess.Popen([self.program, *arguments], cwd=self.folder, env=self.environment) as process:
            end = time.monotonic() + LONG
            while time.monotonic() < end and not (path.exists() and path.read_text().count('"intent"') >= intents):
                time.sleep(0.02)
            process.kill()

    def keep(self, name: str, to: str) -> None:
        """One file, among the samples."""
        shutil.copyfile(self.folder / name, self.target / to)


def main(target: Path, program: Path) -> None:
    """All samples. The order matters where one file is made of another."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), target.resolve(), program.resolve())
        keys_for(world)
        world.begin()
        if not (world.folder / "org" / "attestations.jsonl").exists():
            say = ("--file", "org", "--by", "ana@acme.example", "--now", NOW)
            world.run("attest", "sso", "--value", "on", "--note", "CH-7", *say)
            world.keep("org/attestations.jsonl", "repository/org/attestations.jsonl")
        world.keep("org/attestations.jsonl", "attestations.jsonl")
        looked_at(world)
        applied(world)
        interrupted(world)


def keys_for(world: World) -> None:
    """The key pair for signatures, of which only the public half is kept."""
    make = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "private.pem"]
    tell = ["openssl", "pkey", "-in", "private.pem", "-pubout", "-out", "public.pem"]
    for command in (make, tell):
        subprocess.run(command, cwd=world.folder, check=True)
    world.keep("public.pem", "public.pem")


def looked_at(world: World) -> None:
    """What is written without changing anything."""
    world.run("snapshot", "org", *AT, "--out", "snapshot.json")
    world.run("snapshot", "org", *AT, "--out", "hashed.snapshot.json", "--hash-emails")
    world.run("snapshot", "org", *AT, "--out", "signed.snapshot.json", "--sign-with", "private.pem")
    world.run("drift", "org", *AT, "--out", "drift.json", codes=(2,))
    world.run("plan", "org", *AT, "--out", "plan.json")
    for name in ("snapshot.json", "hashed.snapshot.json", "signed.snapshot.json", "drift.json", "plan.json"):
        world.keep(name, name)
    world.keep("drift.json", "repository/drift.json")
    world.keep("plan.json", "repository/plan.json")


def applied(world: World) -> None:
    """The journal of a run that ended, after one that a crash cut off; and the undo of it."""
    world.faults({"fault": "delay", "method": "POST", "seconds": 20})
    world.killed("plan.journal.jsonl", 1, "apply", "plan.json", *AT, *APPLY)
    journal = world.folder / "plan.journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-30])
    world.faults()
    world.run("apply", "plan.json", *AT, *APPLY, "--undo", "undo.json")
    world.keep("plan.journal.jsonl", "finished.journal.jsonl")
    world.keep("undo.json", "undo.json")


def interrupted(world: World) -> None:
    """A journal in which an invite was sent and its answer lost, and a run that was killed while it sent another."""
    world.begin()
    world.faults(
        {"fault": "drop_after", "method": "POST", "path": "/invites"},
        {"fault": "lag", "method": "POST", "path": "/invites", "reads": 1000},
    )
    only = ("--only", "member:new@*", "--lookup-patience", "0")
    world.run("apply", "org", *AT, *APPLY, *only, codes=(5,))
    world.faults({"fault": "delay", "method": "POST", "path": "/workspaces", "seconds": 20})
    journal = "org/orgsync.journal.jsonl"
    world.killed(journal, 2, "apply", "org", *AT, *APPLY, "--only", "workspace:support")
    world.keep(journal, "open.journal.jsonl")
    world.keep(journal, f"repository/{journal}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
