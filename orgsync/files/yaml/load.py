"""The desired state as people write it: one YAML file, or a folder of them merged, with every problem at once."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.document.requires import unmet
from orgsync.core.words.source import Document, LeftOut, Map, Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.files.state.json_file import begins_like_ours
from orgsync.files.state.regular_file import opened
from orgsync.files.yaml.builder import Budget, build
from orgsync.files.yaml.errors import place, shown
from orgsync.files.yaml.folder import Form, form_of, looked_through, unfit, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024

_ORGANIZATION = re.compile(r"""(^|[{,])\s*["']?organization["']?\s*:""", re.MULTILINE)
_CREATE = "create one with `orgsync export`"
_FILES = "give a YAML file or a folder of them"
_OURS = "use org.yaml or its folder; a saved plan is for `orgsync show` and `orgsync apply`"

# What YAML itself does not allow (control characters), what only it takes for the end of a line (U+0085, U+2028,
# U+2029: our line numbers would not be the editor's), and what shows a reviewer another text than the one that is
# read (marks of writing direction).
_REFUSED_CHARACTERS = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def load(path: Path, *, need: frozenset[str] | None = None, keys: frozenset[str] | None = None) -> Document:
    """The document in a file, or in the YAML files of a folder and the folders in it, read by their paths and merged.

    Raises UsageError when there is nothing to read, and InputError with all problems of all files. With `need`, what is
    certainly about other sections than these is no error, nor a version of orgsync that the files require: it is
    among the document's problems. `keys` are those of the file format: a file of a folder that has none of them at its
    top level is no organization file, and left out. Without them, every file is one.
    """
    document = load_if_any(path, need=need, keys=keys)
    if not document.files:  # that must not pass for files that declare nothing
        what, why = ".yaml", ""
        if document.left_out:
            what, why = "organization", ": no file there has a key of the file format at its top level"
        raise UsageError(f"there is no {what} file in the folder {path}{why}", hint=_CREATE)
    return document


def load_if_any(path: Path, *, need: frozenset[str] | None = None, keys: frozenset[str] | None = None) -> Document:
    """As `load`, but a folder may have no files."""
    if _form(path) is not Form.FOLDER:
        with _collector_paused():
            return _Loading(None).run([_File(str(path), path.name, path)], need)
    files, repositories = looked_through(path)
    loading = _Loading(keys)
    loading.left_out += [LeftOut(str(one.path), one.name, None) for one in repositories]
    with _collector_paused():
        return loading.run([_File(str(one.path), one.name, one.path) for one in files], need)


class Content(NamedTuple):
    """The bytes of one file that was read elsewhere: what a person calls it, and its path below the folder."""

    file: str
    name: str
    data: bytes


def load_contents(
    contents: Sequence[Content], *, need: frozenset[str] | None = None, keys: frozenset[str] | None = None
) -> Document:
    """The document in these files, merged in their order. Raises InputError as `load` does."""
    with _collector_paused():
        return _Loading(keys).run(contents, need)


def names_organization(data: bytes) -> bool:
    """Whether the top level of a file has `organization:`, as far as the file can be read.

    Where it cannot be read to its end, anything that looks like that key counts.
    """
    if b"organization" not in data and b"\\" not in data:  # in quotes, any letter can be written as an escape
        return False
    try:
        root, problems, *_ = build(_text(data, ""), "", Budget())
    except InputError:
        return _ORGANIZATION.search(data.decode(errors="replace")) is not None
    looks_like_it = problems and _ORGANIZATION.search(data.decode(errors="replace"))
    return "organization" in root.sources or bool(looks_like_it)


class _File(NamedTuple):
    """A file that is to be read here."""

    file: str
    name: str
    path: Path


class _Loading:
    """What is shared by the files of one load."""

    def __init__(self, keys: frozenset[str] | None) -> None:
        self.left_out: list[LeftOut] = []
        self._keys = keys
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
        others = {one.file for one in self.left_out}
        names = {one.file: one.name for one in files if one.file not in others}
        left_out = tuple(sorted(self.left_out, key=lambda one: one.name))
        blank, digest = frozenset(self._blank), self._digest.hexdigest()
        return Document(self._data, tuple(names), digest, names, tuple(problems), blank, left_out)

    def _add(self, one: _File | Content) -> None:
        content = self._content(one)
        data, problems, blank, is_whole = build(_text(content, one.file), one.file, self._budget)
        if self._keys is not None and is_whole and self._keys.isdisjoint(data.sources):
            self.left_out.append(LeftOut(one.file, one.name, tuple(data.sources)))
            return
        # The path below the folder: the same files have the same digest wherever they are checked out.
        for part in (one.name.encode(), content):
            self._digest.update(len(part).to_bytes(8, "big") + part)
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


def _form(path: Path) -> Form:
    try:
        return form_of(path)
    except FileNotFoundError as error:
        raise UsageError(f"there is no file or folder {path}", hint=_CREATE) from error
    except OSError as error:
        raise unreadable(path, error) from error


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
        raise unreadable(path, error) from error


def _refused(message: str, file: str, *, hint: str | None = None) -> InputError:
    return InputError([Problem(message, Source(file, 1, 1), hint=hint)])


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
