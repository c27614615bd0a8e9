"""The desired state as people write it: one YAML file, or a folder of them merged, with every problem at once."""

from __future__ import annotations

import gc
import hashlib
import os
import re
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.document.requires import unmet
from orgsync.core.words.source import Document, Map, Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.files.state.json_file import begins_like_ours
from orgsync.files.state.regular_file import opened
from orgsync.files.yaml.builder import Budget, build
from orgsync.files.yaml.errors import place, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024

_ORGANIZATION = re.compile(r"""(^|[{,])\s*["']?organization["']?\s*:""", re.MULTILINE)
_SUFFIXES = frozenset({".yaml", ".yml"})
_CREATE = "create one with `orgsync export`"
_FILES = "give a YAML file or a folder of them"
_INSTEAD_OF_A_LINK = "put the file itself in its place, or use the path that the link points to"
_OURS = "use org.yaml or its folder; a saved plan is for `orgsync show` and `orgsync apply`"

# What YAML itself does not allow (control characters), what only it takes for the end of a line (U+0085, U+2028,
# U+2029: our line numbers would not be the editor's), and what shows a reviewer another text than the one that is
# read (marks of writing direction).
_REFUSED_CHARACTERS = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def load(path: Path, *, need: frozenset[str] | None = None) -> Document:
    """The document in a file, or in the `*.yaml` and `*.yml` files of a folder read in name order and merged.

    Raises UsageError when there is nothing to read, and InputError with all problems of all files. With `need`, what is
    certainly about other sections than these is no error, nor a version of orgsync that the files require: it is
    among the document's problems.
    """
    paths = _files_of(path)
    with _collector_paused():
        return _Loading().run([_File(str(each), each.name, each) for each in paths], need)


class Content(NamedTuple):
    """The bytes of one file that was read elsewhere: what a person calls it, and its name without its folder."""

    file: str
    name: str
    data: bytes


def load_contents(contents: Sequence[Content], *, need: frozenset[str] | None = None) -> Document:
    """The document in these files, merged in their order. Raises InputError as `load` does."""
    with _collector_paused():
        return _Loading().run(contents, need)


def is_read(name: str) -> bool:
    """Whether a file of this name in a folder is one of its files."""
    return any(name.lower().endswith(suffix) for suffix in _SUFFIXES) and not name.startswith(".")


def names_organization(data: bytes) -> bool:
    """Whether the top level of a file has `organization:`, as far as the file can be read.

    Where it cannot be read to its end, anything that looks like that key counts.
    """
    if b"organization" not in data and b"\\" not in data:  # in quotes, any letter can be written as an escape
        return False
    try:
        root, problems, _blank = build(_text(data, ""), "", Budget())
    except InputError:
        return _ORGANIZATION.search(data.decode(errors="replace")) is not None
    looks_like_it = problems and _ORGANIZATION.search(data.decode(errors="replace"))
    return "organization" in root.sources or bool(looks_like_it)


class Form(Enum):
    """What stands under a name, in a folder or in the tree of a commit."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


def unfit(form: Form, file: str) -> Problem | None:
    """Why this cannot be read; None for a file. The same in the work tree and at a commit.

    A link is not read: a pull request can add one to what it cannot read, and what it leads to may be another file
    here than at a commit.
    """
    source = Source(file, 1, 1)
    if form is Form.LINK:
        return Problem("this is a link, and links are not read", source, hint=_INSTEAD_OF_A_LINK)
    return None if form is Form.FILE else Problem("this is not a regular file", source, hint=_FILES)


class _File(NamedTuple):
    """A file that is to be read here."""

    file: str
    name: str
    path: Path


class _Loading:
    """What is shared by the files of one load."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._blank: list[Source] = []
        self._budget = Budget()
        self._digest = hashlib.sha256()
        self._bytes_left = MAX_TOTAL_BYTES
        self._data = Map()

    def run(self, files: Sequence[_File | Content], need: frozenset[str] | None) -> Document:
        for file in files:
            try:
                self._add(file)
            except InputError as error:
                self._problems += error.problems
        problem = unmet(self._data)  # what else this version does not understand, another one may
        problems = self._problems if problem is None else [problem]
        if problems and (need is None or not _are_elsewhere(self._problems, need)):
            raise InputError(problems)
        names = {one.file: one.name for one in files}
        paths, blank = tuple(one.file for one in files), frozenset(self._blank)
        return Document(self._data, paths, self._digest.hexdigest(), names, tuple(problems), blank)

    def _add(self, one: _File | Content) -> None:
        content = self._content(one)
        text = _text(content, one.file)
        # The name without its folder: the same files have the same digest wherever they are checked out.
        for part in (one.name.encode(), content):
            self._digest.update(len(part).to_bytes(8, "big") + part)
        data, problems, blank = build(text, one.file, self._budget)
        self._blank += blank
        self._problems += problems
        for key in data.sources:
            self._problems += (replace(problem, section=key) for problem in _merge(self._data, data, (key,)))

    def _content(self, one: _File | Content) -> bytes:
        file = one.file
        _check_name(one.name)
        content = _bytes(one.path, file) if isinstance(one, _File) else one.data
        if begins_like_ours(content):
            raise _refused("this file was written by orgsync and is not an organization file", file, hint=_OURS)
        if len(content) > MAX_FILE_BYTES:
            raise _refused("the file is larger than 16 MiB", file)
        self._bytes_left -= len(content)
        if self._bytes_left < 0:
            raise _refused("the files are larger than 64 MiB together", file)
        return content


