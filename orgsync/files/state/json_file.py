"""JSON files that only orgsync writes: whole or not at all, and read only if they are exactly what it wrote."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from orgsync.core.words.inert import inert
from orgsync.core.words.json_schema import MOMENT
from orgsync.core.words.source import Problem, Source
from orgsync.core.words.versions import VERSION_PATTERN, outdated
from orgsync.errors import InputError, Stale, Unwritten, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jsonschema import ValidationError

MOST_PROBLEMS = 20

_MAY_HOLD_HALVES = re.compile(rb"\\u[dD][89a-fA-F]")
"""What half of a surrogate pair is spelled with, and whole ones, too."""

Made = TypeVar("Made")


class OtherSort(InputError):
    """The file is another one of those that orgsync writes: a mistake of whoever named it."""


@dataclass(frozen=True, slots=True)
class JsonFile:
    """One sort of file: what a person calls it, and what to do where one is no good.

    `mark` is the key that no other sort of file has. `readers` says which orgsync reads which format version,
    `retired` which one wrote those that are no longer read; `other_format` what to do about a file of another one.
    `schema` makes the schema of one of the former.
    """

    noun: str
    mark: str
    readers: Mapping[int, str]
    again: str
    other_format: str
    schema: Callable[[int], dict[str, Any]]
    retired: Mapping[int, str] = field(default_factory=dict)

    def write(self, path: Path, data: bytes) -> None:
        """Puts the bytes at `path` in one step: a reader finds the old file or the new one, never half of one.

        Only the owner may read it (mode 0600). Raises Unwritten.
        """
        try:
            self._check_place(path)
        except UsageError as error:  # it was good when `check_free` looked
            raise Unwritten(str(error), hint=error.hint) from error
        try:
            _replace(path, data)
        except OSError as error:
            raise unwritten(path, self.noun, error) from error

    def check_free(self, path: Path) -> None:
        """Raises UsageError where the file cannot be put at `path`, or would replace what orgsync did not write.

        Commands ask this before they read or change the organization: afterwards it is too late to name another file.
        """
        self._check_place(path)
        try:
            if path.exists() and path.stat().st_size and not is_ours(path):
                message = f"{path} already exists, was not written by orgsync, and is not overwritten"
                raise UsageError(message, hint=f"use another file for the {self.noun}, or delete this one first")
        except OSError as error:
            raise unwritten(path, self.noun, error) from error
        check_writable(path, self.noun)

    def read(self, path: Path, made: Callable[[Any], Made], *, limit: int) -> Made:
        """What `made` makes of the data in the file, which fits the schema. Raises InputError with every problem.

        A file of more than `limit` bytes is not read.
        """
        return self.understood(self._bytes(path, limit), path, made)

    def understood(self, data: bytes, path: Path, made: Callable[[Any], Made]) -> Made:
        """As `read`, of bytes that were read elsewhere, and that a person knows as `path`."""
        try:
            found = self._json(data, path)
            self._check_format(found, path)
            problems = list(self._schema_problems(found, path))
            if problems:
                raise InputError(problems)
            return made(found)
        except RecursionError as error:
            raise self.wrong(path, "is nested too deeply") from error

    def wrong(self, path: Path, message: str, *, hint: str | None = None) -> InputError:
        """The one thing that is wrong with a file."""
        return InputError([Problem(message, address=str(path), hint=hint or self.again)])

    def _check_place(self, path: Path) -> None:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise UsageError(f"{path} is not a regular file", hint=f"use a regular file for the {self.noun}")
        check_folder(path, self.noun)

    def edited(self, path: Path) -> InputError:
        """What is wrong with a file whose digest is not the one that it states."""
        return self.wrong(path, "was edited: its digest does not match")

    def _bytes(self, path: Path, limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise UsageError(f"{path}: the {self.noun} could not be read: {error.strerror}") from error
        if len(data) > limit:
            raise UsageError(f"{path} is larger than {limit // 1024 // 1024} MiB, too large for a {self.noun}")
        return data

    def _json(self, data: bytes, path: Path) -> Any:
        hooks: dict[str, Any] = {"parse_float": _finite, "parse_constant": _not_a_number}
        try:
            value: Any = json.loads(data.decode(), object_pairs_hook=with_each_key_once, **hooks)
            return _text_alone(value) if _MAY_HOLD_HALVES.search(data) else value
        except json.JSONDecodeError as error:
            where = Source(str(path), error.lineno, error.colno)
            raise InputError([Problem(f"is not JSON: {error.msg}", where, hint=self.again)]) from error
        except ValueError as error:  # our own hooks; bytes that are not UTF-8; integers beyond Python's limit
            raise self.wrong(path, f"cannot be read: {inert(str(error), limit=400)}") from error

    def _check_format(self, data: Any, path: Path) -> None:
        """Comes before the schema: of a file in another format, all else would look wrong as well."""
        if not isinstance(data, dict) or "format_version" not in data:
            raise self.wrong(path, f"is not a {self.noun}: it has no format_version")
        version, maker = data["format_version"], _maker(data)
        if type(version) is int and version in {*self.readers, *self.retired}:
            if self.mark not in data:
                raise OtherSort(self.wrong(path, f"is not a {self.noun}: it has no {self.mark}").problems)
            if version in self.retired:
                raise Stale(f"{path}: {outdated(maker or self.retired[version])}")
            return
        known = ", ".join(f"{number} ({readers})" for number, readers in self.readers.items())
        made = f" (made by orgsync {maker})" if maker else ""
        problem = f"has format_version {inert(json.dumps(version), limit=100)}{made}; known: {known}"
        raise self.wrong(path, problem, hint=self.other_format)

    def _schema_problems(self, data: Any, path: Path) -> Iterable[Problem]:
        from jsonschema import Draft202012Validator, FormatChecker  # slow to import, and writing does without it

        moments = FormatChecker(())
        moments.checks("date-time", raises=ValueError)(_is_no_impossible_moment)
        errors = Draft202012Validator(self.schema(data["format_version"]), format_checker=moments).iter_errors(data)
        for error in islice(errors, MOST_PROBLEMS):
            where = f"{path}: {inert(error.json_path, limit=200)}"
            yield Problem(_words(error, self.noun), address=where, hint=self.again)


def begins_like_ours(data: bytes) -> bool:
    """Whether these bytes begin as every file of this sort does, and no organization file can."""
    start = data[:100].lstrip()
    return start.startswith(b"{") and b'"format_version"' in start


def is_ours(path: Path) -> bool:
    """Whether the file begins so. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return begins_like_ours(file.read(100))


