"""Who wrote a file, and each of its lines, as far as git knows: without git, or outside of it, nobody does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.words.timestamp import written_moment
from orgsync.errors import UsageError
from orgsync.files.yaml.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIELDS = ("%H", "%an", "%ae", "%ct", "%s")
_CONFIGURED = ("-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=UTF-8")
"""No other program checks signatures, and names are UTF-8 whatever the configuration says."""
_BLAME = ("blame", "--porcelain", "--no-textconv", "--no-ignore-revs-file")


class Commit(NamedTuple):
    """One commit: its full id, who wrote it, when it was committed (RFC 3339, UTC), and its first line."""

    id: str
    author: str
    email: str
    at: str
    subject: str


def commits_of(path: Path) -> tuple[Commit, ...]:
    """The commits that changed the file under its present name, the newest first."""
    git = Git(path.parent, "git")
    try:
        words = ("log", "-z", f"--format={'%x00'.join(_FIELDS)}", "HEAD", "--", path.name)
        out, oldest = git.checked(*_CONFIGURED, *words), _cut_off(git, path.parent)
    except (UsageError, OSError, ValueError):
        return ()
    texts = [_text(one) for one in out.split(b"\0")[:-1]]  # each ends with a NUL, which no name can hold
    rows = (texts[start : start + len(_FIELDS)] for start in range(0, len(texts), len(_FIELDS)))
    commits = (Commit(row[0], row[1], row[2], _moment(row[3]), row[4]) for row in rows)
    return tuple(commit for commit in commits if commit.id not in oldest)


def _cut_off(git: Git, folder: Path) -> frozenset[str]:
    """The oldest commits of a shallow clone: to git they wrote everything that was there before them."""
    listed = folder / git.line("rev-parse", "--git-path", "shallow")
    return frozenset(listed.read_text(encoding="ascii").split()) if listed.is_file() else frozenset()


def lines_written(path: Path, only: int | None = None) -> dict[int, Commit]:
    """By line, the commit that wrote it last; nothing for a file that is not as it was committed. `only` is one line.

    Nor for lines that were there before the oldest commit of a shallow clone.
    """
    git = Git(path.parent, "git")
    try:
        blob = git.line("rev-parse", "--verify", "--quiet", f"HEAD:./{path.name}")
        if git.blobs([blob]) != [path.read_bytes()]:
            return {}
        # Never of the work tree: git would start the file monitor and the filters that the repository configures.
        lines = () if only is None else (f"-L{only},{only}",)
        out = git.checked(*_CONFIGURED, *_BLAME, *lines, "HEAD", "--", path.name)
        oldest = _cut_off(git, path.parent)
    except (UsageError, OSError, ValueError):
        return {}
    return {number: commit for number, commit in _blamed(out.split(b"\n")) if commit.id not in oldest}


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
        word, _space, rest = _text(line).partition(" ")
        if len(word) in {40, 64} and rest[:1].isdigit():
            identity, number = word, int(rest.split(" ")[1])
            known.setdefault(identity, {})
        elif word:
            known[identity][word] = rest


def _text(data: bytes) -> str:
    """Names may be in any encoding, and what has no UTF-8 could not be written down."""
    return data.decode(errors="replace")


def _moment(seconds: str) -> str:
    try:
        return written_moment(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError):  # a commit can claim any time
        return "not known"
