"""What `plan --base` names: a commit, or files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orgsync.errors import InputError, UsageError

if TYPE_CHECKING:
    from orgsync.cli.shared.options import Options
    from orgsync.core.review.base import Base
    from orgsync.core.words.source import Document

_REF, _PATH = "ref:", "path:"


def base_named(text: str, path: Path, options: Options) -> Base:
    """What the files at `path` said there. Files with problems are the base's trouble, and not an error.

    Raises UsageError where there is no such commit or file, or where it could be either.
    """
    from orgsync.core.document.read import desired_state
    from orgsync.core.review.base import Base, unusable
    from orgsync.flows.files import console_manual
    from orgsync.kinds import KINDS

    base = Base(text)
    try:
        document = _document(text, path)
        if document is None:
            return base
        desired = desired_state(document, KINDS, options.now.date())
        return Base(text, desired, manual=console_manual(path, desired, options.now))
    except InputError as error:
        return unusable(base, error)


def _document(text: str, path: Path) -> Document | None:
    from orgsync.files.yaml.git import is_commit, load_at

    if text.startswith(_REF):
        return load_at(text.removeprefix(_REF), path)
    if text.startswith(_PATH):
        return _files(text.removeprefix(_PATH))
    if not Path(text).exists():
        return load_at(text, path)
    if is_commit(text, path):
        message = f'--base: "{text}" is ambiguous: both a file or folder and a commit have this name'
        raise UsageError(message, hint=f"use one of: {_PATH}{text} or {_REF}{text}")
    return _files(text)


def _files(text: str) -> Document:
    from orgsync.files.yaml.load import load

    if not Path(text).exists():
        message = f"--base: there is no file or folder {text}"
        raise UsageError(message, hint=f"use the path of the earlier files, or a commit: {_REF}main")
    return load(Path(text))