def _files_of(path: Path) -> list[Path]:
    """The files to read, by name. Nothing to read is an error: it must not pass for an empty organization."""
    form = _form(path)
    if form is not Form.FOLDER:
        return [path]
    try:
        entries = sorted(path.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(path, error) from error
    files = [entry for entry in entries if is_read(entry.name)]
    if not files:
        raise UsageError(f"there is no .yaml file in the folder {path}", hint=_CREATE)
    return files


def _form(path: Path) -> Form:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError as error:
        raise UsageError(f"there is no file or folder {path}", hint=_CREATE) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    forms = {stat.S_IFREG: Form.FILE, stat.S_IFDIR: Form.FOLDER, stat.S_IFLNK: Form.LINK}
    return forms.get(stat.S_IFMT(mode), Form.OTHER)


def _check_name(name: str) -> None:
    """A pull request can add names that rewrite the terminal."""
    if not name.isprintable():
        message = f"the file name {shown(name)} contains unprintable characters"
        raise InputError([Problem(message, hint="rename the file")])


def _bytes(path: Path, file: str) -> bytes:
    """The file's bytes, at most one more than allowed."""
    problem = unfit(_form(path), file)
    if problem is not None:
        raise InputError([problem])
    try:
        with os.fdopen(opened(path, os.O_RDONLY, hint=_FILES), "rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error


def _refused(message: str, file: str, *, hint: str | None = None) -> InputError:
    return InputError([Problem(message, Source(file, 1, 1), hint=hint)])


def _unreadable(path: Path, error: OSError) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"cannot read {path}: {reason}", hint="check the path and its permissions")


def _text(content: bytes, file: str) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise _refused("the file is UTF-16", file, hint="save it as UTF-8")
    content = content.removeprefix(BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        where = place(file, before, len(before))
        message = f"the file is not UTF-8: byte 0x{content[error.start]:02x}"
        raise InputError([Problem(message, where, hint="save the file as UTF-8")]) from error
    if bad := _REFUSED_CHARACTERS.search(text):
        raise InputError([_character_problem(ord(bad[0]), place(file, text, bad.start()))])
    return text


def _character_problem(code: int, source: Source) -> Problem:
    hint = f'remove it, or write \\u{code:04x} inside "double quotes"' if code else "save the file as UTF-8 text"
    return Problem(f"the invisible character U+{code:04X} is not allowed", source, hint=hint)


def _are_elsewhere(problems: Sequence[Problem], need: frozenset[str]) -> bool:
    return all(problem.section is not None and problem.section not in need for problem in problems)


def _merge(into: Map, new: Map, keys: Iterable[str]) -> Iterator[Problem]:
    """Add these keys of a file to the files before it: maps merge; one key with two values is a problem."""
    for key in keys:
        value, source = new.get(key), new.sources[key]
        if key not in into.sources:
            into[key] = value
            into.sources[key] = source
        elif isinstance(value, Map) and isinstance(into[key], Map):
            yield from _merge(into[key], value, value.sources)
        else:
            message = f"the key {shown(key)} is also in {into.sources[key]}; only maps can be merged"
            yield Problem(message, source, hint="keep one of the two")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nothing built here is garbage, and looking for some takes half of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
