"""A pull request as the action finds it after merging: its comments, its runs, and what they kept."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from github_api import REPOSITORY

from ci.actions_api import BOT
from ci.runner import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ci.actions_api import ActionsApi

SCRIPT = ROOT / ".github" / "action" / "artifacts.py"
HEAD, COMMIT, DIGEST, OTHER = "a" * 40, "c" * 40, "d" * 64, "e" * 64
OF_A_TAG = "b" * 40
BASE, LOOSE, MERGE, OTHER_MERGE = "1" * 40, "2" * 40, "3" * 40, "4" * 40
"""A commit of the main branch and one of another, and what GitHub made by merging the pull request into each."""
NAME = f"orgsync-plan-7-{HEAD}"
READ = {"actions": "read", "pull-requests": "read"}


def plan(digest: str = DIGEST, commit: str = MERGE) -> dict[str, bytes]:
    """What the job for a pull request keeps: the plan, and the commit whose files it read."""
    made = json.dumps({"digests": {"changes": digest}}).encode()
    return {"plan.json": made, "merge-commit": f"{commit}\n".encode()}


def shown(digest: str = DIGEST, name: str = "plan") -> str:
    """The comment that shows it."""
    head = f"<!-- orgsync:plan:{name} -->\n### 2 changes\n\n| `Digest of the changes: {OTHER}` |\n"
    return f"{head}\nDigest of the changes: `{digest}`\n"


def page(number: int, of: int = 3, *, text: str = "a" * 16, marker: str | None = None, digest: str = "") -> str:
    """One page of a comment, as `orgsync github comment` writes it."""
    marker = marker if marker is not None else "" if number == 1 else f":{number}"
    foot = f"Digest of the changes: `{digest}`\n" if digest else "some changes\n"
    return f"<!-- orgsync:plan:plan{marker} -->\n<!-- orgsync:page:{number}/{of}:{text} -->\n\n{foot}"


def paged(
    *numbers: int, digests: tuple[int, ...] = (3,), others: tuple[int, ...] = (), **odd: dict[int, Any]
) -> Callable[[ActionsApi], object]:
    """A merged pull request whose plan is shown in three pages, of which these are there; odd ones by their number."""

    def made(github: ActionsApi) -> None:
        merged(github)
        del github.comments[7][1]
        for number in numbers:
            shows = (OTHER if number in others else DIGEST) if number in digests else ""
            text, marker = odd.get("texts", {}).get(number, "a" * 16), odd.get("markers", {}).get(number)
            body = page(number, text=text, marker=marker, digest=shows)
            github.commented(7, body, odd.get("users", {}).get(number, BOT))

    return made


def ask(
    github: ActionsApi, *arguments: object, may: dict[str, str] | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """How the script ends for these arguments, in an environment of its own."""
    token = github.token({**READ, "contents": "read"} if may is None else may)
    env = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": token, **(env or {})}
    ended = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], env=env, capture_output=True, text=True, timeout=30
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended


def merged(github: ActionsApi, **how: Any) -> None:
    """A pull request whose plan was made, shown and merged."""
    github.merged(7, HEAD, COMMIT)
    github.commented(7, "Looks good", {"login": "ana", "type": "User"})
    github.commented(7, shown())
    github.parents.update({MERGE: [BASE, HEAD], OTHER_MERGE: [LOOSE, HEAD]})
    github.elsewhere.add(LOOSE)
    github.keep(github.run("pull_request", branch="more", sha=HEAD), NAME, plan(), **how)


def reviewed(github: ActionsApi, tmp_path: Path, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Asks for the reviewed plan of the pull request."""
    return ask(github, "reviewed", COMMIT, tmp_path / "ceiling.json", "--branch=main", *more, env=env)