def check_folder(path: Path, noun: str) -> None:
    """Raises UsageError where there is no folder to put the file in."""
    if not path.parent.is_dir():
        message = f"{path}: the {noun} could not be written: there is no folder {path.parent}"
        raise UsageError(message, hint="create the folder, or use another file")


def check_writable(path: Path, noun: str) -> None:
    """Raises Unwritten where no file can be made beside `path`, as in a read-only checkout."""
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{path.name[:100]}.", dir=path.parent):
            pass
    except OSError as error:
        raise unwritten(path, noun, error) from error


def write_new(path: Path, data: bytes, noun: str) -> None:
    """A file that was not there, for its owner alone (mode 0600). Raises FileExistsError and Unwritten."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise
    except OSError as error:
        raise unwritten(path, noun, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        raise unwritten(path, noun, error) from error


def unwritten(path: Path, noun: str, error: OSError) -> Unwritten:
    """Why a file could not be written."""
    return Unwritten(
        f"{path}: the {noun} could not be written: {error.strerror}", hint="use another file, or free space"
    )


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _maker(data: Mapping[str, Any]) -> str | None:
    """Which orgsync the file says made it."""
    version = data.get("orgsync")
    return version if isinstance(version, str) and re.fullmatch(VERSION_PATTERN, version) else None


def with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What the pairs of a JSON object are as a dict. Raises ValueError for a key that is there twice.

    Which of two equal keys counts differs between programs: a reviewer could see one and orgsync do the other.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {json.dumps(twice)} is written twice")
    return found


def _text_alone(value: Any) -> Any:
    """The value. What has no UTF-8 is refused: nothing could write it down again, and orgsync never wrote it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        around = error.object[max(0, error.start - 20) : error.end + 20]
        raise ValueError(f"it contains an unpaired surrogate, in {around}") from error
    return value


def _is_no_impossible_moment(value: object) -> bool:
    """Raises ValueError for February 30th and the like. Whether it has the form of a moment, its pattern says."""
    return not (isinstance(value, str) and re.search(MOMENT["pattern"], value)) or bool(datetime.fromisoformat(value))


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_a_number(text)


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number JSON can hold")


def _words(error: ValidationError, noun: str) -> str:
    """What is wrong, in a line: jsonschema's own message quotes the whole file where a part of it is wrong."""
    instance: Any = error.instance
    found, rule = inert(json.dumps(instance, ensure_ascii=False), limit=80), error.schema
    if not isinstance(rule, Mapping):
        return f"is {found}, which is not allowed there"
    if error.validator == "additionalProperties":
        unknown = ", ".join(key for key in instance if key not in rule["properties"])
        return f"has unknown keys: {inert(unknown, limit=200)}"
    if error.validator == "required":
        return f"lacks {', '.join(key for key in rule['required'] if key not in instance)}"
    if error.validator == "enum":
        return f"is {found}, expected one of: {', '.join(map(str, rule['enum']))}"
    if error.validator == "format":
        return f"is {found}, which is not a valid timestamp"
    if error.validator == "pattern":
        return f"is {found}, which does not have the form {rule['pattern']}"
    return f"is {found}, which is not allowed there"
