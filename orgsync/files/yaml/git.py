"""What files said at another commit, read from git's objects: work tree, index and configuration stay as they are.

No hook, filter, text conversion or network request happens: only `rev-parse`, `ls-tree` and `cat-file` are run, and
what they print is bytes of the tree.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from orgsync.core.words.source import Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.files.yaml.folder import Form, is_visible, is_yaml, unfit, unfit_names
from orgsync.files.yaml.load import MAX_FILE_BYTES, MAX_TOTAL_BYTES, Content, load_contents, names_organization

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from orgsync.core.words.source import Document

MAX_SEARCHED = 10_000
"""Files in which an organization is looked for."""

_SECONDS = 60
_FETCH = "fetch the whole history (`fetch-depth: 0` for actions/checkout, GIT_DEPTH: 0 in GitLab)"
_FORMS = {"120000": Form.LINK, "160000": Form.OTHER, "040000": Form.FOLDER}
"""What the modes of a tree stand for that are no files; a submodule is another repository."""


class _Entry(NamedTuple):
    """One name in a tree, as `git ls-tree -l` says it."""

    mode: str
    object_id: str
    size: int
    path: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def form(self) -> Form:
        return _FORMS.get(self.mode, Form.FILE)


def is_commit(name: str, path: Path) -> bool:
    """Whether the repository that `path` is in, if it is in one, knows a commit by this name."""
    if not _sayable(name):
        return False
    try:
        return Git(_folder_of(path)).commit(name) is not None
    except UsageError:
        return False


def load_at(
    name: str, path: Path, *, need: frozenset[str] | None = None, keys: frozenset[str] | None = None
) -> Document | None:
    """The document that the file or folder at `path` was at that commit; None where there was nothing.

    It is found by its path, as a file or as a folder, whatever it is now. `need` and `keys` are those of `load`. Places
    in it read `main:org.yaml:3:1`. Raises UsageError where there is no such commit, and InputError as `load` does.
    """
    git, commit, where = _looked_up(name, path)
    entries = git.entries(commit, where) if where else []
    if entries and entries[0].form is not Form.FOLDER:
        return load_contents(_contents(git, entries, name, len(where) - len(entries[0].name)), need=need)
    top = where and f"{where}/"
    entries = [entry for entry in git.entries(commit, top, below=True) if is_visible(entry.path[len(top) :])]
    problems = list(_links_to_folders(git, commit, entries, name))
    files = [entry for entry in entries if is_yaml(entry.name) and entry.form is not Form.OTHER]
    problems += unfit_names([entry.path[len(top) :] for entry in files], lambda below: f"{name}:{top}{below}")
    if problems:
        raise InputError(problems)
    document = load_contents(_contents(git, files, name, len(top)), need=need, keys=keys)
    return document if document.files else None


def organization_files_at(name: str, path: Path) -> tuple[str, ...]:
    """The path of every file of that commit, from the top, that names an organization, wherever it is.

    Hidden folders are left out, but for one that `path` is in. Raises UsageError as `load_at` does, and InputError
    where there are too many files to look at.
    """
    git, commit, where = _looked_up(name, path)
    around = where.rpartition("/")[0]
    entries = [
        entry
        for entry in git.entries(commit, "", below=True)
        if entry.form is Form.FILE and entry.size <= MAX_FILE_BYTES and _may_be_read(entry.path, around)
    ]
    if len(entries) > MAX_SEARCHED or sum(entry.size for entry in entries) > MAX_TOTAL_BYTES:
        limit = f"{MAX_SEARCHED:,} YAML files or 64 MiB"
        raise InputError([Problem(f"{name} has more than {limit}, too many to look for organization files")])
    blobs = git.blobs([entry.object_id for entry in entries])
    return tuple(sorted(entry.path for entry, blob in zip(entries, blobs, strict=True) if names_organization(blob)))


def _may_be_read(path: str, around: str) -> bool:
    """Whether it is a YAML file, and in no hidden folder but what `around` is in."""
    *folders, name = path.removeprefix(f"{around}/").split("/")
    return is_yaml(name) and not any(folder.startswith(".") for folder in folders)


def _looked_up(name: str, path: Path) -> tuple[Git, str, str]:
    """Git at work where `path` is, the id of the commit, and the path from the top of its tree ("": the top itself)."""
    if not _sayable(name):
        raise UsageError(f'--base: "{name}" is not the name of a commit', hint="name a branch, a tag or a commit")
    folder = _folder_of(path)
    git = Git(folder)
    inside = git.line("rev-parse", "--show-prefix")
    commit = git.commit(name)
    if commit is None:
        _unknown(git, name, path)
    if commit != name and git.is_ambiguous(name):
        message = f'--base: "{name}" is ambiguous, for example a branch and a tag of the same name'
        raise UsageError(message, hint="use refs/heads/… or refs/tags/…")
    return git, commit, inside.removesuffix("/") if folder == path else inside + path.name


def _sayable(name: str) -> bool:
    """No option in disguise, and nothing that no branch, tag or commit can be called."""
    return bool(name) and not name.startswith("-") and name.isprintable()


def _folder_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _links_to_folders(git: Git, commit: str, entries: Sequence[_Entry], name: str) -> Iterator[Problem]:
    """Refuses links to folders of the commit, in which files could be. What is outside of it nobody has reviewed."""
    links = [
        entry for entry in entries if entry.form is Form.LINK and not is_yaml(entry.name) and "\n" not in entry.path
    ]
    for entry, is_folder in zip(links, git.lead_to_folders(commit, [entry.path for entry in links]), strict=True):
        if is_folder:
            yield from _unfit(entry, name)


def _contents(git: Git, entries: Sequence[_Entry], name: str, top: int) -> list[Content]:
    """The files of these entries. Their paths below the folder begin after `top` characters."""
    problems = [problem for entry in entries for problem in _unfit(entry, name)]
    if sum(entry.size for entry in entries) > MAX_TOTAL_BYTES:
        problems.append(Problem("the files are larger than 64 MiB together", Source(f"{name}:{entries[0].path}", 1, 1)))
    if problems:
        raise InputError(problems)
    blobs = git.blobs([entry.object_id for entry in entries])
    return [Content(f"{name}:{entry.path}", entry.path[top:], blob) for entry, blob in zip(entries, blobs, strict=True)]


def _unfit(entry: _Entry, name: str) -> Sequence[Problem]:
    """What is not a file, or too large to be read."""
    file = f"{name}:{entry.path}"
    problem = unfit(entry.form, file)
    if problem is None and entry.size > MAX_FILE_BYTES:
        problem = Problem("the file is larger than 16 MiB", Source(file, 1, 1))
    return [] if problem is None else [problem]


def _unknown(git: Git, name: str, path: Path) -> NoReturn:
    """Says which step makes the commit known."""
    hint = "fetch it, or use another commit, a file or a folder"
    if git.line("rev-parse", "--is-shallow-repository") == "true":
        hint = f"this clone is shallow: {_FETCH}"
    elif git.commit(f"refs/remotes/origin/{name}") is not None:
        hint = f"did you mean origin/{name}?"
    raise UsageError(f'--base: the repository of {path} has no commit "{name}"', hint=hint)


class Git:
    """Runs git's reading commands in one folder, with fixed words and nothing inherited that would steer them."""

    def __init__(self, folder: Path, option: str = "--base") -> None:
        """`option` is for what messages begin with: what asks for a commit."""
        self._folder = folder
        self._option = option
        # A hook that calls us has set GIT_DIR and GIT_INDEX_FILE for itself. What configures git may stay: a runner
        # says there that it trusts the folder.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        kept.update((name, value) for name, value in os.environ.items() if name.startswith("GIT_CONFIG"))
        self._environment = {
            **kept,
            "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",  # of a clone without all objects; older versions know the next line only
            "GIT_ALLOW_PROTOCOL": "",
        }

    def commit(self, name: str) -> str | None:
        """The full id of the commit of this name, if there is one."""
        ended = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return ended.stdout.decode().strip() if ended.returncode == 0 else None

    def is_ambiguous(self, name: str) -> bool:
        """Whether a branch and a tag are called so: git would take the tag, which anybody may have pushed."""
        ended = self._run("-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", "--end-of-options", name)
        return b"is ambiguous" in ended.stderr

    def entries(self, commit: str, path: str, *, below: bool = False) -> list[_Entry]:
        """What the tree has at a path: the file, or what is in the folder whose path ends with a slash.

        With `below` also what is in folders in it, and not those themselves.
        """
        words = ["-r"] if below else []
        paths = ["--", path] if path else []
        out = self.checked("ls-tree", "-z", "-l", "--full-tree", *words, commit, *paths)
        entries = []
        for line in out.split(b"\0")[:-1]:
            head, _, name = line.partition(b"\t")
            mode, _kind, object_id, size = head.decode().split()
            entries.append(_Entry(mode, object_id, 0 if size == "-" else int(size), os.fsdecode(name)))
        return sorted(entries, key=lambda entry: entry.path)

    def lead_to_folders(self, commit: str, paths: Sequence[str]) -> list[bool]:
        """Whether each of these links leads to a folder of the commit."""
        if not paths:
            return []
        given = b"".join(b"%s:%s\n" % (commit.encode(), os.fsencode(path)) for path in paths)
        out = self.checked("cat-file", "--batch-check=%(objecttype)", "--follow-symlinks", given=given)
        found = []
        while out:
            line, _, out = out.partition(b"\n")
            found.append(line == b"tree")
            if b" " in line:  # it leads nowhere, and says in so many bytes where to
                out = out[int(line.rpartition(b" ")[2]) + 1 :]
        return found

    def blobs(self, object_ids: Sequence[str]) -> list[bytes]:
        """The bytes of these objects, as they were committed."""
        out = self.checked("cat-file", "--batch", given="".join(f"{one}\n" for one in object_ids).encode())
        found, start = [], 0
        for object_id in object_ids:
            end = out.index(b"\n", start)
            words = out[start:end].decode().split()
            if len(words) != 3:  # "… missing"
                raise UsageError(f"object {object_id} is missing in git", hint=f"this clone is incomplete: {_FETCH}")
            size = int(words[2])
            found.append(out[end + 1 : end + 1 + size])
            start = end + 1 + size + 1
        return found

    def line(self, *words: str) -> str:
        """The one line a command prints."""
        return os.fsdecode(self.checked(*words)).removesuffix("\n")

    def checked(self, *words: str, given: bytes = b"") -> bytes:
        """What a command prints. Raises UsageError where it fails."""
        ended = self._run(*words, given=given)
        if ended.returncode == 0:
            return ended.stdout
        said = ended.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        if "not a git repository" in said[0]:
            message = f"{self._option}: {self._folder} is not in a git repository"
            raise UsageError(message, hint="use a file or folder instead: --base path:FILE")
        hint = (
            "run the command that git suggests" if "safe.directory" in ended.stderr.decode(errors="replace") else None
        )
        if "promisor" in said[-1] or "not allowed" in said[0]:
            hint = f"this clone is incomplete: {_FETCH}, and no `filter`"
        raise UsageError(f"{self._option}: git {words[0]}: {said[0]}", hint=hint)

    def _run(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        # A folder of the tree that looks like a repository of its own must not be taken for the one it is in.
        command = ["git", "-c", "safe.bareRepository=explicit", "--no-pager", "--literal-pathspecs", *words]
        try:
            return subprocess.run(  # noqa: S603 - no shell; what others wrote comes after --end-of-options or --
                command,
                check=False,
                cwd=self._folder,
                env=self._environment,
                input=given,
                capture_output=True,
                timeout=_SECONDS,
            )
        except FileNotFoundError as error:
            raise UsageError(
                f"{self._option}: git is not installed", hint="give a file or folder: --base path:FILE"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"{self._option}: git could not be run: {error}") from error
