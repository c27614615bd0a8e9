"""Who wrote a file, and each of its lines, as far as git knows: without git, or outside of it, nobody does."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.words.timestamp import written_moment
from orgsync.errors import UsageError
from orgsync.files.yaml.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIELDS = ("%H", "%an", "%ae", "%ct", "%s")
_NOTHING_RUN = ("-c", "log.showSignature=false")
"""No other program checks signatures."""


class Commit(NamedTuple):
    """One commit: its full id, who wrote it, when it was committed (RFC 3339, UTC), and its first line."""

    id: str
    author: str
    email: str
    at: str
    subject: str


def commits_of(path: Path) -> tuple[Commit, ...]:
    """The commits that changed the file under its present name, the newest first."""
    try:
        words = ("log", "-z", f"--format={'%x00'.join(_FIELDS)}", "HEAD", "--", path.name)
        out = Git(path.parent, "git").checked(*_NOTHING_RUN, *words)
    except UsageError:
        return ()
    texts = [os.fsdecode(one) for one in out.split(b"\0")[:-1]]  # each ends with a NUL, which no name can hold
    rows = (texts[start : start + len(_FIELDS)] for start in range(0, len(texts), len(_FIELDS)))
    return tuple(Commit(row[0], row[1], row[2], _moment(row[3]), row[4]) for row in rows)


def lines_written(path: Path) -> dict[int, Commit]:
    """By line, the commit that wrote it last; nothing for a file that is not as it was committed."""
    git = Git(path.parent, "git")
    try:
        blob = git.line("rev-parse", "--verify", "--quiet", f"HEAD:./{path.name}")
        if git.blobs([blob]) != [path.read_bytes()]:
            return {}
        out = git.checked(
            *_NOTHING_RUN, "blame", "--porcelain", "--no-textconv", "--no-ignore-revs-file", "HEAD", "--", path.name
        )
    except (UsageError, OSError):
        return {}
    return dict(_blamed(out.split(b"\n")))


def _blamed(lines: list[bytes]) -> Iterator[tuple[int, Commit]]:
    """What `git blame --porcelain` says: a head for each line, with what is known of a commit at its first one."""
    known: dict[str, dict[str, str]] = {}
    identity, number = "", 0
    for line in lines:
        if line.startswith(b"\t"):
            told = known[identity]
            author, email = told.get("author", ""), told.get("author-mail", "").strip("<>")
            at = _moment(told.get("committer-time", "0"))
            yield number, Commit(identity, author, email, at, told.get("summary", ""))
            continue
        word, _space, rest = os.fsdecode(line).partition(" ")
        if len(word) in {40, 64} and rest[:1].isdigit():
            identity, number = word, int(rest.split(" ")[1])
            known.setdefault(identity, {})
        elif word:
            known[identity][word] = rest


def _moment(seconds: str) -> str:
    return written_moment(datetime.fromtimestamp(int(seconds), UTC))
