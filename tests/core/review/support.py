"""A git repository with an organization file, and a plan of that file compared with what it said before."""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import TYPE_CHECKING

from acme import HEAD, Org, desired_from, document_from

from orgsync.core.plan.make import make_plan
from orgsync.core.review.base import Base, compared, new_since, past_of, with_files
from orgsync.core.review.renamed_back import knowing_reverts
from orgsync.engine.read_base import read_with_base
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from orgsync.core.model.change import Plan
    from orgsync.core.model.things import Named

WHO = {
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@acme.example",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@acme.example",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


class Repository:
    """A repository in a folder, on the branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        """Runs git, which has to succeed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        ended = subprocess.run(
            ["git", *words], cwd=self.folder, env={**kept, **WHO}, capture_output=True, text=True, check=True
        )
        return ended.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        """A file in the work tree; the head of an organization file is added where it has none."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if text.startswith(("version", "#")) else HEAD + text, encoding="utf-8")
        return path

    def commit(self, name: str, text: str) -> Path:
        """A file that is committed."""
        path = self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"change {name}")
        return path


def compare(
    org: Org, before: str | None, after: str, *, made: Mapping[Named, str] | None = None, allow: Sequence[str] = ()
) -> Plan:
    """The plan of the second text, compared with the first; None: there was no file. `made` as in `Past`."""
    return asyncio.run(_compared(org, before, after, made or {}, allow))


async def _compared(org: Org, before: str | None, after: str, made: Mapping[Named, str], allow: Sequence[str]) -> Plan:
    base = Base("main", missing=True, first=True)
    if before is not None:
        base = with_files(Base("main"), document_from(before), KINDS, org.now.date())
    desired = knowing_reverts(desired_from(after, org.now), base.desired, None, KINDS)
    async with org.client() as client:
        seen, base = await read_with_base(client.reader, desired, base, KINDS)
    past, new = past_of(base, seen.organization, made), new_since(base, desired, seen.organization)
    plan = make_plan(desired, seen, org.now, KINDS, allow=allow, past=past, new=new)
    return compared(plan, seen, desired, base, org.now, KINDS, past=past)


def causes(plan: Plan) -> list[str]:
    """Every change as `cause action address`, in plan order."""
    return [f"{change.cause} {change.action} {change.address}" for change in plan.changes]
