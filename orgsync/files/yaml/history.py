"""Which commits changed the files, by whom and when: `git log` of one path, along the branch that is checked out.

Of a merge, what counts is what it brought to the branch: so each change is there once, at the commit with which it
took effect. Nothing but `rev-parse` and `log` is run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.words.timestamp import written_moment
from orgsync.files.yaml.git import Git

if TYPE_CHECKING:
    from pathlib import Path

_FORM = "%H%n%P%n%ct%n%an%n%B"
_QUIET = ("-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.diffMerges=off")


class Revision(NamedTuple):
    """One commit: `parent` is None where nothing came before it, `at` is when it was committed (RFC 3339, UTC)."""

    id: str
    parent: str | None
    at: str
    author: str
    message: str


class History(NamedTuple):
    """The commits that changed a path, newest first. `more`: there are older ones, too.

    `shallow`: the clone does not hold the whole history, and what its first commit changed cannot be told.
    """

    revisions: tuple[Revision, ...]
    more: bool
    shallow: bool


def history_of(path: Path, most: int) -> History:
    """At most that many commits of the file or folder. Raises UsageError where git cannot tell."""
    folder = path if path.is_dir() else path.parent
    git = Git(folder, "git")
    git.line("rev-parse", "--show-prefix")  # says so where it is in no repository
    if git.commit("HEAD") is None:
        return History((), more=False, shallow=False)
    shallow = git.line("rev-parse", "--is-shallow-repository") == "true"
    words = ("--first-parent", "--no-color", "-z", f"--max-count={most + 1}", f"--format={_FORM}")
    out = git.checked(*_QUIET, "log", *words, "HEAD", "--", "." if folder == path else path.name)
    found = [_revision(one) for one in out.decode(errors="replace").split("\0") if one]
    return History(tuple(found[:most]), more=len(found) > most, shallow=shallow)


def _revision(text: str) -> Revision:
    identity, parents, seconds, author, message = text.split("\n", 4)
    at = written_moment(datetime.fromtimestamp(int(seconds), UTC))
    return Revision(identity, parents.partition(" ")[0] or None, at, author, message)
