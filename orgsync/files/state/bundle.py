"""A few files kept together, in a folder or a zip archive: the same bytes for the same files, and bounded when read."""

from __future__ import annotations

import os
import shutil
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from orgsync.core.words.source import Problem
from orgsync.errors import InputError, UsageError
from orgsync.files.state.json_file import check_folder, check_writable, unwritten, write_new
from orgsync.files.state.regular_file import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LIMIT = 512 * 1024 * 1024
"""Bytes of all files of a bundle together."""

MOST_FILES = 1_000

_THEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: it must not depend on the hour in which it was written."""

_FOR_ITS_OWNER = 0o100600 << 16
_WHOLE = "copy the evidence again, as `orgsync review close` wrote it"


def check_free(path: Path, noun: str) -> None:
    """Raises UsageError where there is something already, or no folder to put it in; Unwritten in a read-only one."""
    check_folder(path, noun)
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} already exists, and is not overwritten", hint=f"use another name for the {noun}")
    check_writable(path, noun)


def write(path: Path, files: Mapping[str, bytes], noun: str) -> None:
    """Puts the files at `path`: in a zip archive if that is its ending, else in a folder. Raises Unwritten."""
    if path.suffix.lower() == ".zip":
        write_new(path, _archive(files), noun)
        return
    try:
        path.mkdir(mode=0o700)
        for name, data in files.items():
            write_new(path / name, data, noun)
    except OSError as error:
        raise unwritten(path, noun, error) from error
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)  # half of a bundle would look like one that was tampered with
        raise


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Stored and not deflated: what deflating gives depends on the version of zlib."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _THEN)
            entry.create_system, entry.external_attr = 3, _FOR_ITS_OWNER
            archive.writestr(entry, files[name])
    return made.getvalue()


def read(path: Path) -> dict[str, bytes]:
    """The files of a bundle, by name. Raises UsageError, and InputError for one that is no bundle of ours."""
    try:
        found = _folder_files(path) if path.is_dir() else _archived(path)
        files: dict[str, bytes] = {}
        for name, data in found:
            if name in files:
                raise _wrong(path, f"has two files named {name}")
            files[name] = data
    except OSError as error:
        raise UsageError(f"{path} could not be read: {error.strerror}") from error
    return files


def _folder_files(path: Path) -> Iterator[tuple[str, bytes]]:
    left = LIMIT
    names = sorted(one.name for one in path.iterdir())
    if len(names) > MOST_FILES:
        raise _wrong(path, f"has more than {MOST_FILES:,} files")
    for name in names:
        if (path / name).is_dir():
            raise _wrong(path, f"has a folder in it: {name}")
        with os.fdopen(opened(path / name, os.O_RDONLY, hint=_WHOLE), "rb") as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _too_large(path)
        yield name, data


def _archived(path: Path) -> Iterator[tuple[str, bytes]]:
    left = LIMIT
    with os.fdopen(opened(path, os.O_RDONLY, hint=_WHOLE), "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                if len(entries) > MOST_FILES:
                    raise _wrong(path, f"has more than {MOST_FILES:,} files")
                for entry in entries:
                    if entry.is_dir() or "/" in entry.filename or "\\" in entry.filename:
                        raise _wrong(path, f"has a folder in it: {entry.filename}")
                    with archive.open(entry) as stream:
                        data = stream.read(left + 1)  # whatever size the entry claims to have
                    left -= len(data)
                    if left < 0:
                        raise _too_large(path)
                    yield entry.filename, data
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
            raise _wrong(path, f"is not a zip archive that can be read: {error}") from error


def _too_large(path: Path) -> InputError:
    return _wrong(path, f"is larger than {LIMIT // 1024 // 1024} MiB")


def _wrong(path: Path, message: str) -> InputError:
    return InputError([Problem(message, address=str(path), hint=_WHOLE)])
