"""Which files below a folder are its files: one rule for the work tree and for a commit."""

from __future__ import annotations

import os
import stat
import unicodedata
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.words.source import Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.files.yaml.errors import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MAX_FILES = 10_000
MAX_FOLDERS = 16
"""How many folders a file may be in, below the folder that is read."""

_SUFFIXES = (".yaml", ".yml")
_FILES = "give a YAML file or a folder of them"
_INSTEAD_OF_A_LINK = "put the file itself in its place, or use the path that the link points to"


class Form(Enum):
    """What stands under a name, in a folder or in the tree of a commit."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    REPOSITORY = "repository"
    """A folder that has commits of its own, such as a submodule."""
    OTHER = "other"


_FORMS = {stat.S_IFREG: Form.FILE, stat.S_IFDIR: Form.FOLDER, stat.S_IFLNK: Form.LINK}


class Below(NamedTuple):
    """What was found below a folder: its path, and the one below the folder, by which it is called wherever that is."""

    path: Path
    name: str


class Folder(NamedTuple):
    """The files of a folder, and the folders in it that are repositories of their own, whose files are not its."""

    files: list[Below]
    repositories: list[Below]


def form_of(path: Path) -> Form:
    """What stands at a path. Raises OSError."""
    return _FORMS.get(stat.S_IFMT(path.lstat().st_mode), Form.OTHER)


def is_visible(name: str) -> bool:
    """Whether nothing on the way to this file, given by its path below the folder, is hidden."""
    return not any(part.startswith(".") for part in name.split("/"))


def is_yaml(name: str) -> bool:
    """Whether a file of this name, or this path, is a YAML file."""
    return name.lower().endswith(_SUFFIXES)


def unfit(form: Form, file: str) -> Problem | None:
    """Why this cannot be read; None for a file. The same in the work tree and at a commit.

    A link is not read: a pull request can add one to what it cannot read, and what it leads to may be another file
    here than at a commit.
    """
    source = Source(file, 1, 1)
    if form is Form.LINK:
        return Problem("this is a link, and links are not read", source, hint=_INSTEAD_OF_A_LINK)
    return None if form is Form.FILE else Problem("this is not a regular file", source, hint=_FILES)


def unfit_names(names: Sequence[str], called: Callable[[str], str]) -> Iterator[Problem]:
    """What is wrong with the paths of a folder's files below it; `called` is how a person calls such a file."""
    if len(names) > MAX_FILES:
        yield Problem(f"more than {MAX_FILES:,} YAML files", hint="give a folder that holds the organization alone")
        return
    first: dict[str, str] = {}
    for name in names:
        source = Source(called(name), 1, 1)
        if name.count("/") > MAX_FOLDERS:
            yield Problem(f"the file is more than {MAX_FOLDERS} folders deep", source, hint="move it up")
        other = first.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            message = f"the path differs from {shown(other)} only in case, and is the same file on some computers"
            yield Problem(message, source, hint="rename one of the two")


def looked_through(folder: Path) -> Folder:
    """The YAML files of a folder and of the folders in it, by their paths below it. Hidden names are not looked at.

    Raises UsageError where something cannot be read, and InputError for a link to a folder and a file with two names.
    """
    files: list[Below] = []
    repositories: list[Below] = []
    problems: list[Problem] = []
    for path, name, form in _walked(folder):
        if form is Form.REPOSITORY:
            repositories.append(Below(path, name))
        elif is_yaml(name):
            files.append(Below(path, name))
        elif form is Form.LINK and path.is_dir():
            problems += filter(None, [unfit(form, str(path))])
    files.sort(key=lambda one: one.name)
    repositories.sort(key=lambda one: one.name)
    problems += unfit_names([one.name for one in files], lambda name: str(folder / name))
    problems += _twice(files)
    if problems:
        raise InputError(problems)
    return Folder(files, repositories)


def _walked(folder: Path) -> Iterator[tuple[Path, str, Form]]:
    """Everything visible below a folder but folders themselves, with its path below it."""
    waiting = [(folder, "")]
    while waiting:
        inside, prefix = waiting.pop()
        for entry in _entries(inside):
            path, name = Path(entry.path), prefix + entry.name
            form = _form(entry)
            if form is Form.FOLDER and _is_repository(path):
                form = Form.REPOSITORY
            if form is Form.FOLDER:
                waiting.append((path, f"{name}/"))
            else:
                yield path, name, form


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if is_visible(entry.name)), key=lambda entry: entry.name)
    except OSError as error:
        raise unreadable(folder, error) from error


def _form(entry: os.DirEntry[str]) -> Form:
    try:
        return _FORMS.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), Form.OTHER)
    except OSError as error:
        raise unreadable(Path(entry.path), error) from error


def _is_repository(folder: Path) -> bool:
    return (folder / ".git").exists()


def _twice(found: Iterable[Below]) -> Iterator[Problem]:
    """Files that are one and the same: a hard link, or two spellings on a file system that takes them for one."""
    first: dict[tuple[int, int], str] = {}
    for one in found:
        try:
            looked = one.path.lstat()
        except OSError as error:
            raise unreadable(one.path, error) from error
        other = first.setdefault((looked.st_dev, looked.st_ino), one.name)
        if other != one.name and stat.S_ISREG(looked.st_mode):
            message = f"this is the same file as {shown(other)}, by another name"
            yield Problem(
                message, Source(str(one.path), 1, 1), hint="delete one of the two, or make it a file of its own"
            )


def unreadable(path: Path, error: OSError) -> UsageError:
    """Why nothing can be read at a path."""
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"cannot read {path}: {reason}", hint="check the path and its permissions")
