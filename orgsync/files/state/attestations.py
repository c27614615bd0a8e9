"""What people attested, kept beside the organization file: one JSON line each, added and never changed.

The file is committed with the organization file. Whoever reviews a line sees who said what, and when.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.core.document.console import Attestation
from orgsync.core.words.inert import inert, inert_json
from orgsync.core.words.problems import translate
from orgsync.core.words.source import Problem, Source
from orgsync.core.words.versions import FIRST
from orgsync.errors import InputError, Unwritten, UsageError
from orgsync.files.state.json_file import unwritten, with_each_key_once
from orgsync.files.state.regular_file import opened

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_VERSION = 2
"""Of the lines that are written; lines that state none are of format 1, and mean the same."""

LIMIT = 4 * 1024 * 1024
"""Bytes of the largest file that is read or added to: some twenty thousand attestations."""

MOST_PROBLEMS = 20

_NAME = "attestations.jsonl"
_FORMAT = "format_version"
_OF_THEIR_OWN = "use a regular file for attestations"
_ONE_LINE = "each line is one attestation, as `orgsync attest` writes it"
_CUT_OFF = "complete the line, or delete it and attest again"
_CONFLICT = "keep the lines of both sides, and delete the conflict markers"
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


def attestations_path(path: Path) -> Path:
    """Where the attestations for an organization file are: beside a file, inside a folder.

    Its ending keeps the loader of the organization's folder away from it.
    """
    return path / _NAME if path.is_dir() else path.with_name(f"{path.stem}.{_NAME}")


def read(path: Path) -> tuple[Attestation, ...]:
    """All attestations in the file, in its order; none where there is no file yet.

    Raises InputError with every line that is not an attestation: one that was passed over could be the one that
    contradicts.
    """
    data = _bytes(path)
    *lines, cut_off = data.split(b"\n")
    found: list[Attestation] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_attestation(line, Source(str(path), number, 1)))
        except InputError as error:
            problems += error.problems
    if cut_off:
        message = "the last line is incomplete: writing was interrupted, or its line break was deleted"
        problems.append(Problem(message, Source(str(path), len(lines) + 1, 1), hint=_CUT_OFF))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return tuple(found)


def append(path: Path, attestation: Attestation) -> None:
    """Adds one line and flushes it to the disk. Raises UsageError, and Unwritten where the disk does not take it.

    Two programs may do so at once: each line is a single write at the end of the file, wherever that is by then.
    """
    line = _line(attestation)
    try:
        handle = opened(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o666, hint=_OF_THEIR_OWN)
        try:
            if os.fstat(handle).st_size + len(line) > LIMIT:
                raise _too_large(path)
            written = os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise unwritten(path, "attestation", error) from error
    if written < len(line):
        raise Unwritten(f"{path}: the attestation was written only in part", hint=f"free space; {_CUT_OFF}")


def _line(attestation: Attestation) -> bytes:
    """Sorted keys, readable in a review, and inert there: what does not show itself is escaped."""
    data = {_FORMAT: FORMAT_VERSION, **attestation.model_dump(mode="json", exclude_none=True)}
    return f"{inert_json(json.dumps(data, sort_keys=True, ensure_ascii=False))}\n".encode()


def _bytes(path: Path) -> bytes:
    try:
        with os.fdopen(opened(path, os.O_RDONLY, hint=_OF_THEIR_OWN), "rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(f"{path}: the attestations could not be read: {error.strerror}") from error
    if len(data) > LIMIT:
        raise _too_large(path)
    return data


def _too_large(path: Path) -> UsageError:
    limit = LIMIT // 1024 // 1024
    return UsageError(f"{path} is larger than {limit} MiB", hint="move its oldest lines to another file")


def _attestation(line: bytes, source: Source) -> Attestation:
    data = _json(line, source)
    if not isinstance(data, dict):
        raise _wrong("the line is not a JSON object", source)
    version = data.pop(_FORMAT, FORMAT_VERSION)
    if type(version) is not int or version != FORMAT_VERSION:
        found = f"the line has {_FORMAT} {inert(json.dumps(version), limit=100)}"
        known = f"known: {FORMAT_VERSION}, or none in lines of orgsync {FIRST}"
        raise _wrong(f"{found}; {known}", source, hint="read it with the orgsync that wrote it, or a later one")
    try:
        return Attestation.model_validate(data)
    except ValidationError as error:
        raise InputError(translate(error, data, source, Attestation)) from error


def _json(line: bytes, source: Source) -> Any:
    if not line.strip():
        raise _wrong("the line is empty", source, hint="delete it")
    if line.startswith(_MARKS):
        raise _wrong("the line is a git conflict marker", source, hint=_CONFLICT)
    try:
        return json.loads(line.decode(), object_pairs_hook=with_each_key_once)
    except json.JSONDecodeError as error:
        at = Source(source.file, source.line, error.colno)
        raise _wrong(f"the line is not JSON: {error.msg}", at) from error
    except UnicodeDecodeError as error:
        raise _wrong(f"the line is not UTF-8: byte 0x{line[error.start]:02x}", source) from error
    except ValueError as error:  # our own hook; integers beyond Python's limit
        raise _wrong(f"the line cannot be read: {inert(str(error), limit=400)}", source) from error
    except RecursionError as error:
        raise _wrong("the line is nested too deeply", source) from error


def _wrong(message: str, source: Source, *, hint: str = _ONE_LINE) -> InputError:
    return InputError([Problem(message, source, hint=hint)])
